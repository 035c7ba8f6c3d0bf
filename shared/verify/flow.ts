import type { Job, Outcome } from './batch.ts'
import type { Briefing } from './case-bench.ts'
import type { Examiner, KnownRoster } from './examine.ts'

/** Who examines: one examiner here, or several on other cores. What is told reaches all of them before what is asked later. */
export interface Crew {
  /** How many jobs are worth having under way. */
  readonly width: number
  learn(rosters: readonly KnownRoster[]): void
  brief(briefing: Briefing): void
  examine(jobs: readonly Job[]): Promise<readonly Outcome[]>
  close(): Promise<void>
}

/** A crew of one, here. */
export function crewOfOne(examiner: Examiner): Crew {
  return {
    width: 1,
    learn: (rosters) => examiner.learn(rosters),
    brief: (briefing) => examiner.brief(briefing),
    examine: (jobs) => examiner.examine(jobs),
    close: () => Promise.resolve(),
  }
}

const MESSAGE_BYTES = 256 * 1024

/** Hands jobs to a crew: small ones together, never more at once than it has hands for. */
export class Flow {
  readonly #crew: Crew
  readonly #take: (outcome: Outcome, job: Job) => void
  readonly #under = new Set<Promise<void>>()
  #jobs: Job[] = []
  #bytes = 0
  #fault: { readonly error: unknown } | null = null

  constructor(crew: Crew, take: (outcome: Outcome, job: Job) => void) {
    this.#crew = crew
    this.#take = take
  }

  async add(job: Job): Promise<void> {
    this.#jobs.push(job)
    this.#bytes += job.batches.reduce((sum, { bytes }) => sum + bytes.length, 2048)
    if (this.#bytes >= MESSAGE_BYTES) await this.#send()
  }

  /** Waits for all that was added. */
  async settle(): Promise<void> {
    await this.#send()
    await Promise.all(this.#under)
    if (this.#fault !== null) throw this.#fault.error
  }

  async #send(): Promise<void> {
    const jobs = this.#jobs
    this.#jobs = []
    this.#bytes = 0
    while (this.#under.size >= this.#crew.width) await Promise.race(this.#under)
    if (this.#fault !== null) throw this.#fault.error
    if (jobs.length === 0) return
    const done: Promise<void> = this.#crew
      .examine(jobs)
      .then((outcomes) => outcomes.forEach((outcome, at) => this.#take(outcome, jobs[at] as Job)))
      .catch((error: unknown) => {
        this.#fault ??= { error }
      })
      .finally(() => this.#under.delete(done))
    this.#under.add(done)
  }
}
