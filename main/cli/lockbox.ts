#!/usr/bin/env node
import { complain, EXIT, run } from './run.ts'

// A reader that closes the pipe early (`| head`) has seen enough. Anything else means that the report got lost.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  complain(error)
  process.exit(EXIT.unreadable)
})

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  // Node would exit with 1, which says "refuted".
  complain(error)
  process.exitCode = EXIT.unreadable
}
