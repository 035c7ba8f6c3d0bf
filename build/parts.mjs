// What a bundle is made of: for each file that came out, the files of ours that it loads and the third-party packages
// whose code is in it. Packaging takes only files that are reached, and lists only packages that are really shipped.
import { relative, sep } from 'node:path'

/** The one package that is part of no bundle: it is shipped beside them (package/native.mjs). */
export const NATIVE = '@lydell/node-pty'

/**
 * @typedef {{ loads: string[], packages: string[] }} Part - `loads`: files beside it; `packages`: folders such as
 *   `node_modules/zod`.
 * @typedef {Record<string, Part>} Parts - by file name, relative to the folder that was built into.
 */

/**
 * The folder of the package that a source file belongs to, relative to the project, or null for our own.
 *
 * @param {string} source
 */
export function packageOf(source) {
  return /\bnode_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(source.split(sep).join('/'))?.[0] ?? null
}

/**
 * The parts of what esbuild made.
 *
 * @param {import('esbuild').Metafile} metafile
 * @param {string} outdir - relative to the project.
 * @returns {Parts}
 */
export function partsOfPrograms({ outputs }, outdir) {
  const inside = (/** @type {string} */ path) => relative(outdir, path).split(sep).join('/')
  const programs = Object.entries(outputs).filter(([path]) => !path.endsWith('.map'))
  return Object.fromEntries(
    programs.map(([path, { imports, inputs }]) => {
      const sources = Object.keys(inputs).filter((source) => (inputs[source]?.bytesInOutput ?? 0) > 0)
      // esbuild writes a few helper functions of its own into what it makes, and does not list them.
      const packages = ['node_modules/esbuild', ...sources.map(packageOf)]
      return [
        inside(path),
        part(
          imports.filter(({ external }) => external !== true).map((at) => inside(at.path)),
          packages,
        ),
      ]
    }),
  )
}

/**
 * A Vite plugin that fills in the parts of a window.
 *
 * @param {Parts} parts
 * @returns {import('vite').Plugin}
 */
export function partsOfWindow(parts) {
  return {
    name: 'lockbox-parts',
    // After the page itself was written.
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.fileName.endsWith('.map')) continue
        if (file.type === 'asset') {
          parts[file.fileName] = part([], file.originalFileNames.map(packageOf))
          continue
        }
        // What a style sheet gives goes into a file of its own and counts as nothing here.
        /** @param {[string, { renderedLength: number }]} module */
        const isIn = ([id, { renderedLength }]) => renderedLength > 0 || id.endsWith('.css')
        const packages = Object.entries(file.modules)
          .filter(isIn)
          .map(([id]) => helperOf(id) ?? packageOf(id))
        parts[file.fileName] = part([...file.imports, ...file.dynamicImports], packages)
      }
    },
  }
}

/**
 * The package of a helper that the bundler itself wrote (`\0rolldown/runtime.js`, `\0vite/preload-helper.js`).
 *
 * @param {string} id
 */
const helperOf = (id) => (id.startsWith('\0') ? `node_modules/${id.slice(1).split('/')[0] ?? ''}` : null)

/** @param {string[]} loads @param {(string | null)[]} packages @returns {Part} */
function part(loads, packages) {
  return { loads: [...new Set(loads)].sort(), packages: [...new Set(packages.filter((at) => at !== null))].sort() }
}

/**
 * The files that some programs need, themselves included, in order.
 *
 * @param {Parts} parts
 * @param {readonly string[]} entries
 * @throws {Error} if one of them was not built.
 */
export function reached(parts, entries) {
  const found = new Set(entries)
  for (const name of found) {
    const at = parts[name]
    if (at === undefined) throw new Error(`${name} was not built; there are ${Object.keys(parts).join(', ')}`)
    for (const next of at.loads) found.add(next)
  }
  return [...found].sort()
}
