import type { DenyMeans } from '../../shared/statements/aftercare.ts'
import { beginCountdown, type Countdown, lookAgain } from './countdown.ts'
import type { Time } from './session.ts'

/** What came of taking the deny away. `refused`: it will not help to repeat it before people have done something. */
export type Taken =
  | { readonly is: 'done'; readonly policy: string }
  | { readonly is: 'unreached' | 'refused'; readonly words: string }

/** What came of putting it, and how it was put. */
export type Answer =
  | { readonly is: 'done'; readonly policy: string; readonly means: DenyMeans }
  | { readonly is: 'unreached' | 'refused'; readonly words: string }

/** Whether AWS has the deny as it was put. */
export type Look =
  | { readonly is: 'there' }
  | { readonly is: 'gone' }
  | { readonly is: 'unreached' | 'refused'; readonly words: string }

/** How AWS is asked for what a revoker may do; each call once. */
export interface Ways {
  /** Puts the deny, and reads it back. */
  put(revoker: Uint8Array): Promise<Answer>
  /** Reads the deny, which was put by these means. */
  look(revoker: Uint8Array, means: DenyMeans): Promise<Look>
  /** Takes it away again; done also if it is not there. */
  takeAway(revoker: Uint8Array): Promise<Taken>
  /** AWS's clock minus this device's, milliseconds; null if nobody can be asked. */
  skew(): Promise<number | null>
}

/**
 * - `held`: nothing was to be denied yet.
 * - `denying`: AWS was not yet seen to have the deny; `says` is why the last try came to nothing, null before it ended.
 * - `denied`: AWS gave it back when it was read, at that time by this device's clock. `says` is why it could not be read
 *   since, null if it could.
 * - `over`: wiped. `left` is the name of a policy that may still be on the role; `seen` says that AWS had it when it last
 *   answered; `mayLive` says that the session which it denies was not known to be over, so that whoever takes it away may bring
 *   that back to life.
 */
export type RevokerState =
  | { readonly is: 'held' }
  | { readonly is: 'denying'; readonly since: number; readonly tries: number; readonly says: string | null }
  | {
      readonly is: 'denied'
      readonly policy: string
      readonly means: DenyMeans
      readonly at: number
      readonly says: string | null
    }
  | { readonly is: 'over'; readonly left: string | null; readonly seen: boolean; readonly mayLive: boolean }

/**
 * That AWS, which had the deny, does not say so any more while its session may live: `unseen` if it cannot be read, `unput` if it
 * was gone and cannot be put again; since when by this device's clock, and why.
 */
export interface Failing {
  readonly is: 'unseen' | 'unput'
  readonly since: number
  readonly says: string
}

/** A session that may deny one other, in this process's memory alone. */
export interface HeldRevoker {
  state(): RevokerState
  /** How often AWS no longer had the deny while the session may have lived; it is put again each time. */
  lost(): number
  /** Why a deny that AWS had is not known to be there now; null if it is, or never was. */
  failing(): Failing | null
  /** Puts the deny, and tries until AWS has it. Calling it again changes nothing. */
  deny(): void
  /** Somebody else says that the deny is there: then it is taken away in time here too. */
  noted(): void
  /** Wipes at once. */
  close(): void
}

/** What {@link holdRevoker} is given. */
export interface RevokerParts {
  /** As sealed; wiped when it is over. */
  readonly revoker: Uint8Array
  /** When AWS ends the revoker itself, by AWS's clock. */
  readonly expires: number
  /** From when on the deny may be taken away, by AWS's clock: when its session is long over. */
  readonly settles: number
  /** AWS's clock minus this device's, milliseconds, as far as it is known; 0 if it never was measured. */
  readonly skewMs: number
  /** The name of the policy. */
  readonly policy: string
}

/** Waits between tries, milliseconds: IAM is not on the way to anything, but a session lives until it has the deny. */
const PAUSES_MS = [1000, 2000, 4000, 8000, 15_000, 30_000]
/** How often the clock is looked at while there is nothing to do, and whether AWS still has the deny. */
const LOOK_MS = 30_000
/** AWS lets no session of a role live longer: what was held for so long is of no use, whatever any clock says. */
const LONGEST_MS = 12 * 60 * 60_000

/**
 * Holds a revoker: puts the deny when it is told to, looks whether it stays there and else puts it again, takes it away when
 * its session is long over, and wipes it then, or when its own time is over. Whatever fails is tried again. This device's clock says no more than when to ask AWS for its
 * own: one that is ahead must neither throw away what can end a session that lives, nor bring one back to life.
 */
