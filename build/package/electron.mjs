// The packages with Electron inside, by electron-builder and electron-builder.yml.
import { readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { findElectron } from '../find-electron.mjs'
import { root } from '../prepare.mjs'
import { GET_ELECTRON } from '../shells.mjs'
import { sourceDate, stageApp, writePapers } from './stage.mjs'
import { makeStandIn } from './stand-in.mjs'

/** What Electron starts, what it puts into the window, what it starts a second time. */
const PROGRAMS = ['electron.js', 'electron-preload.cjs', 'worker.js']

/**
 * The Electron that is installed: the folder that its program's package unpacked, or another that
 * `ELECTRON_OVERRIDE_DIST_PATH` names.
 *
 * @param {string} packages - the folder `node_modules`.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {{ directory: string, version: string } | null} null if its program is not there.
 */
export function installedElectron(packages, environment) {
  if (findElectron(packages, environment) === null) return null
  const directory = environment['ELECTRON_OVERRIDE_DIST_PATH'] || join(packages, 'electron/dist')
  return { directory, version: readFileSync(join(directory, 'version'), 'utf8').trim().replace(/^v/, '') }
}

/**
 * Packages the app for this system. With Electron's program the real packages; else, on Linux, only the unpacked app,
 * around a stand-in.
 *
 * @param {string} output - relative to the project.
 * @returns {Promise<{ files: string[], real: boolean }>} what was made, relative to the project.
 * @throws {Error} if Electron is not installed and this is not Linux.
 */
export async function makeElectron(output) {
  const electron = installedElectron(join(root, 'node_modules'), process.env) ?? standIn()
  const real = !('isStandIn' in electron)
  const packages = stageApp({
    programs: PROGRAMS,
    target: 'out/package/electron',
    native: 'out/package/electron-native',
  })
  writePapers({ target: 'out/package/electron-papers', name: 'lockbox', packages, electron: electron.version })
  const folder = real ? output : `${output}/stand-in`
  // For the tools that make packages, where they ask for it.
  process.env['SOURCE_DATE_EPOCH'] = String(sourceDate())
  const { build, Platform } = await import('electron-builder')
  const made = await build({
    projectDir: root,
    targets: real ? Platform.current().createTarget() : Platform.LINUX.createTarget('dir'),
    publish: 'never',
    config: {
      extends: join(root, 'electron-builder.yml'),
      electronVersion: electron.version,
      electronDist: electron.directory,
      directories: { output: folder },
      // Everything is in the bundles: no module is looked for, rebuilt or packed.
      beforeBuild: () => Promise.resolve(false),
      afterExtract: ({ appOutDir }) => removeDefaultApp(appOutDir),
    },
  })
  const unpacked = readdirSync(join(root, folder)).filter((name) => /-unpacked$|^mac/.test(name))
  return { files: [...unpacked.map((name) => `${folder}/${name}`), ...made.map((path) => relative(root, path))], real }
}

/**
 * Electron's own example, which only its download is freed of by electron-builder, and a file with its version.
 *
 * @param {string} directory - absolute.
 */
async function removeDefaultApp(directory) {
  for (const path of ['resources/default_app.asar', 'Electron.app/Contents/Resources/default_app.asar', 'version'])
    await rm(join(directory, path), { force: true })
}

function standIn() {
  if (process.platform !== 'linux') {
    throw new Error(`Electron's program is not installed; this brings it: ${GET_ELECTRON}`)
  }
  const { devDependencies } = /** @type {{ devDependencies: Record<string, string> }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  )
  const version = devDependencies['electron']
  if (version === undefined) throw new Error('package.json names no version of Electron')
  const directory = join(root, 'out/package/stand-in')
  makeStandIn(directory, version)
  return { directory, version, isStandIn: true }
}
