import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { isToBeDenied } from '../../shared/case/aftercare-duties.ts'
import { diesAt, isOrderedToEnd, isOver } from '../../shared/case/grants.ts'
import { END_CERTAIN_MS, type Grant, grantsIn } from '../../shared/case/types.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import type { Plan } from '../../shared/statements/kinds.ts'
import { utcWords } from '../../shared/utc.ts'
import { denyName, type Marks } from '../issuers/aws/deny.ts'
import { awsIssuer } from '../issuers/aws/issuer.ts'
import { parseRevoker } from '../issuers/aws/narrow.ts'
import { deleteDeny, lookForDeny, putDeny } from '../issuers/aws/revoking.ts'
import { type Failing, type HeldRevoker, holdRevoker, type RevokerState, type Ways } from '../sessions/revoker.ts'
import type { Time } from '../sessions/session.ts'
import type { Device } from './device.ts'

/** A revoker that this app may use from now on. The bytes are the receiver's to wipe. */
export interface OwnRevoker {
  readonly request: Digest
  readonly grant: Digest
  readonly revoker: Uint8Array
  /** When it is over, by AWS's clock. */
  readonly expires: number
}

/** What is looked at to see which sessions are to be denied. */
type Heeding = Pick<Device, 'org' | 'case' | 'clock' | 'notes'>
/** What writes down what AWS has. */
type Recording = Pick<Device, 'id' | 'case' | 'pen'> & {
  readonly author: Pick<Device['author'], 'write'>
  readonly standing: Pick<Device['standing'], 'maySign'>
}

interface Held {
  readonly one: HeldRevoker
  readonly request: Digest
  readonly policy: string
  /** What the session that is denied is to AWS: `aws:userid`. */
  readonly userId: string
  isRecorded: boolean
  isTold: boolean
  /** How many times that the deny was lost were told. */
  lostTold: number
  /** What was told since AWS last was known to have the deny. */
  failingTold: Failing['is'] | null
}

/**
 * What may end sessions, held by the device that issued them and by custodians who ordered their end. They live beside the
 * vault, not in it, as sessions do: a deny that is under way goes on over a lock, and what AWS has is written down after it.
 */
export class Revokers {
  readonly #time: Time
  readonly #ways: (plan: Plan, marks: Marks) => Ways
  readonly #held = new Map<Digest, Held>()
  #closed = false
  onChange: () => void = () => undefined

  /** @param ways - how AWS is asked for a plan; its own endpoints if left out. */
  constructor(time: Time, ways = waysOf) {
    this.#time = time
    this.#ways = ways
  }

