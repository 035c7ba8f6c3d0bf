// The app as it is shipped, in a folder of its own: only files that are reached, no source maps, no test parts.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { reached } from '../parts.mjs'
import { root } from '../prepare.mjs'
import { stageNative } from './native.mjs'
import { sbomText } from './sbom.mjs'
import { noticesText, thirdParty } from './third-party.mjs'

/**
 * What package.json says about the app.
 *
 * @typedef {{ name: string, version: string, description: string, license: string, author: string, homepage: string }} Manifest
 */

/** @returns {Manifest} */
export function manifest() {
  const { name, version, description, license, author, homepage } = /** @type {Manifest} */ (readJson('package.json'))
  return { name, version, description, license, author, homepage }
}

/**
 * The time that everything in a package bears, in Unix seconds: that of the commit, so that whoever builds the commit
 * gets the same bytes. `SOURCE_DATE_EPOCH` goes before it, for sources without history.
 *
 * @throws {Error} if neither is there.
 */
export function sourceDate() {
  const given = process.env['SOURCE_DATE_EPOCH']
  const text = given ?? spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).stdout ?? ''
  const seconds = /^\d{1,12}$/.test(text.trim()) ? Number(text) : Number.NaN
  if (Number.isNaN(seconds)) {
    throw new Error(
      given === undefined
        ? 'these sources have no git history to take their date from; set SOURCE_DATE_EPOCH to it, in Unix seconds'
        : `SOURCE_DATE_EPOCH is not a number of seconds: ${given}`,
    )
  }
  return seconds
}

/**
 * Copies what some programs and the window need out of `out/`, which {@link import('../build.mjs').buildApp} made.
 *
 * @param {object} options
 * @param {readonly string[]} options.programs - files in `out/main`; the first is the one that is started.
 * @param {string} options.target - emptied first; relative to the project.
 * @param {string} [options.native] - where the package goes that is no bundle's part; the target if left out.
 * @returns {import('./third-party.mjs').ThirdParty[]} whose code is in it.
 */
export function stageApp({ programs, target, native = target }) {
  const parts = /** @type {{ main: import('../parts.mjs').Parts, renderer: import('../parts.mjs').Parts }} */ (
    readJson('out/parts.json')
  )
  rmSync(join(root, target), { recursive: true, force: true })
  /** @type {Set<string>} */
  const packages = new Set()
  for (const [folder, files] of /** @type {const} */ ([
    ['main', reached(parts.main, programs)],
    ['renderer', Object.keys(parts.renderer).sort()],
  ])) {
    for (const file of files) {
      copy(`out/${folder}/${file}`, `${target}/${folder}/${file}`)
      for (const at of parts[folder][file]?.packages ?? []) packages.add(at)
    }
  }
  for (const folder of stageNative(native)) packages.add(folder)
  const { name, version, description, license, author, homepage } = manifest()
  const main = `main/${programs[0] ?? ''}`
  const own = { name, version, description, license, author, homepage, type: 'module', main }
  writeFileSync(join(root, target, 'package.json'), `${JSON.stringify(own, null, 2)}\n`)
  return thirdParty(root, [...packages].sort())
}

/**
 * Writes what goes with shipped code: `THIRD_PARTY_NOTICES.txt`, `sbom.cdx.json`, the page that verifies without any of it, and
 * the templates that set AWS up.
 *
 * @param {object} options
 * @param {string} options.target - folder, relative to the project.
 * @param {string} options.name - of the package that people install.
 * @param {import('./third-party.mjs').ThirdParty[]} options.packages
 * @param {string} [options.electron] - its version, where it is shipped too.
 */
export function writePapers({ target, name, packages, electron }) {
  mkdirSync(join(root, target), { recursive: true })
  copy('out/verifier/lockbox-verifier.html', `${target}/lockbox-verifier.html`)
  for (const file of awsTemplates()) copy(`docs/aws/${file}`, `${target}/aws/${file}`)
  writeFileSync(join(root, target, 'THIRD_PARTY_NOTICES.txt'), noticesText(packages))
  const { version } = manifest()
  const facts = { name, version, seconds: sourceDate(), packages, ...(electron === undefined ? {} : { electron }) }
  writeFileSync(join(root, target, 'sbom.cdx.json'), sbomText(facts))
}

/** The files of docs/aws, as the window saves them too. @returns {string[]} */
function awsTemplates() {
  const entries = readdirSync(join(root, 'docs/aws'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return files.map((file) => relative(join(root, 'docs/aws'), file)).sort()
}

/** @param {string} from @param {string} to - both relative to the project. */
export function copy(from, to) {
  mkdirSync(dirname(join(root, to)), { recursive: true })
  copyFileSync(join(root, from), join(root, to))
}

/** @param {string} path - relative to the project. @returns {unknown} */
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))
