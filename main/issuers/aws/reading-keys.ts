import { fromUtf8 } from '../../../shared/bytes.ts'
import { within } from '../../within.ts'
import type { Endpoint, Keys } from './client.ts'
import { oneCall } from './client.ts'
import { failureOf } from './failure.ts'
import { sts } from './load-sdk.ts'
import { LookupError, lookupError, stopped } from './lookup-error.ts'

const ID = /\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b/g
const SECRET = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g
const TOKEN = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{100,8192}={0,2}(?![A-Za-z0-9/+=])/g

/**
 * Finds the credentials in a file with which AWS's record is to be read: a temporary key with its session token, as `aws configure
 * export-credentials`, `aws sts` or a profile has it, or a long-lived one as for a deposit. Its strings cannot be wiped:
 * make it for one use.
 *
 * @param file - the caller's to wipe.
 * @throws {LookupError} `reading-keys` if there is not exactly one of each in it.
 */
export function readingKeysIn(file: Uint8Array): Keys {
  const text = textOf(file)
  const accessKeyId = only(text, ID, 'access key id')
  const secretAccessKey = only(text, SECRET, 'secret access key')
  if (!accessKeyId.startsWith('ASIA')) return { accessKeyId, secretAccessKey }
  return { accessKeyId, secretAccessKey, sessionToken: only(text, TOKEN, 'session token') }
}

function textOf(file: Uint8Array): string {
  try {
    return fromUtf8(file)
  } catch {
    throw unread('This file is no text.')
  }
}

function only(text: string, what: RegExp, name: string): string {
  const found = [...new Set(text.match(what) ?? [])]
  const [one] = found
  if (one !== undefined && found.length === 1) return one
  throw unread(
    `This file holds ${found.length === 0 ? 'no' : `${found.length} different`} ${name}${found.length > 1 ? 's' : ''}.`,
  )
}

function unread(what: string): LookupError {
  return new LookupError(
    'reading-keys',
    `${what} Choose one with the credentials of one user or session, such as “aws configure export-credentials” writes.`,
  )
}

/**
 * Refuses credentials of another account than a role's: it would answer that nothing of the case is there.
 *
 * @param regions - of STS, see `accountEndpoints`; the first that answers counts.
 * @throws {LookupError} `lookup-other-account`, or why none answered.
 */
export async function refuseOtherAccount(
  keys: Keys,
  roleArn: string,
  regions: readonly Endpoint[],
  signal: AbortSignal,
  timeoutMs = 5000,
): Promise<void> {
  const [, , , , wanted = ''] = roleArn.split(':')
  const { GetCallerIdentityCommand } = await sts()
  let last: LookupError | null = null
  for (const at of regions) {
    const { client } = await oneCall(at, keys, timeoutMs)
    try {
      const { Account = '' } = await within(signal, timeoutMs, (abortSignal) =>
        client.send(new GetCallerIdentityCommand({}), { abortSignal }),
      )
      if (Account === wanted) return
      const whose = /^\d{12}$/.test(Account) ? Account : 'another account'
      throw new LookupError(
        'lookup-other-account',
        `These credentials are of ${whose}, and the access was in ${wanted}. Choose some of that account.`,
      )
    } catch (error) {
      if (error instanceof LookupError) throw error
      if (signal.aborted) throw stopped()
      const failure = failureOf(error)
      last = lookupError(failure, at.region)
      if (!failure.elsewhere) throw last
    } finally {
      client.destroy()
    }
  }
  throw (
    last ??
    new LookupError(
      'lookup-unreachable',
      'The plan names no server that may be asked for the account. Attach files of a trail.',
    )
  )
}
