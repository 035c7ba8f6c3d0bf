import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** Bundles the worker's program into a folder of its own, as the build does; `remove` takes it away. */
export async function bundleWorker(): Promise<{ readonly program: URL; readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'lockbox-worker-'))
  const outfile = join(folder, 'worker.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('../../../worker.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // The SDK's CommonJS parts ask for `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  return { program: pathToFileURL(outfile), remove: () => rmSync(folder, { recursive: true }) }
}
