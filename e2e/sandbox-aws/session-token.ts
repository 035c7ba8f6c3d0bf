import { AwsError, invalid, notImplemented } from './errors.ts'
import { checkCode } from './mfa.ts'
import { addSession, type Caller, type World } from './world.ts'
import type { Xml } from './xml.ts'

/** What STS made: the answer's result, and of the session what may be logged. */
export interface Made {
  readonly result: Xml
  readonly accessKeyId: string
  readonly expires: number
}

/** Does what GetSessionToken does. No policy can forbid it; only a user's long-lived key may call it. */
export function getSessionToken(
  world: World,
  caller: Caller,
  form: URLSearchParams,
  sessionSeconds: number | null,
): Made {
  const foreign = [...form.keys()].find(
    (name) => !/^(Action|Version|DurationSeconds|SerialNumber|TokenCode)$/.test(name),
  )
  if (foreign !== undefined) throw notImplemented(`the parameter ${foreign} of GetSessionToken`)
  if (caller.is !== 'user')
    throw new AwsError('AccessDenied', 403, 'Cannot call GetSessionToken with session credentials')
  const seconds = secondsOf(form)
  const mfaAt = checkCode(world, caller, form) ? world.now() : null
  const expires = Math.floor(world.now() / 1000 + Math.min(seconds, sessionSeconds ?? seconds)) * 1000
  const issued = Math.floor(world.now() / 1000) * 1000
  const key = addSession(world, { is: 'user-session', user: caller.user, issued, mfaAt }, expires)
  return { result: { Credentials: credentialsXml(key, expires) }, accessKeyId: key.accessKeyId, expires }
}

function secondsOf(form: URLSearchParams): number {
  const text = form.get('DurationSeconds') ?? '43200'
  const seconds = Number(text)
  if (!/^\d+$/.test(text) || seconds < 900)
    throw invalid('durationSeconds', 'Member must have value greater than or equal to 900')
  if (seconds > 129_600) throw invalid('durationSeconds', 'Member must have value less than or equal to 129600')
  return seconds
}

/** The `Credentials` element of an answer. */
export function credentialsXml(
  key: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly token: string },
  expires: number,
): Xml {
  return {
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
    SessionToken: key.token,
    Expiration: new Date(expires).toISOString().replace('.000Z', 'Z'),
  }
}
