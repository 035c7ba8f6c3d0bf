import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { type Json, jcs } from '../../shared/jcs.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { person } from '../../shared/testing/keys.ts'
import { changedJson, leavesOf } from './json.ts'
import { bytesOf, latin1 } from './latin1.ts'
import { oneOf, type Random } from './random.ts'

// RFC 8410 §7: what stands before the 32 bytes of a key in PKCS #8.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Device keys of those whom the originals are about, by the device's id. */
const DEVICES: ReadonlyMap<unknown, KeyObject> = new Map(
  ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace'].map(person).map(({ device, deviceSeed }) => {
    const der = Buffer.concat([PKCS8, deviceSeed])
    return [device, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })]
  }),
)

/** A line of an entry, taken apart. */
const ENTRY = /^\{"at":(\d+),"entry":(\{.*?\})(,"proof":\[.*\])?\}$/s

/** A line with one thing of its JSON changed, mostly in canonical form again. */
export function inJson(line: string, other: string, random: Random): string {
  const value = jsonOf(line)
  if (value === null) return line
  return textOf(changedJson(value, random, leavesOf(jsonOf(other) ?? null)), random)
}

/** An entry whose payload says something else; sometimes its author's device signs that. */
export function inPayload(line: string, other: string, random: Random): string {
  const envelope = envelopeIn(line)
  const payload = envelope && payloadOf(envelope)
  if (envelope === null || payload === null) return line
  const theirs = envelopeIn(other)
  const changed = textOf(changedJson(payload, random, leavesOf((theirs && payloadOf(theirs)) ?? null)), random)
  const made = { ...envelope, payload: toBase64Url(bytesOf(changed)) }
  return withEnvelope(line, random(3) === 0 ? signedAnew(made) : made)
}

/** An entry that has one part of another: a signature, all of them, its payload, its type. */
export function withPartOf(line: string, other: string, random: Random): string {
  const [mine, theirs] = [envelopeIn(line), envelopeIn(other)]
  if (mine === null || theirs === null) return line
  const [signature, theirSignature] = [signaturesOf(mine), signaturesOf(theirs)]
  const at = random(Math.max(signature.length, 1))
  const ways: { [key: string]: Json }[] = [
    { ...mine, signatures: theirs['signatures'] ?? null },
    { ...mine, payload: theirs['payload'] ?? null },
    { ...mine, payloadType: theirs['payloadType'] ?? null },
    { ...mine, signatures: signature.with(at, oneOf([...theirSignature, null], random)) },
    { ...mine, signatures: signature.toSpliced(at, 1) },
    { ...mine, signatures: signature.toReversed() },
    { ...mine, signatures: [...signature, ...signature] },
  ]
  return withEnvelope(line, oneOf(ways, random))
}

/** A line with one thing of its proof changed. */
export function inProof(line: string, other: string, random: Random): string {
  const [, at, envelope = '', proof] = ENTRY.exec(line) ?? []
  const theirs = ENTRY.exec(other)?.[3]
  if (at === undefined) return line
  const list: string[] = proof === undefined ? [] : (JSON.parse(proof.slice(9)) as string[])
  const hash = list[random(Math.max(list.length, 1))] ?? toBase64Url(new Uint8Array(32).fill(random(256)))
  const where = random(list.length + 1)
  const lists = [
    list.toSpliced(where, 1),
    list.toSpliced(where, 0, hash),
    list.toReversed(),
    list.toSpliced(where, 1, hash),
    list.toSpliced(where, 1, toBase64Url(fromBase64Url(hash).with(random(32), random(256)))),
    Array.from({ length: 65 }, () => hash),
  ]
  const made = random(4) === 0 ? (theirs ?? '') : `,"proof":${JSON.stringify(oneOf(lists, random))}`
  return `{"at":${at},"entry":${envelope}${made}}`
}

function jsonOf(text: string): { [key: string]: Json } | null {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytesOf(text)))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { [key: string]: Json })
      : null
  } catch {
    return null
  }
}

function envelopeIn(line: string): { [key: string]: Json } | null {
  return jsonOf(ENTRY.exec(line)?.[2] ?? '')
}

function withEnvelope(line: string, envelope: { [key: string]: Json }): string {
  const [, at = '0', , proof = ''] = ENTRY.exec(line) ?? []
  return `{"at":${at},"entry":${latin1(jcs(envelope))}${proof}}`
}

function payloadOf({ payload }: { [key: string]: Json }): { [key: string]: Json } | null {
  try {
    return typeof payload === 'string' ? jsonOf(latin1(fromBase64Url(payload))) : null
  } catch {
    return null
  }
}

function signaturesOf({ signatures }: { [key: string]: Json }): Json[] {
  return Array.isArray(signatures) ? [...(signatures as Json[])] : []
}

/** Signed by the device that the payload names, if it is one of ours: what malware on it can do. */
function signedAnew(envelope: { [key: string]: Json }): { [key: string]: Json } {
  try {
    const statement = parse(jcs(envelope))
    const keyid = statement.payload.device
    const key = DEVICES.get(keyid)
    if (key === undefined) return envelope
    const sig = toBase64Url(sign(null, statement.signedBytes, key))
    return { ...envelope, signatures: [{ keyid, sig }, ...signaturesOf(envelope).slice(1)] }
  } catch {
    // What the door's first half refuses needs no signature.
    return envelope
  }
}

/** JSON as characters, one for each byte: nearly always in canonical form. */
function textOf(value: Json, random: Random): string {
  const way = random(12)
  const plain =
    way === 0 ? JSON.stringify(value, null, 1).replaceAll('\n', '') : way === 1 ? JSON.stringify(value) : null
  if (plain !== null) return latin1(utf8(plain))
  try {
    const text = latin1(jcs(value))
    // The same key twice: what follows `{` once more.
    return way === 2 ? text.replace(/^\{("[^"]*":(?:"[^"]*"|\d+),)/, '{$1$1') : text
  } catch {
    return latin1(utf8(JSON.stringify(value)))
  }
}
