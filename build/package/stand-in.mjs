// A stand-in for Electron, for machines where its program is not installed: the files of a Linux distribution by name,
// empty but for what packaging reads or changes. With it everything that packaging does itself can be checked: which
// files go where, the archive, the fuses. What Electron does with them cannot.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Electron's distribution for Linux, version 45. */
const FILES = [
  'LICENSE',
  'LICENSES.chromium.html',
  'chrome-sandbox',
  'chrome_100_percent.pak',
  'chrome_200_percent.pak',
  'chrome_crashpad_handler',
  'icudtl.dat',
  'libEGL.so',
  'libGLESv2.so',
  'libffmpeg.so',
  'libvk_swiftshader.so',
  'libvulkan.so.1',
  'locales/de.pak',
  'locales/en-US.pak',
  'resources.pak',
  'resources/default_app.asar',
  'snapshot_blob.bin',
  'v8_context_snapshot.bin',
  'vk_swiftshader_icd.json',
]
const PROGRAMS = ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']

/**
 * Electron's fuses as it comes: the text by which they are found, their version (1), how many, and each as a digit. In order:
 * run as Node, cookie encryption, NODE_OPTIONS, inspect, archive integrity, archive only, own snapshot, file privileges,
 * WebAssembly traps.
 */
const FUSES = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('101100011'),
])

/** Whoever starts it is told; the fuses are bytes behind the end of the script. */
const SCRIPT = `#!/bin/sh
echo 'This is no app: it was packaged with a stand-in for Electron, to check how it is packaged.' >&2
exit 1
`

/**
 * Writes the stand-in.
 *
 * @param {string} directory - absolute; emptied first.
 * @param {string} version - of the Electron it stands for.
 */
export function makeStandIn(directory, version) {
  rmSync(directory, { recursive: true, force: true })
  for (const file of FILES) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), `stand-in for ${file}\n`)
  }
  writeFileSync(join(directory, 'version'), version)
  writeFileSync(join(directory, 'electron'), Buffer.concat([Buffer.from(SCRIPT), FUSES, Buffer.from('\n')]))
  for (const file of PROGRAMS) chmodSync(join(directory, file), 0o755)
}
