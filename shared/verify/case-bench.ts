import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { caseAbout } from '../case/case-from.ts'
import { saysDeleted } from '../case/obligations.ts'
import { openingOf } from '../case/openings.ts'
import type { Case } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import { type Collection, collect } from '../statements/collection.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import type { Kind } from '../statements/kinds.ts'
import type { CaseJob, CaseOutcome, Note, Outcome, Placed } from './batch.ts'
import { RECOMPUTE_LIMITS } from './bounds.ts'
import type { Setting } from './examine.ts'
import { actFact, type FactSource, factSource, type Place, type Places } from './facts.ts'
import { caseFact } from './facts-cases.ts'
import { type InForce, inForce } from './in-force.ts'
import { judgeCase, noteMissingBasis } from './judge-cases.ts'
import type { ActFact } from './report.ts'

/** An organization as it goes to another thread: without the statements, which go beside it. */
export type BareOrganization = Omit<Organization, 'collection'>

/** What judging a case takes, beside its own statements. */
export interface Briefing {
  /** Null: the files do not make one up, or there is too much to judge; then cases are not judged. */
  readonly org: BareOrganization | null
  /** What cases stand on: all but cases, and those requests that lie within an hour of another for the same plan. */
  readonly basis: readonly Placed[]
  /** When the files were exported; of several, the latest time. */
  readonly now: number
  /** How many statements outside cases are worth telling of, of each batch. */
  readonly mostActs: number
}

const NO_ACTS = { acts: [], logged: 0 } as const

/** Judges one case after the other. Each is judged as by `caseFrom`, over what stands in the briefing and its own statements. */
export class CaseBench {
  readonly #briefing: Briefing
  readonly #setting: Setting
  readonly #base: Collection
  readonly #places: ReadonlyMap<Digest, Place>
  readonly #voices: InForce

  constructor(briefing: Briefing, setting: Setting) {
    this.#briefing = briefing
    this.#setting = setting
    this.#base = collect(briefing.basis.map(({ statement }) => statement))
    this.#places = placesOf(briefing.basis)
    this.#voices = inForce(briefing.org?.history ?? [])
  }

