#!/usr/bin/env node
import { parentPort } from 'node:worker_threads'
import { complain, EXIT, run } from './run.ts'
import { serveExaminer } from './serve-examiner.ts'

// A reader that closes the pipe early (`| head`) has seen enough. Anything else means that the report got lost.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  complain(error)
  process.exit(EXIT.unreadable)
})

try {
  // Verifying very much starts this program again, in a thread for each core.
  if (parentPort !== null) serveExaminer(parentPort)
  else process.exitCode = await run(process.argv.slice(2), new URL(import.meta.url))
} catch (error) {
  // Node would exit with 1, which says "refuted".
  complain(error)
  process.exitCode = EXIT.unreadable
}
