import { dirname, join } from 'node:path'
import { LockboxError } from '../shared/errors.ts'
import { browserModeCommand, handoutCommand } from './browser-mode.ts'
import { runHandout } from './handout/program.ts'
import { Openings } from './openings.ts'
import { type Options, readOptions, USAGE, unusualProfile } from './options.ts'
import { browserShell, type Platform } from './run.ts'
import { APP_ID } from './shell/electron/app-id.ts'
import type { ElectronApi } from './shell/electron/electron-api.ts'
import { ElectronShell } from './shell/electron/electron-shell.ts'
import { electronDirs, hardenApp } from './shell/electron/harden.ts'
import { startUtilityWorker } from './shell/electron/utility-worker.ts'
import { ShellError } from './shell/errors.ts'
import { secondStart } from './shell/instance.ts'
import { makeEmptyPrivateDir, makePrivateDir } from './shell/private-dir.ts'
import { isTestMachine, refuseRoot } from './shell/root.ts'
import type { AssetTable, Shell } from './shell/shell.ts'

/** What the process around the program is. */
export interface ElectronProcess {
  readonly argv: readonly string[]
  /** Whether a bare Electron was given the app, and not an installed one started. */
  readonly isDefaultApp: boolean
  readonly execPath: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly isRoot: boolean
  readonly versions: { readonly electron: string; readonly chrome: string }
  /** The preload script's path. */
  readonly preload: string
  readonly say: (text: string) => void
  readonly complain: (text: string) => void
}

/**
 * Our own words of the command line. A bare Electron has switches of its own before the app's path, so ours stand
 * after `--` there. An installed app's words are all ours, and {@link readOptions} refuses those it does not know:
 * a debugging port, for one.
 */
export function ownWords(argv: readonly string[], isDefaultApp: boolean): string[] {
  if (!isDefaultApp) return argv.slice(1)
  const cut = argv.indexOf('--')
  return cut < 0 ? [] : argv.slice(cut + 1)
}

/**
 * Starts the app in Electron. Resolves when all is done that must be done before Electron is ready, and never waits
 * for that: Electron waits in turn for the program's file to have run to its end.
 */
export async function startElectron(
  electron: ElectronApi,
  given: ElectronProcess,
  run: (options: Options, platform: Platform) => Promise<void>,
): Promise<void> {
  const { app } = electron
  const words = ownWords(given.argv, given.isDefaultApp)
  if (words[0] === HAND_OUT) return handOut(electron, given, words.slice(1))
  const openings = new Openings()
  // macOS says so by this alone, and may say it before anything else.
  app.on('open-file', (event, path) => {
    event.preventDefault()
    openings.add(path)
  })
  try {
    const options = readOptions(words)
    if (options.help) {
      given.say(USAGE)
      return app.exit(0)
    }
    refuseWithoutSandbox(electron, given)
    const dirs = electronDirs(options.profile)
    await makePrivateDir(options.profile)
    await makePrivateDir(dirs.data)
    await makeEmptyPrivateDir(dirs.dumps)
    hardenApp(electron, dirs)
    if (given.platform === 'win32') app.setAppUserModelId(APP_ID)
    if (!app.requestSingleInstanceLock({ open: options.file })) {
      given.say('Lockbox is running already; its window was brought to the front\n')
      return app.exit(0)
    }
    void runWhenReady(electron, given, { options, openings }, run).then(
      () => app.exit(0),
      (error: unknown) => fail(electron, given, error),
    )
  } catch (error) {
    fail(electron, given, error)
  }
}

/** The word that makes another start of the program the one that hands a session to the AWS CLI; no window, no profile. */
const HAND_OUT = '--aws-credentials'

async function handOut({ app }: ElectronApi, given: ElectronProcess, words: readonly string[]): Promise<void> {
  const { code, out, err } = await runHandout(words)
  if (out !== '') given.say(out)
  if (err !== '') given.complain(err.trimEnd())
  app.exit(code)
}

async function runWhenReady(
  electron: ElectronApi,
  given: ElectronProcess,
  { options, openings }: { readonly options: Options; readonly openings: Openings },
  run: (options: Options, platform: Platform) => Promise<void>,
): Promise<void> {
  const { app } = electron
  let shell: Shell | null = null
  // Chromium changes the words of a second start on the way; what it says of itself comes as it was said.
  app.on('second-instance', (_event, _argv, _directory, said) => {
    void shell?.focus().catch(() => undefined)
    const { data } = secondStart.safeParse(said)
    if (typeof data?.open === 'string') openings.add(data.open)
  })
  // Electron would end at once with the last window; the app still has its vault to lock and its profile to give back.
  app.on('window-all-closed', () => undefined)
  app.on('will-quit', (event) => {
    if (shell === null) return
    event.preventDefault()
    void shell.close()
  })
  await app.whenReady()
  const program = given.environment['APPIMAGE'] ?? given.execPath
  const { platform } = given
  await run(options, {
    makeShell: async (assets) => {
      shell = await makeShell(electron, given, options, assets)
      return shell
    },
    browserModeCommand: browserModeCommand({
      program: app.isPackaged ? program : null,
      profile: unusualProfile(options),
      platform,
    }),
    // An installed app brings no Node to run a program of its own with, so it is that program too.
    handoutCommand: handoutCommand(
      app.isPackaged ? [program, HAND_OUT] : ['node', join(dirname(given.preload), 'lockbox-credentials.cjs')],
      { profile: options.profile, platform },
    ),
    openings,
  })
}

async function makeShell(
  electron: ElectronApi,
  { preload, platform, versions }: ElectronProcess,
  options: Options,
  assets: AssetTable,
): Promise<Shell> {
  // The installed app's way into browser mode, where a key's PIN can be asked for: same program, no window of its own.
  if (options.shell === 'browser')
    return browserShell(options, assets, (program) => startUtilityWorker(electron, program))
  return new ElectronShell({ electron, assets, preload, platform, versions })
}

function refuseWithoutSandbox({ app }: ElectronApi, { isRoot, environment }: ElectronProcess): void {
  refuseRoot({ isRoot, allowRoot: isTestMachine(environment) })
  if (!isRoot && app.commandLine.hasSwitch('no-sandbox'))
    throw new ShellError('root-refused', 'Lockbox does not run without a sandbox; leave out --no-sandbox')
}

function fail({ app, dialog }: ElectronApi, { complain }: ElectronProcess, error: unknown): void {
  const isOurs = error instanceof LockboxError
  complain(isOurs ? error.message : `Lockbox could not go on: ${error instanceof Error ? error.stack : String(error)}`)
  // An installed app has no terminal to say it in.
  if (isOurs && app.isPackaged) dialog.showErrorBox('Lockbox', error.message)
  app.exit(1)
}
