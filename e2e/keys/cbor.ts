import { concat, utf8 } from '../../shared/bytes.ts'

/** What a security key writes: maps keep the order given, which the caller makes CTAP2's canonical one. */
export type Cbor = number | boolean | string | Uint8Array | ReadonlyMap<number | string, Cbor>

/** CBOR (RFC 8949) of what authenticators write: integers to 32 bits, texts, byte strings, booleans, maps. */
export function encodeCbor(value: Cbor): Uint8Array<ArrayBuffer> {
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4)
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (value instanceof Uint8Array) return concat(head(2, value.length), value)
  if (typeof value === 'string') return concat(head(3, utf8(value).length), utf8(value))
  const entries = [...value].flatMap(([key, item]) => [encodeCbor(key), encodeCbor(item)])
  return concat(head(5, value.size), ...entries)
}

function head(major: number, argument: number): Uint8Array<ArrayBuffer> {
  const type = major << 5
  if (argument < 24) return Uint8Array.of(type | argument)
  if (argument < 0x100) return Uint8Array.of(type | 24, argument)
  if (argument < 0x10000) return Uint8Array.of(type | 25, argument >> 8, argument & 0xff)
  throw new TypeError('longer than anything an authenticator writes')
}
