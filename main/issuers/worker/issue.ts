import { fromBase64Url } from '../../../shared/bytes.ts'
import { jcs } from '../../../shared/jcs.ts'
import type { BoxKey } from '../../../shared/secrets/box-key.ts'
import { decryptCredential } from '../../../shared/secrets/credential.ts'
import { SecretsError } from '../../../shared/secrets/errors.ts'
import { combine } from '../../../shared/secrets/sharing.ts'
import { sealBox } from '../../boxes.ts'
import { parseAccessKey } from '../aws/access-key.ts'
import { type Issued, type Issuer, IssuerError } from '../issuer.ts'
import { crossing } from './crossing.ts'
import { type Message, wipe } from './messages.ts'
import type { BadShare, FailedAnswer, GoFacts, IssuedAnswer } from './protocol.ts'
import { dealingOf, fittingShares, type OpenedShares, openBoxes, sharesAnswerOf } from './shares.ts'

/** What is kept after a session was issued, for the aftercare alone; `credential` is wiped by whoever has it last. */
export interface Held {
  readonly facts: GoFacts
  readonly credential: Uint8Array
  readonly issued: Pick<Issued, 'userId' | 'expires' | 'skewMs'>
}

/** The answer to `go`; `final` once the credential was touched: the worker ends after it, or after the aftercare. */
export interface Went {
  readonly final: boolean
  readonly answer: Message
  /** Null if there is nothing to do any more: the credential has been wiped. */
  readonly held: Held | null
}

/**
 * Opens the released shares, reassembles the credential, has the issuer make a session and seals it to the requester.
 * With fewer than M good shares nothing is reassembled and another `go` may follow.
 *
 * @param parts - the boxes in the order of `facts.releases`, then the encrypted credential.
 */
export async function go(facts: GoFacts, parts: readonly Uint8Array[], key: BoxKey, issuer: Issuer): Promise<Went> {
  const opened = await openBoxes(facts, parts.slice(0, -1), key)
  try {
    const { secret, ...shares } = combined(opened, facts)
    if (secret === null)
      return { final: false, answer: { facts: sharesAnswerOf(shares, facts.threshold), parts: [] }, held: null }
    const ciphertext = parts.at(-1) ?? new Uint8Array(0)
    return { final: true, ...(await issueWith(secret, shares.bad, facts, ciphertext, issuer)) }
  } finally {
    wipe(...opened.good.map(({ share }) => share))
  }
}

/**
 * The secret of the first M shares, each of which is compared with the commitments as they are combined; if one does not fit, of
 * the first M that do. Null where these are too few.
 */
function combined(opened: OpenedShares, facts: GoFacts): OpenedShares & { readonly secret: Uint8Array | null } {
  const { threshold } = facts
  const of = ({ good }: OpenedShares) => combine(good.slice(0, threshold), dealingOf(facts))
  if (opened.good.length >= threshold)
    try {
      return { ...opened, secret: of(opened) }
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error
    }
  const fitting = fittingShares(opened, facts)
  return { ...fitting, secret: fitting.good.length < threshold ? null : of(fitting) }
}

/** @param secret - is wiped. */
async function issueWith(
  secret: Uint8Array,
  bad: readonly BadShare[],
  facts: GoFacts,
  ciphertext: Uint8Array,
  issuer: Issuer,
): Promise<Omit<Went, 'final'>> {
  let credential: Uint8Array | null = null
  let issued: Issued | null = null
  let held: Held | null = null
  let isUsed = false
  try {
    credential = await reassemble(secret, facts, ciphertext)
    isUsed = true
    issued = await issuer.issue(orderOf(facts, credential))
    const sealed = await sealHandover(facts, issued.session)
    const { userId, expires, skewMs } = issued
    if (facts.access.aftercare !== undefined) held = { facts, credential, issued: { userId, expires, skewMs } }
    return { answer: { facts: issuedAnswerOf(issued, bad), parts: [sealed] }, held }
  } catch (error) {
    return { answer: { facts: failedAnswerOf(error, issued !== null, isUsed, bad), parts: [] }, held: null }
  } finally {
    wipe(issued?.session, held === null ? credential : null)
  }
}

/** The credential, checked; the caller's to wipe. */
async function reassemble(secret: Uint8Array, facts: GoFacts, ciphertext: Uint8Array): Promise<Uint8Array> {
  let credential: Uint8Array | null = null
  let isRight = false
  try {
    credential = await decryptCredential(secret, jcs(facts.header), ciphertext)
    // The deposit named this id to everybody: another key in it would be one that nobody accounts for.
    if (parseAccessKey(credential).accessKeyId !== facts.header.accessKeyId)
      throw new IssuerError('invalid', 'the deposit holds another key than it names; deposit it again', {
        mayExist: false,
      })
    isRight = true
    return credential
  } finally {
    wipe(secret, isRight ? null : credential)
  }
}

function orderOf(facts: GoFacts, credential: Uint8Array) {
  const { access, attempt, purpose, seconds, reference, requester } = facts
  return {
    credential,
    access,
    attempt,
    request: { id: facts.request, requester: requester.member, purpose, seconds, reference },
  }
}

function sealHandover(facts: GoFacts, session: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { organization, deposit, request, ready, issuer, requester } = facts
  const context = { organization, deposit, request, ready, from: issuer, to: requester.device, index: null }
  return sealBox(fromBase64Url(requester.recipient), { purpose: 'handover', ...context }, session)
}

function issuedAnswerOf(
  { accessKeyId, userId, expires, skewMs, region, endpoint, attempted }: Issued,
  bad: readonly BadShare[],
): IssuedAnswer {
  return {
    is: 'issued',
    accessKeyId,
    userId,
    expires,
    skewMs,
    region,
    endpoint,
    attempted: [...attempted],
    bad: [...bad],
  }
}

/**
 * @param isIssued - whether a session came.
 * @param isUsed - whether the issuer had the credential: unless it says how its calls ended, nobody knows what became of them.
 */
function failedAnswerOf(error: unknown, isIssued: boolean, isUsed: boolean, bad: readonly BadShare[]): FailedAnswer {
  const known = crossing(error)
  const details = error instanceof IssuerError ? error : { mayExist: isUsed, skewMs: null, attempted: [] }
  const { mayExist, skewMs, attempted } = details
  return { is: 'failed', ...known, mayExist: mayExist || isIssued, skewMs, attempted: [...attempted], bad: [...bad] }
}
