import { OUTCOMES, type Outcome, outcomeOf } from '../case/outcome.ts'
import { type Case, isForNobody } from '../case/types.ts'
import type { Standings } from '../org/quorum.ts'
import { emergencyName } from '../org/templates.ts'
import { digestField, nameField } from '../statements/fields.ts'
import { monthsBefore } from '../utc.ts'
import * as z from '../zod.ts'
import { id, ms, personRef, text } from './fields.ts'
import type { Names } from './people.ts'
import { timesView, timesViewOf } from './times.ts'

const PURPOSES = ['access', 'drill', 'rotation'] as const

/** What the list of all cases is narrowed to; null is "any". */
const caseFilter = z.strictObject({
  /** Anybody who said something in the case: who asked, decided, released, issued, ended. */
  person: nameField.nullable(),
  /** A plan over all its versions. */
  plan: nameField.nullable(),
  outcome: z.enum(OUTCOMES).nullable(),
  purpose: z.enum(PURPOSES).nullable(),
  /** When it was asked, by the request's claim: from here on … */
  from: ms.nullable(),
  /** … and before this. */
  before: ms.nullable(),
  /** Words that all stand in what the case is known by: see {@link wordsOf}. Empty: any. */
  text: z.string().max(128),
})
export type CaseFilter = z.infer<typeof caseFilter>

/** A filter that lets every case through. */
export const ANY_CASE: CaseFilter = {
  person: null,
  plan: null,
  outcome: null,
  purpose: null,
  from: null,
  before: null,
  text: '',
}

/** Whether a filter lets every case through. */
export function isAny({ text, ...rest }: CaseFilter): boolean {
  const { person, plan, outcome, purpose, from, before } = rest
  return text.trim() === '' && [person, plan, outcome, purpose, from, before].every((one) => one === null)
}

/** Most cases of one page. */
export const MOST_CASES = 100

/** One case in the list. */
const caseRow = z.strictObject({
  id,
  outcome: z.enum(OUTCOMES),
  purpose: z.enum(PURPOSES),
  /** See {@link isForNobody}. */
  forNobody: z.boolean(),
  requester: personRef,
  plan: text,
  credential: text,
  reference: text,
  times: timesView,
  findings: z.int(),
  owed: z.int(),
  /** Of what is owed, how much is past its time. */
  overdue: z.int(),
  refused: z.int(),
})
export type CaseRow = z.infer<typeof caseRow>

/** A page of the list, newest first. */
export const casePage = z.strictObject({
  rows: z.array(caseRow).max(MOST_CASES),
  /** How many fit the filter in all; where what is at hand was asked for, of that. */
  total: z.int(),
  /** How many more fit it and were asked before what is at hand; 0 where all were asked for. */
  older: z.int(),
})
export type CasePage = z.infer<typeof casePage>

/** Whom and what the log can be narrowed to: everybody who is or was in the organization, and every plan. */
export const logChoices = z.strictObject({
  people: z.array(personRef.extend({ left: z.boolean() })),
  plans: z.array(z.strictObject({ plan: id, name: text })),
})
export type LogChoices = z.infer<typeof logChoices>

/** A page that is asked for. */
export const casePageRequest = caseFilter.extend({
  /** Whether to list only what is at hand; see {@link atHandSince}. */
  atHand: z.boolean(),
  skip: z.int().min(0),
  most: z.int().min(1).max(MOST_CASES),
})

/**
 * Since when cases are at hand, to the day. PCI DSS 4.0.1, 10.5.1: of twelve months of records "at least the most recent three
 * months immediately available for analysis".
 */
export function atHandSince(now: number): number {
  return new Date(monthsBefore(now, 3)).setUTCHours(0, 0, 0, 0)
}

/** The case that is asked for. */
export const caseName = z.strictObject({ case: digestField })

/** By what people know a case: its id, the reference, what happened, who asked, the plan, the credential, the emergency. */
function wordsOf({ id: own, request: { payload }, plan }: Case, names: Names): string {
  const { reference, what, member, emergency } = payload
  const of = [own, reference, what, names(member).name, plan?.name ?? '', plan?.credential.name ?? '']
  return [...of, emergencyName(emergency)].join(' ').toLowerCase()
}

/** Whether a case passes a filter. @param head - who stands where now. */
export function fits(
  one: Case,
  { person, plan, outcome, purpose, from, before, text: typed }: CaseFilter,
  { head, names }: { readonly head: Standings; readonly names: Names },
): boolean {
  const { payload } = one.request
  return (
    (plan === null || one.plan?.plan === plan) &&
    (purpose === null || payload.purpose === purpose) &&
    (from === null || payload.time >= from) &&
    (before === null || payload.time < before) &&
    (outcome === null || outcomeOf(one, head) === outcome) &&
    (person === null || one.timeline.some((statement) => statement.payload.member === person)) &&
    hasWords(typed, () => wordsOf(one, names))
  )
}

function hasWords(typed: string, text: () => string): boolean {
  const wanted = typed
    .normalize('NFC')
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '')
  if (wanted.length === 0) return true
  const words = text()
  return wanted.every((word) => words.includes(word))
}

/** A case as a row of the list. */
export function caseRowOf(one: Case, head: Standings, names: Names, now: number): CaseRow {
  const { payload } = one.request
  return {
    id: one.id,
    outcome: outcomeOf(one, head),
    purpose: payload.purpose,
    forNobody: isForNobody(one),
    requester: names(payload.member),
    plan: one.plan?.name ?? 'a plan that is not here',
    credential: one.plan?.credential.name ?? '',
    reference: payload.reference,
    times: timesViewOf(one, head, names),
    findings: one.findings.length,
    owed: one.obligations.length,
    overdue: one.obligations.filter(({ due }) => due < now).length,
    refused: one.refused.length,
  }
}

/** What came of a case, in a word or two. */
export function outcomeWords({ outcome, forNobody }: Pick<CaseRow, 'outcome' | 'forNobody'>): string {
  return outcome === 'granted' && forNobody ? 'Issued, no access' : OUTCOME_WORDS[outcome]
}

/** What came of a case of any purpose, in a word or two. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  granted: 'Access granted',
  denied: 'Denied',
  expired: 'Expired',
  withdrawn: 'Withdrawn',
  failed: 'Failed',
  open: 'Open',
}
