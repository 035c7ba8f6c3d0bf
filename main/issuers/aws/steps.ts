import type {
  AssumeRoleCommandInput,
  AssumeRoleCommandOutput,
  GetSessionTokenCommandInput,
  STSClient,
} from '@aws-sdk/client-sts'
import { IssuerError, type Order } from '../issuer.ts'
import { sts } from './load-sdk.ts'
import { assumeRoleInput, sessionNameOf } from './role-session.ts'

/** The least that AWS gives: what is on the way is used once, within seconds. */
const ON_THE_WAY_SECONDS = 900

/** The MFA device and its code, in the call of one step. */
interface Mfa {
  readonly SerialNumber: string
  readonly TokenCode: string
}

/** One call on the way from the long-lived key to the session. */
export interface Step {
  /** Serial number of the device whose code this call takes; null without. */
  readonly mfa: string | null
  /** Sends the call; `mfa` exactly if the step takes a code. */
  readonly send: (client: STSClient, mfa: Mfa | null, signal: AbortSignal) => Promise<Got>
}

/** What every step's answer holds. */
export type Got = Pick<AssumeRoleCommandOutput, 'Credentials' | 'AssumedRoleUser'>

/**
 * The calls that lead to the session, in order; each is signed with what the one before gave. A code is given to the first
 * alone, since AWS knows of it neither in a role's session nor in what is assumed from there.
 *
 * @throws {IssuerError} as {@link assumeRoleInput}.
 */
export function stepsOf(order: Order): readonly Step[] {
  const { access } = order
  const chain = access.chain ?? []
  const final: AssumeRoleCommandInput = {
    ...assumeRoleInput(order),
    ...(access.externalId === undefined ? {} : { ExternalId: access.externalId }),
  }
  const arns = [...chain.map(({ roleArn }) => roleArn), access.roleArn]
  const hops = chain.map(
    ({ roleArn, externalId }, at): AssumeRoleCommandInput => ({
      RoleArn: roleArn,
      RoleSessionName: sessionNameOf(order.request.id, order.attempt),
      SourceIdentity: order.request.requester,
      DurationSeconds: ON_THE_WAY_SECONDS,
      Policy: onlyAssume(arns[at + 1] ?? ''),
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    }),
  )
  const assumed = [...hops, final]
  const mfa = access.mfa ?? null
  if (access.sessionToken !== true) return assumed.map((input, at) => assumeStep(input, at === 0 ? mfa : null))
  return [sessionTokenStep(mfa), ...assumed.map((input) => assumeStep(input, null))]
}

/** @throws {IssuerError} `invalid` if the plan names an MFA device and the credential has no seed for it. */
export function checkSeed({ access }: Order, seed: string | undefined): void {
  if (access.mfa !== undefined && seed === undefined)
    throw new IssuerError(
      'invalid',
      'the plan names an MFA device and the deposited credential has no seed of one; deposit key and seed again',
      { mayExist: false },
    )
}

/** What a session on the way may do: assume the next role. */
function onlyAssume(roleArn: string): string {
  const Action = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: roleArn }] })
}

/** AssumeRole as one step; `mfa` is the device whose code it takes. */
export function assumeStep(input: AssumeRoleCommandInput, mfa: string | null): Step {
  return {
    mfa,
    send: async (client, code, abortSignal) => {
      const { AssumeRoleCommand } = await sts()
      return client.send(new AssumeRoleCommand({ ...input, ...code }), { abortSignal })
    },
  }
}

/** GetSessionToken as one step, for 15 minutes. */
export function sessionTokenStep(mfa: string | null): Step {
  return {
    mfa,
    send: async (client, code, abortSignal) => {
      const { GetSessionTokenCommand } = await sts()
      const input: GetSessionTokenCommandInput = { DurationSeconds: ON_THE_WAY_SECONDS, ...code }
      return client.send(new GetSessionTokenCommand(input), { abortSignal })
    },
  }
}
