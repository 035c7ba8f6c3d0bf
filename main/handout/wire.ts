// What the app and a program that asks it for credentials say to each other: one line each way (docs/formats/handout.md).
// The program's half is written without any library: it starts anew for each command that somebody types.

/** The first word of a request. */
export const PROTOCOL = 'lockbox-credentials/1'
/** Longest request, bytes, with the end of its line. */
export const MAX_REQUEST = 256
/** Longest answer, bytes, with the end of its line: a session token has at most 8,192. */
export const MAX_ANSWER = 16_384

/** What an AWS program expects of a `credential_process`, version 1. */
export interface ProcessCredentials {
  readonly Version: 1
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken: string
  /** ISO 8601, whole seconds, by this device's clock. */
  readonly Expiration: string
}

/** What the app answers. */
export type HandoutAnswer =
  | { readonly credentials: ProcessCredentials }
  | { readonly refused: string; readonly says: string }

/** A request for the session of a case, or for the only one that is live. */
export function requestLine(of: string | null): string {
  return `${JSON.stringify({ case: of, protocol: PROTOCOL })}\n`
}

/** The answer as it is sent. */
export function answerLine(answer: HandoutAnswer): string {
  return `${JSON.stringify(answer)}\n`
}

/** The answer in a line, with exactly the fields that it must have; null if it is none. */
export function answerIn(line: string): HandoutAnswer | null {
  const { credentials, refused, says } = fieldsOf(line)
  if (typeof refused === 'string' && typeof says === 'string') return { refused, says }
  if (typeof credentials !== 'object' || credentials === null) return null
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials as Record<string, unknown>
  if (Version !== 1 || typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') return null
  if (typeof SessionToken !== 'string' || typeof Expiration !== 'string') return null
  return { credentials: { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } }
}

function fieldsOf(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
