import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultProfile } from '../profile-place.ts'
import { askApp } from './ask.ts'

const USAGE = `Usage: lockbox-credentials [--case=ID] [--profile=DIR]

Prints the credentials of a live session as the AWS CLI and SDKs expect them of a credential_process. The running,
unlocked Lockbox of this user is asked for them, and shows that it was. Nothing is kept.

  --case=ID      the session's case (default: the only session that is live)
  --profile=DIR  the profile that Lockbox was started with

Exit codes: 0 printed, 1 there are none now, 2 wrong use. Why, stands on the error stream.
`

/** What a run of the program comes to. */
export interface Printed {
  readonly code: 0 | 1 | 2
  readonly out: string
  readonly err: string
}

/** Runs the program. @param words - its arguments, without its own name. */
export async function runHandout(words: readonly string[]): Promise<Printed> {
  try {
    const { values } = parseArgs({ args: [...words], options: OPTIONS })
    if (values.help) return { code: 0, out: USAGE, err: '' }
    if (values.profile === '') throw new TypeError('--profile was given nothing')
    if (values.case !== undefined && !CASE.test(values.case))
      throw new TypeError('expected --case=ID as the session screen of Lockbox shows it')
    const asked = await askApp(resolve(values.profile ?? defaultProfile()), values.case ?? null)
    if ('complaint' in asked) return complaint(1, asked.complaint)
    return { code: 0, out: `${JSON.stringify(asked.credentials)}\n`, err: '' }
  } catch (error) {
    return complaint(error instanceof TypeError ? 2 : 1, error instanceof Error ? error.message : 'could not go on')
  }
}

const OPTIONS = {
  case: { type: 'string' },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** A case's id: 32 bytes, of which the last letter holds four bits. */
const CASE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** One line, whatever is in it: a program prints it into somebody's terminal. */
function complaint(code: 1 | 2, why: string): Printed {
  return { code, out: '', err: `lockbox-credentials: ${why.replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, 600)}\n` }
}
