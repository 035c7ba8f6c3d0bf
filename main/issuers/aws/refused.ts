import { oneCall } from './client.ts'
import { answerOf, failureOf } from './failure.ts'
import { sts } from './load-sdk.ts'
import type { AwsSession } from './session.ts'

/**
 * What AWS does with a session that was to be denied.
 * - `denied`: refused with an explicit deny in a policy of its role. If it was not so before the deny was put, the deny is felt.
 * - `not-denied`: it answered, or refused only because nothing allows the call: no deny is felt.
 * - `expired`: the session's time is over.
 * - `unknown`: nothing that settles it, such as no answer, or a deny by another kind of policy.
 */
export type Denial = { readonly skewMs: number | null } & (
  | { readonly is: 'denied' | 'not-denied' | 'expired' }
  | { readonly is: 'unknown'; readonly why: string }
)

/**
 * Why a call was denied, by AWS's words: an explicit deny in a policy of the caller itself, or that nothing allows it, which
 * AWS says only where no deny applies (docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
 */
export type Rule = 'own-deny' | 'no-allow'

const OWN_DENY = /\bwith an explicit deny in an identity-based policy\b/
const NO_ALLOW = /\bbecause no [a-z-]+ policy allows the\b/

/** By which rule a call was denied; null if AWS's words tell neither of them. */
export function ruleIn(message: string): Rule | null {
  if (OWN_DENY.test(message)) return 'own-deny'
  return NO_ALLOW.test(message) ? 'no-allow' : null
}

/**
 * Asks AWS with the session itself for something that the deny covers and that changes nothing, GetAccessKeyInfo of its own
 * key. GetCallerIdentity would not do: it answers even a session that was denied everything.
 *
 * A role, or a drill's session policy, may deny this call anyway. So it is asked once before the deny is put: only what was
 * `not-denied` then, and is `denied` now, has been seen to end. A session that stays `not-denied` although the deny was
 * given back is at a server that does not heed the condition.
 */
export async function denialOf(session: AwsSession, endpoint: string, timeoutMs = 5000): Promise<Denial> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = session
  const { GetAccessKeyInfoCommand } = await sts()
  const { client, skewMs } = await oneCall(
    { region, endpoint },
    { accessKeyId, secretAccessKey, sessionToken },
    timeoutMs,
  )
  try {
    const command = new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId })
    await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) })
    return { is: 'not-denied', skewMs: skewMs() }
  } catch (error) {
    const { code } = failureOf(error)
    const rule = code === 'denied' ? ruleIn(answerOf(error).message) : null
    if (code === 'expired-key') return { is: 'expired', skewMs: skewMs() }
    if (rule === 'own-deny') return { is: 'denied', skewMs: skewMs() }
    if (rule === 'no-allow') return { is: 'not-denied', skewMs: skewMs() }
    return { is: 'unknown', why: code, skewMs: skewMs() }
  } finally {
    client.destroy()
  }
}
