import { execFile } from 'node:child_process'
import { access, constants, realpath } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { ShellError } from '../errors.ts'

/** A browser that can show our window. */
export interface Browser {
  readonly path: string
  /** As it names itself: "Chromium 156.0.8078.79". */
  readonly version: string
}

/** Older ones lack what we rely on: WebAuthn's `prf` and `hints`, Trusted Types, flags. */
const OLDEST_VERSION = 140

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
]

const MAC_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
]

/** How to look at the machine, so that tests can bring their own. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: string
  /** The real path of a program, or null if there is none that may be run. */
  readonly locate: (path: string) => Promise<string | null>
  /** What a program prints for `--version`. */
  readonly askVersion: (path: string) => Promise<string>
}

const thisMachine: Machine = {
  environment: process.env,
  platform: process.platform,
  locate: async (path) => {
    try {
      await access(path, constants.X_OK)
      return await realpath(path)
    } catch {
      return null
    }
  },
  askVersion: async (path) => (await promisify(execFile)(path, ['--version'], { timeout: 15_000 })).stdout,
}

/**
 * The first usable browser: `LOCKBOX_BROWSER` if set, and only that; else Chromium, Chrome, Edge in this order.
 *
 * @throws {ShellError} `no-browser` or `browser-too-old`, saying what was looked for and what to do.
 */
export async function findBrowser(machine: Machine = thisMachine): Promise<Browser> {
  const wanted = machine.environment['LOCKBOX_BROWSER']
  const unfit: string[] = []
  for (const path of wanted ? [wanted] : candidates(machine)) {
    const real = await machine.locate(path)
    if (real === null) continue
    const version = await machine.askVersion(path).catch(() => '')
    const reason = whyUnfit(real, version)
    if (reason === null) return { path, version: /^(.*?\d+[\d.]*)/.exec(version.trim())?.[1] ?? version.trim() }
    unfit.push(`${path}: ${reason}`)
  }
  throw unfit.length > 0 ? tooOld(unfit) : noBrowser(wanted)
}

function candidates({ environment, platform }: Machine): string[] {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const inPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return platform === 'darwin' ? [...MAC_PATHS, ...inPath] : inPath
}

function whyUnfit(realPath: string, version: string): string | null {
  // A snap may not read hidden directories, where profiles are.
  if (realPath.includes('/snap/') || realPath.endsWith('/snap') || /\bsnap\b/.test(version)) {
    return 'is a snap, which cannot use the profile directory'
  }
  const major = Number(/ (\d+)\.\d/.exec(version)?.[1] ?? Number.NaN)
  if (Number.isNaN(major)) return 'does not tell its version'
  return major < OLDEST_VERSION ? `is version ${major}` : null
}

function tooOld(unfit: readonly string[]): ShellError {
  return new ShellError(
    'browser-too-old',
    `browser mode needs Chromium, Chrome or Edge of version ${OLDEST_VERSION} or newer, not as a snap; found ${unfit.join('; ')}. Update it, or set LOCKBOX_BROWSER to another`,
  )
}

function noBrowser(wanted: string | undefined): ShellError {
  return new ShellError(
    'no-browser',
    wanted
      ? `LOCKBOX_BROWSER names ${wanted}, which cannot be run; correct or unset it`
      : `browser mode needs Chromium, Chrome or Edge of version ${OLDEST_VERSION} or newer, and none is in PATH. Install one (on Debian "apt install chromium"; a snap will not do, and Ubuntu's is one), or set LOCKBOX_BROWSER to its path`,
  )
}
