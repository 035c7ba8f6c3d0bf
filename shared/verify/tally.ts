import type { Digest } from '../bytes.ts'
import { OpeningsKept } from '../case/openings.ts'
import type { BundleScope } from '../ledger/scope.ts'
import type { Job, Note, Outcome } from './batch.ts'
import { Findings } from './findings.ts'
import { DoorFindings } from './judge.ts'
import { OwnHeads } from './own-heads.ts'
import { PartPlaces } from './part-places.ts'
import type { ActFact, CaseReport } from './report.ts'
import { Rows } from './rows.ts'
import type { Source } from './source.ts'

/** Who hears what a report would give, as it comes. */
export interface ReportListener {
  takeCase(report: CaseReport): void
  takeActs(acts: readonly ActFact[]): void
}

/** What of a tally goes into the report, and who hears how far it is. */
export interface TallyBounds {
  /** How many statements outside cases are kept for the report. */
  readonly mostActs: number
  readonly onProgress: (done: number, of: number) => void
  readonly listener: ReportListener | null
}

type WitnessClaims = NonNullable<Outcome['outcome']>['claims'][number][]

/** What is kept of entries and cases as they pass: some hundred bytes of an entry, and of a case what the report gives. */
export class Tally {
  readonly rows = new Rows()
  readonly ownHeads: readonly OwnHeads[]
  /** For each file that is a part of a ledger. */
  readonly parts: readonly (PartPlaces | null)[]
  readonly door: DoorFindings
  /** Files that are a part and have an entry that is not proved. */
  readonly unproved = new Set<number>()
  /** Findings about statements and cases as they come. */
  readonly spoken = new Findings()
  readonly cased = new Findings()
  readonly claims: WitnessClaims = []
  readonly reports: CaseReport[] = []
  readonly acts: ActFact[] = []
  readonly states = new Map<string, number>()
  /** Of the cases that files are said to be about: those that are here. */
  readonly found = new Set<Digest>()
  namedWitnesses = 0
  openEnds = 0
  saidDeletions = 0
  readonly openings = new OpeningsKept()
  /** How many statements are in no case that is here. */
  logged = 0
  readonly #sources: readonly Source[]
  readonly #bounds: TallyBounds
  readonly #promised: number
  #done = 0

  constructor(sources: readonly Source[], bounds: TallyBounds) {
    this.#sources = sources
    this.#bounds = bounds
    this.#promised = sources.reduce((sum, { header }) => sum + header.entries, 0)
    this.ownHeads = sources.map(() => new OwnHeads())
    this.parts = sources.map(({ header }) => (header.scope === 'all' ? null : new PartPlaces()))
    this.door = new DoorFindings(sources.map(({ header }) => header.device))
  }

  /** Takes what came of entries. */
  take({ doored, acts, logged }: Outcome): void {
    const before = this.rows.count
    for (const one of doored) {
      const { leaves, header } = this.#sources[one.file] as Source
      for (let row = 0; row < one.places.length; row++) {
        const at = one.places[row] as number
        if (header.scope === 'all' && !leaves.set(at, one.hashes.subarray(row * 96, row * 96 + 32)))
          this.door.placeTwice(one.file, at)
      }
      this.rows.add(one)
      for (const head of one.ownHeads) this.ownHeads[one.file]?.add(head)
      this.parts[one.file]?.take(one)
      this.door.take(one)
      note(this.spoken, one.notes)
      if (one.notes.some(({ code }) => code === 'bad-proof')) this.unproved.add(one.file)
      this.#done += one.places.length
    }
    this.logged += Math.min(logged, this.rows.count - before)
    this.#takeActs(acts)
    this.#bounds.onProgress(this.#done, this.#promised)
  }

  /** Each statement is told of once, however often and in however many files it stands. */
  #takeActs(acts: readonly ActFact[]): void {
    const { listener, mostActs } = this.#bounds
    const room = mostActs - this.acts.length
    if (listener === null && room <= 0) return
    const first = acts.filter(({ id, file, entry }) => this.rows.isFirst(id, file, entry))
    if (listener === null) this.acts.push(...first.slice(0, room))
    else listener.takeActs(first)
  }

  /** Takes what came of the entries about one case, and of the case. */
  takeCase(outcome: Outcome, { of }: Job): void {
    this.take(outcome)
    const one = outcome.outcome
    if (one === null || of === null) return
    note(this.cased, one.notes)
    if (one.state === 'none') return
    if (this.#sources.some(({ header: { scope } }) => isOf(scope, of.id))) this.found.add(of.id)
    this.states.set(one.state, (this.states.get(one.state) ?? 0) + 1)
    this.claims.push(...one.claims)
    const { listener } = this.#bounds
    if (one.report !== null && listener !== null) listener.takeCase(one.report)
    else if (one.report !== null) this.reports.push(one.report)
    this.namedWitnesses += one.namesWitness ? 1 : 0
    this.openEnds += one.openEnd ? 1 : 0
    this.saidDeletions += one.saysDeleted ? 1 : 0
    if (one.opening !== null) this.openings.take(one.opening)
  }
}

const isOf = (scope: BundleScope, id: Digest): boolean =>
  typeof scope === 'object' && 'case' in scope && scope.case === id

/** Takes notes over as findings. */
export function note(findings: Findings, notes: readonly Note[]): void {
  for (const { result, code, says, file, at, device } of notes)
    findings.add(result, code, says, { file, entry: at, device })
}
