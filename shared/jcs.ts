import canonicalize from 'canonicalize'
import { fromUtf8, utf8 } from './bytes.ts'
import { LockboxError } from './errors.ts'

/** What our documents may hold: no fractions, no undefined. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type JcsErrorCode = 'not-canonical' | 'too-deep' | 'not-an-integer'
/** Bytes that are not canonical JSON. */
export class JcsError extends LockboxError<JcsErrorCode | 'malformed'> {}

/**
 * UTF-8 bytes of the RFC 8785 (JCS) form.
 *
 * @throws {TypeError} if the value is not JSON (lone surrogates, NaN, undefined at the top).
 */
export function jcs(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8(jcsText(value))
}

function jcsText(value: unknown): string {
  const text = plainText(value) ?? canonicalize(value)
  if (text === undefined) throw new TypeError('expected a JSON value')
  return text
}

/**
 * Parses bytes that must be byte-equal to the JCS of their own parse. That one comparison refuses byte order
 * marks, white space, duplicate keys, unsorted keys, other spellings of numbers and of escapes, and lone surrogates.
 *
 * @param maxDepth - nesting allowed; the outermost array or object is depth 1.
 * @throws {JcsError} `malformed`, `not-canonical`, `too-deep`, or `not-an-integer` for a number that is not a safe integer.
 */
export function parseJcs(bytes: Uint8Array, maxDepth = 16): Json {
  let text: string
  let value: Json
  try {
    text = fromUtf8(bytes)
    // Depth is bounded before parsing: JSON.parse and canonicalize recurse, and 64 KiB of '[' is a deep stack.
    if (opens(text, maxDepth) && nestingOf(text) > maxDepth)
      throw new JcsError('too-deep', `nested deeper than ${maxDepth}`)
    value = JSON.parse(text) as Json
  } catch (cause) {
    if (cause instanceof JcsError) throw cause
    throw new JcsError('malformed', 'expected JSON in UTF-8', { cause })
  }
  const ascend = checkParts(value)
  if (ascend && isPlainlyCanonical(text, value)) return value
  let canonical: string
  try {
    canonical = jcsText(value)
  } catch (cause) {
    throw new JcsError('not-canonical', 'expected JSON that has a canonical form (RFC 8785)', { cause })
  }
  // Texts are equal exactly if the bytes are: UTF-8 that decodes strictly, its byte order mark kept, has one spelling.
  if (canonical !== text) throw new JcsError('not-canonical', 'expected canonical JSON (RFC 8785)')
  return value
}

/** Whether a text has more opening brackets than this: otherwise it cannot be nested deeper. */
function opens(text: string, most: number): boolean {
  let count = 0
  for (const bracket of '{[')
    for (let at = text.indexOf(bracket); at >= 0 && count <= most; at = text.indexOf(bracket, at + 1)) count++
  return count > most
}

/**
 * Whether a text whose keys all ascend is canonical for a reason that is quick to see: what JSON writes of its parse is the same
 * text. JSON writes numbers and texts as RFC 8785 does, but for lone surrogates, which it escapes; texts with such
 * escapes, and objects with keys that look like numbers, which it moves, are left to the slow way. Equal keys would have been
 * written once.
 */
function isPlainlyCanonical(text: string, value: Json): boolean {
  return !text.includes('\\u') && JSON.stringify(value) === text
}

function nestingOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth)
    else if (char === '}' || char === ']') depth--
  }
  return deepest
}

/**
 * What JSON writes of a value, which is its canonical form where the keys of all objects ascend and no text needs such an escape as
 * JSON also has for lone surrogates; otherwise null. Of what we write nearly all is so, and it takes a tenth of the time.
 */
function plainText(value: unknown): string | null {
  if (!isOrdered(value)) return null
  const text = JSON.stringify(value) as string | undefined
  return text === undefined || text.includes('\\u') ? null : text
}

/** Whether the keys of all objects ascend, all numbers are some, and nothing says itself how it is written. */
function isOrdered(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'number' || Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isOrdered)
  if ('toJSON' in value) return false
  const parts = value as { readonly [key: string]: unknown }
  let last = ''
  for (const key of Object.keys(parts)) {
    if (key < last || !isOrdered(parts[key])) return false
    last = key
  }
  return true
}

/**
 * Looks at every part of a value once; whether the keys of all objects ascend.
 *
 * @throws {JcsError} `not-an-integer`.
 */
function checkParts(value: Json): boolean {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new JcsError('not-an-integer', 'expected safe integers only')
    return true
  }
  if (typeof value !== 'object' || value === null) return true
  let ascend = true
  if (Array.isArray(value)) {
    for (const part of value as readonly Json[]) ascend = checkParts(part) && ascend
    return ascend
  }
  const parts = value as { readonly [key: string]: Json }
  let last = ''
  for (const key of Object.keys(parts)) {
    ascend = checkParts(parts[key] as Json) && ascend && key >= last
    last = key
  }
  return ascend
}
