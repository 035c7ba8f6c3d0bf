import type { Attempted, Issued, Issuer, Order } from '../issuer.ts'
import { IssuerError } from '../issuer.ts'
import { type AwsAccessKey, parseAccessKey } from './access-key.ts'
import { type Endpoint, type Keys, oneCall, type Wire } from './client.ts'
import { type Answered, askRegions, type Outcome } from './failover.ts'
import { type Failure, failureOf } from './failure.ts'
import { preflight } from './preflight.ts'
import { rehearsalOrder, rehearsalWire } from './rehearsal.ts'
import { type AwsSession, parseSession, sessionBytes } from './session.ts'
import { checkSeed, type Got, type Step, stepsOf } from './steps.ts'
import { type CodeClock, type Codes, codesOf } from './totp.ts'
import { wordsFor } from './words.ts'

/** How long one region may take until it is given up. */
const REGION_TIMEOUT_MS = 5000
/** How long a region may say nothing until the next one is asked as well: with what that takes itself, under 2 s. */
const PATIENCE_MS = 1800

/**
 * The issuer of AWS sessions: AssumeRole, at the plan's regions in order, over the roles on the way if there are any.
 *
 * AssumeRole is safe to repeat: an answer that got lost leaves at most a session that nobody has the keys of. So after a
 * time-out or a broken connection the next region is asked, and the result says that another session may exist.
 *
 * @param clock - of MFA codes.
 */
export function awsIssuer(timeoutMs: number = REGION_TIMEOUT_MS, clock?: CodeClock): Issuer {
  return {
    issue: (order) => issue(order, { timeoutMs, ...(clock === undefined ? {} : { clock }) }),
    preflight: (access) => preflight(access),
    rehearse: async () => void (await issue(rehearsalOrder(), { timeoutMs, wire: rehearsalWire() })),
  }
}

interface Means {
  readonly timeoutMs: number
  readonly wire?: Wire
  readonly clock?: CodeClock
}

async function issue(order: Order, means: Means): Promise<Issued> {
  const key = parseAccessKey(order.credential)
  const steps = stepsOf(order)
  checkSeed(order, key.mfaSeed)
  const codes = order.access.mfa === undefined || key.mfaSeed === undefined ? null : codesOf(key.mfaSeed, means.clock)
  try {
    return await walk(order, key, steps, codes, means)
  } finally {
    codes?.wipe()
  }
}

interface Taken {
  readonly session: AwsSession
  readonly at: Endpoint
  readonly tookMs: number
}

/** One step after the other, each with the keys that the one before gave. */
async function walk(
  order: Order,
  key: AwsAccessKey,
  steps: readonly Step[],
  codes: Codes | null,
  means: Means,
): Promise<Issued> {
  let regions: readonly Endpoint[] = order.access.regions
  let keys: Keys = { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey }
  let skewMs: number | null = null
  let taken: Taken | null = null
  const attempted: Attempted[] = []
  for (const step of steps) {
    const call = { keys, step, codes, skewMs }
    const asked: Outcome<AwsSession> = await askRegions(
      regions,
      (at, signal) => ask({ ...call, at, signal }, means),
      PATIENCE_MS,
    )
    skewMs = asked.skewMs ?? skewMs
    attempted.push(...asked.attempted)
    if (asked.got === null) throw failed(asked.failure ?? INCOMPLETE, attempted, skewMs)
    const { good: session, at, tookMs } = asked.got
    taken = { session, at, tookMs }
    const { accessKeyId, secretAccessKey, sessionToken } = session
    keys = { accessKeyId, secretAccessKey, sessionToken }
    regions = [at, ...regions.filter((one) => one !== at)]
  }
  if (taken === null) throw failed(INCOMPLETE, attempted, skewMs)
  return issuedFrom(taken, skewMs, attempted)
}

function failed(failure: Failure, attempted: readonly Attempted[], skewMs: number | null): IssuerError {
  const mayExist = attempted.some((attempt) => attempt.mayExist)
  const message = wordsFor(failure, attempted.at(-1)?.region ?? 'no region', skewMs, mayExist)
  return new IssuerError(failure.code, message, { mayExist, attempted, skewMs })
}

interface Call {
  readonly at: Endpoint
  readonly keys: Keys
  readonly step: Step
  readonly codes: Codes | null
  readonly skewMs: number | null
  readonly signal: AbortSignal
}

async function ask(call: Call, means: Means): Promise<Answered<AwsSession>> {
  const first = await askOnce(call, call.skewMs ?? 0, means)
  // A code of a clock that is not AWS's: with what the answer told of AWS's, once more.
  const isOff = Math.abs(first.skewMs ?? 0) > CODE_TOLERANCE_MS
  if ('good' in first || first.failure.code !== 'wrong-code' || !isOff || call.signal.aborted) return first
  return askOnce(call, first.skewMs ?? 0, means)
}

/** By so much a clock may be off before the code that it gives may be AWS's next or last but one. */
const CODE_TOLERANCE_MS = 5000

async function askOnce(call: Call, skewMs: number, { timeoutMs, wire }: Means): Promise<Answered<AwsSession>> {
  const { at, keys, step, codes, signal } = call
  let code: Awaited<ReturnType<Codes['take']>> | null = null
  let measured: () => number | null = () => null
  try {
    if (step.mfa !== null && codes !== null) code = await codes.take(skewMs, signal)
    const { client, skewMs: skew } = await oneCall(at, keys, timeoutMs, wire)
    measured = skew
    try {
      const mfa = code === null || step.mfa === null ? null : { SerialNumber: step.mfa, TokenCode: code.code }
      const got = await step.send(client, mfa, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]))
      return { good: sessionFrom(got, at), skewMs: measured() }
    } finally {
      client.destroy()
    }
  } catch (error) {
    const failure = error instanceof IssuerError ? INCOMPLETE : failureOf(error)
    const neverTaken = failure.code === 'unreachable' && !failure.mayExist
    if (neverTaken || failure.code === 'wrong-code') code?.unused()
    return { failure, skewMs: measured() }
  }
}

const INCOMPLETE: Failure = {
  code: 'invalid',
  mayExist: true,
  elsewhere: false,
  words: 'the answer lacked the session',
}

/** Parsed as the requester will parse it, so that an odd answer fails here and not after the handover. */
function sessionFrom({ Credentials: got }: Got, at: Endpoint): AwsSession {
  const expires = got?.Expiration?.getTime() ?? Number.NaN
  return parseSession(
    sessionBytes({
      accessKeyId: got?.AccessKeyId ?? '',
      expiration: Number.isNaN(expires) ? -1 : expires,
      region: at.region,
      secretAccessKey: got?.SecretAccessKey ?? '',
      sessionToken: got?.SessionToken ?? '',
    }),
  )
}

function issuedFrom({ session, at, tookMs }: Taken, skewMs: number | null, attempted: readonly Attempted[]): Issued {
  const { accessKeyId, expiration } = session
  const last: Attempted = { ...at, outcome: 'issued', mayExist: true, tookMs }
  return {
    accessKeyId,
    expires: expiration,
    session: sessionBytes(session),
    skewMs,
    ...at,
    attempted: [...attempted, last],
  }
}
