import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts'
import { type Aftercare, type AftercareOrder, IssuerError, type NarrowSession, type Unheld } from '../issuer.ts'
import { type AwsAccessKey, parseAccessKey } from './access-key.ts'
import type { Keys } from './client.ts'
import { revokerBytes, revokerPolicy, roleNameOf, rotatorBytes, rotatorPolicy } from './narrow.ts'
import { sessionNameOf } from './role-session.ts'
import { assumeStep, sessionTokenStep } from './steps.ts'
import { codesOf, stepAt } from './totp.ts'
import { type Means, type Walked, walk } from './walk.ts'

/** AWS's longest session. */
const MOST_SECONDS = 43_200
/** What every role gives: AWS lets none have less. */
const LEAST_MAXIMUM = 3600
/** A revoker outlives the session by this, so that it can take its policy away again. */
const REVOKER_MORE_SECONDS = 3600
/** Until so long after a session the policy that denies it has to stay. */
const SETTLED_MS = 5 * 60_000
const UNSAID = 'No revoker: AWS did not say by what the session can be told from others, so it cannot be ended early.'

/**
 * What AssumeRole is asked for beside the session that was issued; null where the plan has none.
 *
 * @param now - by AWS's clock, milliseconds.
 */
export function narrowInputs({ access, request, issuer, attempt, issued }: AftercareOrder, now: number) {
  const { aftercare } = access
  const common = { RoleSessionName: sessionNameOf(request, attempt), SourceIdentity: issuer }
  const left = Math.max(0, Math.ceil((issued.expires - now) / 1000))
  const revoker: AssumeRoleCommandInput | null =
    aftercare?.revoker === undefined || issued.userId === null
      ? null
      : {
          RoleArn: aftercare.revoker,
          ...common,
          DurationSeconds: Math.min(MOST_SECONDS, left + REVOKER_MORE_SECONDS),
          Policy: revokerPolicy(access.roleArn),
        }
  const rotator: AssumeRoleCommandInput | null =
    aftercare?.rotator === undefined
      ? null
      : {
          RoleArn: aftercare.rotator.roleArn,
          ...common,
          DurationSeconds: MOST_SECONDS,
          Policy: rotatorPolicy(aftercare.rotator),
        }
  return { revoker, rotator }
}

/**
 * Makes the narrow sessions that the plan wants beside the one that was issued, both at once, with the long-lived key
 * itself: a role on the way has no part in it. Where a code of the MFA device is asked for it takes the next one, once, for
 * a session of the user from which both are assumed.
 */
export async function makeAftercare(order: AftercareOrder, means: Means): Promise<Aftercare> {
  const { revoker, rotator } = narrowInputs(order, nowAt(order, means))
  const isUnsaid = order.access.aftercare?.revoker !== undefined && order.issued.userId === null
  const none: Aftercare = { revoker: null, rotator: null, lacks: isUnsaid ? [UNSAID] : [], unheld: [] }
  if (revoker === null && rotator === null) return none
  let signer: Signer
  try {
    signer = await signerOf(order, parseAccessKey(order.credential), means)
  } catch (error) {
    return { ...none, lacks: [...none.lacks, `Neither revoker nor rotator: ${wordsOf(error)}`] }
  }
  const make = (input: AssumeRoleCommandInput) => assumeNarrow(input, order, signer, means)
  const parts = await Promise.all([
    revoker === null ? null : part('revoker', async () => revokerFrom(order, await make(revoker))),
    rotator === null ? null : part('rotator', async () => rotatorFrom(order, await make(rotator), signer)),
  ])
  const [first, second] = parts
  return {
    revoker: first?.made ?? null,
    rotator: second?.made ?? null,
    lacks: [...none.lacks, ...parts.flatMap((one) => (one === null || one.lacks === '' ? [] : [one.lacks]))],
    unheld: [signer, ...parts].flatMap((one) => one?.unheld ?? []),
  }
}

/** AWS's clock, as far as issuing has measured it. */
function nowAt({ issued }: AftercareOrder, { clock }: Means): number {
  return (clock?.now() ?? Date.now()) + (issued.skewMs ?? 0)
}

