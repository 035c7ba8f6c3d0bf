import { type MessagePort, workerData } from 'node:worker_threads'
import { Examiner } from '../../shared/verify/examine.ts'
import { type Order, servingOrders } from '../../shared/verify/hands.ts'
import { crewOfThreads, type ExaminerPart } from './crew.ts'
import type { VerifierPart } from './threads.ts'
import { tools } from './tools.ts'
import { verifyAndPrint } from './verifying.ts'

/** Does a thread's part, if this program was started again as one. */
export async function serveThread(port: MessagePort, program: URL): Promise<void> {
  const part = workerData as ExaminerPart | VerifierPart
  if (part.part === 'examiner') {
    const examiner = new Examiner(part.setting, tools)
    const take = servingOrders(examiner, (answer, buffers) => port.postMessage(answer, buffers))
    port.on('message', (order: Order) => take(order))
    return
  }
  port.postMessage(await verifyAndPrint(part.command, (setting) => crewOfThreads(program, setting)))
}
