import { randomUUID } from 'node:crypto'
import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts'
import { CHAINED_SECONDS } from '../../../../shared/case/types.ts'
import type { AwsAccessKey } from '../access-key.ts'
import type { Endpoint, Keys } from '../client.ts'
import { NO_SUCH_KEY } from '../iam-keys.ts'
import { keysListed } from '../listed-keys.ts'
import { iam, sts } from '../load-sdk.ts'
import { revokerPolicy, roleNameOf, rotatorPolicy } from '../narrow.ts'
import { DENY_ALL, sessionNameOf } from '../role-session.ts'
import { codesOf } from '../totp.ts'
import { type Asking, askIamOnce, askSts, assume, withCode } from './calls.ts'
import {
  CHECKER,
  emergencyRoles,
  identityOf,
  type RegionFact,
  type RoleFact,
  type RoleSetup,
  type Setup,
  type SetupFacts,
  type Told,
  userOf,
} from './facts.ts'
import { deniedPolicy } from './policy.ts'

const TIMEOUT_MS = 5000
const LEAST_SECONDS = 900
const MOST_SECONDS = 43_200
const REVOKER_MORE_SECONDS = 3600
const UNASKED: Told<never> = { is: 'unasked' }
/** An inline policy that no role has. */
const ABSENT_POLICY = 'lb-set-up-check'
/** A user that there is not: whose keys the user may not list, it may not make any for either, as one statement of the template has it. */
const ABSENT_USER = 'lockbox-set-up-check'
/** As long as what a case puts there, so that the sizes are those of an emergency. */
const CASE = 'set-up-check'.padEnd(43, '-')
const ATTEMPT = 10
const TAGS = [
  { Key: 'lockbox:case', Value: CASE },
  { Key: 'lockbox:purpose', Value: 'rotation' },
  { Key: 'lockbox:attempt', Value: String(ATTEMPT) },
  { Key: 'lockbox:reference', Value: 'set-up check that changes nothing'.padEnd(64, '-') },
]

/**
 * Looks at a set-up with the emergency key. Each call reads, is to be refused, or makes a session that a policy denies
 * everything; the sessions of revoker and rotator have their narrow policy, live 15 minutes and read one thing. It changes nothing.
 *
 * @param timeoutMs - of one call.
 */
export async function gatherFacts(setup: Setup, key: AwsAccessKey, timeoutMs = TIMEOUT_MS): Promise<SetupFacts> {
  const { accessKeyId, secretAccessKey } = key
  const own: Keys = { accessKeyId, secretAccessKey }
  const regions = await Promise.all(setup.regions.map((at) => identityAt({ at, keys: own, timeoutMs })))
  const skewMs = regions.find((one) => one.skewMs !== null)?.skewMs ?? 0
  const facts = { setup, accessKeyId, regions, now: Date.now() + skewMs }
  const arn = identityOf({ regions })
  if (arn === null) return { ...facts, code: null, keys: UNASKED, more: [], roles: [] }
  const alive = setup.regions.filter((_, at) => regions[at]?.told.is === 'done')
  const [first = setup.iam] = alive
  const signer = await signerOf(setup, key, { at: first, keys: own, timeoutMs }, skewMs)
  const scene = { setup, alive, first, own, signer, timeoutMs, user: setup.user ?? userOf(arn) ?? '' }
  return {
    ...facts,
    code: signer.code,
    keys: await keysOf({ at: setup.iam, keys: own, timeoutMs }),
    more: await moreThanNeeded(scene),
    roles: await Promise.all(rolesIn(setup).map((role) => roleFact(scene, role))),
  }
}

async function identityAt(asking: Asking): Promise<RegionFact> {
  const { GetCallerIdentityCommand } = await sts()
  const { told, ...rest } = await askSts(asking, (client, signal) =>
    client.send(new GetCallerIdentityCommand({}), signal),
  )
  const { region } = asking.at
  if (told.is !== 'done') return { region, told, ...rest }
  const { Arn } = told.good
  return { region, told: Arn === undefined ? { is: 'unreached', code: 'invalid' } : { ...told, good: Arn }, ...rest }
}

interface Signer {
  readonly code: Told | null
  /** What roles are assumed with; null if no session could be had. */
  readonly keys: Keys | null
}

