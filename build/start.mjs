// npm start: packages, build and what shows the window are looked after, then the app runs. What follows `--` goes to it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findElectron } from './find-electron.mjs'
import { whyNoWindow } from './needs.mjs'
import { checkNode, ensurePackages, fail, newestOf, root } from './prepare.mjs'
import { askedShell, chooseShell, electronWords } from './shells.mjs'

checkNode()
const words = process.argv.slice(2)
const showsWindow = !words.includes('--help')
const reason = showsWindow ? whyNoWindow(process.platform, process.env) : null
if (reason !== null) fail(reason)
ensurePackages()

const electron = showsWindow ? findElectron(join(root, 'node_modules'), process.env) : null
const { shell, says } = chooseShell(askedShell(words), electron !== null, process.platform)
if (shell === null && showsWindow) fail(says)

/** @type {NodeJS.ProcessEnv} */
const environment = { ...process.env }
if (showsWindow) {
  console.log(`Lockbox starts in ${says}`)
  const { ensureBrowser, refuseRootAsTheAppDoes } = await import('./find-browser.mjs')
  await refuseRootAsTheAppDoes()
  if (shell === 'browser') environment['LOCKBOX_BROWSER'] = (await ensureBrowser()).path
  // Set by editors that are Electron themselves; it would make a plain Node of ours.
  else delete environment['ELECTRON_RUN_AS_NODE']
}

const SOURCES = ['main', 'shared', 'renderer', 'build', 'package-lock.json']
const program = join(root, 'out/main/index.js')
if (!existsSync(program) || newestOf(SOURCES) > newestOf(['out/main/index.js'])) {
  const { buildApp } = await import('./build.mjs')
  await buildApp()
}

const app =
  shell === 'electron' && electron !== null
    ? spawn(electron, electronWords(root, words, process.getuid?.() === 0), { stdio: 'inherit', env: environment })
    : spawnWithoutCore([process.execPath, program, ...words])
/**
 * Starts Node so that no crash of it leaves memory on the disk; the app would see to it itself, but later.
 *
 * @param {readonly string[]} command
 */
function spawnWithoutCore(command) {
  const shell = process.platform === 'win32' ? [] : ['/bin/sh', '-c', 'ulimit -c 0; exec "$@"', 'sh']
  const [program = '', ...rest] = [...shell, ...command]
  return spawn(program, rest, { stdio: 'inherit', env: environment })
}

// The app is told by the terminal too; it ends by itself, and we after it.
/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM']
for (const signal of SIGNALS) process.on(signal, () => app.kill(signal))
app.once('exit', (code) => process.exit(code ?? 1))
