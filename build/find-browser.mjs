// Finds the browser that browser mode runs on, with the very code the app uses, and whatever else a command needs. As
// root on a Debian-like machine it installs what is missing. Alone it tells which browser that is.
import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { commandsFor, complaintAbout, isSpared, packagesFor, USE_OF_TOOL } from './needs.mjs'
import { fail, root } from './prepare.mjs'

/**
 * A module of the app's own; it is TypeScript, which not every Node here can load.
 *
 * @param {string} source
 * @returns {Promise<unknown>}
 */
async function load(source) {
  const built = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [source],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  })
  const text = Buffer.from(built.outputFiles[0]?.contents ?? []).toString('base64')
  return import(`data:text/javascript;base64,${text}`)
}

/** @param {string} program */
const isThere = (program) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' }).status === 0

/** Where `e2e/screens/fonts.conf` looks for fonts, and which it allows. */
const FONT_FOLDERS = ['/usr/share/fonts', '/usr/local/share/fonts']
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf']

async function hasFonts() {
  const lists = FONT_FOLDERS.map((folder) => readdir(folder, { recursive: true }).catch(() => []))
  const found = new Set((await Promise.all(lists)).flat().map((path) => basename(path)))
  return FONTS.every((name) => found.has(name))
}

/**
 * Runs commands one after the other, the later ones also if an earlier one failed: old package lists may do.
 *
 * @param {readonly string[][]} commands
 * @returns {string | null} how the last one failed
 */
function runAll(commands) {
  let failure = null
  for (const [program = '', ...words] of commands) {
    const { status, signal, error } = spawnSync(program, words, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    failure = status === 0 ? null : (error?.message ?? `it ended with ${status ?? signal}; its own words stand above`)
  }
  return failure
}

/** @typedef {import('../main/shell/browser/find-browser.ts').Browser} Browser */

/** @returns {Promise<Browser>} */
export async function ensureBrowser() {
  return (await ensureNeeds(['browser'])) ?? fail('no browser was found')
}

/**
 * Looks after all that is needed. Ends the process with a message that says what to do if something is missing and
 * could not be installed.
 *
 * @param {readonly import('./needs.mjs').Need[]} needs
 * @returns {Promise<Browser | null>} the browser, if that is among the needs
 */
export async function ensureNeeds(needs) {
  const { findBrowser } = /** @type {typeof import('../main/shell/browser/find-browser.ts')} */ (
    await load('main/shell/browser/find-browser.ts')
  )
  const machine = { isRoot: process.getuid?.() === 0, hasApt: isThere('apt-get'), hasSudo: isThere('sudo') }

  /** @returns {Promise<{ browser: Browser | null, lacks: import('./needs.mjs').Lack[] }>} */
  const look = async () => {
    /** @type {import('./needs.mjs').Lack[]} */
    const lacks = []
    let browser = null
    for (const need of needs) {
      if (need === 'browser')
        browser = await findBrowser().catch((/** @type {unknown} */ error) => {
          const reason = error instanceof Error ? error.message : String(error)
          // Whoever names a browser gets that one or none.
          lacks.push({ need, reason, installHelps: !process.env['LOCKBOX_BROWSER'] })
          return null
        })
      else if (need === 'fonts') {
        if (!(await hasFonts()))
          lacks.push({ need, reason: 'DejaVu Sans and its monospace, which pictures are drawn with' })
      } else if (!isThere(need)) lacks.push({ need, reason: USE_OF_TOOL[need] })
    }
    return { browser, lacks }
  }

  const before = await look()
  // What can be spared comes by itself: a package that does not exist must not keep the others from being installed.
  const [musts, others] = [before.lacks.filter(({ need }) => !isSpared(need)), before.lacks.filter(lackIsSpared)]
  const [commands, more] = [commandsFor(musts, machine), commandsFor(others, machine)]
  if (commands.length + more.length > 0)
    console.log(`installing ${packagesFor(before.lacks).join(', ')}, which takes a minute`)
  const failure = runAll(commands)
  runAll(more)
  const { browser, lacks } = commands.length + more.length > 0 ? await look() : before
  for (const { need, reason } of lacks.filter(lackIsSpared))
    console.log(
      `LEFT OUT: whatever needs ${need}, which ${reason}; the package ${packagesFor([{ need, reason }])[0]} brings it`,
    )
  const missing = lacks.filter(({ need }) => !isSpared(need))
  return missing.length === 0 ? browser : fail(complaintAbout(missing, machine, failure))
}

/** @param {import('./needs.mjs').Lack} lack */
const lackIsSpared = ({ need }) => isSpared(need)

/** Stops as the app itself would where it refuses root, but before anything is installed for it. */
export async function refuseRootAsTheAppDoes() {
  const { refuseRoot } = /** @type {typeof import('../main/shell/root.ts')} */ (await load('main/shell/root.ts'))
  try {
    refuseRoot({ isRoot: process.getuid?.() === 0, allowRoot: process.env['LOCKBOX_ALLOW_ROOT'] === '1' })
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { path, version } = await ensureBrowser()
  console.log(`${version} (${path})`)
}
