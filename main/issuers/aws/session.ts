import { jcs, parseJcs } from '../../../shared/jcs.ts'
import * as z from '../../../shared/zod.ts'
import { IssuerError } from '../issuer.ts'

/** What every session of AWS holds. */
export const sessionFields = {
  accessKeyId: z.string().regex(/^\w{16,128}$/),
  /** AWS's own, milliseconds. */
  expiration: z.int().min(0),
  region: z.string().regex(/^[a-z0-9-]{1,64}$/),
  secretAccessKey: z.string().regex(/^[\x21-\x7e]{16,256}$/),
  sessionToken: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
}
const schema = z.strictObject(sessionFields)

/** A running session. Its strings cannot be wiped: make it for one call, from the bytes that can. */
export type AwsSession = z.output<typeof schema>

/** JCS of the session, as it is sealed to the requester; the caller's to wipe. */
export function sessionBytes(session: AwsSession): Uint8Array<ArrayBuffer> {
  return jcs(session)
}

/** The session in opened handover bytes. @throws {IssuerError} `invalid`. */
export function parseSession(bytes: Uint8Array): AwsSession {
  try {
    return schema.parse(parseJcs(bytes))
  } catch {
    // Without a cause: a parser's message may quote what it read.
    throw new IssuerError('invalid', 'the handover does not hold an AWS session; ask the issuer to issue again', {
      mayExist: true,
    })
  }
}
