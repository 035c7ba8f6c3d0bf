import { fromBase64Url, toBase64Url } from '../bytes.ts'
import { isLockboxError } from '../errors.ts'
import type { Json } from '../jcs.ts'
import { type Cbor, compareKeys } from './cbor.ts'
import { PackError } from './pack-error.ts'
import { packWord, unpackWord } from './pack-words.ts'

/** Texts of at least this many characters that are base64url are carried as bytes: 16 of them. */
const LEAST_CHARACTERS = 22
const LEAST_BYTES = 16

/**
 * The ids, names and keys that were met so far, in the order of reading. Writer and reader keep the same list, so that
 * whatever comes twice is carried once (docs/formats/qr.md §1.3). Only values of 16 and 32 bytes stand in it: what a few
 * bytes name can therefore never be long.
 */
export class Seen {
  readonly #texts: string[] = []
  readonly #numbers = new Map<string, number>()

  /** Adds a value, in base64url, if it is new and of 16 or 32 bytes. */
  add(text: string): void {
    if ((text.length !== 22 && text.length !== 43) || this.#numbers.has(text)) return
    this.#numbers.set(text, this.#texts.length)
    this.#texts.push(text)
  }

  /** How many there are: what {@link cut} takes. */
  get size(): number {
    return this.#texts.length
  }

  /** Forgets all but the first so many. */
  cut(size: number): void {
    for (const text of this.#texts.splice(size)) this.#numbers.delete(text)
  }

  /** Its number, big-endian without leading zeros (one byte for 0); null if it was not met. */
  numberOf(text: string): Uint8Array | null {
    const number = this.#numbers.get(text)
    if (number === undefined) return null
    const bytes = [number >>> 16, (number >>> 8) & 0xff, number & 0xff]
    return Uint8Array.from(bytes.slice(number > 0xffff ? 0 : number > 0xff ? 1 : 2))
  }

  /** The value of that number. @throws {PackError} `malformed` if there is none. */
  at(number: Uint8Array): string {
    const text = this.#texts[number.reduce((value, byte) => value * 256 + byte, 0)]
    if (text === undefined || number.length === 0 || (number.length > 1 && number[0] === 0))
      throw new PackError('malformed', 'expected the number of a value that came before')
    return text
  }
}

/** A JSON value as CBOR. Meets its values in the order in which they will be read. */
export function packValue(value: Json, seen: Seen): Cbor {
  if (typeof value === 'string') return packText(value, seen)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return (value as readonly Json[]).map((part) => packValue(part, seen))
  const entries = Object.entries(value)
    .map(([key, part]) => [packWord(key), part] as const)
    .sort(([a], [b]) => compareKeys(a, b))
  return new Map(entries.map(([key, part]) => [key, packValue(part, seen)]))
}

function packText(text: string, seen: Seen): Cbor {
  const bytes = bytesOf(text)
  if (bytes === null) return text
  const number = seen.numberOf(text)
  seen.add(text)
  return number ?? bytes
}

function bytesOf(text: string): Uint8Array | null {
  if (text.length < LEAST_CHARACTERS) return null
  try {
    return fromBase64Url(text)
  } catch (error) {
    if (isLockboxError(error)) return null
    throw error
  }
}

/** The JSON value that a pack carries. @throws {PackError} `malformed`. */
export function unpackValue(packed: Cbor, seen: Seen): Json {
  if (packed instanceof Uint8Array) return unpackBytes(packed, seen)
  if (packed instanceof Map) return unpackObject(packed, seen)
  if (Array.isArray(packed)) return (packed as readonly Cbor[]).map((part) => unpackValue(part, seen))
  return packed as Json
}

function unpackBytes(bytes: Uint8Array, seen: Seen): string {
  if (bytes.length < LEAST_BYTES) return seen.at(bytes)
  const text = toBase64Url(bytes)
  seen.add(text)
  return text
}

function unpackObject(map: ReadonlyMap<number | string, Cbor>, seen: Seen): Json {
  const entries = [...map].map(([key, part]) => {
    const word = unpackWord(key)
    if (word === null) throw new PackError('malformed', 'expected the name of a field')
    return [word, unpackValue(part, seen)] as const
  })
  // Not by assignment: a field named __proto__ is to stay a field.
  return Object.fromEntries(entries)
}
