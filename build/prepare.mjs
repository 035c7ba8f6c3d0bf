// What every command needs first, written with Node alone: the right Node, and the packages of the lock file.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isNodeNewEnough } from './needs.mjs'

// Not by import.meta.dirname: a Node that is too old for us has to come as far as being told so.
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Stops with a message unless this Node can run us. */
export function checkNode() {
  const { node } = process.versions
  if (!isNodeNewEnough(node)) fail(`Lockbox needs Node 20.19, 22.12 or newer; this is ${node}`)
}

/** Installs the packages if there are none, or the lock file is newer than they are. */
export function ensurePackages() {
  const installed = join(root, 'node_modules/.package-lock.json')
  if (existsSync(installed) && changedAt(installed) >= changedAt(join(root, 'package-lock.json'))) return
  console.log('installing packages')
  // Errors only: tools that want a newer Node than ours for what we do not use of them fill screens with warnings.
  run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'])
}

/**
 * When the newest file below some paths was changed, in milliseconds; 0 if there is none.
 *
 * @param {readonly string[]} paths
 */
export function newestOf(paths) {
  return Math.max(0, ...paths.map((path) => newest(join(root, path))))
}

/** @param {string} path @returns {number} */
function newest(path) {
  if (!existsSync(path)) return 0
  if (!statSync(path).isDirectory()) return changedAt(path)
  const inside = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !/\.test\.tsx?$/.test(name))
  return Math.max(0, ...inside.map((entry) => newest(join(path, entry.name))))
}

/** @param {string} path */
const changedAt = (path) => statSync(path).mtimeMs

/**
 * Runs a program in the project's folder and stops with its code if it fails.
 *
 * @param {string} command
 * @param {readonly string[]} words
 * @param {Record<string, string>} [environment]
 */
export function run(command, words, environment = {}) {
  const { status, signal, error } = spawnSync(command, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  if (error) console.error(`${command}: ${error.message}`)
  // Else whoever waited for a long run would see it end without a word.
  if (signal !== null) console.error(`${command} was ended from outside by ${signal}`)
  if (status !== 0) process.exit(status ?? 1)
}

/**
 * Ends the process with a message.
 *
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  console.error(message)
  process.exit(1)
}
