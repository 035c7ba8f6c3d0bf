import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Examiner, type Setting } from '../../shared/verify/examine.ts'
import { type Crew, crewOfOne } from '../../shared/verify/flow.ts'
import { type Answer, crewOfHands, type Hand } from '../../shared/verify/hands.ts'
import { tools } from './tools.ts'

// Small heaps: a batch is some hundred kilobytes, and what V8 may keep it keeps.
const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 }

/**
 * A crew with one examiner on each core: this thread, which has the file to read as well, is one of them.
 *
 * @param program - what each other thread runs; it has to call `serveExaminer`.
 */
export function crewOfThreads(program: URL, setting: Setting, cores = availableParallelism()): Crew {
  const own = crewOfOne(new Examiner(setting, tools))
  if (cores < 2) return own
  return crewOfHands(cores - 1, start, own)

  function start(take: (answer: Answer) => void, fail: (error: Error) => void): Hand {
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
  }
}
