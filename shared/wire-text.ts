import { fromBase64Url, toBase64Url } from './bytes.ts'
import { isLockboxError, LockboxError } from './errors.ts'

/**
 * The largest text of one call or event, in UTF-16 units, unless a contract's two ends agree on another: several times what
 * the largest picture of an app takes (`views/shown.ts`).
 */
export const MAX_WIRE_CHARACTERS = 16 * 1024 * 1024

/** Deeper values than this are refused: no message of ours comes near, and a deep one costs stack. */
const MAX_DEPTH = 32

export type WireErrorCode = 'foreign-sender' | 'unknown-channel' | 'malformed' | 'too-large' | 'internal' | 'closed'

/** What went wrong between main and the window, as opposed to inside a handler. */
export class WireError extends LockboxError<WireErrorCode> {}

/**
 * A value as JSON text; a `Uint8Array` becomes `{"$bytes": "<base64url>"}`, since both shells carry text.
 *
 * @throws {TypeError} for what JSON cannot hold (functions, class instances, numbers that are not finite).
 */
export function pack(value: unknown): string {
  return JSON.stringify(packed(value, 0)) ?? 'null'
}

function packed(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TypeError('the value is nested too deeply to cross')
  if (value instanceof Uint8Array) return { $bytes: toBase64Url(value) }
  if (Array.isArray(value)) return withItems(value, (item) => packed(item, depth + 1))
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('a number that is not finite')
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`a ${typeof value} cannot cross`)
  }
  if (typeof value !== 'object' || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only plain objects cross')
  if (Object.hasOwn(value, '$bytes')) throw new TypeError('"$bytes" is reserved for byte strings')
  return withEntries(value, (item) => packed(item, depth + 1))
}

// A whole snapshot crosses with each change, and hardly any of it is bytes: only what has some in it is made anew.
function withItems(items: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  let copy: unknown[] | null = null
  for (const [at, item] of items.entries()) {
    const changed = change(item)
    if (changed === item) continue
    copy ??= items.slice()
    copy[at] = changed
  }
  return copy ?? items
}

function withEntries(given: object, change: (item: unknown) => unknown): object {
  let copy: Record<string, unknown> | null = null
  for (const [key, item] of Object.entries(given) as [string, unknown][]) {
    const changed = change(item)
    if (changed === item) continue
    // A key such as `__proto__` is the copy's own, and stays an entry.
    copy ??= { ...given }
    copy[key] = changed
  }
  return copy ?? given
}

/**
 * The value of a text made by {@link pack}. The result is still unknown: parse it with a schema.
 *
 * @param limit - Largest text in UTF-16 units, checked before anything is parsed.
 * @throws {WireError} `too-large`, or `malformed` if it is not such a text.
 */
export function unpack(text: string, limit: number = MAX_WIRE_CHARACTERS): unknown {
  within(text, limit)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // No cause: the parser's message quotes the text, which may be secret.
    throw new WireError('malformed', 'expected JSON')
  }
  return unpacked(value, 0)
}

function unpacked(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new WireError('malformed', 'the message is nested too deeply')
  if (Array.isArray(value)) return withItems(value, (item) => unpacked(item, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  if (Object.hasOwn(value, '$bytes')) return unpackedBytes(value)
  return withEntries(value, (item) => unpacked(item, depth + 1))
}

function unpackedBytes(value: object): Uint8Array {
  const entries = Object.entries(value)
  const text: unknown = entries[0]?.[1]
  if (entries.length !== 1 || typeof text !== 'string') throw new WireError('malformed', 'expected a byte string')
  try {
    return fromBase64Url(text)
  } catch {
    throw new WireError('malformed', 'expected a byte string in canonical base64url')
  }
}

/** The error as it may cross: code and message of ours, nothing at all of anything else. */
export function crossing(error: unknown): { code: string; message: string } {
  if (isLockboxError(error)) return { code: error.code, message: error.message }
  return { code: 'internal', message: 'something went wrong inside Lockbox; its log says what' }
}

/**
 * The text itself, if it may cross.
 *
 * @throws {WireError} `too-large`.
 */
export function within(text: string, limit: number): string {
  if (text.length > limit)
    throw new WireError('too-large', `a message of ${text.length} characters; ${limit} may cross`)
  return text
}
