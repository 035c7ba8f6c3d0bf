// npm run bench: packages, build, browser and screen are looked after, then each thing is measured against the bare work that
// it must contain. Options after `--`: --only append,verify · --json FILE · --strict (a missed target fails) · --once ·
// --record (writes the results into docs/performance.md).
import { NEEDS_OF_BENCH } from './needs.mjs'
import { checkNode, ensurePackages, run } from './prepare.mjs'

checkNode()
ensurePackages()

const { ensureNeeds } = await import('./find-browser.mjs')
const browser = await ensureNeeds(NEEDS_OF_BENCH)
const { buildApp, buildBeside } = await import('./build.mjs')
await buildApp()
// The window cases ask the window when it painted, which the product does not let them.
await buildApp({ e2e: true, reuseWindow: true })
const program = await buildBeside('bench')
run(
  process.execPath,
  ['--no-warnings', program, ...process.argv.slice(2)],
  browser ? { LOCKBOX_BROWSER: browser.path } : {},
)
