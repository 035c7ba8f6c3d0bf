import { parseAccessKey } from './access-key.ts'
import { type Endpoint, type Keys, oneCall } from './client.ts'
import { answerOf, failureOf } from './failure.ts'
import { sts } from './load-sdk.ts'

/**
 * What AWS makes of a key. `not-yet`: some region does not know it, as for a while after it was created; `wrong-secret`: it
 * is known, and this is not its secret; `unreached`: nobody said anything.
 */
export type Trial = 'works' | 'not-yet' | 'wrong-user' | 'wrong-secret' | 'unreached'

/**
 * Tries a key, by GetCallerIdentity, in every region at once. It works if some region says that it is of this user, and
 * none says otherwise: a change of IAM comes to one region sooner than to another. A region that is not enabled for the account
 * knows no key at all, in the words in which another says that it does not know this one yet: it has no say.
 *
 * @param credential - see `access-key.ts`; the caller's to wipe.
 * @param known - a session of the same account that is old enough to be known wherever anything is.
 * @throws {IssuerError} `invalid` if it is no access key.
 */
export async function tryKey(
  credential: Uint8Array,
  user: string,
  regions: readonly Endpoint[],
  known: Keys,
  timeoutMs: number,
): Promise<Trial> {
  const { accessKeyId, secretAccessKey } = parseAccessKey(credential)
  const said = await Promise.all(
    regions.map(async (at): Promise<Said> => {
      const one = await tryAt(at, { accessKeyId, secretAccessKey }, user, timeoutMs)
      return one === 'not-yet' && (await tryAt(at, known, user, timeoutMs)) === 'not-yet' ? 'not-enabled' : one
    }),
  )
  const gravest = GRAVEST.find((one) => said.includes(one))
  return gravest === 'not-enabled' ? 'not-yet' : (gravest ?? 'unreached')
}

type Said = Trial | 'not-enabled'

const GRAVEST: readonly Said[] = ['wrong-secret', 'wrong-user', 'not-yet', 'works', 'not-enabled']

async function tryAt(at: Endpoint, keys: Keys, user: string, timeoutMs: number): Promise<Trial> {
  const { GetCallerIdentityCommand } = await sts()
  const { client } = await oneCall(at, keys, timeoutMs)
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}), { abortSignal: AbortSignal.timeout(timeoutMs) })
    if (Arn === undefined) return 'unreached'
    return Arn.split(':user/').at(1)?.split('/').at(-1) === user ? 'works' : 'wrong-user'
  } catch (error) {
    if (failureOf(error).code !== 'wrong-key') return 'unreached'
    return answerOf(error).name === 'SignatureDoesNotMatch' ? 'wrong-secret' : 'not-yet'
  } finally {
    client.destroy()
  }
}
