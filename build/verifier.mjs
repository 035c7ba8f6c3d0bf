// The page that verifies bundles without Lockbox, network or installation: one HTML file with everything in it.
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { noticesText, thirdParty } from './package/third-party.mjs'
import { partsOfPrograms } from './parts.mjs'

const root = join(import.meta.dirname, '..')

/** Its name, as people get it, and where it is built, relative to the project. */
export const VERIFIER = 'lockbox-verifier.html'
export const VERIFIER_OUT = 'out/verifier'

/** @type {import('esbuild').BuildOptions} */
const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  outdir: VERIFIER_OUT,
  format: 'iife',
  platform: 'browser',
  target: ['chrome120', 'firefox128', 'safari17'],
  jsx: 'automatic',
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
}

/** Builds the page, the same to the byte wherever and whenever. */
export async function buildVerifier() {
  const { version } = /** @type {{ version: string }} */ (
    JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  )
  const worker = await bundled('renderer/verifier/worker.ts', {})
  const page = await bundled('renderer/verifier/main.tsx', {
    VERIFIER_WORKER: JSON.stringify(worker.js),
    VERIFIER_VERSION: JSON.stringify(version),
    'process.env.NODE_ENV': '"production"',
  })
  const packages = [...new Set([...worker.packages, ...page.packages])].sort()
  const html = htmlOf({ script: page.js, style: page.css, notices: noticesText(thirdParty(root, packages)) })
  await mkdir(join(root, VERIFIER_OUT), { recursive: true })
  await writeFile(join(root, VERIFIER_OUT, VERIFIER), html)
}

/**
 * @param {string} entry
 * @param {Record<string, string>} define
 */
async function bundled(entry, define) {
  const { outputFiles = [], metafile } = await esbuild.build({ ...OPTIONS, entryPoints: [entry], define })
  const textOf = (/** @type {string} */ end) => outputFiles.find(({ path }) => path.endsWith(end))?.text.trim() ?? ''
  if (metafile === undefined) throw new Error('expected esbuild to say what it made')
  const packages = Object.values(partsOfPrograms(metafile, VERIFIER_OUT)).flatMap((part) => part.packages)
  return { js: textOf('.js'), css: textOf('.css'), packages }
}

/**
 * The page. Its policy lets run what is in it and nothing else, and lets nothing out.
 *
 * @param {{ script: string, style: string, notices: string }} parts
 */
function htmlOf({ script, style, notices }) {
  // Either would end where the parser finds the end of its element.
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error('a part of the page would end early')
  const hash = (/** @type {string} */ text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'worker-src blob:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Lockbox verifier</title>
<style>${style}</style>
</head>
<body>
<div id="app"><noscript>This page verifies bundles with its own script, which this browser does not run.</noscript></div>
<script>${script}</script>
<footer class="notices"><details><summary>Whose code is in this page</summary><pre>${escaped(notices)}</pre></details></footer>
</body>
</html>
`
}

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
