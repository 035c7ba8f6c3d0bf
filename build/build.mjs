// Builds the app: `node build/build.mjs` the product into out/, `node build/build.mjs --e2e` the same app into out/e2e/
// with one difference: LOCKBOX_E2E, which lets a test add switches to the browser (main/shell/browser/switches.ts).
// `node build/build.mjs --fixture` builds the small app with which the shell itself is tested, into out/fixture/, and
// `--stories` every screen in every state, into out/stories/.

import { createHash } from 'node:crypto'
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import react from '@vitejs/plugin-react'
import * as esbuild from 'esbuild'
import { build as buildWithVite } from 'vite'
import { NATIVE, partsOfPrograms, partsOfWindow } from './parts.mjs'
import { buildVerifier, VERIFIER, VERIFIER_OUT } from './verifier.mjs'

export const root = resolve(import.meta.dirname, '..')

/** The programs: `index` runs in Node, `electron` in Electron, `worker` below either. */
const PROGRAMS = {
  index: 'main/index.ts',
  electron: 'main/electron.ts',
  worker: 'main/worker.ts',
  lockbox: 'main/cli/lockbox.ts',
}

/** What a debugging port would need; the product must not hold it anywhere. */
const FORBIDDEN_IN_PRODUCT = ['LOCKBOX_E2E', 'remote-debugging-port', 'remote-debugging-address']

/**
 * Bundles a program of e2e/ that runs beside our packages, and gives its path.
 *
 * @param {string} name - its folder in e2e/, and in out/.
 */
export async function buildBeside(name) {
  const outfile = join(root, 'out', name, `${name}.mjs`)
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [`e2e/${name}/run.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  })
  return outfile
}

/**
 * Bundles Node programs (name → source) into a directory, each to run alone with no node_modules. Gives what they are made of.
 *
 * @param {{ programs: Record<string, string>, outdir: string, e2e: boolean }} options
 */
export async function buildMain({ programs, outdir, e2e }) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: programs,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Beside the bundles: it brings machine code, which it looks for beside itself.
    external: ['electron', NATIVE],
    sourcemap: true,
    metafile: true,
    minifySyntax: true,
    // Read sooner, at every start of app and worker; names stay, so that a trace still says where.
    minifyWhitespace: true,
    legalComments: 'none',
    define: { LOCKBOX_E2E: String(e2e) },
    // Some packages are CommonJS and ask for Node's modules at run time.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  })
  const preload = await buildPreload(outdir)
  await writeFile(join(root, outdir, 'package.json'), '{ "type": "module" }\n')
  if (!e2e) await refuseTestParts(join(root, outdir))
  return { ...partsOfPrograms(metafile, outdir), ...preload }
}

/**
 * Bundles Electron's preload script: a sandboxed one is a single CommonJS file. Gives what it is made of.
 *
 * @param {string} outdir
 */
async function buildPreload(outdir) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { 'electron-preload': 'main/shell/electron/preload.ts' },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'browser',
    target: 'chrome140',
    external: ['electron'],
    sourcemap: true,
    minifySyntax: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  return partsOfPrograms(metafile, outdir)
}

/** What each `aws` command starts anew: alone and as CommonJS, which Node has loaded soonest. */
const HANDOUT = { 'lockbox-credentials': 'main/cli/lockbox-credentials.ts' }

/**
 * Bundles the program that hands a session to the AWS CLI. Gives what it is made of.
 *
 * @param {string} outdir
 */
async function buildHandout(outdir) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: HANDOUT,
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  return partsOfPrograms(metafile, outdir)
}

/**
 * Bundles a window (a folder with index.html) so that the strict policy holds: no inline script, no data: font.
 * Gives what it is made of.
 *
 * @param {{ source: string, outdir: string }} options
 */
async function buildWindow({ source, outdir }) {
  /** @type {import('./parts.mjs').Parts} */
  const parts = {}
  // Vite and React heed it whatever the mode: with "test" or "development" inherited, the window would be React's slow
  // one, with the paths of this machine in it.
  process.env['NODE_ENV'] = 'production'
  await buildWithVite({
    configFile: false,
    root: join(root, source),
    base: '/',
    logLevel: 'warn',
    plugins: [react(), partsOfWindow(parts), styleFirst],
    worker: { format: 'es', plugins: () => [partsOfWindow(parts)] },
    build: {
      outDir: join(root, outdir),
      emptyOutDir: true,
      target: 'chrome140',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      sourcemap: 'hidden',
      reportCompressedSize: false,
      chunkSizeWarningLimit: 4096,
    },
  })
  const page = await readFile(join(root, outdir, 'index.html'), 'utf8')
  if (/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/i.test(page)) {
    throw new Error(`${outdir}/index.html has an inline script or style, which the window's policy refuses`)
  }
  return parts
}

