import type { Digest } from '../../shared/bytes.ts'
import { isToBeDenied } from '../../shared/case/aftercare-duties.ts'
import { END_CERTAIN_MS, type Grant, grantsIn } from '../../shared/case/types.ts'
import type { Plan } from '../../shared/statements/kinds.ts'
import { awsIssuer } from '../issuers/aws/issuer.ts'
import { parseRevoker } from '../issuers/aws/narrow.ts'
import { deleteDeny, denyOf, putDeny } from '../issuers/aws/revoking.ts'
import { type HeldRevoker, holdRevoker, type RevokerState, type Ways } from '../sessions/revoker.ts'
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

interface Held {
  readonly one: HeldRevoker
  readonly request: Digest
  isRecorded: boolean
  isTold: boolean
}

/**
 * What may end sessions, held by the device that issued them and by custodians who ordered their end. They live beside the
 * vault, not in it, as sessions do: a deny that is under way goes on over a lock, and what AWS has is written down after it.
 */
export class Revokers {
  readonly #time: Time
  readonly #held = new Map<Digest, Held>()
  #closed = false
  onChange: () => void = () => undefined

  constructor(time: Time) {
    this.#time = time
  }

  /** Holds one more; of a second for the same session only the bytes are wiped. @throws {IssuerError} if it is none. */
  hold({ request, grant, revoker, expires }: OwnRevoker, { statement, plan }: Pick<Grant, 'statement' | 'plan'>): void {
    const before = this.#held.get(grant)
    if (this.#closed || (before !== undefined && before.one.state().is !== 'over')) return void revoker.fill(0)
    try {
      const settles = statement.payload.expires + END_CERTAIN_MS
      const policy = denyOf(parseRevoker(revoker).userId).name
      const ways = waysOf(plan, settles)
      const one = holdRevoker({ revoker, expires, settles, policy }, ways, this.#time, () => this.onChange())
      this.#held.set(grant, { one, request, isRecorded: false, isTold: false })
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

  /** Denies what is to be denied, and writes down what AWS has. One call at a time. */
  async turn(device: Device): Promise<void> {
    for (const [id, held] of this.#held) {
      const one = device.case(held.request)
      const grant = one && grantsIn(one).find((each) => each.id === id)
      const org = device.org()
      if (grant === undefined || org === null) continue
      if (isToBeDenied(org, grant, device.clock().wall)) held.one.deny()
      if (grant.revocations.length > 0) held.one.noted()
      await this.#record(device, held, grant)
      tellLeft(device, held)
    }
  }

  async #record(device: Device, held: Held, { id, revocations }: Grant): Promise<void> {
    const state = held.one.state()
    if (state.is !== 'denied' || held.isRecorded || !device.standing.maySign) return
    const { policy, at } = state
    if (!revocations.some(({ payload }) => payload.device === device.id))
      await device.author.write('revoked', device.pen(), {
        request: held.request,
        grant: id,
        policy,
        means: 'userid',
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

/** What an app does at AWS with a revoker, for people; null if it has none that may deny anything any more. */
export function denyingWords(state: RevokerState | null): string | null {
  if (state === null || state.is === 'over') return null
  if (state.is === 'held') return 'This device can deny it at AWS.'
  if (state.is === 'denied') return 'This device has denied it at AWS.'
  return state.says === null
    ? 'This device is denying it at AWS.'
    : `This device could not deny it at AWS so far, and tries again: ${state.says}`
}

/** What could not be taken away again takes room on the role, of which AWS gives little. */
function tellLeft({ notes }: Device, held: Held): void {
  const state = held.one.state()
  if (state.is !== 'over' || state.left === null || held.isTold) return
  held.isTold = true
  notes.add(
    'attention',
    `A policy may still be on the emergency role: ${state.left}`,
    'It denied a session that is over now. Lockbox could not take it away before its right to do so ended.',
    'Delete that inline policy of the role: AWS allows 10,240 characters of them.',
  )
}

function waysOf({ access }: Plan, settles: number): Ways {
  const iam = access.aftercare?.iam
  if (iam === undefined) throw new TypeError('a plan without an aftercare has no revoker')
  return {
    put: (revoker) => putDeny(revoker, iam),
    takeAway: (revoker) => deleteDeny(revoker, iam),
    // A clock of ours that is ahead must not bring a session back to life.
    isSettled: async () => {
      const measured = await awsIssuer().preflight(access)
      const skewMs = measured.find((one) => one.skewMs !== null)?.skewMs ?? null
      return skewMs !== null && Date.now() + skewMs >= settles
    },
  }
}
