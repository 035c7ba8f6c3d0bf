import { ACCOUNT, type SandboxOptions } from '../sandbox-aws/sandbox.ts'
import type { Meaning } from './templates.ts'

const all = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } })
const trustAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
  },
})

/**
 * An account as the templates make it, with an administrator and a deployer beside.
 *
 * @param guarded - whether the guard-rail is over it.
 */
export function accountOf(meaning: Meaning, guarded: boolean) {
  return {
    users: [
      { name: meaning.user.name, policy: JSON.stringify(meaning.user.policy) },
      { name: 'admin', policy: all },
    ],
    roles: [
      ...Object.entries(meaning.roles).map(([name, { seconds, trust, policy }]) => ({
        name,
        trust: JSON.stringify(trust),
        policy: JSON.stringify(policy),
        maxSessionSeconds: seconds,
      })),
      { name: 'security-deployer', trust: trustAll, policy: all, maxSessionSeconds: 3600 },
    ],
    scps: guarded ? [all, JSON.stringify(meaning.guardRail)] : [],
  } satisfies SandboxOptions
}