/** A code counts once, so it opens one session of the user, with which all roles are assumed. */
async function signerOf({ mfa }: Setup, { mfaSeed }: AwsAccessKey, asking: Asking, skewMs: number): Promise<Signer> {
  if (mfa === null || mfaSeed === undefined) return { code: null, keys: asking.keys }
  const codes = codesOf(mfaSeed)
  try {
    const { code } = await codes.take(skewMs, new AbortController().signal)
    const told = await withCode(asking, mfa, code)
    return told.is === 'done' ? { code: { is: 'done', good: null }, keys: told.good } : { code: told, keys: null }
  } finally {
    codes.wipe()
  }
}

async function keysOf(asking: Asking): Promise<SetupFacts['keys']> {
  const { ListAccessKeysCommand } = await iam()
  const told = await askIamOnce(asking, (client, signal) => client.send(new ListAccessKeysCommand({}), signal))
  if (told.is !== 'done') return told
  const keys = keysListed(told.good)
  return keys === null ? { is: 'unreached', code: 'invalid' } : { is: 'done', good: keys }
}

interface Scene {
  readonly setup: Setup
  /** Regions in which the key was answered. */
  readonly alive: readonly Endpoint[]
  readonly first: Endpoint
  readonly own: Keys
  readonly signer: Signer
  readonly user: string
  readonly timeoutMs: number
}

/**
 * Reading calls that only a user with more than the templates give may make: by its key, and again in the session that a code
 * opened, since a policy may heed the code.
 */
async function moreThanNeeded(scene: Scene): Promise<SetupFacts['more']> {
  const { own, signer, first, timeoutMs } = scene
  const { GetAccessKeyInfoCommand } = await sts()
  const info = new GetAccessKeyInfoCommand({ AccessKeyId: own.accessKeyId })
  const [reading, inspecting] = await Promise.all([
    readsOfIam(scene, own),
    askSts({ at: first, keys: own, timeoutMs }, (client, signal) => client.send(info, signal)),
  ])
  const plain = [...reading, { what: 'sts:GetAccessKeyInfo', told: bare(inspecting.told) }]
  if (signer.code === null) return plain
  // STS refuses GetAccessKeyInfo to every session of GetSessionToken, whatever the policies say.
  const opened = await readsOfIam(scene, signer.keys)
  return [...plain, ...opened.map(({ what, told }) => ({ what: `${what} with a code`, told }))]
}

/** @param keys - null if they could not be had. */
async function readsOfIam({ setup, user, timeoutMs }: Scene, keys: Keys | null): Promise<SetupFacts['more']> {
  const { GetRoleCommand, GetUserCommand, ListAccessKeysCommand, ListUserPoliciesCommand } = await iam()
  const RoleName = roleNameOf(emergencyRoles(setup)[0] ?? '')
  const ask = async (send: Parameters<typeof askIamOnce>[1]): Promise<Told> =>
    keys === null ? UNASKED : bare(await askIamOnce({ at: setup.iam, keys, timeoutMs }, send))
  const keysOfOthers = new ListAccessKeysCommand({ UserName: ABSENT_USER })
  return Promise.all([
    ask((client, signal) => client.send(new GetRoleCommand({ RoleName }), signal)).then(as('iam:GetRole')),
    ask((client, signal) => client.send(new GetUserCommand({ UserName: user }), signal)).then(as('iam:GetUser')),
    ask((client, signal) => client.send(new ListUserPoliciesCommand({ UserName: user }), signal)).then(
      as('iam:ListUserPolicies'),
    ),
    ask((client, signal) => client.send(keysOfOthers, signal))
      .then(heard)
      .then(as('iam:ListAccessKeys of other users')),
  ])
}

const as = (what: string) => (told: Told) => ({ what, told })

/** Of a user that is not there: whoever may not ask does not hear so much. */
function heard(told: Told): Told {
  return told.is === 'refused' && told.name === NO_SUCH_KEY ? { is: 'done', good: null } : told
}

/** Without what the answer held. */
function bare(told: Told): Told {
  return told.is === 'done' ? { is: 'done', good: null } : told
}

type Role = Pick<RoleFact, 'is'> & RoleSetup

