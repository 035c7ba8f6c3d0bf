import { concat, utf8 } from '../bytes.ts'
import { KINDS, type Kind } from './kinds.ts'

/** How the `payloadType` of every statement begins. */
export const TYPE_PREFIX = 'application/vnd.lockbox.'
const TYPE_SUFFIX = '+json'

/** The `payloadType` of a kind of statement. */
export const typeOf = (kind: Kind): string => TYPE_PREFIX + kind + TYPE_SUFFIX

/** Every kind by its `payloadType`. */
export const KIND_OF_TYPE: ReadonlyMap<string, Kind> = new Map(
  (Object.keys(KINDS) as Kind[]).map((kind) => [typeOf(kind), kind]),
)

/**
 * DSSE v1 pre-authentication encoding (secure-systems-lab/dsse, protocol.md):
 * `DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload`.
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(utf8(`${headOf(payloadType)}${payload.length} `), payload)
}

const headOf = (payloadType: string): string => `DSSEv1 ${utf8(payloadType).length} ${payloadType} `

/** Gives so many bytes to be written to, all of them. */
export type Room = (bytes: number) => Uint8Array

/** An array of its own each time. */
export const ownRoom: Room = (bytes) => new Uint8Array(bytes)

/**
 * Rooms side by side in one array: to allocate one for each statement, and to collect it, takes longer than to write it. What does not
 * fit any more gets an array of its own.
 *
 * @param size - bytes of that array.
 */
export function sharedRoom(size: number): Room {
  const all = new Uint8Array(size)
  let taken = 0
  return (bytes) => {
    if (taken + bytes > all.length) return ownRoom(bytes)
    taken += bytes
    return all.subarray(taken - bytes, taken)
  }
}

const HEADS = Object.fromEntries(
  (Object.keys(KINDS) as Kind[]).map((kind) => [kind, utf8(headOf(typeOf(kind)))]),
) as Record<Kind, Uint8Array>

/** What is signed of a statement. */
export interface Encoding {
  readonly signedBytes: Uint8Array
  /** Its last part. */
  readonly payload: Uint8Array
}

/** The pre-authentication encoding of a payload of so many bytes, which is still to be written. */
export function encodingFor(kind: Kind, payloadBytes: number, room: Room): Encoding {
  const head = HEADS[kind]
  const length = `${payloadBytes} `
  const signedBytes = room(head.length + length.length + payloadBytes)
  signedBytes.set(head)
  for (let at = 0; at < length.length; at++) signedBytes[head.length + at] = length.charCodeAt(at)
  return { signedBytes, payload: signedBytes.subarray(head.length + length.length) }
}
