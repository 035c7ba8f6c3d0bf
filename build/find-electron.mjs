// Finds Electron's program without asking its package: loading that would download it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The path of Electron's program, or null if only its package is installed.
 *
 * @param {string} packages - the folder `node_modules`.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {string | null}
 */
export function findElectron(packages, environment) {
  const folder = join(packages, 'electron')
  const note = join(folder, 'path.txt')
  const name = existsSync(note) ? readFileSync(note, 'utf8').trim() : null
  const own = environment['ELECTRON_OVERRIDE_DIST_PATH']
  const program = own ? join(own, name ?? 'electron') : name && join(folder, 'dist', name)
  return program && existsSync(program) ? program : null
}
