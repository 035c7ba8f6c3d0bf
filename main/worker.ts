import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { url as debuggerUrl } from 'node:inspector'
import { awsIssuer } from './issuers/aws/issuer.ts'
import { serve } from './issuers/worker/serve.ts'
import { readFrames, writeFrame } from './shell/frames.ts'

// The short-lived process in which a credential is dealt or used (DESIGN §5). Inputs come over its standard input,
// sealed outputs go to its standard output; its arguments and environment are empty, and it writes no file.

/** It waits for releases as long as a `ready` is valid, and a little; then it is no use to anybody. */
const LIFETIME_MS = 12 * 60 * 1000

function hardenProcess(): void {
  // A debugger could read everything; Node opens one on this signal unless someone else takes it.
  process.on('SIGUSR1', () => undefined)
  // One that was opened before, by an argument or while this process started, ends it: no secret has come yet.
  if (debuggerUrl() !== undefined) process.exit(70)
  // The starter has set the core limit to nothing; a kernel that pipes cores elsewhere heeds this instead.
  if (process.platform === 'linux') writeFileSync('/proc/self/coredump_filter', '0')
}

hardenProcess()
setTimeout(() => process.exit(75), LIFETIME_MS).unref()
// Nothing is told of an error that nobody foresaw: its text may quote a secret.
process.on('uncaughtException', () => process.exit(70))
process.on('unhandledRejection', () => process.exit(70))

await serve({
  frames: readFrames(process.stdin),
  send: (frame) => writeFrame(process.stdout, frame),
  random: (length) => Uint8Array.from(randomBytes(length)),
  issuer: awsIssuer(),
})
process.exit(0)
