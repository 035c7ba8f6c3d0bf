import type { Denial } from '../issuers/aws/refused.ts'
import type { Time } from './session.ts'

/** A session that is to end before its time, while AWS is asked whether it refuses it. */
export interface Ending {
  readonly how: 'done' | 'revoked'
  /** Wall clock, milliseconds, when it could no longer be used here. */
  readonly at: number
  /** Whether somebody says that AWS has the deny. */
  readonly isDenied: boolean
  /** Whether AWS goes on answering although the deny should be felt by now: it does not honour it. */
  readonly isIgnored: boolean
}

/** Asks AWS with the session itself, until it is refused by the deny. */
export interface Watch {
  /** Once, before anything is to end: only what AWS answered then can be seen to end. */
  ask(): Promise<void>
  /** Whether AWS answered before, or refused by something else than a policy of the role. */
  wasOpen(): boolean
  /** Asks again and again from now on. */
  begin(): void
  /** Somebody says that AWS has the deny: it is asked soon. */
  denied(): void
  isDenied(): boolean
  isIgnored(): boolean
  /** Another session of the role was denied: for a while it is asked whether that is felt here too, unless this one is to end. */
  suspect(): void
  /** Whether AWS refuses this one since, which it answered before and which is not to end. */
  isHarmed(): boolean
  stop(): void
}

/** A deny is felt within seconds, says AWS, but not at once everywhere. From then on an answer means that it is not honoured. */
const FELT_MS = 60_000
/** Waits between two calls. Each stands on AWS's record, and before anybody has denied it they tell nothing new. */
const PAUSES_MS = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000]
/** Waits between the calls of a suspicion: as long as another's deny takes to be felt, and once more. */
const SUSPICION_MS = [1000, 2000, 4000, 8000, 15_000, 30_000, 30_000]
/** Refusals with no answer between: one may be of an order that is on its way here. */
const SURE = 2

/**
 * @param ask - asks AWS once; see `denialOf`.
 * @param wasOpen - whether that is known from an earlier run of the app.
 * @param onRefused - called once, when AWS refused the session by the deny, or because its time is over.
 */
export function watchDenial(
  ask: () => Promise<Denial>,
  wasOpen: boolean,
  time: Time,
  onRefused: () => void,
  onChange: () => void,
): Watch {
  let open = wasOpen
  let deniedSince: number | null = null
  let ignored = false
  let pauses = 0
  let isStopped = true
  let stop = (): void => undefined
  let isSuspicious = true
  let suspicions = 0
  let refusals = 0
  let stopSuspecting = (): void => undefined

  const look = async (): Promise<boolean> => {
    const answer = await ask()
    const isOpen = answer.is === 'not-denied' || (answer.is === 'unknown' && answer.why === 'denied')
    const wasSo = ignored
    // What another policy refuses was not answered: that says nothing of the deny, of which AWS names but one.
    ignored = answer.is === 'not-denied' && deniedSince !== null && time.now().monotonic - deniedSince >= FELT_MS
    const isRefused = answer.is === 'expired' || (answer.is === 'denied' && open)
    open ||= isOpen
    if (ignored !== wasSo) onChange()
    return isRefused
  }
  const turn = async (): Promise<void> => {
    // What throws settles nothing.
    const isRefused = await look().catch(() => false)
    if (isStopped) return
    if (isRefused) onRefused()
    else soon()
  }
  const soon = (): void => {
    stop()
    stop = time.after(PAUSES_MS[Math.min(pauses++, PAUSES_MS.length - 1)] ?? 0, () => void turn())
  }
  const doubt = async (): Promise<void> => {
    const answer = await ask().catch(() => null)
    if (!isSuspicious) return
    const was = refusals >= SURE
    open ||= answer?.is === 'not-denied'
    if (answer?.is === 'not-denied') refusals = 0
    else if (answer?.is === 'denied' && open) refusals++
    if (refusals >= SURE !== was) onChange()
    doubtSoon()
  }
  const doubtSoon = (): void => {
    stopSuspecting()
    const pause = SUSPICION_MS[suspicions++]
    if (pause !== undefined) stopSuspecting = time.after(pause, () => void doubt())
  }
  const trust = (): void => {
    isSuspicious = false
    stopSuspecting()
  }
  return {
    ask: async () => {
      if (!open) await look().catch(() => false)
    },
    wasOpen: () => open,
    begin: () => {
      trust()
      isStopped = false
      soon()
    },
    denied: () => {
      if (deniedSince !== null) return
      deniedSince = time.now().monotonic
      pauses = 0
      if (!isStopped) soon()
      onChange()
    },
    isDenied: () => deniedSince !== null,
    isIgnored: () => ignored,
    suspect: () => {
      if (!isSuspicious) return
      suspicions = 0
      doubtSoon()
    },
    isHarmed: () => isSuspicious && refusals >= SURE,
    stop: () => {
      trust()
      isStopped = true
      stop()
    },
  }
}
