import { sha256 } from '@noble/hashes/sha2.js'
import { concat, digest, equalBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts'
import { isLockboxError } from '../errors.ts'
import { type Json, jcs, parseJcs } from '../jcs.ts'
import { ORIGIN, RP_ID } from '../origin.ts'
import { preAuthenticationEncoding } from '../statements/encoding.ts'
import { MAX_ENVELOPE_BYTES } from '../statements/sizes.ts'
import type { Cbor } from './cbor.ts'
import { PackError } from './pack-error.ts'
import { packValue, type Seen, unpackValue } from './pack-values.ts'
import { packWord, unpackWord } from './pack-words.ts'

const TYPE = /^application\/vnd\.lockbox\.(.+)\+json$/
const RP_ID_HASH = sha256(utf8(RP_ID))

type Fields = { readonly [key: string]: Json }

/**
 * An envelope as a pack carries it (docs/formats/qr.md §1.2): an array where that leads back to the same bytes, else the
 * envelope itself. Whatever it is, valid or not, it comes out as it went in.
 */
export function packStatement(envelope: Uint8Array, seen: Seen): Cbor {
  const before = seen.size
  const packed = shortForm(envelope, seen)
  // As a reader will: from what was met before this statement on.
  seen.cut(before)
  if (packed !== null && leadsBack(packed, envelope, seen)) return packed
  seen.cut(before)
  return envelope
}

/**
 * The envelope that a pack carries; what it says is added to what was met.
 *
 * @throws {PackError} `malformed`.
 */
export function unpackStatement(packed: Cbor, seen: Seen): Uint8Array {
  return packed instanceof Uint8Array ? packed : longForm(packed, seen)
}

/** The array form, if the envelope can be read at all; whether it is in the usual form is seen when bytes are compared. */
function shortForm(envelope: Uint8Array, seen: Seen): Cbor | null {
  try {
    const { payload, payloadType, signatures } = parseJcs(envelope) as Fields
    const kind = TYPE.exec(textOf(payloadType))?.[1] as string
    const payloadBytes = fromBase64Url(textOf(payload))
    const [device, hardware] = signatures as readonly (Fields | undefined)[]
    return [
      packWord(kind),
      packValue(parseJcs(payloadBytes), seen),
      ...packSignature(device ?? {}, seen),
      ...(hardware === undefined ? [] : packHardware(hardware, signedId(kind, payloadBytes), seen)),
    ]
  } catch (error) {
    // A TypeError: JSON, but not of this shape.
    if (isLockboxError(error) || error instanceof TypeError) return null
    throw error
  }
}

function packSignature(signature: Fields, seen: Seen): Cbor[] {
  return [packValue(signature['keyid'] ?? null, seen), fromBase64Url(textOf(signature['sig']))]
}

function packHardware(signature: Fields, id: string, seen: Seen): Cbor[] {
  const clientData = fromBase64Url(textOf(signature['clientDataJSON']))
  return [
    ...packSignature(signature, seen),
    fromBase64Url(textOf(signature['authenticatorData'])).slice(RP_ID_HASH.length),
    clientData.slice(clientDataHead(id).length),
  ]
}

function leadsBack(packed: Cbor, envelope: Uint8Array, seen: Seen): boolean {
  try {
    return equalBytes(longForm(packed, seen), envelope)
  } catch (error) {
    if (error instanceof PackError) return false
    throw error
  }
}

function longForm(packed: Cbor, seen: Seen): Uint8Array {
  const items = Array.isArray(packed) ? (packed as readonly Cbor[]) : []
  const kind = unpackWord(items[0])
  if (kind === null || (items.length !== 4 && items.length !== 8))
    throw new PackError('malformed', 'expected a statement: its kind, what it says, and one or two signatures')
  const payload = unpackValue(items[1] as Cbor, seen)
  const payloadBytes = canonical(payload)
  if (payloadBytes.length > MAX_ENVELOPE_BYTES)
    throw new PackError('too-large', 'a statement in this code is larger than any may be')
  const id = signedId(kind, payloadBytes)
  const signatures = [unpackSignature(items.slice(2, 4), seen)]
  if (items.length === 8) signatures.push(unpackHardware(items.slice(4), id, seen))
  meet(id, kind, payload, seen)
  return jcs({ payload: toBase64Url(payloadBytes), payloadType: typeOf(kind), signatures })
}

function unpackSignature([keyid, sig]: readonly Cbor[], seen: Seen): Fields {
  return { keyid: unpackValue(keyid ?? null, seen), sig: toBase64Url(bytesIn(sig)) }
}

function unpackHardware([keyid, sig, authenticatorData, clientData]: readonly Cbor[], id: string, seen: Seen): Fields {
  return {
    ...unpackSignature([keyid ?? null, sig ?? null], seen),
    authenticatorData: toBase64Url(concat(RP_ID_HASH, bytesIn(authenticatorData))),
    clientDataJSON: toBase64Url(concat(clientDataHead(id), bytesIn(clientData))),
  }
}

/** What later statements will name: this one, and the keys of a roster. */
function meet(id: string, kind: string, payload: Json, seen: Seen): void {
  seen.add(id)
  if (kind === 'roster') for (const key of keysIn((payload as Fields | null)?.['members'])) seen.add(key)
}

/** The ids of the keys that sign, in the order in which a roster names them; of a member without one, none. */
function* keysIn(members: Json | undefined): Generator<string> {
  if (!Array.isArray(members)) return
  for (const member of members as readonly (Fields | null)[]) {
    const device = member?.['device'] as Fields | null | undefined
    const keys = device?.['keys'] as Fields | null | undefined
    yield* idOf(keys?.['statement'])
    const authenticators = member?.['authenticators']
    if (!Array.isArray(authenticators)) continue
    for (const one of authenticators as readonly (Fields | null)[]) yield* idOf(one?.['publicKey'])
  }
}

function idOf(key: Json | undefined): readonly string[] {
  if (typeof key !== 'string') return []
  try {
    return [digest(fromBase64Url(key))]
  } catch (error) {
    if (isLockboxError(error)) return []
    throw error
  }
}

function typeOf(kind: string): string {
  return `application/vnd.lockbox.${kind}+json`
}

function signedId(kind: string, payloadBytes: Uint8Array): string {
  return digest(preAuthenticationEncoding(typeOf(kind), payloadBytes))
}

/** How client data begins, byte for byte, if it is good (docs/formats/statements.md §8). */
function clientDataHead(id: string): Uint8Array {
  return utf8(`{"type":"webauthn.get","challenge":"${id}","origin":"${ORIGIN}","crossOrigin":false`)
}

function canonical(payload: Json): Uint8Array {
  try {
    return jcs(payload)
  } catch (cause) {
    throw new PackError('malformed', 'expected what a statement says to have a canonical form', { cause })
  }
}

function textOf(value: Json | undefined): string {
  if (typeof value !== 'string') throw new TypeError('expected a text')
  return value
}

function bytesIn(item: Cbor | undefined): Uint8Array {
  if (!(item instanceof Uint8Array)) throw new PackError('malformed', 'expected bytes')
  return item
}
