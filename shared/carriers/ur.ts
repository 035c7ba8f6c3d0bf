import { crc32 } from '../crc32.ts'
import { type Cbor, CborError, decodeCbor, encodeCbor } from './cbor.ts'
import { fromBytewords, toBytewords } from './ur-bytewords.ts'
import { UrError } from './ur-error.ts'
import { fragmentsIn } from './ur-fragments.ts'

export { UrError, type UrErrorCode } from './ur-error.ts'

/** The type of our codes; names that begin with `x-` are for anyone (BCR-2020-006). */
export const UR_TYPE = 'x-lockbox'

/** Bounds of what is read. */
export const UR_LIMITS = {
  /** A message, bytes: a pack. */
  message: 128 * 1024,
  /** Of one message. */
  fragments: 1024,
  /** The text of one code: more than any QR code holds. */
  text: 4400,
} as const

/** One of the parts in which a message comes. */
export interface Part {
  /** From 1; those up to `count` are the fragments themselves, later ones are mixed. */
  readonly sequence: number
  /** Into how many fragments the message was cut. */
  readonly count: number
  /** Length of the message, bytes. */
  readonly length: number
  /** CRC-32 of the message. */
  readonly checksum: number
  readonly data: Uint8Array
}

/** A Uniform Resource as it was read: a whole message, or one part of one. */
export type Ur = { readonly message: Uint8Array } | { readonly part: Part }

/** A message cut into parts, which never end. */
export interface Frames {
  /** How many fragments there are: with fewer parts nobody can read the message. */
  readonly count: number
  /** The text of a part, from 1; in small letters. */
  readonly frame: (sequence: number) => string
}

/** The text of a message in one piece (BCR-2020-005), in small letters. The message is one item of CBOR. */
export function writeUr(type: string, message: Uint8Array): string {
  return `ur:${type}/${toBytewords(message)}`
}

/**
 * Cuts a message into parts of which any may be missed.
 *
 * @param most - bytes of the message that one part may carry.
 */
export function framesOf(type: string, message: Uint8Array, most: number): Frames {
  const size = Math.ceil(message.length / Math.ceil(message.length / most))
  const count = Math.ceil(message.length / size)
  const checksum = crc32(message)
  return {
    count,
    frame(sequence) {
      const data = new Uint8Array(size)
      for (const fragment of fragmentsIn(sequence, count, checksum))
        mix(data, message.subarray(fragment * size, (fragment + 1) * size))
      const part = encodeCbor([sequence, count, message.length, checksum, data])
      return `ur:${type}/${sequence}-${count}/${toBytewords(part)}`
    },
  }
}

/** Turns `into` to the exclusive or of both, which is what mixes fragments and takes them out again. */
export function mix(into: Uint8Array, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at++) into[at] = (into[at] as number) ^ (bytes[at] as number)
}

const UR = /^ur:([a-z0-9-]{1,64})\/(?:([0-9]{1,10})-([0-9]{1,10})\/)?([a-z]+)$/

/**
 * Reads the text of a code, in small or capital letters.
 *
 * @throws {UrError} `foreign-code` for another product's code, a web address or any other text; `malformed`, `bad-checksum`, or
 *   `too-large` beyond {@link UR_LIMITS}.
 */
export function readUr(type: string, text: string): Ur {
  if (!/^ur:/i.test(text)) throw new UrError('foreign-code', notOurs(text))
  if (text.length > UR_LIMITS.text) throw new UrError('too-large', 'this code is longer than any that Lockbox shows')
  const [, found, sequence, count, words] = UR.exec(text.toLowerCase()) ?? []
  if (found === undefined || words === undefined)
    throw new UrError('malformed', 'this looks like the beginning of a code and does not go on like one')
  if (found !== type) throw new UrError('foreign-code', `this is a code of another program (${found})`)
  const bytes = fromBytewords(words)
  if (sequence === undefined || count === undefined) return { message: bytes }
  const part = partOf(bytes)
  if (part.sequence !== Number(sequence) || part.count !== Number(count))
    throw new UrError('malformed', 'this code says two different things of its place')
  return { part }
}

function notOurs(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? 'this code is a web address, nothing of Lockbox'
    : 'this code is nothing of Lockbox'
}

function partOf(bytes: Uint8Array): Part {
  const [sequence, count, length, checksum, data, ...more] = itemsIn(bytes)
  const isPart =
    more.length === 0 &&
    isNumber(sequence, 1, 2 ** 32 - 1) &&
    isNumber(count, 1, Number.MAX_SAFE_INTEGER) &&
    isNumber(length, 1, Number.MAX_SAFE_INTEGER) &&
    isNumber(checksum, 0, 2 ** 32 - 1) &&
    data instanceof Uint8Array
  if (!isPart) throw malformedPart()
  if (count > UR_LIMITS.fragments || length > UR_LIMITS.message)
    throw new UrError('too-large', 'this code belongs to more than Lockbox shows as codes')
  // Equal fragments, of which the last may be filled up: as many as there must be, and none for nothing.
  if (Math.ceil(length / data.length) !== count) throw malformedPart()
  return { sequence, count, length, checksum, data }
}

function itemsIn(bytes: Uint8Array): readonly Cbor[] {
  try {
    const items = decodeCbor(bytes)
    return Array.isArray(items) ? (items as readonly Cbor[]) : []
  } catch (cause) {
    if (cause instanceof CborError) throw malformedPart(cause)
    throw cause
  }
}

function isNumber(item: Cbor | undefined, least: number, most: number): item is number {
  return typeof item === 'number' && item >= least && item <= most
}

function malformedPart(cause?: unknown): UrError {
  return new UrError('malformed', 'expected a part of a message: number, count, length, checksum and bytes', { cause })
}