  /**
   * Holds one more; of a second for the same session only the bytes are wiped.
   *
   * @param marks - of its session; whoever denies it must go by the same.
   * @throws {IssuerError} if it is none.
   */
  hold(
    { request, grant, revoker, expires }: OwnRevoker,
    session: Pick<Grant, 'statement' | 'plan' | 'soonest'>,
    marks: Marks,
  ): void {
    const { statement, plan } = session
    const before = this.#held.get(grant)
    if (this.#closed || (before !== undefined && before.one.state().is !== 'over')) return void revoker.fill(0)
    try {
      const { expires: sessionExpires, skewMs } = statement.payload
      const { userId } = parseRevoker(revoker)
      const policy = denyName(userId)
      // A deny must not be taken away because the issuing device says that its session ended early.
      const settles = Math.max(sessionExpires, diesAt(session)) + END_CERTAIN_MS
      const parts = { revoker, expires, settles, skewMs, policy }
      const one = holdRevoker(parts, this.#ways(plan, marks), this.#time, () => this.onChange())
      const untold = { isRecorded: false, isTold: false, lostTold: 0, failingTold: null }
      this.#held.set(grant, { one, request, policy, userId, ...untold })
    } catch (error) {
      revoker.fill(0)
      throw error
    }
  }

  /** Whether a session can be denied from here without a touch. */
  holds(grant: Digest): boolean {
    const state = this.stateOf(grant)
    return state !== null && state.is !== 'over'
  }

  /** How it is with the one for that grant; null if none is or was here. */
  stateOf(grant: Digest): RevokerState | null {
    return this.#held.get(grant)?.one.state() ?? null
  }

  /** Begins to deny what is to be denied. Nothing is waited for: whatever else takes its time, no session lives longer for it. */
  heed(device: Heeding): void {
    const org = device.org()
    for (const [id, held] of this.#held) {
      const grant = grantOf(device, held.request, id)
      if (grant === undefined || org === null) continue
      if (isWanted(org, grant, device.clock().wall)) held.one.deny()
      if (grant.revocations.length > 0) held.one.noted()
      tellLost(device, held)
      tellFailing(device, held, grant)
      tellLeft(device, held, grant, isWantedEarly(org, grant, device.clock().wall))
    }
  }

  /** What AWS has and this device has not written down yet: each to be done by itself, for one that fails must hold up no other. */
  records(device: Recording): (() => Promise<void>)[] {
    return [...this.#held].map(([id, held]) => async () => {
      const grant = grantOf(device, held.request, id)
      if (grant !== undefined) await this.#record(device, held, grant)
    })
  }

  async #record(device: Recording, held: Held, { id, revocations }: Grant): Promise<void> {
    const state = held.one.state()
    if (state.is !== 'denied' || held.isRecorded || !device.standing.maySign) return
    const { policy, means, at } = state
    if (!revocations.some(({ payload }) => payload.device === device.id))
      await device.author.write('revoked', device.pen(), {
        request: held.request,
        grant: id,
        policy,
        means,
        at,
      })
    held.isRecorded = true
  }

