import { LockboxError } from '../shared/errors.ts'
import { browserModeCommand, handoutCommand } from './browser-mode.ts'
import { credentialsProgram } from './credentials-program.ts'
import { Openings } from './openings.ts'
import { OptionsError, readOptions, USAGE, unusualProfile } from './options.ts'
import { findBrowser } from './shell/browser/find-browser.ts'
import { startNodeWorker } from './shell/node-worker.ts'

// The program for Node: browser mode. `electron.ts` is the one for Electron.

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(USAGE)
  else if (options.shell === 'electron')
    throw new OptionsError(
      'usage',
      'this program shows its window in a browser; from the sources "npm start -- --shell=electron" starts the one for Electron',
    )
  else {
    const browser = findBrowser()
    // Whoever needs it hears of its absence; a second start needs none.
    browser.catch(() => undefined)
    // While the browser tells its version, all else is loaded.
    const { browserShell, run } = await import('./run.ts')
    const { platform } = process
    await run(options, {
      makeShell: (assets) => browserShell(options, assets, startNodeWorker, browser),
      browserModeCommand: browserModeCommand({ program: null, profile: unusualProfile(options), platform }),
      handoutCommand: handoutCommand(credentialsProgram(import.meta.dirname, process.execPath), {
        profile: options.profile,
        platform,
      }),
      openings: new Openings(),
    })
  }
} catch (error) {
  if (!(error instanceof LockboxError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