export function holdRevoker(
  { revoker, expires, settles, skewMs, policy }: RevokerParts,
  ways: Ways,
  time: Time,
  onChange: () => void,
): HeldRevoker {
  let state: RevokerState = { is: 'held' }
  // A put whose answer was lost may have been carried out.
  let mayBeThere = false
  // As AWS last said.
  let isThere = false
  let tries = 0
  let lost = 0
  // Since when AWS did not say that it has the deny, after it once did.
  let unsureSince: number | null = null
  let isBusy = false
  let stop = (): void => undefined
  const heldSince = time.now().monotonic
  // By AWS's own clock, once it said so.
  let isSettled = false
  /** Until AWS is to be asked for its clock. */
  const untilAsked = (skew: number): Countdown => {
    const next = isSettled ? expires : Math.min(settles, expires)
    return beginCountdown({ expires: next, skewMs: skew, longestMs: LONGEST_MS }, time.now())
  }
  let countdown = untilAsked(skewMs)

  const become = (next: RevokerState): void => {
    if (state.is === 'over') return
    state = next
    if (next.is === 'over') {
      stop()
      revoker.fill(0)
    }
    onChange()
  }
  const again = (ms: number): void => {
    stop()
    if (state.is !== 'over') stop = time.after(ms, () => void turn())
  }
  const leftMs = (): number => {
    countdown = lookAgain(countdown, time.now())
    return countdown.leftMs
  }
  /** How long nothing is done now. */
  const pause = (): number => {
    if (tries > 0) return PAUSES_MS[Math.min(tries, PAUSES_MS.length) - 1] ?? 0
    return state.is === 'denying' ? 0 : Math.min(LOOK_MS, leftMs())
  }
  const over = (left: string | null, mayLive: boolean): void =>
    become({ is: 'over', left, seen: isThere && left !== null, mayLive })
  const lapse = (mayLive: boolean): void => over(mayBeThere ? policy : null, mayLive)

  const put = async (): Promise<void> => {
    mayBeThere = true
    tries++
    const answer = await ways.put(revoker)
    if (answer.is === 'done') {
      tries = 0
      unsureSince = null
      isThere = true
      become({ ...answer, is: 'denied', at: time.now().wall, says: null })
    } else if (state.is === 'denying') become({ ...state, tries, says: answer.words })
  }
  const takeAway = async (): Promise<void> => {
    if (!mayBeThere) return over(null, false)
    tries++
    if ((await ways.takeAway(revoker)).is === 'done') over(null, false)
  }
  /** Asks AWS what time it is, and goes by that from then on. */
  const askTime = async (): Promise<void> => {
    const skew = await ways.skew()
    const mayWait = state.is !== 'denying'
    if (skew === null) {
      if (mayWait) tries++
      return
    }
    const aws = time.now().wall + skew
    isSettled = aws >= settles
    countdown = untilAsked(skew)
    if (aws >= expires) lapse(!isSettled)
    else if (!isSettled && mayWait) tries = 0
  }
  /** Whoever may change the role can take the deny away, and the session would be good again. */
  const look = async (means: DenyMeans): Promise<void> => {
    const seen = await ways.look(revoker, means)
    if (seen.is === 'gone') {
      isThere = false
      return putAgain()
    }
    const says = seen.is === 'there' ? null : seen.words
    unsureSince = says === null ? null : (unsureSince ?? time.now().wall)
    if (state.is === 'denied' && state.says !== says) become({ ...state, says })
  }
  const putAgain = async (): Promise<void> => {
    // Who holds another revoker takes the deny away in time, perhaps a moment before this clock says so.
    await askTime()
    if (isSettled || state.is !== 'denied') return
    lost++
    tries = 0
    unsureSince ??= time.now().wall
    become({ is: 'denying', since: time.now().wall, tries, says: null })
    await put()
  }
  const next = async (): Promise<void> => {
    if (state.is === 'over') return
    if (isSettled) await takeAway()
    else if (state.is === 'denying') await put()
    else if (state.is === 'denied') await look(state.means)
  }
  const act = async (): Promise<void> => {
    if (time.now().monotonic - heldSince >= LONGEST_MS) return lapse(false)
    if (leftMs() === 0) await askTime()
    await next()
  }
  /** One thing at a time; what throws is a fault of ours and is tried again like everything else. */
  const turn = async (): Promise<void> => {
    if (isBusy || state.is === 'over') return
    isBusy = true
    await act().catch(() => undefined)
    isBusy = false
    again(pause())
  }

  again(0)
  return {
    state: () => state,
    lost: () => lost,
    failing: () => {
      const says = state.is === 'denied' || state.is === 'denying' ? state.says : null
      if (unsureSince === null || says === null || isSettled) return null
      return { is: state.is === 'denied' ? 'unseen' : 'unput', since: unsureSince, says }
    },
    deny: () => {
      if (state.is !== 'held') return
      tries = 0
      become({ is: 'denying', since: time.now().wall, tries: 0, says: null })
      void turn()
    },
    noted: () => {
      mayBeThere = true
    },
    close: () => lapse(!isSettled),
  }
}
