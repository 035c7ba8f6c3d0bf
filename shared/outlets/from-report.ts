import { type Base64Url, type Digest, fromBase64Url } from '../bytes.ts'
import { parse } from '../statements/envelope.ts'
import type { ActFact, BundleReport, CaseReport } from '../verify/report.ts'
import { type Directory, directoryOfReport } from './directory.ts'
import { eventOf, type OutletEvent } from './event.ts'

/** What an event says of the request of its case. */
interface Asked {
  readonly requester: Base64Url
  readonly plan: Digest
  readonly purpose: string
  readonly reference: string
}

/**
 * What a report lets count, as it comes while a bundle is verified: of each statement where it stands, how it was judged and
 * by what it is known again, some fifty bytes, and of each case what its events name. The statements themselves are read again from the file.
 */
export class Counted {
  readonly #places: number[] = []
  /** For each place: the number of the rule that it breaks, twice, and one more if it is in force. */
  readonly #marks: number[] = []
  /** For each place, two numbers: see {@link beginningOf}. */
  readonly #ids: number[] = []
  readonly #rules: (string | null)[] = [null]
  readonly #asked = new Map<Digest, Asked>()
  readonly #kinds = new Map<Digest, string>()
  readonly #endorsed: ReadonlySet<Digest>

  /** @param endorsed - the ids that endorsements name; an event says what kind of statement that is. */
  constructor(endorsed: ReadonlySet<Digest>) {
    this.#endorsed = endorsed
  }

  takeCase({ id, requester, plan, purpose, reference, timeline }: CaseReport): void {
    this.#asked.set(id, { requester: requester.member, plan: plan.id, purpose, reference })
    this.takeActs(timeline)
  }

  takeActs(acts: readonly ActFact[]): void {
    for (const { id, entry, kind, inForce, refused } of acts) {
      this.#places.push(entry)
      this.#marks.push(this.#rule(refused?.code ?? null) * 2 + (inForce ? 1 : 0))
      this.#ids.push(...beginningOf(id))
      if (this.#endorsed.has(id)) this.#kinds.set(id, kind)
    }
  }

  /** The events, once all is here. */
  events(report: BundleReport): ReportEvents {
    const [places, marks, ids] = [this.#places, this.#marks, this.#ids]
    const order = Uint32Array.from(places.keys()).sort((a, b) => (places[a] as number) - (places[b] as number))
    const directory = directoryOfReport(report, {
      request: (id) => this.#asked.get(id) ?? null,
      kindOf: (id) => this.#kinds.get(id) ?? null,
    })
    return new ReportEvents(
      Float64Array.from(order, (at) => places[at] as number),
      Uint32Array.from(order, (at) => marks[at] as number),
      [0, 1].map((half) => Float64Array.from(order, (at) => ids[2 * at + half] as number)),
      this.#rules,
      directory,
    )
  }

  #rule(code: string | null): number {
    const known = this.#rules.indexOf(code)
    return known >= 0 ? known : this.#rules.push(code) - 1
  }
}

/** The first 96 bits of an id, as two numbers of 48: what was verified is known by it when the file is read again. */
function beginningOf(id: Digest): [number, number] {
  const bytes = fromBase64Url(id)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const half = (at: number) => view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
  return [half(0), half(6)]
}

/**
 * The events of a bundle, in the order of its ledger: every statement that the report lets count, judged as it stood at the
 * export. What the door did not let in is in no report, and so in no event. Whether the bundle may be exported is the caller's
 * to decide.
 */
export class ReportEvents {
  readonly #places: Float64Array
  readonly #marks: Uint32Array
  readonly #ids: readonly Float64Array[]
  readonly #rules: readonly (string | null)[]
  readonly #directory: Directory

  constructor(
    places: Float64Array,
    marks: Uint32Array,
    ids: readonly Float64Array[],
    rules: readonly (string | null)[],
    directory: Directory,
  ) {
    this.#places = places
    this.#marks = marks
    this.#ids = ids
    this.#rules = rules
    this.#directory = directory
  }

  get count(): number {
    return this.#places.length
  }

  /** Which event, from 0, an entry of the ledger is; −1 if it is none. */
  numberOf(entry: number): number {
    let [from, to] = [0, this.#places.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#places[middle] as number) < entry) from = middle + 1
      else to = middle
    }
    return this.#places[from] === entry ? from : -1
  }

  /**
   * @param envelope - of the entry that is this event.
   * @throws {RangeError} if it is another one than was verified: the file changed.
   */
  event(number: number, envelope: Uint8Array): OutletEvent {
    const statement = parse(envelope)
    if (beginningOf(statement.id).some((half, at) => half !== this.#ids[at]?.[number]))
      throw new RangeError('the file changed while it was read')
    const mark = this.#marks[number] as number
    const rule = this.#rules[mark >> 1] ?? null
    const place = { position: this.#places[number] as number, heard: null, inForce: mark % 2 === 1, rule }
    return eventOf(statement, place, this.#directory)
  }
}
