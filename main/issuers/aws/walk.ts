import { within } from '../../within.ts'
import type { Attempted } from '../issuer.ts'
import { IssuerError } from '../issuer.ts'
import { type Endpoint, type Keys, oneCall, type Wire } from './client.ts'
import { type Answered, askRegions, type Outcome } from './failover.ts'
import { type Failure, failureOf } from './failure.ts'
import { type AwsSession, parseSession, sessionBytes } from './session.ts'
import type { Got, Step } from './steps.ts'
import type { CodeClock, Codes } from './totp.ts'
import { wordsFor } from './words.ts'

/** How long a region may say nothing until the next one is asked as well: with what that takes itself, under 2 s. */
const PATIENCE_MS = 1800

/** What calls are made with. */
export interface Means {
  /** How long one region may take until it is given up. */
  readonly timeoutMs: number
  readonly wire?: Wire
  readonly clock?: CodeClock
}

/** A way of one or several calls, the first signed with `keys`. */
export interface Way {
  readonly steps: readonly Step[]
  readonly keys: Keys
  /** At least one, in the order in which they are asked. */
  readonly regions: readonly Endpoint[]
  /** Codes of the MFA device; null without one. */
  readonly codes: Codes | null
  /** AWS's clock minus ours, as far as is known; milliseconds. */
  readonly skewMs?: number | null
  /** Ends all calls at once; what was under way counts as timed out. */
  readonly signal?: AbortSignal
}

/** The session at the end of a way. */
export interface Walked {
  readonly session: AwsSession
  /** `aws:userid` of its requests, `<role id>:<session name>`; null if AWS did not say. */
  readonly userId: string | null
  readonly at: Endpoint
  readonly tookMs: number
  readonly skewMs: number | null
  /** Every region that was asked and gave nothing. */
  readonly attempted: readonly Attempted[]
}

interface Taken {
  readonly session: AwsSession
  readonly userId: string | null
}

/** One step after the other, each with the keys that the one before gave. @throws {IssuerError} */
export async function walk(way: Way, means: Means): Promise<Walked> {
  let { regions, keys } = way
  let skewMs = way.skewMs ?? null
  let last: Pick<Walked, 'session' | 'userId' | 'at' | 'tookMs'> | null = null
  const attempted: Attempted[] = []
  for (const step of way.steps) {
    const call = { keys, step, codes: way.codes, skewMs }
    const asked: Outcome<Taken> = await askRegions(
      regions,
      (at, signal) => ask({ ...call, at, signal: either(signal, way.signal) }, means),
      PATIENCE_MS,
    )
    skewMs = asked.skewMs ?? skewMs
    attempted.push(...asked.attempted)
    if (asked.got === null) throw failed(asked.failure ?? INCOMPLETE, attempted, skewMs)
    const { good, at, tookMs } = asked.got
    last = { ...good, at, tookMs }
    const { accessKeyId, secretAccessKey, sessionToken } = good.session
    keys = { accessKeyId, secretAccessKey, sessionToken }
    regions = [at, ...regions.filter((one) => one !== at)]
  }
  if (last === null) throw failed(INCOMPLETE, attempted, skewMs)
  return { ...last, skewMs, attempted }
}

function either(signal: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? signal : AbortSignal.any([signal, other])
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

async function ask(call: Call, means: Means): Promise<Answered<Taken>> {
  const first = await askOnce(call, call.skewMs ?? 0, means)
  // A code of a clock that is not AWS's: with what the answer told of AWS's, once more.
  const isOff = Math.abs(first.skewMs ?? 0) > CODE_TOLERANCE_MS
  if ('good' in first || first.failure.code !== 'wrong-code' || !isOff || call.signal.aborted) return first
  return askOnce(call, first.skewMs ?? 0, means)
}

/** By so much a clock may be off before the code that it gives may be AWS's next or last but one. */
const CODE_TOLERANCE_MS = 5000

async function askOnce(call: Call, skewMs: number, { timeoutMs, wire }: Means): Promise<Answered<Taken>> {
  const { at, keys, step, codes, signal } = call
  let code: Awaited<ReturnType<Codes['take']>> | null = null
  let measured: () => number | null = () => null
  try {
    if (step.mfa !== null && codes !== null) code = await codes.take(skewMs, signal)
    const { client, skewMs: skew } = await oneCall(at, keys, timeoutMs, wire)
    measured = skew
    try {
      const mfa = code === null || step.mfa === null ? null : { SerialNumber: step.mfa, TokenCode: code.code }
      const got = await within(signal, timeoutMs, (both) => step.send(client, mfa, both))
      return { good: { session: sessionFrom(got, at), userId: userIdFrom(got) }, skewMs: measured() }
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

/** A role's id and the session's name; a server that says something else has said nothing that can be denied. */
function userIdFrom({ AssumedRoleUser }: Got): string | null {
  const id = AssumedRoleUser?.AssumedRoleId ?? ''
  return /^\w{1,128}:[\w+=,.@-]{2,64}$/.test(id) ? id : null
}
