import { LockboxError } from '../../shared/errors.ts'
import { type BoxContext, openBox } from '../../shared/secrets/box.ts'
import type { ProcessCredentials } from '../handout/wire.ts'
import { consoleLink, type SignIn } from '../issuers/aws/console-link.ts'
import { type Standing, standingOf } from '../issuers/aws/identity.ts'
import { parseSession } from '../issuers/aws/session.ts'
import { type Confirmation, confirmEnd } from './confirm.ts'
import { beginCountdown, type Clocks, type Countdown, lookAgain, type Term } from './countdown.ts'
import { environmentLines, processCredentials, type ShellDialect } from './handout.ts'

export type SessionErrorCode = 'over' | 'not-the-grant'
/** Why a session cannot be used here. */
export class SessionError extends LockboxError<SessionErrorCode> {}

/** Clocks and timers of the process; tests give their own. */
export interface Time {
  now(): Clocks
  /** Calls back once after so many milliseconds; returns the way to stop it. */
  after(ms: number, callback: () => void): () => void
}

/** How a session ended here, as an `ended` statement says it. */
export interface SessionEnd {
  readonly how: 'timer' | 'done'
  readonly confirmation: Confirmation
  readonly wiped: true
  /** Wall clock, milliseconds, when it could no longer be used here. */
  readonly at: number
}

/** The requester's running session. Its bytes are in this process's memory alone, and gone when it ends. */
export interface LiveSession {
  readonly accessKeyId: string
  readonly expires: number
  /** Milliseconds left, 0 once it is over; looking also ends it when its time has come. */
  leftMs(): number
  /** @throws {SessionError} `over`. */
  environmentLines(dialect: ShellDialect): string
  /** @throws {SessionError} `over`. */
  processCredentials(): ProcessCredentials
  /** A link into the console. @throws {SessionError} `over`; {ConsoleError}. */
  consoleLink(signIn: SignIn): Promise<string>
  /** "I am done", or the plan says that locking ends it: wipes at once. AWS lets the session live until its end. */
  done(): void
  /** Settles once it is over and its bytes are wiped; after the timer only when AWS has been asked. */
  readonly ended: Promise<SessionEnd>
}

/** What opens a handover, and what the grant says of it. */
export interface Handover {
  readonly box: Uint8Array
  /** The request's one-time recipient key; the caller's to wipe. */
  readonly privateKey: Uint8Array
  readonly context: Omit<BoxContext, 'purpose'>
  readonly grant: { readonly accessKeyId: string; readonly expires: number; readonly endpoint: string }
  readonly term: Omit<Term, 'expires'>
}

/** The clock is looked at this often, so that sleep or a changed clock is noticed without a new timer. */
const LOOK_MS = 5000

/**
 * Opens a handover and holds the session until its end.
 *
 * @param ask - how AWS is asked after the end; {@link standingOf} if left out.
 * @throws {SecretsError} if the box does not open; {IssuerError} `invalid` if it holds no session; {SessionError}
 *   `not-the-grant` if it holds another one than was granted.
 */
export async function openSession(handover: Handover, time: Time, ask = standingOf): Promise<LiveSession> {
  const { box, privateKey, context, grant, term } = handover
  const bytes = await openBox(privateKey, { purpose: 'handover', ...context }, box)
  try {
    const { accessKeyId, expiration } = parseSession(bytes)
    if (accessKeyId !== grant.accessKeyId || expiration !== grant.expires)
      throw new SessionError(
        'not-the-grant',
        'the handover holds another session than the grant names; use neither and ask the issuer',
      )
  } catch (error) {
    bytes.fill(0)
    throw error
  }
  return hold(bytes, grant, { ...term, expires: grant.expires }, time, ask)
}

function hold(
  bytes: Uint8Array,
  grant: Handover['grant'],
  term: Term,
  time: Time,
  ask: (session: ReturnType<typeof parseSession>, endpoint: string) => Promise<Standing>,
): LiveSession {
  const { accessKeyId, expires, endpoint } = grant
  let countdown: Countdown = beginCountdown(term, time.now())
  let running = true
  let stop = (): void => undefined
  const { ended, over } = endOf(bytes)
  const done = (): void => {
    // Also while AWS is still being asked about the end: whoever says "done" wants it gone now.
    over(running ? 'done' : 'timer', time.now().wall, 'none')
    running = false
    stop()
  }
  const timeIsUp = (): void => {
    running = false
    stop()
    const at = time.now().wall
    // Past its end the session is of no use to anybody, so it may stay for the seconds in which AWS says so itself.
    const pause = (ms: number) => new Promise<void>((wake) => time.after(ms, wake))
    confirmEnd(() => ask(parseSession(bytes), endpoint), pause).then(
      (confirmation) => over('timer', at, confirmation),
      () => over('timer', at, 'none'),
    )
  }
  const look = (): number => {
    if (!running) return 0
    countdown = lookAgain(countdown, time.now())
    if (countdown.leftMs === 0) timeIsUp()
    return countdown.leftMs
  }
  const watch = (): void => {
    const left = look()
    if (running) stop = time.after(Math.min(left, LOOK_MS), watch)
  }
  const handedOut = () => {
    if (look() === 0) throw new SessionError('over', 'the session is over; its credentials are no longer here')
    return { session: parseSession(bytes), endpoint }
  }
  watch()
  return {
    accessKeyId,
    expires,
    leftMs: look,
    environmentLines: (dialect) => environmentLines(handedOut(), dialect),
    processCredentials: () => processCredentials(handedOut(), endsHere(expires, term.skewMs)),
    consoleLink: async (signIn) => consoleLink(handedOut().session, signIn),
    done,
    ended,
  }
}

/** A skew is measured by dates in whole seconds, on a machine that may be busy: a smaller one says nothing. */
const LEAST_SKEW_MS = 3000

/** AWS's expiration by the clock of this device: by that the programs go, which are told to stop then. */
function endsHere(expires: number, skewMs: number): number {
  return Math.abs(skewMs) < LEAST_SKEW_MS ? expires : expires - skewMs
}

/** The end of a session: `over` wipes its bytes and says how it came; the first word counts. */
function endOf(bytes: Uint8Array) {
  let settle: (end: SessionEnd) => void = () => undefined
  const ended = new Promise<SessionEnd>((resolve) => {
    settle = resolve
  })
  const over = (how: SessionEnd['how'], at: number, confirmation: Confirmation): void => {
    bytes.fill(0)
    settle({ how, confirmation, wiped: true, at })
  }
  return { ended, over }
}
