import { setTimeout as delay } from 'node:timers/promises'
import { contract } from '../shared/ipc.ts'
import { formatText } from '../shared/verify/format-text.ts'
import { verifyBundle } from '../shared/verify/verify-bundle.ts'
import { eventsOf } from '../shared/wire.ts'
import { App } from './app/app.ts'
import { AppError } from './app/app-error.ts'
import { hadVault, loadDisplay } from './app/display.ts'
import { handlersOf } from './app/handlers.ts'
import { decompressed } from './bundle-file.ts'
import { signatureChecks } from './checks.ts'
import { dispatcher } from './dispatch.ts'
import { LanCarrier } from './exchange/carrier.ts'
import { type Behind, type HandoutDoor, openHandoutDoor } from './handout/door.ts'
import { handoutAddress } from './handout/place.ts'
import { MailDoor } from './mailbox/mail-door.ts'
import type { Openings } from './openings.ts'
import type { Options } from './options.ts'
import { systemTime } from './sessions/time.ts'
import { sha256 } from './sha256.ts'
import type { Presence, Shell } from './shell/shell.ts'
import { systemClock } from './vault/clock.ts'
import { findVault } from './vault/vault.ts'

const MINUTE_MS = 60_000
const IDLE_CHECK_MS = 5_000
/** How long a browser that is to end may take to clear the clipboard. */
const CLEARING_MS = 2_000
/** A person closed the last window, and only a window can clear the clipboard in browser mode. */
const LEFT =
  'the window went before the session that was copied could be cleared: it may still be on the clipboard; copy any other text over it'

/** What a person, or a program of theirs, types to start what this installation brings besides. */
export interface Commands {
  /** Where the shell cannot ask for a key's PIN: what starts browser mode, which can; else null. */
  readonly browserModeCommand: string | null
  /** What starts the program that hands sessions to the AWS CLI, ready for its options; null if no config could hold it. */
  readonly handoutCommand: string | null
}

const NAMES = { browser: 'browser mode on', electron: 'Electron' } as const

/**
 * Opens the vault, the app and its window in a shell, and joins them until the window is closed.
 *
 * @param commands - what starts other programs of this installation.
 */
export async function serve(shell: Shell, options: Options, commands: Commands, openings: Openings): Promise<void> {
  let handOut: Behind['credentials'] = () => {
    throw new AppError('locked', 'Lockbox is starting. Unlock it with your key first.')
  }
  const door = await handoutDoor(options.profile, (of) => handOut(of))
  const app = await appIn(shell, options, door === null ? { ...commands, handoutCommand: null } : commands)
  handOut = (of) => app.handOut(of)
  openings.listen((path) => app.openedFile.open(path))
  app.vault.onLock((reason) => {
    // While the browser ends there is no process left to replace.
    if (reason !== 'quit') shell.replaceWindowProcess().catch(() => undefined)
  })
  const receive = dispatcher(contract, handlersOf(app, verifyFile), {
    isKnownWindow: (id) => shell.isKnownWindow(id),
    onFault: reportFault,
  })
  const stopPresence = shell.onPresence((presence) => void heed(app, presence))
  const idle = setInterval(() => void app.checkIdle(), IDLE_CHECK_MS)
  const end = async () => {
    // While there is a browser that can: what was copied would outlive it.
    await Promise.race([app.beside.sessions.close(), delay(CLEARING_MS, null, { ref: false })]).catch(() => null)
    await shell.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end())
  try {
    await shell.open(receive)
    console.log(`Lockbox is open in ${NAMES[shell.name]} ${shell.runsOn}`)
    await shell.closed
  } finally {
    // Also when no window came: a process that waits for one would hold on to the profile.
    clearInterval(idle)
    stopPresence()
    await door?.close()
    if (!(await app.quit())) console.error(LEFT)
  }
}

/** Where programs ask for credentials; null if it cannot be had, which keeps nobody from anything else. */
async function handoutDoor(profile: string, credentials: Behind['credentials']): Promise<HandoutDoor | null> {
  const onFault = (error: unknown) => reportFault('handout', error)
  return openHandoutDoor(profile, { credentials, onFault }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const where = handoutAddress(profile, process.platform)
    console.error(
      `no program can be given a session: nothing can listen at ${where} (${code}). Move away what is there and start Lockbox anew; a session can be copied all the same`,
    )
    return null
  })
}

/** The app of a profile, with what this shell, this computer's clock and its network give it. */
async function appIn(shell: Shell, options: Options, commands: Commands): Promise<App> {
  const { profile, listen, discover, signIn, trails } = options
  let idleLimit = 10 * MINUTE_MS
  const vault = await findVault({
    profile,
    expected: hadVault(await loadDisplay(profile)),
    // Read at every check, so that a change in the settings counts at once.
    get idleLimit() {
      return idleLimit
    },
  })
  const where = listen === null ? {} : { host: listen }
  const events = eventsOf(contract, (text) => shell.send(text))
  return App.start({
    profileDir: profile,
    signIn,
    trails,
    vault,
    clock: systemClock,
    time: systemTime,
    host: {
      shell: shell.name,
      ...commands,
      startWorker: () => shell.startWorker(new URL('worker.js', import.meta.url)),
      notify: (title, body) => shell.notify(title, body),
      writeClipboard: (text) => shell.writeClipboard(text),
      clearClipboard: () => shell.clearClipboard(),
      permitCamera: (permitted) => shell.permitCamera(permitted),
      printPdf: () => shell.printPdf(),
      saveFile: (name, bytes) => shell.saveFile(name, bytes),
    },
    newCarrier: (typed) => new LanCarrier(typed, { discover, ...where }),
    openMailDoor: (given) => MailDoor.open({ ...given, discover, ...where }),
    onFault: reportFault,
    onShown: (id, text) => events.terminals.shown({ case: id, text }),
    onLookedUp: (request, read) => events.cases.lookedUp({ request, read }),
    push: (snapshot, change) => {
      idleLimit = snapshot.vault.idleMinutes * MINUTE_MS
      if (change !== null) events.app.changed(change)
    },
  })
}

async function verifyFile(bytes: Uint8Array) {
  const report = await verifyBundle(decompressed(inOne(bytes)), { checks: signatureChecks, sha256 })
  return { verdict: report.verdict, text: formatText(report, 'this file') }
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
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