/** Who assumes the narrow roles: the user, or a session of the user in which a code was given. */
interface Signer {
  readonly keys: Keys
  readonly mfaSeed: string | undefined
  readonly unheld: readonly Unheld[]
}

/** Regions that a walk went on from, and that may have done what they were asked all the same. */
function unheldOf(what: Unheld['what'], { attempted }: Walked): Unheld[] {
  return attempted.flatMap(({ mayExist, region }) => (mayExist ? [{ what, region }] : []))
}

async function signerOf(order: AftercareOrder, key: AwsAccessKey, means: Means): Promise<Signer> {
  const { accessKeyId, secretAccessKey, mfaSeed } = key
  const { access, issued, signal } = order
  const keys: Keys = { accessKeyId, secretAccessKey }
  if (access.mfa === undefined || mfaSeed === undefined) return { keys, mfaSeed, unheld: [] }
  const codes = codesOf(mfaSeed, means.clock, stepAt(nowAt(order, means)))
  try {
    const { regions } = access
    const steps = [sessionTokenStep(access.mfa)]
    const walked = await walk({ steps, keys, regions, codes, skewMs: issued.skewMs, signal }, means)
    const { accessKeyId: id, secretAccessKey: secret, sessionToken } = walked.session
    return {
      keys: { accessKeyId: id, secretAccessKey: secret, sessionToken },
      mfaSeed,
      unheld: unheldOf('step', walked),
    }
  } finally {
    codes.wipe()
  }
}

/** With the time that it should live, or, where the role gives less, with what every role gives. */
async function assumeNarrow(input: AssumeRoleCommandInput, order: AftercareOrder, { keys }: Signer, means: Means) {
  const { regions } = order.access
  const walkWith = (one: AssumeRoleCommandInput) =>
    walk({ steps: [assumeStep(one, null)], keys, regions, codes: null, signal: order.signal }, means)
  try {
    return await walkWith(input)
  } catch (error) {
    const isTooLong = error instanceof IssuerError && error.message.includes('MaxSessionDuration')
    if (!isTooLong || (input.DurationSeconds ?? 0) <= LEAST_MAXIMUM) throw error
    return walkWith({ ...input, DurationSeconds: LEAST_MAXIMUM })
  }
}

interface Part {
  readonly made: NarrowSession | null
  readonly lacks: string
  readonly unheld: readonly Unheld[]
}

async function part(name: 'revoker' | 'rotator', make: () => Promise<Part>): Promise<Part> {
  try {
    const { lacks, ...made } = await make()
    return { ...made, lacks: lacks === '' ? '' : `The ${name}: ${lacks}` }
  } catch (error) {
    // Its words say already whether one may exist.
    return { made: null, lacks: `No ${name}: ${wordsOf(error)}`, unheld: [] }
  }
}

function revokerFrom({ access, issued }: AftercareOrder, walked: Walked): Part {
  const { session } = walked
  const expires = session.expiration
  const userId = issued.userId ?? ''
  const made = { expires, session: revokerBytes({ ...session, roleName: roleNameOf(access.roleArn), userId }) }
  const isShort = expires < issued.expires + SETTLED_MS
  return {
    made,
    lacks: isShort ? 'it ends before what it is to end; its role must allow sessions of a longer duration' : '',
    unheld: unheldOf('revoker', walked),
  }
}

function rotatorFrom({ access }: AftercareOrder, walked: Walked, { mfaSeed }: Signer): Part {
  const { session } = walked
  const user = access.aftercare?.rotator?.user ?? ''
  const seed = mfaSeed === undefined ? {} : { mfaSeed }
  const made = { expires: session.expiration, session: rotatorBytes({ ...session, user, ...seed }) }
  return { made, lacks: '', unheld: unheldOf('rotator', walked) }
}

/** Our own words, or none: others' may quote what they were given. */
function wordsOf(error: unknown): string {
  return error instanceof IssuerError ? error.message : 'for a reason that nobody foresaw.'
}
