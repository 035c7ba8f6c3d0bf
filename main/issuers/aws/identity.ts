import { type Endpoint, oneCall } from './client.ts'
import { failureOf } from './failure.ts'
import { sts } from './load-sdk.ts'
import type { AwsSession } from './session.ts'

/** What AWS says of a session: still good, refused as expired, or nothing that settles it. */
export type Standing =
  | { readonly standing: 'alive'; readonly arn: string; readonly skewMs: number | null }
  | { readonly standing: 'refused'; readonly skewMs: number | null }
  | { readonly standing: 'unknown'; readonly why: string; readonly skewMs: number | null }

/**
 * Asks AWS who a session is, by GetCallerIdentity: the one call that needs no permission, not even in a drill.
 * Only AWS's own word counts as the end: a network error, a skewed clock or a throttled call is `unknown`.
 */
export async function standingOf(session: AwsSession, endpoint: string, timeoutMs = 5000): Promise<Standing> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = session
  const at: Endpoint = { region, endpoint }
  const { GetCallerIdentityCommand } = await sts()
  const { client, skewMs } = await oneCall(at, { accessKeyId, secretAccessKey, sessionToken }, timeoutMs)
  try {
    const abortSignal = AbortSignal.timeout(timeoutMs)
    const answer = await client.send(new GetCallerIdentityCommand({}), { abortSignal })
    return { standing: 'alive', arn: answer.Arn ?? '', skewMs: skewMs() }
  } catch (error) {
    const { code } = failureOf(error)
    if (code === 'expired-key') return { standing: 'refused', skewMs: skewMs() }
    return { standing: 'unknown', why: code, skewMs: skewMs() }
  } finally {
    client.destroy()
  }
}