  /** Findings about who spoke. */
  voicesOf(placed: readonly Placed[]): Note[] {
    return voiceNotes(placed, this.#voices)
  }

  /** What the statements of one case, or of none, add up to. */
  judge(of: CaseJob | null, placed: readonly Placed[]): Omit<Outcome, 'doored'> {
    const bare = this.#briefing.org
    if (bare === null) return { outcome: null, ...NO_ACTS }
    const all = [...(of?.known ?? []), ...placed]
    const own = collect(all.map(({ statement }) => statement))
    const org: Organization = { collection: new Overlay(this.#base, own), ...bare }
    const ownPlaces = placesOf(all)
    const source = factSource(org, (id) => ownPlaces.get(id) ?? this.#places.get(id), this.#voices)
    if (of === null) return { outcome: null, ...this.#actsOf(placed, source) }
    if (own.about(of.id).length > RECOMPUTE_LIMITS.case)
      return { outcome: tooLarge(of.id, own, source.places), ...NO_ACTS }
    const one = caseAbout(org, of.id, own.about(of.id), this.#briefing.now, (id) => timeOf(own, id))
    // A grant whose request is not here is in no case.
    if (one === null) {
      const notes = own.of('grant').flatMap((grant) => noteMissingBasis(grant, org, source.places))
      return { outcome: notes.length === 0 ? null : noCase(notes), ...this.#actsOf(placed, source) }
    }
    return { outcome: this.#outcomeOf(one, of, source, all), ...NO_ACTS }
  }

  #actsOf(placed: readonly Placed[], source: FactSource): { acts: readonly ActFact[]; logged: number } {
    // What is here again, touched with another key or in another file, is one statement.
    const once = placed.filter(({ file, at, statement: { id } }) => isAt(source.places(id), file, at))
    const told = once.slice(0, this.#briefing.mostActs)
    return { acts: told.map(({ statement }) => actFact(statement, source, null)), logged: once.length }
  }

  #outcomeOf(one: Case, of: CaseJob, source: FactSource, placed: readonly Placed[]): CaseOutcome {
    const exporters = this.#setting.files.map(({ exporter }) => exporter)
    const { notes, claims } = judgeCase(one, source, { exporters, entryIn: (file, id) => entryIn(placed, file, id) })
    const report = of.detailed ? caseFact(one, source) : null
    return {
      state: one.state,
      report,
      notes,
      claims,
      namesWitness: (one.grant?.statement.payload.witness ?? null) !== null,
      openEnd: one.grant !== null && one.state !== 'ended',
      saysDeleted: saysDeleted(one),
      opening: openingOf(source.org, one),
    }
  }
}

/** Findings about statements that keys of no roster in force signed. */
export function voiceNotes(placed: readonly Placed[], voices: InForce): Note[] {
  if (voices.rosters.length === 0) return []
  return placed
    .filter(({ statement }) => !voices.speaks(statement))
    .map(({ file, at }) => ({
      file,
      at,
      result: 'attention',
      code: 'not-in-force',
      says: 'no roster in force has the keys that signed it',
    }))
}

/** Where statements stand: of several copies, in the first file, there at the first entry. */
export function placesOf(placed: readonly Placed[]): Map<Digest, Place> {
  const places = new Map<Digest, Place>()
  for (const { file, at, statement } of placed) {
    const known = places.get(statement.id)
    if (known === undefined || file < known.file || (file === known.file && at < known.at))
      places.set(statement.id, { file, at })
  }
  return places
}

/** Whether a statement stands there, and not earlier as well. */
export const isAt = (place: Place | undefined, file: number, at: number): boolean =>
  place?.file === file && place.at === at

/** The first entry of one file that is a statement. */
function entryIn(placed: readonly Placed[], file: number, id: Digest): number | undefined {
  let first: number | undefined
  for (const one of placed)
    if (one.file === file && one.statement.id === id && (first === undefined || one.at < first)) first = one.at
  return first
}

const noCase = (notes: readonly Note[]): CaseOutcome => ({
  state: 'none',
  report: null,
  notes,
  claims: [],
  namesWitness: false,
  openEnd: false,
  saysDeleted: false,
  opening: null,
})

function tooLarge(id: Digest, own: Collection, places: Places): CaseOutcome {
  const says = `one case has ${own.about(id).length} statements; at most ${RECOMPUTE_LIMITS.case} are judged`
  const { file, at } = places(id) ?? { file: 0, at: 0 }
  return noCase([{ file, at, result: 'incomplete', code: 'too-much', says }])
}

const timeOf = (own: Collection, id: Digest): number | undefined => own.byId(id)?.payload.time

/** One case's statements over those that all cases stand on, without a copy of either. */
class Overlay implements Collection {
  readonly #base: Collection
  readonly #own: Collection

  constructor(base: Collection, own: Collection) {
    this.#base = base
    this.#own = own
  }

  get all(): readonly VerifiedStatement[] {
    return collect([...this.#base.all, ...this.#own.all]).all
  }

  byId(id: Digest): VerifiedStatement | undefined {
    return this.#own.byId(id) ?? this.#base.byId(id)
  }

  get<K extends Kind>(kind: K, id: Digest): VerifiedOf<K> | undefined {
    return this.#own.get(kind, id) ?? this.#base.get(kind, id)
  }

  of<K extends Kind>(kind: K): readonly VerifiedOf<K>[] {
    const [base, own] = [this.#base.of(kind), this.#own.of(kind)]
    if (base.length === 0) return own
    const known = new Set(own.map(({ id }) => id))
    return own.length === 0
      ? base
      : [...base.filter(({ id }) => !known.has(id)), ...own].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  endorsementsOf(id: Digest): readonly VerifiedOf<'endorsement'>[] {
    return this.#base.endorsementsOf(id)
  }

  custodyOf(deposit: Digest): readonly VerifiedOf<'custody'>[] {
    return this.#base.custodyOf(deposit)
  }

  about(request: Digest): readonly VerifiedStatement[] {
    const own = this.#own.about(request)
    return own.length > 0 ? own : this.#base.about(request)
  }

  requestsNear(plan: Digest, time: UnixMilliseconds, withinMs: number): readonly VerifiedOf<'request'>[] {
    const own = this.#own.requestsNear(plan, time, withinMs)
    const base = this.#base.requestsNear(plan, time, withinMs).filter(({ id }) => this.#own.byId(id) === undefined)
    return base.length === 0 ? own : [...base, ...own].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  with(statement: VerifiedStatement): Collection {
    return new Overlay(this.#base, this.#own.with(statement))
  }

  since(): null {
    return null
  }
}
