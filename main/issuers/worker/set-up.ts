import { parseAccessKey } from '../aws/access-key.ts'
import { gatherFacts } from '../aws/setup/gather.ts'
import { linesOf, TEMPORARY } from '../aws/setup/lines.ts'
import type { Message } from './messages.ts'
import type { CheckSetUpFacts } from './protocol.ts'

/**
 * Looks with a key at the set-up that it is of. It changes nothing at AWS.
 *
 * @param credential - see `aws/access-key.ts`; the caller's to wipe.
 * @returns the answer, without parts.
 * @throws {IssuerError} `invalid` if the credential is no access key.
 */
export async function checkSetUp({ setup }: CheckSetUpFacts, credential: Uint8Array): Promise<Message> {
  const key = parseAccessKey(credential)
  const lines = key.accessKeyId.startsWith('ASIA') ? [TEMPORARY] : linesOf(await gatherFacts(setup, key))
  return { facts: { is: 'checked', lines }, parts: [] }
}
