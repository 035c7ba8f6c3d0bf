import { fromUtf8, joined, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'

/** What codes are made of: the few types of CBOR (RFC 8949) that packing and Uniform Resources need. */
export type Cbor = null | boolean | number | string | Uint8Array | readonly Cbor[] | CborMap
/** Keys are integers and texts. */
export type CborMap = ReadonlyMap<number | string, Cbor>

/** Bytes that are not one item of deterministic CBOR of the types above. */
export class CborError extends LockboxError<'malformed'> {}

const UNSIGNED = 0
const NEGATIVE = 1
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5
const [FALSE, TRUE, NULL] = [0xf4, 0xf5, 0xf6]

/** How deep arrays and maps may lie in one another: a payload's 16 (DESIGN §4) and what packing lays around it. */
const MAX_DEPTH = 24

/**
 * Writes one item in the deterministic form of RFC 8949 §4.2.1: shortest heads, definite lengths, keys in the order of their
 * encoded bytes.
 *
 * @throws {TypeError} for a number that is not a safe integer.
 */
export function encodeCbor(item: Cbor): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  write(item, parts)
  return joined(parts)
}

/** Negative if key `a` stands before `b` in a map. */
export function compareKeys(a: number | string, b: number | string): number {
  return compareBytes(encodeCbor(a), encodeCbor(b))
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const difference = (a[at] as number) - (b[at] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function write(item: Cbor, parts: Uint8Array[]): void {
  if (item === null) parts.push(Uint8Array.of(NULL))
  else if (typeof item === 'boolean') parts.push(Uint8Array.of(item ? TRUE : FALSE))
  else if (typeof item === 'number') parts.push(integer(item))
  else if (typeof item === 'string') {
    const bytes = utf8(item)
    parts.push(head(TEXT, bytes.length), bytes)
  } else if (item instanceof Uint8Array) parts.push(head(BYTES, item.length), item)
  else if (item instanceof Map) writeMap(item, parts)
  else writeArray(item as readonly Cbor[], parts)
}

function writeArray(items: readonly Cbor[], parts: Uint8Array[]): void {
  parts.push(head(ARRAY, items.length))
  for (const item of items) write(item, parts)
}

function writeMap(map: CborMap, parts: Uint8Array[]): void {
  parts.push(head(MAP, map.size))
  for (const [key, value] of [...map].sort(([a], [b]) => compareKeys(a, b))) {
    write(key, parts)
    write(value, parts)
  }
}

function integer(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new TypeError('expected a safe integer')
  return value < 0 ? head(NEGATIVE, -1 - value) : head(UNSIGNED, value)
}

function head(major: number, argument: number): Uint8Array {
  const first = major << 5
  if (argument < 24) return Uint8Array.of(first | argument)
  const size = argument < 2 ** 8 ? 1 : argument < 2 ** 16 ? 2 : argument < 2 ** 32 ? 4 : 8
  const bytes = new Uint8Array(1 + size)
  bytes[0] = first | (24 + Math.log2(size))
  let rest = argument
  for (let at = size; at > 0; at--) {
    bytes[at] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return bytes
}

/**
 * Reads one item that takes up all of the bytes. Only what {@link encodeCbor} writes is read: one value, one spelling.
 * Nothing is reserved by what a length claims, only by the bytes that are there.
 *
 * @throws {CborError}
 */
export function decodeCbor(bytes: Uint8Array): Cbor {
  const reader: Reader = { bytes, at: 0 }
  const item = read(reader, 0)
  if (reader.at !== bytes.length) throw new CborError('malformed', 'expected nothing behind the end')
  return item
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

function read(reader: Reader, depth: number): Cbor {
  if (depth > MAX_DEPTH) throw new CborError('malformed', `nested deeper than ${MAX_DEPTH}`)
  const first = reader.bytes[reader.at]
  if (first === NULL || first === TRUE || first === FALSE) {
    reader.at++
    return first === NULL ? null : first === TRUE
  }
  const { major, argument } = readHead(reader)
  switch (major) {
    case UNSIGNED:
      return argument
    case NEGATIVE:
      return safe(-1 - argument)
    case BYTES:
      return take(reader, argument).slice()
    case TEXT:
      return text(take(reader, argument))
    case ARRAY:
      return readArray(reader, argument, depth)
    case MAP:
      return readMap(reader, argument, depth)
    default:
      throw new CborError('malformed', 'expected no tags, fractions or other simple values')
  }
}

function readArray(reader: Reader, count: number, depth: number): Cbor[] {
  const items: Cbor[] = []
  for (let left = count; left > 0; left--) items.push(read(reader, depth + 1))
  return items
}

function readMap(reader: Reader, count: number, depth: number): CborMap {
  const map = new Map<number | string, Cbor>()
  let last: Uint8Array | null = null
  for (let left = count; left > 0; left--) {
    const start = reader.at
    const key = read(reader, depth + 1)
    if (typeof key !== 'number' && typeof key !== 'string')
      throw new CborError('malformed', 'expected integers and texts as keys')
    const encoded = reader.bytes.subarray(start, reader.at)
    if (last !== null && compareBytes(last, encoded) >= 0)
      throw new CborError('malformed', 'expected keys in order, none twice')
    last = encoded
    map.set(key, read(reader, depth + 1))
  }
  return map
}

function readHead(reader: Reader): { major: number; argument: number } {
  const [first] = take(reader, 1)
  const major = (first as number) >> 5
  const low = (first as number) & 0x1f
  if (low < 24) return { major, argument: low }
  if (low > 27) throw new CborError('malformed', 'expected definite lengths')
  const size = 2 ** (low - 24)
  const argument = take(reader, size).reduce((value, byte) => value * 256 + byte, 0)
  const least = size === 1 ? 24 : 2 ** (4 * size)
  if (argument < least) throw new CborError('malformed', 'expected the shortest form')
  return { major, argument: safe(argument) }
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new CborError('malformed', 'expected safe integers only')
  return value
}

function take(reader: Reader, length: number): Uint8Array {
  if (length > reader.bytes.length - reader.at) throw new CborError('malformed', 'the end is missing')
  reader.at += length
  return reader.bytes.subarray(reader.at - length, reader.at)
}

function text(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw new CborError('malformed', 'expected text in UTF-8', { cause })
  }
}
