import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication } from '@playwright/test'
import { electronWords } from '../build/shells.mjs'
import { addVirtualKey, profileAt, watched, windowOf } from './driver.ts'
import { useSoftwareKeys } from './keys/page.ts'
import type { ShellApp, ShellDriver, ShellStart } from './shell-driver.ts'

const isRoot = process.getuid?.() === 0

/** Electron, by Playwright's own way into it: its main process can be told what a person would do. */
export function electronDriver(binary: string): ShellDriver {
  return {
    name: 'electron',
    start,
    command: (program, words) => [binary, ...electronWords(program, words, isRoot)],
    environment: { LOCKBOX_ALLOW_ROOT: '1' },
    privateDirs: ['electron', 'electron-dumps'],
    workerEnvironment: ['LOCKBOX_WORKER'],
    // One for the page, one for the main process.
    ports: 2,
  }
}

async function start({ program, profile: given, words = [] }: ShellStart): Promise<ShellApp> {
  const { profile, removed } = await profileAt(given)
  const app = await _electron.launch({
    args: electronWords(program, [`--profile=${profile}`, ...words], false),
    // Playwright itself leaves the sandbox out for root, who has none; our program refuses to be without it else.
    chromiumSandbox: !isRoot,
    env: { ...environment(), LOCKBOX_ALLOW_ROOT: '1' },
  })
  const child = app.process()
  const { output, printed, ended } = watched(child)
  const page = await windowOf(() => app.windows(), output)
  const session = await app.context().newCDPSession(page)
  return {
    page,
    process: child,
    profile,
    output,
    printed,
    addVirtualKey: (shape) => addVirtualKey(session, shape),
    useSoftwareKeys: (ring) => useSoftwareKeys(page, ring),
    setPresence: (presence) => setPresence(app, presence),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    close: async () => {
      await app.close().catch(() => {})
      await ended
      await removed()
    },
    whileSaving: (act) => whileSaving(app, act),
    copyElsewhere: (text) => app.evaluate(({ clipboard }, copied) => clipboard.writeText(copied), text),
    crash: () =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()),
    shows: (url) =>
      app.evaluate(({ BrowserWindow }, wanted) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        return contents?.getURL() === wanted && !contents.isCrashed() && !contents.isLoading()
      }, url),
  }
}

/** Resolves when the shell has asked the system the next time: it asks every few seconds. */
async function setPresence(
  app: ElectronApplication,
  { isUserActive, isScreenUnlocked }: { isUserActive: boolean; isScreenUnlocked: boolean },
): Promise<void> {
  const state: 'locked' | 'active' | 'idle' = !isScreenUnlocked ? 'locked' : isUserActive ? 'active' : 'idle'
  await app.evaluate(
    ({ powerMonitor }, answer) =>
      new Promise<void>((resolve) => {
        powerMonitor.getSystemIdleState = () => {
          resolve()
          return answer
        }
      }),
    state,
  )
}

async function whileSaving(
  app: ElectronApplication,
  act: () => Promise<void>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const directory = await mkdtemp(join(tmpdir(), 'lockbox-saved-'))
  await app.evaluate(({ dialog }, folder) => {
    const asked: string[] = []
    // Two forms, of which ours is the one with the window before.
    dialog.showSaveDialog = async (...given: unknown[]) => {
      const { defaultPath = '' } = given.at(-1) as { defaultPath?: string }
      asked.push(defaultPath)
      return defaultPath === 'no.lbx'
        ? { canceled: true, filePath: '' }
        : { canceled: false, filePath: `${folder}/${defaultPath}` }
    }
    Object.assign(globalThis, { asked })
  }, directory)
  await act()
  const asked = await app.evaluate(() => (globalThis as typeof globalThis & { asked: string[] }).asked)
  const saved = new Map<string, readonly number[]>()
  for (const name of asked) {
    const bytes = await readFile(join(directory, name)).catch(() => null)
    if (bytes !== null) saved.set(name, [...bytes])
  }
  await rm(directory, { recursive: true })
  return saved
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
