import { randomFillSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { url as debuggerUrl } from 'node:inspector'
import { awsIssuer } from './issuers/aws/issuer.ts'
import { serve } from './issuers/worker/serve.ts'
import { linkToMain } from './shell/worker-link.ts'

// The short-lived process in which a credential is dealt or used (DESIGN §5). Inputs and sealed outputs
// cross as frames, over its pipes or Electron's port; it has no arguments, no environment of ours, and writes no file.

/**
 * Is a worker until its job is done, and ends this process.
 *
 * @param rehearsals - how often it rehearses while it waits; as often as makes it fast if left out.
 */
export async function beWorker(rehearsals?: number): Promise<never> {
  hardenProcess()
  // Nothing is told of an error that nobody foresaw: its text may quote a secret.
  process.on('uncaughtException', () => process.exit(70))
  process.on('unhandledRejection', () => process.exit(70))
  await serve({
    ...linkToMain(),
    // Into the very buffer that is wiped after use: a copy would leave what it was made of behind.
    random: (length) => randomFillSync(new Uint8Array(length)),
    issuer: awsIssuer(),
    ...(rehearsals === undefined ? {} : { rehearsals }),
  })
  process.exit(0)
}

function hardenProcess(): void {
  // A debugger could read everything; Node opens one on this signal unless someone else takes it.
  process.on('SIGUSR1', () => undefined)
  // One that was opened before, by an argument or while this process started, ends it: no secret has come yet.
  if (debuggerUrl() !== undefined) process.exit(70)
  // The starter has set the core limit to nothing; a kernel that pipes cores elsewhere heeds this instead.
  if (process.platform === 'linux') forbidPipedCores()
}

function forbidPipedCores(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch (error) {
    // Not ours to write only where the kernel dumps nothing of this process anyway (PR_SET_DUMPABLE).
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw error
  }
}
