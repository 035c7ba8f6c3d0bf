import type { Case, CaseRefusalCode } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import type { Statement } from '../statements/envelope.ts'
import type { PayloadOf } from '../statements/kinds.ts'
import { utcWords } from '../utc.ts'
import { aftercareWords, revokedWords, revokeWords, rotatedWords } from './aftercare-words.ts'
import type { Came } from './arrival.ts'
import type { TimelineEntry } from './case-views.ts'
import type { Names } from './people.ts'
import { proofWords, type Stands } from './proof.ts'
import { reviewWords } from './review-words.ts'
import { evidenceSays } from './trail-words.ts'

const REFUSALS: Record<CaseRefusalCode, string> = {
  'not-active': 'its author is not an active member with that device and key',
  'not-custodian': 'its author holds no share for this plan',
  'own-request': 'nobody decides on their own request',
  'not-requester': 'only whoever asked, or the issuing device of its end, may say that',
  'not-issuer': 'that device may not issue here',
  'deposit-unfit': 'it names a credential that does not serve this plan',
  'share-index': 'it names a share that is not its author’s',
  'no-approval': 'its author has no approval that counts',
  'ready-unknown': 'the attempt it names is not here',
  'ready-too-long': 'it would stay open too long',
  'attempt-order': 'the attempt before it neither failed nor was silent',
  'grant-unknown': 'the grant it names does not stand',
  'not-admin': 'its author is no admin',
  'not-revoker': 'only the issuing device and those of custodians were given what may deny the session',
  'other-policy': 'it names another policy than the one that denies this session',
  'rotating-unknown': 'its device did not begin to replace this key',
  'other-key': 'it names another key than the one that was used',
  'reviewer-involved': 'nobody reviews a case in which they asked, approved, released a share or issued',
  'basis-roster': 'its basis names the wrong roster',
  'basis-plan': 'its plan was not in effect',
  'basis-request': 'its basis is about another request',
  'basis-quorum': 'its approvals do not meet who must approve',
  'basis-ready': 'its attempt does not fit',
  'basis-releases': 'its released shares do not fit the approvals',
  'basis-issuing': 'issuing was not recorded by the same device',
}

/** The rule that a refused statement of a case breaks, in words. */
export function refusalWords(code: CaseRefusalCode): string {
  return REFUSALS[code]
}

/** What the lines of a timeline need beside the statements. */
export interface TimelineContext {
  readonly org: Organization
  readonly names: Names
  readonly stands: Stands
  readonly came: Came
  /** How a line is made: anew, by default. */
  readonly lineOf?: LineOf
}

/** Makes a line as {@link timelineEntry} does. */
export type LineOf = typeof timelineEntry

/** These statements of a case, in their order, each with what proves it and why it was refused, if it was. */
export function timelineOf(
  { refused }: Case,
  statements: readonly VerifiedStatement[],
  context: TimelineContext,
): TimelineEntry[] {
  const { lineOf = timelineEntry } = context
  const codes = new Map(refused.map(({ id, code }) => [id, code]))
  return statements.map((statement) => lineOf(statement, context, codes.get(statement.id) ?? null))
}

/** One statement as a line of a timeline. */
export function timelineEntry(
  statement: VerifiedStatement,
  { org, names, stands, came }: TimelineContext,
  refused: CaseRefusalCode | null,
): TimelineEntry {
  return {
    id: statement.id,
    at: statement.payload.time,
    kind: statement.kind,
    person: names(statement.payload.member),
    says: says(statement, names),
    proof: proofWords(statement, org, names, stands(statement.id)),
    came: came(statement.id),
    refused: refused === null ? null : refusalWords(refused),
  }
}

/** How a text that somebody wrote stands within a sentence of ours. */
export type Quote = (text: string) => string

const asItIs: Quote = (text) => text

/**
 * What a statement says, as the end of a sentence that begins with its author.
 *
 * @param quote - marks what people wrote, where nothing else tells it from the words around; as it is, by default.
 */
