// npm run drill: packages, build and browser are looked after, then a whole break-glass runs on this machine.
// Options after `--`: --members N, --threshold M, --headed, --keep, --in-process, --session-seconds N, --out FOLDER.
import { needsOfDrill } from './needs.mjs'
import { checkNode, ensurePackages, run } from './prepare.mjs'

checkNode()
ensurePackages()

const words = process.argv.slice(2)
const needs = needsOfDrill(words, process.env)
const environment = {}
if (needs.length > 0) {
  const { ensureNeeds } = await import('./find-browser.mjs')
  const browser = await ensureNeeds(needs)
  if (browser) Object.assign(environment, { LOCKBOX_BROWSER: browser.path })
}

const { buildApp, buildBeside } = await import('./build.mjs')
await buildApp()
if (!words.includes('--in-process')) await buildApp({ e2e: true, reuseWindow: true })
const program = await buildBeside('drill')
run(process.execPath, ['--no-warnings', program, ...words], environment)
