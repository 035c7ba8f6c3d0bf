import { constants } from 'node:fs'
import { access, readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import type { IPty } from '@lydell/node-pty'
import { LockboxError } from '../../shared/errors.ts'
import { shellOf, TERM } from './environment.ts'

export type TerminalErrorCode = 'no-terminal' | 'too-many-recordings'

/** Why there is no recorded shell. */
export class TerminalError extends LockboxError<TerminalErrorCode> {}

/** How large a terminal is, in characters. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A shell on a terminal of its own. */
export interface Shell {
  /** Its program. */
  readonly file: string
  onOutput(listener: (text: string) => void): void
  /** Told once, when it and its output are over. */
  onExit(listener: () => void): void
  type(text: string): void
  resize(size: Size): void
  /** Reads nothing more of what it writes until {@link Shell.resume}: it waits when its terminal is full. */
  pause(): void
  resume(): void
  /** Tells it, and all that it started on its terminal, that the terminal is gone. */
  hangUp(): void
  /** Kills it, and all that it started on its terminal and that is still there. */
  kill(): Promise<void>
}

/** How a shell is started; tests give their own. */
export type StartShell = (environment: Readonly<Record<string, string>>, size: Size) => Promise<Shell>

/**
 * Starts the person's shell, in their home.
 *
 * @throws {TerminalError} `no-terminal` where this system has none for us, or the shell does not start.
 */
export const startShell: StartShell = async (environment, { columns, rows }) => {
  const { file, words } = await usableShell(environment)
  try {
    // Loaded only now: it is machine code, which nobody needs who opens no terminal, and which may be missing on some systems.
    const { spawn } = await import('@lydell/node-pty')
    const options = { name: TERM, cols: columns, rows, cwd: homedir(), env: { ...environment } }
    return shellOn(spawn(file, words, options), file)
  } catch (cause) {
    throw new TerminalError('no-terminal', `${file} could not be started on a terminal of this computer`, { cause })
  }
}

/** The person's shell, or the system's where that is not there. */
async function usableShell(environment: Readonly<Record<string, string>>): Promise<ReturnType<typeof shellOf>> {
  const shell = shellOf(environment, process.platform)
  if (process.platform === 'win32') return shell
  return access(shell.file, constants.X_OK).then(
    () => shell,
    () => shellOf({}, process.platform),
  )
}

function shellOn(pty: IPty, file: string): Shell {
  const isWindows = process.platform === 'win32'
  return {
    file,
    onOutput: (listener) => void pty.onData(listener),
    onExit: (listener) => void pty.onExit(() => listener()),
    type: (text) => pty.write(text),
    resize: ({ columns, rows }) => {
      try {
        pty.resize(columns, rows)
      } catch {
        // It ended a moment ago, and will say so.
      }
    },
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    // A pseudoconsole that is closed ends whatever is attached to it.
    hangUp: () => (isWindows ? pty.kill() : signalAll([pty.pid], 'SIGHUP')),
    kill: async () => {
      if (isWindows) return
      // Twice: what was being started in the meantime is there the second time.
      for (let round = 0; round < 2; round++) signalAll([pty.pid, ...(await groupsOn(pty.pid))], 'SIGKILL')
    },
  }
}

/** Signals process groups, where there still are any. */
function signalAll(groups: readonly number[], signal: 'SIGHUP' | 'SIGKILL'): void {
  for (const group of new Set(groups)) {
    try {
      process.kill(-group, signal)
    } catch {
      // It is gone.
    }
  }
}

/**
 * The process groups of a session: a shell gives each of its jobs one of its own. Linux alone tells them; elsewhere the shell, told that
 * its terminal is gone, tells its jobs, and the system those in front.
 */
async function groupsOn(session: number): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(processes.map((id) => readFile(`/proc/${id}/stat`, 'latin1').catch(() => '')))
  return stats.flatMap((stat) => {
    // proc_pid_stat(5): after the name, which may hold anything, state, parent, group, session.
    const [, , group, of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(of) === session ? [Number(group)] : []
  })
}
