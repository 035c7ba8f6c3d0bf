import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { ShellError } from '../errors.ts'
import { withoutCoreDump } from '../node-worker.ts'
import { makeEmptyPrivateDir, makePrivateDir } from '../private-dir.ts'
import { CdpConnection } from './cdp.ts'
import { blockCrashDumps } from './crash-dumps.ts'
import type { Browser } from './find-browser.ts'
import { environmentFor, switchesFor } from './switches.ts'

/** How long a browser that was asked to end may take before it is killed. */
const PATIENCE_MS = 5_000

/** A running browser that only we speak to. It ends when this process ends, because its pipe then closes. */
export interface ChromiumProcess {
  readonly connection: CdpConnection
  /** Resolves when it is gone. */
  readonly exited: Promise<void>
  /** Resolves when it answers and can no longer write crash dumps. */
  readonly isReady: Promise<void>
  /** Asks it to end, and kills it if it does not. */
  end(): Promise<void>
}

/**
 * Starts the browser in the profile's own directory: no port, no core file, no crash dump.
 *
 * @throws {ShellError} `root-refused`, `not-private`.
 */
export async function startChromium(browser: Browser, profile: string, allowRoot: boolean): Promise<ChromiumProcess> {
  const userDataDir = join(profile, 'browser')
  const dumpDir = join(profile, 'browser-dumps')
  const switches = switchesFor({ userDataDir, isRoot: process.getuid?.() === 0, allowRoot })
  await makePrivateDir(profile)
  await makePrivateDir(userDataDir)
  // A dump holds stack memory, so none of an earlier run is kept.
  await makeEmptyPrivateDir(dumpDir)

  const [command, ...rest] = withoutCoreDump([browser.path, ...switches])
  const child = spawn(command, rest, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    env: environmentFor(process.env, dumpDir),
  })
  const [, , , out, input] = child.stdio
  if (!(out instanceof Writable) || !(input instanceof Readable)) {
    throw new ShellError('closed', 'the browser did not start')
  }
  const connection = new CdpConnection(out, input)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const end = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    await connection.send('Browser.close').catch(() => child.kill())
    await exited
    clearTimeout(timer)
  }
  const isReady = connection.send('Browser.getVersion').then(() => blockCrashDumps(dumpDir))
  // Whoever waits for it hears of its failure; nobody may be waiting.
  isReady.catch(() => {})
  return { connection, exited, isReady, end }
}