function rolesIn({ roles, behind, revoker, rotator }: Setup): readonly Role[] {
  const longest = Math.max(LEAST_SECONDS, ...roles.map(({ seconds }) => seconds), ...behind.map(() => CHAINED_SECONDS))
  const ending = Math.min(MOST_SECONDS, longest + REVOKER_MORE_SECONDS)
  const narrow = (is: 'revoker' | 'rotator', arn: string | null, seconds: number): Role[] =>
    arn === null ? [] : [{ is, arn, seconds, externalId: null, policies: [] }]
  return [
    ...roles.map((role): Role => ({ is: 'role', ...role })),
    ...narrow('revoker', revoker, ending),
    ...narrow('rotator', rotator, MOST_SECONDS),
  ]
}

async function roleFact(scene: Scene, { is, arn, seconds, externalId, policies }: Role): Promise<RoleFact> {
  const { setup, alive, first, own, signer, timeoutMs } = scene
  const external = externalId === null ? {} : { ExternalId: externalId }
  const input = {
    RoleArn: arn,
    RoleSessionName: sessionNameOf(CASE, ATTEMPT),
    SourceIdentity: CHECKER,
    DurationSeconds: LEAST_SECONDS,
    Policy: DENY_ALL,
    ...(is === 'role' ? { Tags: TAGS } : {}),
    ...external,
  }
  const ask = async (at: Endpoint, one: AssumeRoleCommandInput, keys = signer.keys): Promise<Told> =>
    keys === null ? UNASKED : bare(await assume({ at, keys, timeoutMs }, one))
  const assumed = await Promise.all(alive.map(async (at) => ({ region: at.region, told: await ask(at, input) })))
  // A call with less says something only if the whole one succeeded at the same place.
  const stands = assumed[0]?.told.is === 'done'
  const then = async (one: AssumeRoleCommandInput, keys?: Keys): Promise<Told> =>
    stands ? ask(first, one, keys) : UNASKED
  const { SourceIdentity: _, ...unnamed } = input
  // One that takes whatever it is given refuses whoever gives none.
  const asStranger = async (): Promise<Told> => {
    const { ExternalId: __, ...silent } = { ExternalId: '', ...input }
    const told = await then(silent)
    return told.is === 'refused' ? then({ ...input, ExternalId: randomUUID() }) : told
  }
  return {
    is,
    arn,
    assumed,
    without: {
      sourceIdentity: await then(unnamed),
      sessionName: await then({ ...input, RoleSessionName: 'set-up-check' }),
      externalId: externalId === null ? null : await asStranger(),
      mfa: setup.mfa === null ? null : await then(input, own),
    },
    duration: { seconds, told: await then({ ...input, DurationSeconds: seconds }) },
    policies: await Promise.all(
      policies.map(async (policy) => ({ policy, told: await then({ ...input, Policy: deniedPolicy(policy) }) })),
    ),
    reads: stands ? await reads(scene, { is, arn }, input) : [],
  }
}

/** What the narrow sessions will do first, by calls that only read. */
async function reads(scene: Scene, { is, arn }: Pick<Role, 'is' | 'arn'>, input: AssumeRoleCommandInput) {
  const { setup, first, signer, user, timeoutMs } = scene
  if (is === 'role' || signer.keys === null) return []
  const { GetRolePolicyCommand, ListAccessKeysCommand } = await iam()
  const session = (Policy: string, keys: Keys) => assume({ at: first, keys, timeoutMs }, { ...input, Policy })
  const { keys } = signer
  const read = async (what: string, policy: string, send: Parameters<typeof askIamOnce>[1]) => {
    const told = await session(policy, keys)
    if (told.is !== 'done') return { what, told }
    return { what, told: bare(await askIamOnce({ at: setup.iam, keys: told.good, timeoutMs }, send)) }
  }
  if (is === 'rotator')
    return [
      await read(`the keys of ${user}`, rotatorPolicy({ roleArn: arn, user }), (client, signal) =>
        client.send(new ListAccessKeysCommand({ UserName: user }), signal),
      ),
    ]
  return Promise.all(
    emergencyRoles(setup).map((role) =>
      read(`the inline policies of ${roleNameOf(role)}`, revokerPolicy(role), (client, signal) =>
        client.send(new GetRolePolicyCommand({ RoleName: roleNameOf(role), PolicyName: ABSENT_POLICY }), signal),
      ),
    ),
  )
}
