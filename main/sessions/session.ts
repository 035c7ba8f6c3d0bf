import type { UnixMilliseconds } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { BoxContext } from '../../shared/secrets/box.ts'
import { openBox } from '../boxes.ts'
import type { ProcessCredentials } from '../handout/wire.ts'
import { consoleLink, type SignIn } from '../issuers/aws/console-link.ts'
import { type Standing, standingOf } from '../issuers/aws/identity.ts'
import { type Looked, type LookupMeans, type LookupOrder, lookUp } from '../issuers/aws/lookup.ts'
import { type Denial, denialOf } from '../issuers/aws/refused.ts'
import { type AwsSession, parseSession } from '../issuers/aws/session.ts'
import { type Confirmation, confirmEnd } from './confirm.ts'
import { beginCountdown, type Clocks, type Countdown, lookAgain, type Term } from './countdown.ts'
import { type Ending, watchDenial } from './ending.ts'
import { environmentLines, environmentOf, processCredentials, type ShellDialect, secretsOf } from './handout.ts'

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
  readonly how: 'timer' | 'done' | 'revoked'
  readonly confirmation: Confirmation
  readonly wiped: true
  /** Wall clock, milliseconds, when it could no longer be used here; of one that ended early and was refused, when it was. */
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
  /** For a shell that is started with it: its variables, and which of their values are secret. @throws {SessionError} `over`. */
  environment(): { readonly variables: Readonly<Record<string, string>>; readonly secrets: readonly string[] }
  /** @throws {SessionError} `over`. */
  processCredentials(): ProcessCredentials
  /** A link into the console. @throws {SessionError} `over`; {ConsoleError}. */
  consoleLink(signIn: SignIn): Promise<string>
  /**
   * Asks CloudTrail about its case; not a call more once it may not be handed out any more.
   *
   * @throws {SessionError} `over`; as `lookUp` of `issuers/aws/lookup.ts`.
   */
  lookUp(order: LookupOrder, means: LookupMeans): Promise<Looked>
  /** Whether it may be handed out. */
  isUsable(): boolean
  /**
   * "I am done", a custodian's order, or the plan says that locking ends it: wipes at once, and asks AWS nothing. Of a
   * session that is ending already, how it was to end stays.
   */
  done(how?: 'done' | 'revoked'): void
  /**
   * The same where somebody may deny the session at AWS: nothing is handed out any more, and what is left of it serves to
   * ask AWS until it refuses it, or its time is over.
   *
   * @param at - when it ended here, if that was before this run of the app.
   */
  end(how: 'done' | 'revoked', at?: number): void
  /** Somebody says that AWS has the deny. */
  denied(): void
  /** Somebody says that AWS has what denies another session of its role: whether that is felt here too is asked for a while. */
  suspect(): void
  /** Whether AWS was seen to refuse it since although it is not to end. */
  isHarmed(): boolean
  /** Null unless it is to end before its time. */
  ending(): Ending | null
  /** Whether AWS was seen to answer it, which has to be known before it is denied. */
  wasOpen(): boolean
  /** Settles once it is over and its bytes are wiped; after the timer only when AWS has been asked. */
  readonly ended: Promise<SessionEnd>
}

/** What opens a handover, and what the grant says of it. */
export interface Handover {
  readonly box: Uint8Array
  /** The request's one-time recipient key; the caller's to wipe. */
  readonly privateKey: Uint8Array
  /** Its public half, which need not be computed then. */
  readonly publicKey?: Uint8Array
  readonly context: Omit<BoxContext, 'purpose'>
  readonly grant: { readonly accessKeyId: string; readonly expires: number; readonly endpoint: string }
  readonly term: Omit<Term, 'expires'>
  /** Whether the session may be denied at AWS, and whether it is known that AWS answered it before; null if it cannot be. */
  readonly deniable?: { readonly wasOpen: boolean } | null
}

/** How AWS is asked about a session. */
interface Asking {
  readonly standing: (session: AwsSession, endpoint: string) => Promise<Standing>
  readonly denial: (session: AwsSession, endpoint: string) => Promise<Denial>
}
const NOTHING = (): void => undefined
const AWS: Asking = { standing: standingOf, denial: denialOf }

/** How often AWS is asked at most whether it answers a session that may have to be denied later. */
const PROBES = 5
/** The clock is looked at this often, so that sleep or a changed clock is noticed without a new timer. */
const LOOK_MS = 5000

/**
 * Opens a handover and holds the session until its end.
 *
 * @param onChange - told when something of it is different, but for its end.
 * @param ask - how AWS is asked after the end, and meanwhile whether it denies the session; {@link standingOf} and
 *   {@link denialOf} if left out.
 * @throws {SecretsError} if the box does not open; {IssuerError} `invalid` if it holds no session; {SessionError}
 *   `not-the-grant` if it holds another one than was granted.
 */
