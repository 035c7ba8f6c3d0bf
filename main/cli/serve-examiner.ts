import { type MessagePort, workerData } from 'node:worker_threads'
import { Examiner, type Setting } from '../../shared/verify/examine.ts'
import { type Order, servingOrders } from '../../shared/verify/hands.ts'
import { tools } from './tools.ts'

/** Does what a crew's thread is asked for, one order after the other. */
export function serveExaminer(port: MessagePort): void {
  const examiner = new Examiner(workerData as Setting, tools)
  const take = servingOrders(examiner, (answer, buffers) => port.postMessage(answer, buffers))
  port.on('message', (order: Order) => take(order))
}
