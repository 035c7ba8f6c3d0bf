import { join } from 'node:path'
import { isPinAskedInBrowserModeOnly } from './browser-mode.ts'
import type { Openings } from './openings.ts'
import type { Options } from './options.ts'
import { loadAssets } from './shell/assets.ts'
import { ChromiumShell } from './shell/browser/chromium-shell.ts'
import { type Browser, findBrowser } from './shell/browser/find-browser.ts'
import { forbidCoreDumps } from './shell/core-dumps.ts'
import { takeProfile } from './shell/instance.ts'
import { makePrivateDir } from './shell/private-dir.ts'
import { isTestMachine } from './shell/root.ts'
import type { AssetTable, Shell, ShellWorker } from './shell/shell.ts'

/** What the program around the app, Node or Electron, brings to it. */
export interface Platform {
  /** Makes the shell; called once the profile is this process's own. */
  readonly makeShell: (assets: AssetTable) => Promise<Shell>
  /** The words with which a person starts this very installation in browser mode. */
  readonly browserModeCommand: string
  /** What starts the program that hands sessions to the AWS CLI, ready for its options; null if no config could hold it. */
  readonly handoutCommand: string | null
  /** Files that people open, from whichever event. */
  readonly openings: Openings
}

/**
 * Runs the app in a shell until its window is closed: the one composition of both programs. A profile belongs to one
 * process at a time, whichever shell it has.
 */
export async function run(options: Options, platform: Platform): Promise<void> {
  if (!(await forbidCoreDumps()))
    console.error('this system could not be told to keep crashed programs off the disk; is prlimit (util-linux) there?')
  await makePrivateDir(options.profile)
  let shell: Shell | null = null
  const { openings } = platform
  const instance = await takeProfile(
    options.profile,
    ({ open }) => {
      void shell?.focus().catch(() => undefined)
      if (open !== null) openings.add(open)
    },
    options.file,
  )
  if (instance === null) {
    console.log('Lockbox is running already; its window was brought to the front')
    return
  }
  if (options.file !== null) openings.add(options.file)
  try {
    shell = await platform.makeShell(await loadAssets(join(import.meta.dirname, '../renderer')))
    const command = isPinAskedInBrowserModeOnly(shell.name, process.platform) ? platform.browserModeCommand : null
    // All that the app is, loaded while the browser starts.
    const { serve } = await import('./serve.ts')
    await serve(shell, options, { browserModeCommand: command, handoutCommand: platform.handoutCommand }, openings)
  } finally {
    await shell?.close()
    await instance.release()
  }
}

/**
 * Browser mode's shell: the installed Chromium, Chrome or Edge, which starts at once.
 *
 * @param browser - where somebody looks for it already.
 */
export async function browserShell(
  options: Options,
  assets: AssetTable,
  startWorker: (program: URL) => ShellWorker,
  browser: Promise<Browser> = findBrowser(),
): Promise<ChromiumShell> {
  const shell = new ChromiumShell({
    browser: await browser,
    profile: options.profile,
    assets,
    startWorker,
    allowRoot: isTestMachine(process.env),
  })
  await shell.begin()
  return shell
}
