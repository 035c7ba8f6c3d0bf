// npm run bench: packages, build and browser are looked after, then each thing is measured against the bare work that
// it must contain. Options after `--`: --only append,verify · --json FILE · --strict (a missed target fails) · --once ·
// --record (writes the results into docs/performance.md).
import { checkNode, ensurePackages, run } from './prepare.mjs'

checkNode()
ensurePackages()

const { ensureBrowser } = await import('./find-browser.mjs')
const { path } = await ensureBrowser()
const { buildApp, buildBeside } = await import('./build.mjs')
await buildApp()
// The window cases ask the window when it painted, which the product does not let them.
await buildApp({ e2e: true, reuseWindow: true })
const program = await buildBeside('bench')
run(process.execPath, ['--no-warnings', program, ...process.argv.slice(2)], { LOCKBOX_BROWSER: path })
