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

/** How many messages may wait, done, for one that was sent before them, for each that is under way. */
const AHEAD = 4

/** What came of one message. */
interface Done {
  readonly jobs: readonly Job[]
  readonly outcomes: readonly Outcome[]
}

/**
 * Hands jobs to a crew: small ones together, never more at once than it has hands for. What comes of them is taken in the order in which
 * they were added, whoever was done first, so that a report depends on no clock.
 */
export class Flow {
  readonly #crew: Crew
  readonly #take: (outcome: Outcome, job: Job) => void
  // Lists, though they are searched: of a map that is filled and emptied for long, each table that became too small names the next one
  // and still has what was in it, so that once one is old all that comes after outlives every small collection of garbage.
  readonly #under: Promise<void>[] = []
  /** What is done of the messages that were sent but not taken, in their order. */
  readonly #early: (Done | undefined)[] = []
  #sent = 0
  #taken = 0
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
    while (this.#isFull()) await Promise.race(this.#under)
    if (this.#fault !== null) throw this.#fault.error
    if (jobs.length === 0) return
    const number = this.#sent++
    const done: Promise<void> = this.#crew
      .examine(jobs)
      .then((outcomes) => this.#takeInOrder(number, { jobs, outcomes }))
      .catch((error: unknown) => {
        this.#fault ??= { error }
      })
      .finally(() => this.#under.splice(this.#under.indexOf(done), 1))
    this.#under.push(done)
  }

  #isFull(): boolean {
    if (this.#fault !== null) return false
    const { width } = this.#crew
    return this.#under.length >= width || this.#sent - this.#taken >= width * AHEAD
  }

  #takeInOrder(number: number, done: Done): void {
    this.#early[number - this.#taken] = done
    for (let next = this.#early[0]; next !== undefined; next = this.#early[0]) {
      this.#early.shift()
      this.#taken++
      const { jobs, outcomes } = next
      for (const [at, outcome] of outcomes.entries()) this.#take(outcome, jobs[at] as Job)
    }
  }
}