export async function openSession(
  handover: Handover,
  time: Time,
  onChange = NOTHING,
  ask: Asking = AWS,
): Promise<LiveSession> {
  const { box, privateKey, publicKey, context, grant, term, deniable = null } = handover
  const key = publicKey === undefined ? privateKey : { privateKey, publicKey }
  const bytes = await openBox(key, { purpose: 'handover', ...context }, box)
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
  return hold(bytes, grant, { ...term, expires: grant.expires }, deniable, time, onChange, ask)
}

function hold(
  bytes: Uint8Array,
  grant: Handover['grant'],
  term: Term,
  deniable: NonNullable<Handover['deniable']> | null,
  time: Time,
  onChange: () => void,
  ask: Asking,
): LiveSession {
  const { accessKeyId, expires, endpoint } = grant
  let countdown: Countdown = beginCountdown(term, time.now())
  let phase: 'live' | 'ending' | 'over' = 'live'
  let early: Pick<Ending, 'how' | 'at'> | null = null
  let probes = deniable === null ? PROBES : 0
  let stop = (): void => undefined
  const { ended, over } = endOf(bytes)
  const finish = (how: SessionEnd['how'], at: number, confirmation: Confirmation): void => {
    phase = 'over'
    stop()
    denial.stop()
    // What was confirmed is said of the moment at which AWS refused; else of when it could no longer be used here.
    over(early?.how ?? how, confirmation === 'aws-refused' ? at : (early?.at ?? at), confirmation)
  }
  const denial = watchDenial(
    () => ask.denial(parseSession(bytes), endpoint),
    deniable?.wasOpen ?? false,
    time,
    () => finish('timer', time.now().wall, 'aws-refused'),
    onChange,
  )
  // Also while AWS is still being asked about the end: whoever says "done" wants it gone now.
  const done = (how: 'done' | 'revoked' = 'done'): void =>
    finish(phase === 'live' ? how : 'timer', time.now().wall, 'none')
  const timeIsUp = (): void => {
    phase = 'over'
    stop()
    denial.stop()
    const at = time.now().wall
    // Past its end the session is of no use to anybody, so it may stay for the seconds in which AWS says so itself.
    const pause = (ms: number) => new Promise<void>((wake) => time.after(ms, wake))
    confirmEnd(() => ask.standing(parseSession(bytes), endpoint), pause).then(
      (confirmation) => finish('timer', at, confirmation),
      () => finish('timer', at, 'none'),
    )
  }
  const look = (): number => {
    if (phase === 'over') return 0
    countdown = lookAgain(countdown, time.now())
    if (countdown.leftMs === 0) timeIsUp()
    return countdown.leftMs
  }
  const probe = (): void => {
    if (phase !== 'live' || denial.wasOpen() || probes >= PROBES) return
    probes++
    void denial.ask().then(onChange)
  }
  const watch = (): void => {
    const left = look()
    probe()
    if (phase !== 'over') stop = time.after(Math.min(left, LOOK_MS), watch)
  }
  const isUsable = (): boolean => look() > 0 && phase === 'live'
  const handedOut = () => {
    if (!isUsable())
      throw new SessionError(
        'over',
        'the session is over, and nothing of it is handed out any more; ask for access again in Lockbox if you still need it',
      )
    return { session: parseSession(bytes), endpoint, ends: endsHere(expires, time.now().wall + countdown.leftMs) }
  }
  const ending = (): Ending | null => early && { ...early, isDenied: denial.isDenied(), isIgnored: denial.isIgnored() }
  watch()
  return {
    accessKeyId,
    expires,
    leftMs: look,
    isUsable,
    environmentLines: (dialect) => environmentLines(handedOut(), dialect),
    environment: () => {
      const handout = handedOut()
      return { variables: environmentOf(handout), secrets: secretsOf(handout) }
    },
    processCredentials: () => processCredentials(handedOut()),
    consoleLink: async (signIn) => consoleLink(handedOut().session, signIn),
    lookUp: async (order, means) => {
      const { accessKeyId: id, secretAccessKey, sessionToken } = handedOut().session
      return lookUp(order, { accessKeyId: id, secretAccessKey, sessionToken }, () => void handedOut(), means)
    },
    done,
    end: (how, at = time.now().wall) => {
      if (!isUsable()) return
      phase = 'ending'
      early = { how, at }
      denial.begin()
    },
    denied: () => denial.denied(),
    suspect: () => denial.suspect(),
    isHarmed: () => denial.isHarmed(),
    ending,
    wasOpen: () => denial.wasOpen(),
    ended,
  }
}

/** A skew is measured by dates in whole seconds, on a machine that may be busy: a smaller one says nothing. */
const LEAST_SKEW_MS = 3000

/**
 * When programs are to stop, which go by the clock of this device: AWS's expiration, unless the countdown, which knows of skews
 * and of clocks that were set, ends at another time.
 *
 * @param countdownEnds - when it does, by the wall clock as it is now.
 */
function endsHere(expires: UnixMilliseconds, countdownEnds: UnixMilliseconds): UnixMilliseconds {
  return Math.abs(expires - countdownEnds) < LEAST_SKEW_MS ? expires : countdownEnds
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
