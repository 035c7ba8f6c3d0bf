import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { CDPSession, Page } from '@playwright/test'
import { connectTo } from './connect.ts'
import { useSoftwareKeys } from './keys/page.ts'
import type { KeyRing } from './keys/ring.ts'

/** The app as `node build/build.mjs --e2e` makes it. */
export const APP = resolve(import.meta.dirname, '../out/e2e/main/index.js')

const ORIGIN = 'https://lockbox.localhost'

/** How to start one app. */
export interface StartOptions {
  /** The program; the real app unless a test brings its own. */
  readonly program?: string
  /** The profile; a new one, removed at `close`, unless given. */
  readonly profile?: string
  /** More words for the app's command line. */
  readonly words?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Switches for the browser beyond what the product has. */
  readonly switches?: readonly string[]
  /** A display to show a real window on; without one the browser is headless. */
  readonly display?: string
}

/** A virtual key of the browser itself; its secrets die with the page, so restarts need software keys. */
export interface VirtualKey {
  /** Whether the key is being touched. */
  touch(isTouched: boolean): Promise<void>
  /** Whether the key's PIN or finger is right. */
  verify(isVerified: boolean): Promise<void>
  remove(): Promise<void>
}

/** One running app with its window. */
export interface RunningApp {
  readonly page: Page
  readonly process: ChildProcess
  readonly profile: string
  /** All that the program printed so far. */
  output(): string
  /** Resolves when the program has printed this. */
  printed(text: string): Promise<void>
  /** Adds a virtual key; `shape` overrides the options of `WebAuthn.addVirtualAuthenticator`. */
  addVirtualKey(shape?: Readonly<Record<string, unknown>>): Promise<VirtualKey>
  /** From now on the window asks these keys. */
  useSoftwareKeys(ring: KeyRing): Promise<void>
  /** What the window believes about the person at the screen; a test machine's own answer is arbitrary. */
  setPresence(presence: { isUserActive: boolean; isScreenUnlocked: boolean }): Promise<void>
  /** Ends the program as `kill -9` does, keeps the profile, and waits until the browser is gone too. */
  kill(): Promise<void>
  /** Ends the app by closing its window, and removes a profile that the driver made. */
  close(): Promise<void>
}

/** Starts a built app and connects to its window. */
export async function startApp(options: StartOptions = {}): Promise<RunningApp> {
  const { profile, removed } = await profileAt(options.profile)
  const portFile = join(profile, 'browser', 'DevToolsActivePort')
  await rm(portFile, { force: true })
  const program = startProgram(options, profile)
  const { output, printed, ended } = watched(program)
  const endpoint = await endpointFrom(portFile, program, output)
  const browser = await connectTo(endpoint)
  const page = await windowOf(() => browser.contexts().flatMap((context) => context.pages()), output)
  const session = await page.context().newCDPSession(page)

  return {
    page,
    process: program,
    profile,
    output,
    printed,
    addVirtualKey: (shape) => addVirtualKey(session, shape),
    useSoftwareKeys: (ring) => useSoftwareKeys(page, ring),
    setPresence: async (presence) => void (await session.send('Emulation.setIdleOverride', presence)),
    kill: async () => {
      program.kill('SIGKILL')
      await ended
      await until(
        () => !browser.isConnected(),
        () => 'the browser outlived the app',
      )
    },
    close: async () => {
      if (browser.isConnected()) await page.close().catch(() => {})
      await ended
      await removed()
    },
  }
}

function startProgram(options: StartOptions, profile: string): ChildProcess {
  const switches = [
    '--remote-debugging-port=0',
    ...(options.display ? [] : ['--headless=new']),
    ...(options.switches ?? []),
  ]
  return spawn(process.execPath, [options.program ?? APP, `--profile=${profile}`, ...(options.words ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(options.display ? { DISPLAY: options.display } : {}),
      LOCKBOX_ALLOW_ROOT: '1',
      LOCKBOX_E2E_SWITCHES: JSON.stringify(switches),
      ...options.environment,
    },
  })
}

/** The profile to start on: the given one, or a new one that `removed` takes away again. */
export async function profileAt(given?: string): Promise<{ profile: string; removed: () => Promise<void> }> {
  if (given !== undefined) return { profile: given, removed: async () => undefined }
  const profile = await mkdtemp(join(tmpdir(), 'lockbox-e2e-'))
  return { profile, removed: () => rm(profile, { recursive: true, force: true }) }
}

/** What a program that was just started prints from now on, and when it ends. See `RunningApp`. */
export function watched(program: ChildProcess): Pick<RunningApp, 'output' | 'printed'> & { ended: Promise<unknown> } {
  let text = ''
  for (const stream of [program.stdout, program.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
    })
  }
  const isGone = program.exitCode !== null || program.signalCode !== null
  return {
    output: () => text,
    printed: (wanted) =>
      until(
        () => text.includes(wanted),
        () => `the app did not print "${wanted}" but:\n${text}`,
      ),
    ended: isGone ? Promise.resolve() : once(program, 'exit'),
  }
}

async function endpointFrom(portFile: string, program: ChildProcess, output: () => string): Promise<string> {
  let found: string | null = null
  const look = async (): Promise<boolean> => {
    if (program.exitCode !== null) throw new Error(`the app ended with ${program.exitCode}:\n${output()}`)
    const [port, path] = (await readFile(portFile, 'utf8').catch(() => '')).split('\n')
    if (port && path) found = `ws://127.0.0.1:${port}${path}`
    return found !== null
  }
  await until(look, () => `the browser opened no port:\n${output()}`)
  if (found === null) throw new Error('the browser opened no port')
  return found
}

/** The page that shows our bundle, once there is one. */
export async function windowOf(pages: () => Page[], output: () => string): Promise<Page> {
  const ours = (): Page | undefined => pages().find((page) => page.url().startsWith(`${ORIGIN}/`))
  await until(
    () => ours() !== undefined,
    () => `the window did not load:\n${output()}`,
  )
  const page = ours()
  if (!page) throw new Error('the window is gone')
  await page.waitForLoadState('load')
  page.setDefaultTimeout(PATIENCE_MS)
  return page
}

const enabled = new WeakSet<CDPSession>()

// Enabling again would begin a new environment, without the keys that were there.
async function enableOnce(session: CDPSession): Promise<void> {
  if (enabled.has(session)) return
  enabled.add(session)
  await session.send('WebAuthn.enable', { enableUI: false })
}

/** Adds a virtual key to the page of a session; see `RunningApp.addVirtualKey`. */
export async function addVirtualKey(
  session: CDPSession,
  shape: Readonly<Record<string, unknown>> = {},
): Promise<VirtualKey> {
  await enableOnce(session)
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'usb',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf: true,
      automaticPresenceSimulation: true,
      ...shape,
    },
  })
  return {
    touch: (enabled) =>
      session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }).then(() => {}),
    verify: (isUserVerified) =>
      session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }).then(() => {}),
    remove: () => session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }).then(() => {}),
  }
}

/** How long anything is waited for. */
const PATIENCE_MS = 20_000

/** Waits until something holds, at most 20 seconds. */
export async function until(holds: () => boolean | Promise<boolean>, complaint: () => string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(complaint())
    await delay(50)
  }
}
