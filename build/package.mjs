// npm run package: builds the app and packages it for this system, into dist/. After `--`: `--electron` or `--deb` for one
// of the two only. docs/packaging.md says what comes out, and how to check it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { checkNode, ensurePackages, fail, root } from './prepare.mjs'
import { GET_ELECTRON } from './shells.mjs'
import { VERIFIER, VERIFIER_OUT } from './verifier.mjs'

const OUTPUT = 'dist'

checkNode()
const words = process.argv.slice(2)
const unknown = words.filter((word) => !['--electron', '--deb'].includes(word))
if (unknown.length > 0) fail(`there is no option ${unknown.join(', ')}; there are --electron and --deb`)
ensurePackages()

const { buildApp } = await import('./build.mjs')
await buildApp()
rmSync(join(root, OUTPUT), { recursive: true, force: true })
mkdirSync(join(root, OUTPUT))

/** @type {string[]} */
const made = [`${OUTPUT}/${VERIFIER}`]
copyFileSync(join(root, VERIFIER_OUT, VERIFIER), join(root, OUTPUT, VERIFIER))
if (words.length === 0 || words.includes('--electron')) {
  const { makeElectron } = await import('./package/electron.mjs')
  const { files, real } = await makeElectron(OUTPUT)
  made.push(...files)
  if (!real) {
    console.log(
      'NO PACKAGE WITH ELECTRON: its program is not installed here, so only the unpacked app was made, around',
    )
    console.log(`a stand-in that cannot run. This brings the program, and then run this again: ${GET_ELECTRON}`)
  }
}
if (words.length === 0 || words.includes('--deb')) {
  if (spawnSync('dpkg-deb', ['--version']).status === 0) {
    const { makeDeb } = await import('./package/deb.mjs')
    made.push(makeDeb(OUTPUT))
  } else if (words.includes('--deb')) fail('dpkg-deb, of Debian and Ubuntu, is not installed here')
  else console.log('NO DEBIAN PACKAGE OF BROWSER MODE: dpkg-deb is not installed here')
}

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
