import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Setting } from '../../shared/verify/examine.ts'
import type { Crew } from '../../shared/verify/flow.ts'
import { type Answer, crewOfHands } from '../../shared/verify/hands.ts'

// Small heaps: a batch is some hundred kilobytes, and what V8 may keep it keeps.
const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 }

/**
 * A crew with one examiner on each core.
 *
 * @param program - what each thread runs; it has to call `serveExaminer`.
 */
export function crewOfThreads(program: URL, setting: Setting, hands = availableParallelism()): Crew {
  return crewOfHands(hands, (take, fail) => {
    const worker = new Worker(program, { workerData: setting, resourceLimits })
    worker.on('message', (answer: Answer) => take(answer))
    worker.on('error', fail)
    // One that ends without an error would be waited for until the program itself ends, having said nothing.
    worker.on('exit', (code) => fail(new Error(`a thread ended with ${code} before it was done`)))
    return {
      tell: (order, buffers) => worker.postMessage(order, buffers),
      close: async () => {
        await worker.terminate()
      },
    }
  })
}
