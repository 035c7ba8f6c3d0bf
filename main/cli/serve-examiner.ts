import { type MessagePort, workerData } from 'node:worker_threads'
import type { Outcome } from '../../shared/verify/batch.ts'
import { Examiner, type Setting } from '../../shared/verify/examine.ts'
import type { Answer, Order } from './crew.ts'
import { tools } from './tools.ts'

/** Does what a crew's thread is asked for, one order after the other. */
export function serveExaminer(port: MessagePort): void {
  const examiner = new Examiner(workerData as Setting, tools)
  let done: Promise<void> = Promise.resolve()
  port.on('message', (order: Order) => {
    done = done.then(() => carryOut(examiner, order, port))
  })
}

async function carryOut(examiner: Examiner, order: Order, port: MessagePort): Promise<void> {
  if (order.what === 'learn') return examiner.learn(order.rosters)
  if (order.what === 'brief') return examiner.brief(order.briefing)
  try {
    const outcomes: Outcome[] = []
    for (const job of order.jobs) outcomes.push(await examiner.examine(job))
    port.postMessage({ id: order.id, outcomes } satisfies Answer, buffersOf(outcomes))
  } catch (error) {
    // A bug of ours: the run ends, and concludes nothing.
    port.postMessage({ id: order.id, error: error instanceof Error ? error.message : String(error) } satisfies Answer)
  }
}

function buffersOf(outcomes: readonly Outcome[]): ArrayBuffer[] {
  return outcomes.flatMap(({ doored }) =>
    doored.flatMap(({ places, hashes, flags, sequences, devices, keys }) =>
      [places, hashes, flags, sequences, devices, keys].map(({ buffer }) => buffer),
    ),
  )
}
