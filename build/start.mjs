// npm start: packages, build and browser are looked after, then the app runs. What follows `--` goes to the app.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { whyNoWindow } from './needs.mjs'
import { checkNode, ensurePackages, fail, newestOf, root } from './prepare.mjs'

checkNode()
const words = process.argv.slice(2)
const showsWindow = !words.includes('--help')
const reason = showsWindow ? whyNoWindow(process.platform, process.env) : null
if (reason !== null) fail(reason)
ensurePackages()

const environment = {}
if (showsWindow) {
  const { ensureBrowser, refuseRootAsTheAppDoes } = await import('./find-browser.mjs')
  await refuseRootAsTheAppDoes()
  Object.assign(environment, { LOCKBOX_BROWSER: (await ensureBrowser()).path })
}

const SOURCES = ['main', 'shared', 'renderer', 'build', 'package-lock.json']
const program = join(root, 'out/main/index.js')
if (!existsSync(program) || newestOf(SOURCES) > newestOf(['out/main/index.js'])) {
  const { buildApp } = await import('./build.mjs')
  await buildApp()
}

const app = spawn(process.execPath, [program, ...words], {
  stdio: 'inherit',
  env: { ...process.env, ...environment },
})
// The app is told by the terminal too; it ends by itself, and we after it.
/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM']
for (const signal of SIGNALS) process.on(signal, () => app.kill(signal))
app.once('exit', (code) => process.exit(code ?? 1))
