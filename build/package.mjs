// npm run package: builds the app and packages it for this system, into dist/. docs/packaging.md says what comes out, and
// how to check it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { checkNode, ensurePackages, fail, root } from './prepare.mjs'

const OUTPUT = 'dist'

checkNode()
ensurePackages()

const { buildApp } = await import('./build.mjs')
await buildApp()
rmSync(join(root, OUTPUT), { recursive: true, force: true })
mkdirSync(join(root, OUTPUT))

/** @type {string[]} */
const made = []
if (spawnSync('dpkg-deb', ['--version']).status !== 0) fail('dpkg-deb, of Debian and Ubuntu, is not installed here')
const { makeDeb } = await import('./package/deb.mjs')
made.push(makeDeb(OUTPUT))

const sums = made
  .filter((path) => statSync(join(root, path)).isFile())
  .map((path) => `${sha256(path)}  ${basename(path)}\n`)
if (sums.length > 0) writeFileSync(join(root, OUTPUT, 'SHA256SUMS'), sums.join(''))
for (const path of made) console.log(`made ${path}`)

/** @param {string} path */
function sha256(path) {
  return createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex')
}
