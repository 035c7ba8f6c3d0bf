import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { until } from '../driver.ts'
import { isRunning, withDescendants } from '../processes.ts'
import type { ShellDriver } from '../shell-driver.ts'

/** An app as people have it: no port, so nobody but its own shell debugs the window, and no test sees into it. */
export interface QuietApp {
  /** Resolves when the program has printed this. */
  printed(text: string): Promise<void>
  /** The program, the browser, and all that they started. */
  processes(): number[]
}

interface QuietStart {
  readonly shell: ShellDriver
  readonly program: string
  readonly profile: string
  readonly words?: readonly string[]
}

/** Starts a program quietly, its window out of sight, and ends it when `act` is over; the profile is removed. */
export async function quietly(
  { shell, program, profile, words = [] }: QuietStart,
  act: (quiet: QuietApp) => Promise<void>,
): Promise<void> {
  const [command, ...rest] = shell.command(program, [`--profile=${profile}`, ...words])
  const child = spawn(command, rest, {
    env: { ...process.env, ...shell.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8')
  })
  const printed = (text: string) =>
    until(
      () => output.includes(text),
      () => `the quiet app did not print "${text}" but:\n${output}`,
    )
  const processes = () => withDescendants(child.pid ?? 0)
  try {
    await act({ printed, processes })
  } finally {
    const all = processes()
    child.kill('SIGKILL')
    await until(
      () => !all.some(isRunning),
      () => 'the quiet app stays',
    )
    await rm(profile, { recursive: true, force: true })
  }
}
