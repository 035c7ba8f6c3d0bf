import type { Digest } from '../bytes.ts'
import type { Case } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { findingWords } from '../views/cases.ts'
import { refusalWords } from '../views/timeline.ts'
import type { Note, WitnessClaim } from './batch.ts'
import type { FactSource, Places } from './facts.ts'

/** What judging a case found. */
interface Judged {
  readonly notes: readonly Note[]
  /** Grants whose witness the exporter's checkpoints have to show. */
  readonly claims: readonly WitnessClaim[]
}

/** The files that are verified together, as far as a case is judged by them. */
export interface Files {
  /** The devices whose ledgers they are. */
  readonly exporters: readonly Digest[]
  /** The entry of a statement of the case in one of them. */
  readonly entryIn: (file: number, id: Digest) => number | undefined
}

/** Findings about a case and its statements that break a rule. Rules that people broke do not refute the record of it. */
export function judgeCase(one: Case, { org, places }: FactSource, files: Files): Judged {
  const notes: Note[] = one.refused.map(({ id, kind, code }) =>
    noteAt(places, id, 'rule-broken', `this ${kind} is refused: ${refusalWords(code)}`),
  )
  for (const finding of one.findings) {
    const grant = finding.code === 'basis-incomplete' ? org.collection.get('grant', finding.id) : undefined
    if (grant !== undefined) notes.push(...noteMissingBasis(grant, org, places))
    else notes.push(noteAt(places, finding.id, 'case-finding', findingWords(finding)))
  }
  if (one.grant === null || one.grant.plan.witness === 'waived') return { notes, claims: [] }
  const witness = judgeWitness(one.grant.statement, places, files)
  return 'says' in witness ? { notes: [...notes, witness], claims: [] } : { notes, claims: witness.claims }
}

/** That a grant stands on statements that are in no file. */
export function noteMissingBasis({ id, payload }: VerifiedOf<'grant'>, org: Organization, places: Places): Note[] {
  const { request, plan, deposit, ready, issuing, decisions, releases } = payload.basis
  const isMissing = (of: Digest) => org.collection.byId(of) === undefined
  const named = { request, plan, deposit, ready, issuing }
  const single = Object.entries(named).flatMap(([kind, of]) => (isMissing(of) ? [kind] : []))
  const several = [
    ...decisions.filter(isMissing).map(() => 'decision'),
    ...releases.filter(isMissing).map(() => 'release'),
  ]
  const what = [...single, ...several].join(', ') || 'what it names'
  const { file, at } = places(id) ?? { file: 0, at: 0 }
  const says = `this grant stands on what the file lacks: ${what}`
  return [{ file, at, result: 'incomplete', code: 'basis-missing', says }]
}

function noteAt(places: Places, id: Digest, code: 'rule-broken' | 'case-finding', says: string): Note {
  const { file, at } = places(id) ?? { file: 0, at: 0 }
  return { file, at, result: 'attention', code, says }
}

function judgeWitness(
  { id, payload }: VerifiedOf<'grant'>,
  places: Places,
  { exporters, entryIn }: Files,
): Note | { readonly claims: readonly WitnessClaim[] } {
  const { witness, device, basis } = payload
  const { file, at } = places(id) ?? { file: 0, at: 0 }
  if (witness === null || witness === device) {
    const says = 'this grant names no other device as its witness'
    return { file, at, result: 'attention', code: 'witness-missing', says }
  }
  // Only the issuing device's own ledger can show it; of other ledgers a bundle has heads alone. Nor must its bundle be
  // worth less than theirs, so this is for people to look at.
  const own = exporters.flatMap((exporter, file) => (exporter === device ? [file] : []))
  if (own.length === 0) return { claims: [] }
  const inOwn = (of: Digest) =>
    own.flatMap((file) => {
      const at = entryIn(file, of)
      return at === undefined ? [] : [{ file, at }]
    })
  const [grant = { file, at }] = inOwn(id)
  return { claims: [{ witness, issuing: inOwn(basis.issuing), ...grant }] }
}