/**
 * The page asks for its style before its script: what it says before any script ran is painted as soon as the style is
 * there, and the script is forty times as long.
 *
 * @type {import('vite').Plugin}
 */
const styleFirst = {
  name: 'style-first',
  enforce: 'post',
  transformIndexHtml: (page) => {
    const style = /^\s*<link rel="stylesheet".*\n/m.exec(page)?.[0] ?? ''
    return page.replace(style, '').replace(/^\s*<script /m, `${style}$&`)
  },
}

/**
 * A source map holds the source, where the words may stand; the program may not.
 *
 * @param {string} directory
 */
async function refuseTestParts(directory) {
  for (const name of await readdir(directory)) {
    if (!/\.c?js$/.test(name)) continue
    const text = await readFile(join(directory, name), 'utf8')
    const found = FORBIDDEN_IN_PRODUCT.filter((word) => text.includes(word))
    if (found.length > 0) throw new Error(`${name} holds ${found.join(', ')}, which only the test build may`)
  }
}

/**
 * Builds the whole app and says where it lies; the window is the same for the test build.
 * What it is made of is written beside it (`parts.json`), for packaging.
 */
export async function buildApp({ e2e = false, reuseWindow = false } = {}) {
  const out = e2e ? 'out/e2e' : 'out'
  await rm(join(root, out, 'main'), { recursive: true, force: true })
  await mkdir(join(root, out, 'main'), { recursive: true })
  /** @type {{ main: import('./parts.mjs').Parts, renderer: import('./parts.mjs').Parts }} */
  const parts = { main: {}, renderer: {} }
  if (!reuseWindow) parts.renderer = await buildWindow({ source: 'renderer', outdir: 'out/renderer' })
  if (e2e) await cp(join(root, 'out/renderer'), join(root, 'out/e2e/renderer'), { recursive: true, force: true })
  // First, so that it is looked through for test parts as the others are.
  const handout = await buildHandout(`${out}/main`)
  parts.main = { ...handout, ...(await buildMain({ programs: PROGRAMS, outdir: `${out}/main`, e2e })) }
  if (!reuseWindow) await writeFile(join(root, out, 'parts.json'), `${JSON.stringify(parts, null, 2)}\n`)
  if (!reuseWindow) await buildVerifier()
  return join(root, out)
}

/** Puts the page that verifies where people look for it, and says where, with the SHA-256 of its bytes. */
async function giveVerifier() {
  const place = join(root, 'dist', VERIFIER)
  await mkdir(join(root, 'dist'), { recursive: true })
  await copyFile(join(root, VERIFIER_OUT, VERIFIER), place)
  return `${place}, SHA-256 ${createHash('sha256')
    .update(await readFile(place))
    .digest('hex')}`
}

/** Builds the app of `e2e/windows/fixture`, the same way. */
async function buildFixture() {
  const source = 'e2e/windows/fixture'
  await buildMain({
    programs: { index: `${source}/main.ts`, electron: `${source}/electron.ts`, worker: `${source}/worker.ts` },
    outdir: 'out/fixture/main',
    e2e: true,
  })
  await buildWindow({ source: `${source}/window`, outdir: 'out/fixture/renderer' })
  return join(root, 'out/fixture')
}

/** Builds every screen of the window in every state (`renderer/testing/stories-list.ts`), and says where it lies. */
async function buildStories() {
  await buildWindow({ source: 'renderer/testing', outdir: 'out/stories' })
  return join(root, 'out/stories')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const has = (/** @type {string} */ word) => process.argv.includes(word)
  const built = has('--fixture')
    ? await buildFixture()
    : has('--stories')
      ? await buildStories()
      : await buildApp({ e2e: has('--e2e') })
  console.log(`built ${built}`)
  if (process.argv.length === 2) console.log(`built ${await giveVerifier()}`)
}
