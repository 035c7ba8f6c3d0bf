import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser as Connection, Page } from '@playwright/test'
import type { Browser } from '../../main/shell/browser/find-browser.ts'
import { environmentFor, switchesFor } from '../../main/shell/browser/switches.ts'
import { withoutCoreDump } from '../../main/shell/node-worker.ts'
import { connectTo } from '../connect.ts'
import { until } from '../driver.ts'
import { withDescendants } from '../processes.ts'

/** The app in its test build, which lets us ask the window when it painted; the commands run in the project's folder. */
const APP = resolve('out/e2e/main/index.js')

/** A window on the screen, of the app or of the bare browser. */
export interface OpenWindow {
  /** When the process was asked for, milliseconds since 1970. */
  readonly startedAt: number
  /** When something was first painted, and the largest thing that was painted so far. */
  paints(): Promise<{ readonly first: number; readonly largest: number }>
  /** The proportional set size of all its processes together, MiB. */
  pss(): Promise<number>
  close(): Promise<void>
}

/** Where windows are shown, and by which browser. */
export interface Screen {
  readonly display: string
  readonly browser: Browser
}

/** Starts the whole app on a profile, as `npm start` does once everything is built. */
export function openApp(profile: string, { display, browser }: Screen): Promise<OpenWindow> {
  const words = [APP, `--profile=${profile}`, '--listen=127.0.0.1', '--no-discovery']
  const environment = {
    ...process.env,
    DISPLAY: display,
    LOCKBOX_BROWSER: browser.path,
    LOCKBOX_ALLOW_ROOT: '1',
    LOCKBOX_E2E_SWITCHES: JSON.stringify(['--remote-debugging-port=0']),
  }
  const [command, ...rest] = withoutCoreDump([process.execPath, ...words])
  return opened(join(profile, 'browser'), command, rest, environment)
}

/** Starts the same browser with the same switches and a page that says one word. */
export function openBareWindow(userDataDir: string, { display, browser }: Screen): Promise<OpenWindow> {
  const isRoot = process.getuid?.() === 0
  const switches = switchesFor({ userDataDir, isRoot, allowRoot: true }).filter(
    (one) => !/^--(app|remote-debugging-pipe)/.test(one),
  )
  const words = [...switches, '--app=data:text/html,<title>Bare</title><p>Bare', '--remote-debugging-port=0']
  const environment = { ...environmentFor(process.env, userDataDir), DISPLAY: display }
  return opened(userDataDir, browser.path, words, environment)
}

async function opened(
  userDataDir: string,
  command: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<OpenWindow> {
  const portFile = join(userDataDir, 'DevToolsActivePort')
  await rm(portFile, { force: true })
  const startedAt = performance.timeOrigin + performance.now()
  const child = spawn(command, words, { stdio: 'ignore', env: environment })
  const { connection, page } = await connected(portFile, child)
  return {
    startedAt,
    paints: () => paintsOf(page),
    pss: () => pssOf(child.pid ?? 0),
    close: async () => {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve()
      await page.close().catch(() => undefined)
      // The bare browser stays when its last window is closed by a debugger; the app ends it.
      await connection
        .newBrowserCDPSession()
        .then((session) => session.send('Browser.close'))
        .catch(() => undefined)
      await ended
    },
  }
}

/** Looked for seldom, so that looking does not slow what is looked at. */
async function connected(portFile: string, child: ChildProcess): Promise<{ connection: Connection; page: Page }> {
  let endpoint = ''
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`the window’s program ended with ${child.exitCode}`)
      const [port, path] = (await readFile(portFile, 'utf8').catch(() => '')).split('\n')
      if (port && path) endpoint = `ws://127.0.0.1:${port}${path}`
      return endpoint !== ''
    },
    () => 'the browser opened no port',
  )
  const connection = await connectTo(endpoint)
  const pages = () => connection.contexts().flatMap((context) => context.pages())
  const ours = () =>
    pages().find((page) => /^(https:\/\/lockbox\.localhost|data:text\/html,<title>Bare)/.test(page.url()))
  await until(
    () => ours() !== undefined,
    () =>
      `no window loaded, but ${pages()
        .map((page) => page.url())
        .join(', ')}`,
  )
  return { connection, page: ours() as Page }
}

async function paintsOf(page: Page): Promise<{ first: number; largest: number }> {
  let found: { first: number; largest: number } | null = null
  await until(
    async () => {
      found = await page.evaluate(async () => {
        const [first] = performance.getEntriesByName('first-contentful-paint')
        const largest = await new Promise<PerformanceEntry | undefined>((resolve) => {
          new PerformanceObserver((list) => resolve(list.getEntries().at(-1))).observe({
            type: 'largest-contentful-paint',
            buffered: true,
          })
          setTimeout(resolve, 500)
        })
        if (first === undefined || largest === undefined) return null
        const { timeOrigin } = performance
        return { first: timeOrigin + first.startTime, largest: timeOrigin + largest.startTime }
      })
      return found !== null
    },
    () => 'the window painted nothing',
  )
  return found ?? { first: Number.NaN, largest: Number.NaN }
}

async function pssOf(pid: number): Promise<number> {
  let kibibytes = 0
  for (const one of withDescendants(pid)) {
    const rollup = await readFile(`/proc/${one}/smaps_rollup`, 'utf8').catch(() => '')
    kibibytes += Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0)
  }
  return kibibytes / 1024
}
