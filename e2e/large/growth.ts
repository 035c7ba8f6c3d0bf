import { createHash } from 'node:crypto'
import { type Digest, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { CaseBook } from '../../shared/case/case-book.ts'
import { MerkleTree } from '../../shared/ledger/merkle.ts'
import { type Organization, orgFrom, orgGrown } from '../../shared/org/org-from.ts'
import { Chain } from '../../shared/statements/chain.ts'
import { type Collection, collect } from '../../shared/statements/collection.ts'
import type { VerifiedStatement } from '../../shared/statements/door.ts'
import { wholeStory } from '../../shared/verify/testing/exported.ts'

// What one statement costs an app in memory, with few statements and with many, in turns: all that follows the door, the
// seal and the disk, which know nothing of how many there are.

const IN_A_CASE = 30
const BETWEEN_CASES_MS = 2 * 3_600_000
const MEASURED = 300

/** One app's memory of its log. */
class Memory {
  readonly #pin: Digest
  readonly #ids: Digest[] = []
  readonly #ledger = new MerkleTree()
  readonly #chain = new Chain()
  readonly #book = new CaseBook()
  #collection: Collection
  #org: Organization | null

  constructor(statements: readonly VerifiedStatement[], pin: Digest) {
    this.#collection = collect(statements)
    this.#pin = pin
    this.#org = orgFrom(this.#collection, pin)
  }

  /** Takes a statement in, as `StatementStore` does. */
  keep(statement: VerifiedStatement): void {
    this.#ledger.append(statement.envelope)
    this.#ids.push(statement.id)
    this.#chain.add(statement)
    this.#collection = this.#collection.with(statement)
  }

  /** What an app looks at after each, and every second. */
  look(now: number): number {
    this.#org = this.#org && orgGrown(this.#org, this.#collection, this.#pin)
    if (this.#org === null) throw new TypeError('the story has an organization')
    const heard = () => undefined
    const shown = this.#book.newest(this.#org, 40, now, heard).length
    const proof = this.#ledger.inclusionProof(this.#ids.length >> 1)
    const grown = this.#ledger.consistencyProof(this.#ids.length >> 1)
    return this.#book.current(this.#org, now, heard).length + shown + proof.length + grown.length
  }
}

/** Measures an app with `few` and one with `many` statements; prints milliseconds for one statement more, and the ratio. */
export async function measureGrowth(few: number, many: number): Promise<void> {
  const { story, plan } = await wholeStory()
  const apps = [few, many].map((size) => {
    const source = statementsFrom(story.statements, plan.id)
    const memory = new Memory(story.statements, story.organization)
    let last = source(0)
    for (let at = 0; at < size; at++) {
      last = source(at)
      memory.keep(last)
    }
    memory.look(last.payload.time)
    return { memory, source, at: size, took: [] as number[] }
  })
  for (let round = 0; round < MEASURED; round++) {
    for (const app of round % 2 === 0 ? apps : apps.toReversed()) {
      const statement = app.source(app.at++)
      const began = performance.now()
      app.memory.keep(statement)
      app.memory.look(statement.payload.time)
      app.took.push(performance.now() - began)
    }
  }
  const [small, large] = apps.map(({ took }) => median(took)) as [number, number]
  const ratios = (apps[1]?.took ?? []).map((took, at) => took / (apps[0]?.took[at] ?? 0))
  console.log(
    `one statement more: ${small.toFixed(3)} ms with ${few}, ${large.toFixed(3)} ms with ${many}; median of the ratios ${median(ratios).toFixed(2)} (target 1.2)`,
  )
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

/**
 * Statements as they might come: every thirtieth asks, every two hours, two decide, and the others are of no case. Signatures
 * are nobody's business here.
 */
function statementsFrom(story: readonly VerifiedStatement[], plan: Digest): (at: number) => VerifiedStatement {
  const asked = story.find(({ kind }) => kind === 'request')
  const decided = story.find(({ kind }) => kind === 'decision')
  const ended = story.find(({ kind }) => kind === 'ended')
  if (asked === undefined || decided === undefined || ended === undefined)
    throw new TypeError('the story has a request, a decision and an end')
  let request: Digest = ''
  return (at) => {
    const place = at % IN_A_CASE
    const id = idOf(`statement ${at}`)
    if (place === 0) request = id
    const from = place === 0 ? asked : place < 3 ? decided : ended
    const about = place === 0 ? { plan } : { request: place < 3 ? request : idOf(`no request ${at}`) }
    const time = asked.payload.time + Math.floor(at / IN_A_CASE) * BETWEEN_CASES_MS + place * 1000
    const payload = { ...from.payload, ...about, time, sequence: at, previous: null }
    return { ...from, id, payload } as VerifiedStatement
  }
}

const idOf = (text: string): Digest => toBase64Url(createHash('sha256').update(utf8(text)).digest())
