import { sha256 } from '@noble/hashes/sha2.js'
import { LockboxError } from './errors.ts'

/** Bytes as text: canonical base64url without padding (RFC 4648 §5; spare bits zero). */
export type Base64Url = string & { readonly __base64url?: never }

/** SHA-256 as 43 characters of base64url: the id of a statement, a blob or a key. */
export type Digest = Base64Url

/** SHA-256 (FIPS 180-4). Where very much is hashed a platform's own is given in, many times faster than the pure one. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** The same as text; a platform's own makes no array on the way. */
export type DigestOf = (bytes: Uint8Array) => Digest

/** Whole milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMilliseconds = number

// A table each way: a statement is decoded some ten times on its way through the door, and general codecs took as long as
// its signature. RFC 4648 §5.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CODES = Uint8Array.from(ALPHABET, (sign) => sign.charCodeAt(0))
const FOREIGN = 64
const VALUES = new Uint8Array(256).fill(FOREIGN)
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value

/** Encodes bytes as canonical base64url without padding. */
export function toBase64Url(bytes: Uint8Array): Base64Url {
  let text = ''
  // Whole groups, so that no bits are left over between two pieces; more than some ten thousand arguments is too much.
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const piece = bytes.subarray(from, from + PIECE_BYTES)
    text += String.fromCharCode.apply(null, codesOf(piece) as unknown as number[])
  }
  return text
}

const PIECE_BYTES = 3 * 2048

function codesOf(bytes: Uint8Array): Uint8Array {
  const codes = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  for (let at = 0, to = 0; at < bytes.length; at += 3, to += 4) {
    // What would be written beyond the end is not.
    const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    codes[to] = CODES[group >> 18] as number
    codes[to + 1] = CODES[(group >> 12) & 63] as number
    codes[to + 2] = CODES[(group >> 6) & 63] as number
    codes[to + 3] = CODES[group & 63] as number
  }
  return codes
}

/**
 * Decodes canonical base64url without padding.
 *
 * @throws {LockboxError} `malformed` for padding, foreign characters or spare bits that are not zero.
 */
export function fromBase64Url(text: Base64Url): Uint8Array {
  // Ids and signatures, of which a statement has some ten, leave no array of their codes behind.
  const codes = text.length <= shortCodes.length ? shortCodes : new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    codes[at] = code < 128 ? code : 0
  }
  const bytes = decodeBase64Url(codes, 0, text.length)
  // It may have been a secret.
  codes.fill(0, 0, text.length)
  if (bytes === null) throw new LockboxError('malformed', 'expected canonical base64url without padding')
  return bytes
}

const shortCodes = new Uint8Array(128)

/** How many bytes so many characters of base64url stand for, if they stand for any. */
export const bytesInBase64Url = (characters: number): number => Math.floor((characters * 3) / 4)

/**
 * The same from the text's bytes (ASCII), of a part of them if that is said; null for whatever {@link fromBase64Url} refuses.
 *
 * @param bytes - where they are put, {@link bytesInBase64Url} long; a new array unless it is given.
 */
export function decodeBase64Url(
  codes: Uint8Array,
  from = 0,
  end = codes.length,
  bytes: Uint8Array = new Uint8Array(bytesInBase64Url(end - from)),
): Uint8Array | null {
  const length = end - from
  const whole = end - (length % 4)
  // Bundled, what stands outside of a function may change at any time, and would be looked at anew for each character.
  const values = VALUES
  // Foreign characters are gathered and looked at once, at the end.
  let seen = length % 4 === 1 ? FOREIGN : 0
  let to = 0
  for (let at = from; at < whole; at += 4) {
    const a = values[codes[at] as number] as number
    const b = values[codes[at + 1] as number] as number
    const c = values[codes[at + 2] as number] as number
    const d = values[codes[at + 3] as number] as number
    seen |= a | b | c | d
    bytes[to] = (a << 2) | (b >> 4)
    bytes[to + 1] = (b << 4) | (c >> 2)
    bytes[to + 2] = (c << 6) | d
    to += 3
  }
  let held = 0
  for (let at = whole; at < end; at++) {
    const value = values[codes[at] as number] as number
    seen |= value
    held = (held << 6) | value
  }
  const spareBits = ((end - whole) * 6) % 8
  if ((seen & FOREIGN) !== 0 || (held & ((1 << spareBits) - 1)) !== 0) return null
  held >>= spareBits
  if (bytes.length - to === 2) bytes[to++] = held >> 8
  if (to < bytes.length) bytes[to] = held
  return bytes
}

/** How many bytes a text stands for; null for whatever {@link fromBase64Url} refuses. */
export function lengthInBase64Url(text: string): number | null {
  let seen = text.length % 4 === 1 ? FOREIGN : 0
  let value = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    value = code < 128 ? (VALUES[code] as number) : FOREIGN
    seen |= value
  }
  const spareBits = (text.length * 6) % 8
  if ((seen & FOREIGN) !== 0 || (value & ((1 << spareBits) - 1)) !== 0) return null
  return bytesInBase64Url(text.length)
}

// One of each for all: to make them takes longer than to use them. A whole text at a time leaves nothing behind in either.
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/**
 * The text of UTF-8 bytes; a byte order mark is kept, so that it can be refused.
 *
 * @throws {LockboxError} `malformed` if the bytes are not UTF-8.
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new LockboxError('malformed', 'expected UTF-8', { cause })
  }
}

/** SHA-256 (FIPS 180-4) as base64url. */
export function digest(bytes: Uint8Array): Digest {
  return toBase64Url(sha256(bytes))
}

/** Joins byte strings in the order given. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joined(parts)
}

/** The same of a list, which may have more parts than a call arguments. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Whether some bytes stand in others from a place on; not in constant time, so for public values only. */
export function standsAt(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  if (bytes.length - at < part.length) return false
  for (let next = 0; next < part.length; next++) if (bytes[at + next] !== part[next]) return false
  return true
}

/** Whether two byte strings are equal; not in constant time, so for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
