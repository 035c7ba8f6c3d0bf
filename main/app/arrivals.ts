import { concat, fromBase64Url, toBase64Url, type UnixMilliseconds } from '../../shared/bytes.ts'
import type { Arrival, Carrier } from '../../shared/carriers/arrival.ts'

// The value of a record of table `statement`: docs/formats/journal.md §2.

/** By their numbers in a record. Only ever added to at the end, and never so many that one is the `{` of an envelope. */
const CARRIERS: readonly (Carrier | null)[] = [null, 'own', 'lan', 'code', 'file', 'text', 'mail', 'relay']
const DEVICE_BYTES = 32
/** How every envelope begins: `{`. */
export const ENVELOPE_START = 0x7b
const HEARD_BYTES = 8

/** An envelope, when this device had it first, and by which way; null if that was not kept yet. */
export interface Heard {
  readonly heard: UnixMilliseconds
  readonly from: Arrival | null
  readonly envelope: Uint8Array
}

/** A statement's record. */
export function writeHeard({ heard, from, envelope }: Heard & { readonly from: Arrival }): Uint8Array {
  const head = new Uint8Array(HEARD_BYTES + 1 + DEVICE_BYTES)
  new DataView(head.buffer).setBigUint64(0, BigInt(heard))
  head[HEARD_BYTES] = CARRIERS.indexOf(from.by)
  if (from.device !== null) head.set(fromBase64Url(from.device), HEARD_BYTES + 1)
  return concat(head, envelope)
}

/** Reads a statement's record. Whatever the way is that it names, the envelope is given. */
export function readHeard(value: Uint8Array): Heard {
  const heard = Number(new DataView(value.buffer, value.byteOffset, HEARD_BYTES).getBigUint64(0))
  if (value[HEARD_BYTES] === ENVELOPE_START) return { heard, from: null, envelope: value.slice(HEARD_BYTES) }
  const start = HEARD_BYTES + 1 + DEVICE_BYTES
  return { heard, from: arrivalIn(value.subarray(HEARD_BYTES, start)), envelope: value.slice(start) }
}

function arrivalIn(bytes: Uint8Array): Arrival | null {
  const by = CARRIERS[bytes[0] ?? 0] ?? null
  const device = bytes.subarray(1)
  return by === null ? null : { by, device: device.some((byte) => byte !== 0) ? toBase64Url(device) : null }
}
