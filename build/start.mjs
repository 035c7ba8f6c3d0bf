// npm start: packages, build and browser are looked after, then the app runs. What follows `--` goes to the app.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkNode, ensurePackages, newestOf, root } from './prepare.mjs'

checkNode()
ensurePackages()

const SOURCES = ['main', 'shared', 'renderer', 'build', 'package-lock.json']
const program = join(root, 'out/main/index.js')

if (!existsSync(program) || newestOf(SOURCES) > newestOf(['out/main/index.js'])) {
  const { buildApp } = await import('./build.mjs')
  await buildApp()
}
if (!existsSync(program)) {
  console.error('there is no app to start yet: main/index.ts does not exist')
  process.exit(1)
}

const { ensureBrowser } = await import('./find-browser.mjs')
const { path } = await ensureBrowser()
if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
  console.error(
    'there is no display to show a window on (DISPLAY and WAYLAND_DISPLAY are unset); start Lockbox from a desktop',
  )
  process.exit(1)
}

const app = spawn(process.execPath, [program, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, LOCKBOX_BROWSER: path },
})
// The app is told by the terminal too; it ends by itself, and we after it.
/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM']
for (const signal of SIGNALS) process.on(signal, () => app.kill(signal))
app.once('exit', (code) => process.exit(code ?? 1))
