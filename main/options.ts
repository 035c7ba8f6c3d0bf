import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { LockboxError } from '../shared/errors.ts'
import { defaultProfile } from './profile-place.ts'

export type OptionsErrorCode = 'usage'
/** A command line that was not understood. */
export class OptionsError extends LockboxError<OptionsErrorCode> {}

/** What the command line says. */
export interface Options {
  /** The profile's directory, absolute. */
  readonly profile: string
  readonly shell: 'browser' | 'electron' | null
  /** The only address to listen on, or null for all. */
  readonly listen: string | null
  readonly discover: boolean
  /** A sign-in endpoint in the place of AWS's, for a sandbox on this computer; null for AWS's own. */
  readonly signIn: string | null
  /** CloudTrail in the place of AWS's, by region, for a sandbox on this computer; null for AWS's own. */
  readonly trails: Readonly<Record<string, string>> | null
  /** A file to open in the window, absolute, or null. Nothing has looked at it. */
  readonly file: string | null
  readonly help: boolean
}

export const USAGE = `lockbox-app [FILE] [--profile DIR] [--shell browser|electron] [--listen HOST] [--no-discovery]

  FILE            an exported log or a file of statements: the window offers to verify it, or to take it in
  --profile DIR   where this person's vault lies (default: the place your system gives to programs)
  --shell NAME    what shows the window: the installed browser, or Electron
  --listen HOST   meet others only through this address of the computer (default: all)
  --no-discovery  do not announce or look for others on the network; typed addresses only
  --aws-sign-in URL  where console links are made for a sandbox on this computer: http://127.0.0.1:PORT
  --aws-trail REGION=URL  where CloudTrail of a region is asked for a sandbox on this computer, once for each
  --help          this text
`

/** Reads the command line. @throws {OptionsError} with what was not understood. */
export function readOptions(words: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        profile: { type: 'string' },
        shell: { type: 'string' },
        listen: { type: 'string' },
        'aws-sign-in': { type: 'string' },
        'aws-trail': { type: 'string', multiple: true },
        'no-discovery': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.shell !== undefined && values.shell !== 'browser' && values.shell !== 'electron')
      throw new TypeError(`there is no shell called ${values.shell}`)
    // What a script's empty variable leaves: the folder that one happens to be in, or every address of the computer.
    for (const name of ['profile', 'listen'] as const)
      if (values[name] === '') throw new TypeError(`--${name} was given nothing`)
    const signIn = values['aws-sign-in'] ?? null
    // A session is sent there: to nobody but AWS does it leave this computer.
    if (signIn !== null && !/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(signIn))
      throw new TypeError('expected --aws-sign-in http://127.0.0.1:PORT')
    if (positionals.length > 1) throw new TypeError('one file can be opened at a time')
    return {
      profile: resolve(values.profile ?? defaultProfile()),
      shell: values.shell ?? null,
      listen: values.listen ?? null,
      discover: !values['no-discovery'],
      signIn,
      trails: trailsOf(values['aws-trail'] ?? []),
      file: fileOf(positionals[0]),
      help: values.help,
    }
  } catch (error) {
    if (error instanceof TypeError) throw new OptionsError('usage', `${error.message}\n\n${USAGE}`)
    throw error
  }
}

// As for the sign-in: a call that a session signed has its token in it.
function trailsOf(words: readonly string[]): Readonly<Record<string, string>> | null {
  if (words.length === 0) return null
  return Object.fromEntries(
    words.map((word) => {
      const [, region, endpoint] = /^([a-z0-9-]{1,64})=(http:\/\/127\.0\.0\.1:\d{1,5})$/.exec(word) ?? []
      if (region === undefined || endpoint === undefined)
        throw new TypeError('expected --aws-trail REGION=http://127.0.0.1:PORT')
      return [region, endpoint]
    }),
  )
}

// Desktops of Linux may give a URL.
function fileOf(word: string | undefined): string | null {
  if (word === undefined) return null
  return word.startsWith('file:') ? fileURLToPath(word) : resolve(word)
}

/** The profile if it is another than the usual one, else null. */
export function unusualProfile({ profile }: Options): string | null {
  return profile === defaultProfile() ? null : profile
}
