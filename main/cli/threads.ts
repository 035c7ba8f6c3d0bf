import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Verdict } from '../../shared/verify/report.ts'
import type { VerifyCommand } from './verifying.ts'

/** What a thread is given that verifies. */
export interface VerifierPart {
  readonly part: 'verifier'
  readonly command: VerifyCommand
}

// V8 lets a heap grow to several times what is in use unless it is told that there is less: of a million statements that is
// more than all that they take. What is in use is some ten megabytes, and a report.
const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 }

/**
 * Verifies large files in a thread, and prints what comes of it.
 *
 * @param program - what the thread runs; it has to call `serveThread`.
 */
export async function verifyInThread(command: VerifyCommand, program: URL): Promise<Verdict> {
  const workerData: VerifierPart = { part: 'verifier', command }
  const thread = new Worker(program, { workerData, resourceLimits })
  const said: Verdict[] = []
  thread.on('message', (verdict: Verdict) => said.push(verdict))
  // By then all that it printed is here. An error of its own is thrown here.
  await once(thread, 'exit')
  const [verdict] = said
  if (verdict === undefined) throw new Error('the thread that verifies ended before it was done')
  return verdict
}
