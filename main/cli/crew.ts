import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Job, Outcome } from '../../shared/verify/batch.ts'
import type { Briefing } from '../../shared/verify/case-bench.ts'
import type { KnownRoster, Setting } from '../../shared/verify/examine.ts'
import type { Crew } from '../../shared/verify/flow.ts'

/** What a hand is told and asked; see `serveExaminer`. */
export type Order =
  | { readonly what: 'learn'; readonly rosters: readonly KnownRoster[] }
  | { readonly what: 'brief'; readonly briefing: Briefing }
  | { readonly what: 'examine'; readonly id: number; readonly jobs: readonly Job[] }

/** What a hand answers. */
export type Answer =
  | { readonly id: number; readonly outcomes: readonly Outcome[] }
  | { readonly id: number; readonly error: string }

interface Hand {
  readonly worker: Worker
  /** How many orders it has not answered. */
  under: number
}

/**
 * A crew with one examiner on each core. Bytes go over and back without a copy.
 *
 * @param program - what each thread runs; it has to call `serveExaminer`.
 */
export function crewOfThreads(program: URL, setting: Setting, hands = availableParallelism()): Crew {
  const waiting = new Map<number, { resolve: (outcomes: readonly Outcome[]) => void; reject: (error: Error) => void }>()
  let next = 0
  const failAll = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  const crew = Array.from({ length: hands }, (): Hand => {
    // Small heaps: a batch is some hundred kilobytes, and what V8 may keep it keeps.
    const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 }
    const hand: Hand = { worker: new Worker(program, { workerData: setting, resourceLimits }), under: 0 }
    hand.worker.on('message', (answer: Answer) => {
      hand.under--
      const order = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('error' in answer) order?.reject(new Error(answer.error))
      else order?.resolve(answer.outcomes)
    })
    hand.worker.on('error', failAll)
    return hand
  })
  const tellAll = (order: Order) => {
    for (const { worker } of crew) worker.postMessage(order)
  }
  return {
    width: hands * 2,
    learn: (rosters) => tellAll({ what: 'learn', rosters }),
    brief: (briefing) => tellAll({ what: 'brief', briefing }),
    examine(jobs) {
      const hand = crew.reduce((least, one) => (one.under < least.under ? one : least))
      hand.under++
      const id = next++
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        hand.worker.postMessage({ what: 'examine', id, jobs } satisfies Order, buffersOf(jobs))
      })
    },
    async close() {
      await Promise.all(crew.map(({ worker }) => worker.terminate()))
    },
  }
}

function buffersOf(jobs: readonly Job[]): ArrayBuffer[] {
  return jobs.flatMap(({ batches }) =>
    batches.flatMap(({ bytes, ends, places }) => [bytes.buffer, ends.buffer, places.buffer]),
  )
}
