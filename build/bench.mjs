// npm run bench: packages, build and browser are looked after, then each thing is measured against the bare work that
// it must contain. Options after `--`: --only append,verify · --json FILE · --strict (a missed target fails) · --once.
import { join } from 'node:path'
import { checkNode, ensurePackages, root, run } from './prepare.mjs'

checkNode()
ensurePackages()

const { ensureBrowser } = await import('./find-browser.mjs')
const { path } = await ensureBrowser()
const { build } = await import('esbuild')
const { buildApp } = await import('./build.mjs')
await buildApp()
const program = join(root, 'out/bench/bench.mjs')
await build({
  absWorkingDir: root,
  entryPoints: ['e2e/bench/run.ts'],
  outfile: program,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
})
run(process.execPath, ['--no-warnings', program, ...process.argv.slice(2)], { LOCKBOX_BROWSER: path })