export function says(statement: Statement, names: Names, quote: Quote = asItIs): string {
  switch (statement.kind) {
    case 'roster':
      return statement.payload.predecessor === null
        ? `founded ${quote(statement.payload.name)}`
        : `proposed a change of people`
    case 'plan':
      return `proposed the plan ${quote === asItIs ? `“${statement.payload.name}”` : quote(statement.payload.name)}`
    case 'deposit':
      return `deposited generation ${statement.payload.header.generation} of a credential (${statement.payload.header.accessKeyId})`
    case 'endorsement':
      return 'endorsed it'
    case 'custody':
      return `proved custody of share ${statement.payload.index}`
    case 'request':
      return `asked for ${askedFor(statement.payload)}: ${quote(statement.payload.what)}`
    case 'decision':
      return `${statement.payload.verdict === 'approve' ? 'approved' : 'denied'}${becauseOf(statement.payload, quote)}`
    case 'withdrawal':
      return `withdrew the request${becauseOf(statement.payload, quote)}`
    case 'ready':
      return `made the device ready to issue (attempt ${statement.payload.attempt})`
    case 'release':
      return `released share ${statement.payload.index}`
    case 'issuing':
      return `began to issue (attempt ${statement.payload.attempt})`
    case 'failed':
      return `could not issue: ${quote(statement.payload.message)}${badShareWords(statement.payload.badShares, names)}${statement.payload.mayExist ? ' A session may exist all the same.' : ''}`
    case 'grant':
      return `issued a session (${statement.payload.accessKeyId}) until ${utcWords(statement.payload.expires)}`
    case 'handover':
      return 'handed the session over, sealed to whoever asked'
    case 'ended':
      return endedWords(statement.payload)
    case 'aftercare':
      return aftercareWords(statement.payload, quote)
    case 'revoke':
      return revokeWords(statement.payload, quote)
    case 'revoked':
      return revokedWords(statement.payload)
    case 'rotating':
      return 'began to replace the key that was used'
    case 'rotated':
      return rotatedWords(statement.payload)
    case 'evidence':
      return evidenceSays(statement.payload)
    case 'exported':
      return exportedWords(statement.payload)
    case 'read':
      return readWords(statement.payload)
    case 'pruned':
      return prunedWords(statement.payload)
    case 'review':
      return reviewWords(statement.payload, quote)
  }
}

function becauseOf({ reason }: { readonly reason: string }, quote: Quote): string {
  return reason === '' ? '' : `: ${quote(reason)}`
}

function askedFor({ purpose, seconds }: PayloadOf<'request'>): string {
  const length = `${seconds / 60} min`
  if (purpose === 'rotation') return `what may replace the key, without access (rotation, ${length})`
  return purpose === 'drill' ? `${length} (drill)` : length
}

function badShareWords(members: readonly string[], names: Names): string {
  return members.length === 0
    ? ''
    : ` The share of ${members.map((member) => names(member).name).join(' and ')} failed its checks.`
}

const END_WORDS: Readonly<Record<PayloadOf<'ended'>['how'], string>> = {
  timer: 'the time was over',
  done: '“I am done”',
  lost: 'the session was not in memory any more',
  revoked: 'an approver ordered it',
}

function endedWords({ how, confirmation, wiped, at }: PayloadOf<'ended'>): string {
  const why = END_WORDS[how]
  const sure = confirmation === 'aws-refused' ? `AWS refused a call at ${utcWords(at)}` : 'not confirmed by AWS'
  return `ended the session (${why}; ${sure}${wiped ? '; wiped from memory' : ''})`
}

function exportedWords({ scope, format, to, entries, sha256 }: PayloadOf<'exported'>): string {
  const span = [
    scope.from === null ? '' : ` from ${utcWords(scope.from)}`,
    scope.until === null ? '' : ` until ${utcWords(scope.until)}`,
  ]
  const what = scope.case === null ? 'the log' : `the record of case ${scope.case}`
  const size = `${entries} ${entries === 1 ? 'entry' : 'entries'}`
  return `exported ${what}${span.join('')} to ${to === 'file' ? 'a file' : plain(to)}: a ${plain(format)} of ${size}, SHA-256 ${sha256}`
}

function readWords({ what, case: of }: PayloadOf<'read'>): string {
  const about = of === null ? '' : ` of case ${of}`
  if (what === 'case') return `read the record${about}`
  if (what === 'search') return `searched the log${about}`
  return what === 'log' ? `read the log${about}` : `read the log (${plain(what)})${about}`
}

function prunedWords({ before, ranges }: PayloadOf<'pruned'>): string {
  const count = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  const which = ranges.map(({ from, to }) => (to === from + 1 ? `${from}` : `${from} to ${to - 1}`))
  const first = which.slice(0, MOST_RANGES).join(', ')
  const more = which.length > MOST_RANGES ? ` and ${which.length - MOST_RANGES} more` : ''
  return `removed ${count} ${count === 1 ? 'entry' : 'entries'} from the log on their own device, of what was over before ${utcWords(before)}: ${first}${more}`
}

/** Ranges that a line of words names. */
const MOST_RANGES = 8

const plain = (slug: string): string => slug.replaceAll('-', ' ')
