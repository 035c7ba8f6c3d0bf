import { utcWords } from '../utc.ts'
import { weightWords } from '../views/decision-words.ts'
import { CLASSIFICATION_WORDS } from '../views/review-words.ts'
import { END_WORDS } from '../views/times.ts'
import { RECORDING_SAYS } from '../views/trail-words.ts'
import type { ActFact, CaseReport } from './report.ts'
import { personWords, quotedText, spanWords } from './words.ts'

/** A case in lines of text: where it stands, measured times, timeline. */
export function caseLines(one: CaseReport): string[] {
  return [
    `${one.purpose} under ${one.plan.name === null ? 'a plan that is not here' : quotedText(one.plan.name)}, asked by ${personWords(one.requester)}: ${one.says}`,
    `id ${one.id}, entry ${one.entry}`,
    `emergency: ${one.emergency}; reference: ${one.reference === '' ? 'none' : quotedText(one.reference)}; asked for ${spanWords(one.seconds * 1000)}`,
    `what happened: ${quoted(quotedText(one.what))}`,
    ...approvalLines(one),
    ...grantLines(one),
    ...measuredLines(one),
    ...findingLines(one),
    ...evidenceLines(one),
    ...reviewLines(one),
    ...one.owed.map(({ code, due }) => `owed: ${code.replaceAll('-', ' ')}, due ${utcWords(due)}`),
    'timeline:',
    ...one.timeline.map((act) => `  ${actLine(act)}`),
  ]
}

/** A case in one line. */
export function shortCaseLine({ id, askedAt, purpose, plan, requester, says, findings }: CaseReport): string {
  const under = plan.name === null ? 'a plan that is not here' : quotedText(plan.name)
  const look = findings.length === 0 ? '' : `; ${findings.length} to look at`
  return `${utcWords(askedAt)}  ${purpose} under ${under}, asked by ${personWords(requester)}: ${says}${look}  (${id})`
}

/** One statement in a line: when, who, what, by which key, and the rule it breaks. */
export function actLine({ at, entry, person, says, key, inForce, refused }: ActFact): string {
  const by = inForce ? personWords(person) : `somebody with keys of no roster in force, as ${personWords(person)},`
  const touched =
    key === null ? '' : `; touched ${key.name === null ? `key ${key.key}` : quotedText(key.name)}, user verified`
  const broken = refused === null ? '' : `; REFUSED: ${refused.says}`
  return `${utcWords(at)}  [${entry}] ${by} ${quoted(says)}${touched}${broken}`
}

function approvalLines({ approvals, denials }: CaseReport): string[] {
  const need = approvals.need === null ? '' : ` of ${approvals.need} needed`
  const missing = approvals.missing.map(({ group, count }) => `${count} from ${group}`).join(', ')
  return [
    `approvals that count: ${approvals.by.length}${need}${missing === '' ? '' : `; still needed: ${missing}`}`,
    ...approvals.by.map(
      ({ person, at, key }) =>
        `  ${personWords(person)} at ${utcWords(at)} with ${key?.name ? quotedText(key.name) : 'a key'}`,
    ),
    ...decisionLines('approvals that do not count:', 'approve', approvals.others),
    ...decisionLines('denials:', 'deny', denials),
  ]
}

/** Decisions beside those that count, each with the key that was touched for it, and what it does. */
function decisionLines(title: string, verdict: 'approve' | 'deny', those: CaseReport['denials']): string[] {
  if (those.length === 0) return []
  return [
    title,
    ...those.map(({ at, key, weight, ...person }) => {
      const does = weightWords(verdict, weight)
      return `  ${personWords(person)} at ${utcWords(at)} with ${key?.name ? quotedText(key.name) : 'a key'}${does === '' ? '' : `; ${does}`}`
    }),
  ]
}

function grantLines({ grant, ended }: CaseReport): string[] {
  if (grant === null) return []
  const witness =
    grant.witness === null
      ? 'no witness named'
      : `witness named: ${personWords(grant.witness.person ?? { member: grant.witness.device, name: null })}`
  const how = {
    timer: 'by the timer',
    done: '“I am done”',
    lost: 'lost from memory',
    revoked: 'by an approver’s order',
    expired: 'by its expiration',
  }
  return [
    `issued by ${personWords(grant.issuer)}’s device: ${grant.accessKeyId}, at ${utcWords(grant.at)} until ${utcWords(grant.expires)}; ${witness}`,
    ...(ended === null
      ? []
      : [`ended ${how[ended.how]} at ${utcWords(ended.at)}, ${ended.confirmed ? 'certain' : 'not confirmed'}`]),
  ]
}

/** Whether anybody compared it with AWS's record; what they found stands in the timeline. */
function evidenceLines({ grant, purpose, timeline }: CaseReport): string[] {
  const attached = timeline.filter(({ kind, refused }) => kind === 'evidence' && refused === null)
  // By our own words: a report has no other field that tells the two apart.
  const recordings = attached.filter(({ says }) => says.startsWith(RECORDING_SAYS)).length
  const trails = attached.length - recordings
  const recorded = recordings === 0 ? [] : [`recorded terminals: ${attachedWords(recordings)}`]
  if (trails > 0) return [`AWS’s record: ${attachedWords(trails)}`, ...recorded]
  const isHanded = timeline.some(({ kind, refused }) => kind === 'handover' && refused === null)
  const isAccess = purpose === 'access' || (purpose === 'rotation' && isHanded)
  return grant !== null && isAccess ? ['AWS’s record: no evidence attached', ...recorded] : recorded
}

function attachedWords(times: number): string {
  return `attached ${times === 1 ? 'once' : `${times} times`}, see the timeline`
}

/** Who reviewed it and as what; the reviews themselves stand in the timeline. */
function reviewLines({ reviews, closed, grant }: CaseReport): string[] {
  return [
    ...reviews.map(
      ({ person, at, key, classification }) =>
        `reviewed as ${CLASSIFICATION_WORDS[classification]} by ${personWords(person)} at ${utcWords(at)} with ${key?.name ? quotedText(key.name) : 'a key'}`,
    ),
    ...(closed && grant !== null ? ['closed: nothing is owed'] : []),
  ]
}

const STEPS = { asked: 'asked', quorum: 'approved by enough', access: 'access', end: 'end' } as const

/** Each step that was reached, whose clock says so, and how long after the step before. */
function measuredLines({ measured }: CaseReport): string[] {
  const lines: string[] = []
  let before: number | null = null
  for (const [name, words] of Object.entries(STEPS)) {
    const step = measured[name as keyof typeof STEPS]
    if (step === null) continue
    const took = before === null ? '' : `, ${spanWords(step.at - before)} later`
    lines.push(`  ${words}${took}: ${utcWords(step.at)} by the clock of ${personWords(step.by)}’s device`)
    before = step.at
  }
  const { end } = measured
  return [
    'measured times, each the claim of one device’s clock:',
    ...lines,
    ...(end === null ? [] : [`  the end is known by: ${END_WORDS[end.known]}`]),
  ]
}

/** Each finding once, with how often. */
function findingLines({ findings }: CaseReport): string[] {
  const counts = new Map<string, number>()
  for (const { says } of findings) counts.set(says, (counts.get(says) ?? 0) + 1)
  return [...counts].map(([says, count]) => `look at: ${says}${count === 1 ? '' : ` (${count} times)`}`)
}

/** Text of several lines on one. */
function quoted(text: string): string {
  return text.replaceAll('\n', ' ⏎ ')
}
