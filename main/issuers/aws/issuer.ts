import { performance } from 'node:perf_hooks'
import type { AssumeRoleCommandInput, AssumeRoleCommandOutput } from '@aws-sdk/client-sts'
import type { Attempted, Issued, Issuer, Order } from '../issuer.ts'
import { IssuerError } from '../issuer.ts'
import { parseAccessKey } from './access-key.ts'
import { type Endpoint, type Keys, oneCall, type Wire } from './client.ts'
import { type Failure, failureOf } from './failure.ts'
import { sts } from './load-sdk.ts'
import { preflight } from './preflight.ts'
import { rehearsalOrder, rehearsalWire } from './rehearsal.ts'
import { assumeRoleInput } from './role-session.ts'
import { parseSession, sessionBytes } from './session.ts'
import { wordsFor } from './words.ts'

/** How long one region may take; then the next is asked. */
const REGION_TIMEOUT_MS = 5000

/**
 * The issuer of AWS sessions: AssumeRole, at the plan's regions in order.
 *
 * AssumeRole is safe to repeat: an answer that got lost leaves at most a session that nobody has the keys of. So after a
 * time-out or a broken connection the next region is asked, and the result says that another session may exist.
 */
export function awsIssuer(timeoutMs: number = REGION_TIMEOUT_MS): Issuer {
  return {
    issue: (order) => issue(order, timeoutMs),
    preflight: (access) => preflight(access),
    rehearse: async () => void (await issue(rehearsalOrder(), timeoutMs, rehearsalWire())),
  }
}

async function issue(order: Order, timeoutMs: number, wire?: Wire): Promise<Issued> {
  const keys = parseAccessKey(order.credential)
  const input = assumeRoleInput(order)
  const attempted: Attempted[] = []
  let skewMs: number | null = null
  let failure = INCOMPLETE
  for (const at of order.access.regions) {
    const outcome = await ask(at, keys, input, timeoutMs, wire)
    skewMs = outcome.skewMs ?? skewMs
    if ('issued' in outcome) {
      attempted.push({ ...at, outcome: 'issued', mayExist: true, tookMs: outcome.tookMs })
      return { ...outcome.issued, skewMs, attempted }
    }
    failure = outcome.failure
    attempted.push({ ...at, outcome: failure.code, mayExist: failure.mayExist, tookMs: outcome.tookMs })
    if (!failure.elsewhere) break
  }
  throw failed(failure, attempted, skewMs)
}

function failed(failure: Failure, attempted: readonly Attempted[], skewMs: number | null): IssuerError {
  const mayExist = attempted.some((attempt) => attempt.mayExist)
  const message = wordsFor(failure, attempted.at(-1)?.region ?? 'no region', skewMs, mayExist)
  return new IssuerError(failure.code, message, { mayExist, attempted, skewMs })
}

type Outcome = { readonly tookMs: number; readonly skewMs: number | null } & (
  | { readonly issued: Omit<Issued, 'skewMs' | 'attempted'> }
  | { readonly failure: Failure }
)

async function ask(
  at: Endpoint,
  keys: Keys,
  input: AssumeRoleCommandInput,
  timeoutMs: number,
  wire?: Wire,
): Promise<Outcome> {
  const { AssumeRoleCommand } = await sts()
  const begun = performance.now()
  const { client, skewMs } = await oneCall(at, keys, timeoutMs, wire)
  const measured = () => ({ tookMs: Math.round(performance.now() - begun), skewMs: skewMs() })
  try {
    const answer = await client.send(new AssumeRoleCommand(input), { abortSignal: AbortSignal.timeout(timeoutMs) })
    return { issued: issuedFrom(answer, at), ...measured() }
  } catch (error) {
    const failure = error instanceof IssuerError ? INCOMPLETE : failureOf(error)
    return { failure, ...measured() }
  } finally {
    client.destroy()
  }
}

const INCOMPLETE: Failure = {
  code: 'invalid',
  mayExist: true,
  elsewhere: false,
  words: 'the answer lacked the session',
}

function issuedFrom({ Credentials: got }: AssumeRoleCommandOutput, at: Endpoint): Omit<Issued, 'skewMs' | 'attempted'> {
  const expires = got?.Expiration?.getTime() ?? Number.NaN
  const session = sessionBytes({
    accessKeyId: got?.AccessKeyId ?? '',
    expiration: Number.isNaN(expires) ? -1 : expires,
    region: at.region,
    secretAccessKey: got?.SecretAccessKey ?? '',
    sessionToken: got?.SessionToken ?? '',
  })
  // Parsed as the requester will parse it, so that an odd answer fails here and not after the handover.
  const { accessKeyId, expiration } = parseSession(session)
  return { accessKeyId, expires: expiration, session, ...at }
}
