// The one package that is shipped as it is, beside the bundles: it gives a recorded terminal its shell, and brings machine code for
// each system, which it looks for beside itself.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NATIVE } from '../parts.mjs'
import { root } from '../prepare.mjs'

/** Folders of the package and of its machine code for this system, in order; none where it has none for it. */
export function nativeFolders() {
  const own = `node_modules/${NATIVE}`
  const machine = `${own}-${process.platform}-${process.arch}`
  return existsSync(join(root, machine)) ? [own, machine] : []
}

/** What it needs not to run: types for us, and words. */
const LEFT_OUT = /\.(d\.ts|md|map|pdb)$/

/**
 * Copies it to where the bundles' `node_modules` are looked for.
 *
 * @param {string} target - relative to the project; `node_modules` comes below it.
 * @returns {string[]} the folders that were copied.
 */
export function stageNative(target) {
  const folders = nativeFolders()
  rmSync(join(root, target, 'node_modules'), { recursive: true, force: true })
  for (const folder of folders) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isFile() || LEFT_OUT.test(entry.name)) continue
      const path = join(entry.parentPath, entry.name).slice(root.length + 1)
      mkdirSync(dirname(join(root, target, path)), { recursive: true })
      copyFileSync(join(root, path), join(root, target, path))
    }
  }
  return folders
}
