import { join } from 'node:path'
import { LockboxError } from '../shared/errors.ts'
import { contract } from '../shared/ipc.ts'
import { formatText } from '../shared/verify/format-text.ts'
import { verifyBundle } from '../shared/verify/verify-bundle.ts'
import { eventsOf } from '../shared/wire.ts'
import { App } from './app/app.ts'
import { loadDisplay } from './app/display.ts'
import { handlersOf } from './app/handlers.ts'
import { signatureChecks } from './checks.ts'
import { dispatcher } from './dispatch.ts'
import { LanCarrier } from './exchange/carrier.ts'
import { type Options, OptionsError, readOptions, USAGE } from './options.ts'
import { systemTime } from './sessions/time.ts'
import { loadAssets } from './shell/assets.ts'
import { ChromiumShell } from './shell/browser/chromium-shell.ts'
import { findBrowser } from './shell/browser/find-browser.ts'
import { forbidCoreDumps } from './shell/core-dumps.ts'
import { takeProfile } from './shell/instance.ts'
import { makePrivateDir } from './shell/private-dir.ts'
import type { Presence, Shell } from './shell/shell.ts'
import { systemClock } from './vault/clock.ts'
import { findVault } from './vault/vault.ts'

const MINUTE_MS = 60_000
const IDLE_CHECK_MS = 5_000

/** Runs the app until its window is closed. */
async function run(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.help) return void process.stdout.write(USAGE)
  if (options.shell === 'electron')
    throw new OptionsError(
      'usage',
      'this version has no Electron shell yet; leave out --shell, and browser mode is used',
    )
  await forbidCoreDumps()
  await makePrivateDir(options.profile)
  let shell: Shell | null = null
  const instance = await takeProfile(options.profile, () => void shell?.focus())
  if (instance === null) {
    console.log('Lockbox is running already; its window was brought to the front')
    return
  }
  try {
    shell = new ChromiumShell({
      browser: await findBrowser(),
      profile: options.profile,
      assets: await loadAssets(join(import.meta.dirname, '../renderer')),
      allowRoot: process.env['LOCKBOX_ALLOW_ROOT'] === '1',
    })
    await serve(shell, options)
  } finally {
    await instance.release()
  }
}

async function serve(shell: Shell, { profile, listen, discover }: Options): Promise<void> {
  let idleLimit = 10 * MINUTE_MS
  const vault = await findVault({
    profile,
    expected: (await loadDisplay(profile)).organization !== '',
    // Read at every check, so that a change in the settings counts at once.
    get idleLimit() {
      return idleLimit
    },
  })
  const events = eventsOf(contract, (text) => shell.send(text))
  const app = await App.start({
    profileDir: profile,
    vault,
    clock: systemClock,
    time: systemTime,
    host: {
      shell: shell.name,
      canAskPin: shell.name === 'browser' || process.platform === 'win32',
      startWorker: () => shell.startWorker(new URL('worker.js', import.meta.url)),
      notify: (title, body) => shell.notify(title, body),
      writeClipboard: (text) => shell.writeClipboard(text),
      clearClipboard: () => shell.clearClipboard(),
      saveFile: (name, bytes) => shell.saveFile(name, bytes),
    },
    newCarrier: (typed) => new LanCarrier(typed, { discover, ...(listen === null ? {} : { host: listen }) }),
    push: (snapshot) => {
      idleLimit = snapshot.vault.idleMinutes * MINUTE_MS
      events.app.changed(snapshot)
    },
  })
  vault.onLock((reason) => {
    // While the browser ends there is no process left to replace.
    if (reason !== 'quit') shell.replaceWindowProcess().catch(() => undefined)
  })
  const handlers = handlersOf(app, verifyFile)
  const receive = dispatcher(contract, handlers, {
    isKnownWindow: (id) => shell.isKnownWindow(id),
    onFault: reportFault,
  })
  const stopPresence = shell.onPresence((presence) => void heed(app, presence))
  const idle = setInterval(() => void app.checkIdle(), IDLE_CHECK_MS)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shell.close())
  await shell.open(receive)
  console.log(`Lockbox is open in browser mode on ${shell.runsOn}`)
  await shell.closed
  clearInterval(idle)
  stopPresence()
  await app.quit()
}

async function verifyFile(bytes: Uint8Array) {
  const report = await verifyBundle(bytes, signatureChecks)
  return { verdict: report.verdict, text: formatText(report, 'this file') }
}

async function heed(app: App, presence: Presence): Promise<void> {
  if (presence === 'active') app.vault.touched()
  if (presence === 'screen-locked') await app.lock('screen')
  if (presence === 'suspended') await app.lock('suspend')
  // Nobody can see any more what the app would do for them.
  if (presence === 'window-crashed') await app.lock('screen')
}

// The channel and the kind of error, never its text: that may quote what was being worked on.
function reportFault(channel: string, error: unknown): void {
  console.error(`internal error in ${channel}: ${error instanceof Error ? error.name : typeof error}`)
}

try {
  await run()
} catch (error) {
  if (!(error instanceof LockboxError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
