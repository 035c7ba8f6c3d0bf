import type { SetUpLine } from '../../../shared/views/set-up-lines.ts'
import type { ShellWorker } from '../../shell/shell.ts'
import type { Setup } from '../aws/setup/facts.ts'
import { ask, end, parsed } from './client.ts'
import { checkedFacts } from './protocol.ts'

/**
 * Has a worker look with a key at the set-up that it is of; the worker ends afterwards, and at once when `signal` says so.
 *
 * @param credential - the caller's to wipe; the copy that crosses is wiped here.
 * @throws {WorkerError} `gone` if it was ended.
 */
export async function checkInWorker(
  worker: ShellWorker,
  setup: Setup,
  credential: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<SetUpLine[]> {
  const answers = worker.frames[Symbol.asyncIterator]()
  const stop = () => worker.kill()
  signal.addEventListener('abort', stop)
  try {
    const message = { facts: { job: 'check-set-up', setup }, parts: [credential] }
    return parsed(checkedFacts, (await ask(worker, answers, message)).facts).lines
  } finally {
    signal.removeEventListener('abort', stop)
    await end(worker)
  }
}
