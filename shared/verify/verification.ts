import type { Digest } from '../bytes.ts'
import type { Job } from './batch.ts'
import { RECOMPUTE_LIMITS } from './bounds.ts'
import type { Means } from './examine.ts'
import { Findings } from './findings.ts'
import { type Crew, Flow } from './flow.ts'
import { type Ground, readGround } from './ground.ts'
import type { BundleReport } from './report.ts'
import { reportFrom } from './report-from.ts'
import type { Source } from './source.ts'
import { type ReportListener, Tally } from './tally.ts'
import type { VerifyTools } from './verify-bundle.ts'

/** What the report is to have. */
type Wanted = Required<Pick<VerifyTools, 'wordsOf' | 'cases' | 'onProgress' | 'most'>> & {
  readonly listener: ReportListener | null
}

/**
 * The 12 words of a roster: half a second and 128 MiB, so they are begun while little else is in memory, and made beside the
 * rest where that can be.
 */
class Words {
  readonly #wordsOf: Wanted['wordsOf']
  #begun: { readonly roster: Digest; readonly words: Promise<readonly string[]> } | null = null

  constructor(wordsOf: Wanted['wordsOf']) {
    this.#wordsOf = wordsOf
  }

  begin(roster: Digest): void {
    const words = this.#wordsOf(roster)
    this.#begun = { roster, words }
    // Whatever goes wrong with it is heard where it is waited for, even if the rest fails first.
    words.catch(() => undefined)
  }

  of(roster: Digest): Promise<readonly string[]> {
    return this.#begun?.roster === roster ? this.#begun.words : this.#wordsOf(roster)
  }
}

/** One run over bundles of one organization, section by section. */
export class Verification {
  readonly #sources: readonly Source[]
  readonly #crew: Crew
  readonly #means: Means
  readonly #wanted: Wanted
  readonly #tally: Tally

  constructor(sources: readonly Source[], crew: Crew, means: Means, wanted: Wanted) {
    this.#sources = sources
    this.#crew = crew
    this.#means = means
    this.#wanted = wanted
    this.#tally = new Tally(sources, {
      mostActs: wanted.most.log,
      onProgress: wanted.onProgress,
      listener: wanted.listener,
    })
  }

  async run(): Promise<BundleReport> {
    const [sources, crew, means, tally] = [this.#sources, this.#crew, this.#means, this.#tally]
    const { wordsOf, most } = this.#wanted
    const words = new Words(wordsOf)
    const reading = { sources, crew, means, tally, mostActs: most.log, onHead: (head: Digest) => words.begin(head) }
    const grounded = new Findings()
    const ground = await readGround(reading, grounded)
    await this.#cases(ground)
    await this.#others()
    for (const source of sources) await source.finish()
    // The report takes memory too; what is no longer needed goes first.
    await crew.close()
    tally.rows.seal()
    const head = ground.org?.head.id
    const said = head === undefined ? [] : await words.of(head)
    return reportFrom({ sources, ground, grounded, tally, means, words: said, mostActs: most.log })
  }

  /** Case after case, from whichever files have statements about it; each file has them by the request's id. */
  async #cases(ground: Ground): Promise<void> {
    const { near } = ground
    const detailed = new Set([...(near?.byTime.slice(-this.#wanted.most.cases) ?? []), ...this.#wanted.cases])
    const jobOf = (id: Digest, batches: Job['batches']): Job => ({
      batches,
      of: { id, known: near?.take(id) ?? [], detailed: detailed.has(id) },
      keep: false,
    })
    const flow = new Flow(this.#crew, (outcome, job) => this.#tally.takeCase(outcome, job))
    // A request that nobody answered has no section of its own, and is a case all the same.
    const silent = near === null ? [] : [...near.byTime].sort()
    let next = 0
    for (;;) {
      const ids = await Promise.all(this.#sources.map((source) => caseOf(source)))
      const [id] = ids.filter((one) => one !== null).sort()
      for (let one = silent[next]; one !== undefined && isBefore(one, id); one = silent[++next])
        await flow.add(jobOf(one, []))
      if (id === undefined) break
      if (silent[next] === id) next++
      const having = this.#sources.filter((_, at) => ids[at] === id)
      const batches = await this.#batchesOf(having, flow)
      if (batches !== null) await flow.add(jobOf(id, batches))
      else {
        const says = `the case ${id} has more statements than the ${RECOMPUTE_LIMITS.case} that are judged`
        this.#tally.cased.add('incomplete', 'too-much', says)
        this.#tally.found.add(id)
      }
    }
    await flow.settle()
  }

  /** All that these files have about the case that comes next; null if it is too much, and then only taken through the door. */
  async #batchesOf(sources: readonly Source[], flow: Flow): Promise<Job['batches'] | null> {
    const batches = []
    let entries = 0
    let isTooMuch = false
    for (const source of sources)
      for await (const batch of source.batches()) {
        entries += batch.places.length
        // Twice the limit: of several files each may have it all.
        isTooMuch ||= entries > RECOMPUTE_LIMITS.case * sources.length
        batches.push(batch)
        if (isTooMuch) for (const one of batches.splice(0)) await flow.add({ batches: [one], of: null, keep: false })
      }
    return isTooMuch ? null : batches
  }

  async #others(): Promise<void> {
    const flow = new Flow(this.#crew, (outcome) => this.#tally.take(outcome))
    for (const source of this.#sources) {
      if ((await source.section()) === null) continue
      for await (const batch of source.batches()) await flow.add({ batches: [batch], of: null, keep: false })
    }
    await flow.settle()
  }
}

/** Whether an id comes before another; if there is no other, it does. */
const isBefore = (id: Digest, other: Digest | undefined): boolean => other === undefined || id < other

async function caseOf(source: Source): Promise<Digest | null> {
  const name = await source.section()
  return name !== null && 'case' in name ? name.case : null
}
