// Finds the browser that browser mode runs on, with the very code the app uses. As root on a Debian-like machine it
// installs what is missing; `--for-tests` also asks for Xvfb and the tools with which tests look at windows.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'

const TOOLS_FOR_TESTS = [
  { program: 'Xvfb', debianPackage: 'xvfb' },
  { program: 'xwininfo', debianPackage: 'x11-utils' },
]

/** The app's own finder; it is TypeScript, which not every Node here can load. */
async function finder() {
  const built = await esbuild.build({
    absWorkingDir: resolve(import.meta.dirname, '..'),
    entryPoints: ['main/shell/browser/find-browser.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  })
  const text = Buffer.from(built.outputFiles[0]?.contents ?? []).toString('base64')
  /** @type {unknown} */
  const module = await import(`data:text/javascript;base64,${text}`)
  return /** @type {typeof import('../main/shell/browser/find-browser.ts')} */ (module).findBrowser
}

/** @param {string} program */
const isThere = (program) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' }).status === 0

/**
 * Installs Debian packages, if this is root on such a machine.
 *
 * @param {readonly string[]} packages
 */
function install(packages) {
  if (packages.length === 0 || process.getuid?.() !== 0 || !isThere('apt-get')) return
  console.log(`installing ${packages.join(', ')}`)
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    spawnSync('apt-get', ['-q', ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
}

/**
 * The browser; with `forTests` Xvfb and friends are there too. Ends the process with a message that says what to do
 * if something is missing and could not be installed.
 *
 * @param {{ forTests?: boolean }} [options]
 * @returns {Promise<import('../main/shell/browser/find-browser.ts').Browser>}
 */
export async function ensureBrowser({ forTests = false } = {}) {
  const findBrowser = await finder()
  const missing = () => (forTests ? TOOLS_FOR_TESTS.filter(({ program }) => !isThere(program)) : [])
  const isFound = await findBrowser().then(
    () => true,
    () => process.env['LOCKBOX_BROWSER'] !== undefined,
  )
  install([...missing().map(({ debianPackage }) => debianPackage), ...(isFound ? [] : ['chromium'])])
  if (missing().length > 0) {
    const packages = missing().map(({ debianPackage }) => debianPackage)
    fail(`tests look at windows and need a display of their own; on Debian: apt install ${packages.join(' ')}`)
  }
  return findBrowser().catch((/** @type {unknown} */ error) => fail(error instanceof Error ? error.message : ''))
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(1)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { path, version } = await ensureBrowser({ forTests: process.argv.includes('--for-tests') })
  console.log(`${version} (${path})`)
}
