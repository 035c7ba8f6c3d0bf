import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readFrames, writeFrame } from './frames.ts'
import type { ShellWorker } from './shell.ts'

/**
 * Starts a program of ours as its own Node process: no arguments, an empty environment, no core dump, nothing on its
 * error output. What it works on goes over its pipes as frames.
 */
export function startNodeWorker(program: URL): ShellWorker {
  const [command, ...rest] = withoutCoreDump([process.execPath, fileURLToPath(program)])
  const child = spawn(command, rest, { env: {}, stdio: ['pipe', 'pipe', 'ignore'] })
  // A worker that is gone is told by `exited`; writing to it then fails there, not in the whole process.
  child.stdin.on('error', () => {})
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', () => resolve(null))
  })
  return {
    send: (frame) => writeFrame(child.stdin, frame),
    frames: readFrames(child.stdout),
    finish: () => void child.stdin.end(),
    exited,
    kill: () => void child.kill('SIGKILL'),
  }
}

/** The command so that a crash leaves no memory on disk; without a shell (Windows) there are no core files. */
export function withoutCoreDump(command: readonly [string, ...string[]]): [string, ...string[]] {
  if (process.platform === 'win32') return [...command]
  return ['/bin/sh', '-c', 'ulimit -c 0; exec "$@"', 'sh', ...command]
}
