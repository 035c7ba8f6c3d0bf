import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startDisplay } from '../display.ts'
import { startApp } from '../driver.ts'
import { startSandbox } from '../sandbox-aws/sandbox.ts'
import type { DrillOptions, DrillSetting } from './run.ts'
import { WindowActor } from './window-actor.ts'

/** As many apps as people, each with its own profile, process and window, meeting on the local network. */
export async function settingWithWindows(names: readonly string[], options: DrillOptions): Promise<DrillSetting> {
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-drill-'))
  const sandbox = await startSandbox({ sessionSeconds: options.sessionSeconds })
  // A desktop shows the windows if there is one; else they get a display that nobody sees.
  const display = options.headed && !process.env['DISPLAY'] ? await startDisplay() : null
  const shown = options.headed ? (display?.name ?? process.env['DISPLAY']) : undefined
  const program = resolve('out/e2e/main/index.js')
  const actors = await Promise.all(
    names.map(async (name) => {
      const profile = join(dir, name.replace(/\W+/g, '-').toLowerCase())
      const app = await startApp({
        program,
        profile,
        words: ['--listen=127.0.0.1', '--no-discovery'],
        ...(shown === undefined ? {} : { display: shown }),
      })
      return WindowActor.at(app, name, options.out)
    }),
  )
  return {
    actors,
    sandbox,
    typeAddresses: true,
    close: async () => {
      await Promise.all(actors.map((actor) => actor.close()))
      await display?.stop()
      await sandbox.close()
      if (options.keep) console.log(`profiles are kept in ${dir}`)
      else await rm(dir, { recursive: true, force: true })
    },
  }
}
