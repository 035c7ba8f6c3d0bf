import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { LockboxError } from '../shared/errors.ts'

export type OptionsErrorCode = 'usage'
export class OptionsError extends LockboxError<OptionsErrorCode> {}

/** What the command line says. */
export interface Options {
  /** The profile's directory, absolute. */
  readonly profile: string
  readonly shell: 'browser' | 'electron' | null
  /** The only address to listen on, or null for all. */
  readonly listen: string | null
  readonly discover: boolean
  readonly help: boolean
}

export const USAGE = `lockbox-app [--profile DIR] [--shell browser|electron] [--listen HOST] [--no-discovery]

  --profile DIR   where this person's vault lies (default: the place your system gives to programs)
  --shell NAME    what shows the window: the installed browser, or Electron
  --listen HOST   meet others only through this address of the computer (default: all)
  --no-discovery  do not announce or look for others on the network; typed addresses only
  --help          this text
`

/** Reads the command line. @throws {OptionsError} with what was not understood. */
export function readOptions(words: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        profile: { type: 'string' },
        shell: { type: 'string' },
        listen: { type: 'string' },
        'no-discovery': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.shell !== undefined && values.shell !== 'browser' && values.shell !== 'electron')
      throw new TypeError(`there is no shell called ${values.shell}`)
    return {
      profile: resolve(values.profile ?? defaultProfile()),
      shell: values.shell ?? null,
      listen: values.listen ?? null,
      discover: !values['no-discovery'],
      help: values.help,
    }
  } catch (error) {
    if (error instanceof TypeError) throw new OptionsError('usage', `${error.message}\n\n${USAGE}`)
    throw error
  }
}

/** The profile if it is another than the usual one, else null. */
export function unusualProfile({ profile }: Options): string | null {
  return profile === defaultProfile() ? null : profile
}

function defaultProfile(): string {
  const home = homedir()
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'Lockbox')
  if (process.platform === 'win32') return join(process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Lockbox')
  return join(process.env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'lockbox')
}