  /** The app ends: everything is wiped. */
  close(): void {
    this.#closed = true
    for (const { one } of this.#held.values()) one.close()
    this.#held.clear()
  }
}

function grantOf(device: Pick<Device, 'case'>, request: Digest, id: Digest): Grant | undefined {
  const one = device.case(request)
  return one && grantsIn(one).find((each) => each.id === id)
}

/** Whether a session is to be denied. That an order comes too late is not for this device's clock to say: who holds a revoker asks AWS. */
function isWanted(org: Organization, grant: Grant, now: UnixMilliseconds): boolean {
  return isToBeDenied(org, grant, now) || isToBeDenied(org, grant, 0)
}

/** Whether somebody wants a session denied that may live: it is not denied for its time alone. */
function isWantedEarly(org: Organization, grant: Grant, now: UnixMilliseconds): boolean {
  return !isOver(grant, now) && (isOrderedToEnd(org, grant) || (now < diesAt(grant) && isToBeDenied(org, grant, now)))
}

/** What an app does at AWS with a revoker, for people; null if it had none, or the session is over. */
export function denyingWords(state: RevokerState | null): string | null {
  if (state === null) return null
  if (state.is === 'over') return state.mayLive ? overWords(state) : null
  if (state.is === 'held') return 'This device can deny it at AWS.'
  if (state.is === 'denied')
    return state.says === null
      ? 'This device has denied it at AWS.'
      : `This device has denied it at AWS, and cannot see now whether that still holds: ${state.says}`
  return state.says === null
    ? 'This device is denying it at AWS.'
    : `This device could not deny it at AWS so far, and tries again: ${state.says}`
}

function overWords({ seen }: Extract<RevokerState, { is: 'over' }>): string {
  return seen
    ? 'This device has denied it at AWS, and may not see any more whether that still holds.'
    : 'This device may not deny it at AWS any more, and never saw that AWS had the deny.'
}

/** Who takes the deny away may mean to use the session. That it was put again is told too late if it waits for anybody. */
function tellLost({ notes }: Heeding, held: Held): void {
  const lost = held.one.lost()
  if (lost === held.lostTold) return
  held.lostTold = lost
  notes.add(
    'danger',
    `AWS no longer had what denies a session: ${held.policy}`,
    `Somebody took that policy off the emergency role, or changed it, before the session was over${lost > 1 ? ` (${lost} times by now)` : ''}. This device tries each time to put it again, and says so if it cannot. Until AWS has it again the session may be used.`,
    'Look in CloudTrail who called DeleteRolePolicy or PutRolePolicy on that role, and what was done in between.',
  )
}

/** A session that counts as ended is said to be so whatever comes after, so that this is told by itself. */
function tellFailing({ notes }: Heeding, held: Held, grant: Grant): void {
  const failing = held.one.failing()
  const isTold = held.failingTold === (failing?.is ?? null)
  held.failingTold = failing?.is ?? null
  if (failing === null || isTold) return
  const { is, since, says } = failing
  const [what, why] =
    is === 'unseen'
      ? ['It cannot be seen whether AWS still denies a session', 'What denies it may be off the emergency role.']
      : ['AWS does not deny a session any more', 'What denied it is off the emergency role and cannot be put again.']
  notes.add(
    'danger',
    `${what}: ${held.policy}`,
    `Since ${utcWords(since)}: ${says} ${why} Whatever its case says, the session may be used until it dies by itself at ${utcWords(diesAt(grant))}.`,
    `If AWS cannot be reached, get this device online again. Else look in CloudTrail who changed that role, and take away what keeps the revoker from it, or deny the session by hand in IAM: an inline policy of the role that denies everything where aws:userid is ${held.userId}. This device goes on trying.`,
  )
}

/**
 * What could not be taken away again takes room on the role, of which AWS gives little. But whoever takes it away while the
 * session may live brings that back to life; and where AWS was not seen to have it, nothing keeps the session from being used.
 *
 * @param isWanted - whether somebody wants the session denied, be it that this came after the revoker's end.
 */
function tellLeft({ notes }: Heeding, held: Held, grant: Grant, isWanted: boolean): void {
  const state = held.one.state()
  if (state.is !== 'over' || held.isTold) return
  const { left, seen, mayLive } = state
  if (left === null && !(mayLive && isWanted)) return
  held.isTold = true
  const [dies, over] = [diesAt(grant), diesAt(grant) + END_CERTAIN_MS].map(utcWords)
  if (mayLive && seen)
    notes.add(
      'danger',
      `This device can no longer see or renew what denies a session: ${held.policy}`,
      `Its right to do so ended before the session, which dies by itself at ${dies}. It may be used if somebody takes that policy off the emergency role.`,
      `Do not delete that inline policy of the role before ${over}. Until then look in IAM now and then whether it is there, and put it back if it is not: it denies everything where aws:userid is ${held.userId}.`,
    )
  else if (mayLive)
    notes.add(
      'danger',
      `AWS was not seen to deny a session, and this device may not deny it any more: ${held.policy}`,
      `Its right to do so ended before AWS was seen to have that policy.${wordOf(grant)} The session may be used until it dies by itself at ${dies}.`,
      `Look in IAM now whether the emergency role has that inline policy, and put it there if it has not: it denies everything where aws:userid is ${held.userId}. Do not delete it before ${over}.`,
    )
  else
    notes.add(
      'attention',
      `A policy may still be on the emergency role: ${left}`,
      'It was to deny a session that is over now. Lockbox could not take it away before its right to do so ended.',
      'Delete that inline policy of the role: AWS allows 10,240 characters of them.',
    )
}

function wordOf({ revocations }: Grant): string {
  return revocations.length === 0 ? '' : ' The case says that AWS had it once.'
}

function waysOf({ access }: Plan, marks: Marks): Ways {
  const iam = access.aftercare?.iam
  if (iam === undefined) throw new TypeError('a plan without an aftercare has no revoker')
  return {
    put: (revoker) => putDeny(revoker, marks, iam),
    look: (revoker, means) => lookForDeny(revoker, marks, means, iam),
    takeAway: (revoker) => deleteDeny(revoker, iam),
    skew: async () => {
      const measured = await awsIssuer().preflight(access)
      return measured.find((one) => one.skewMs !== null)?.skewMs ?? null
    },
  }
}
