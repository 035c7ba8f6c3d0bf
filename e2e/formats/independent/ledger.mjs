import { fromText, sha256 } from './bytes.mjs'
import { verifyEd25519 } from './keys.mjs'

// ledger.md §1 and §2.

const leafHash = (entry) => sha256(Uint8Array.of(0), entry)
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right)

/** The roots over the first n entries, in base64url, for n from 0 up to the first place that is left out. */
export function rootsOf(placed) {
  const entries = []
  for (const { at, envelope } of placed) {
    if (at === entries.length) entries.push(envelope)
    else if (at > entries.length) break
  }
  const roots = [sha256().toString('base64url')]
  const peaks = []
  for (const [at, entry] of entries.entries()) {
    let hash = leafHash(entry)
    for (let bits = at; bits & 1; bits >>= 1) hash = nodeHash(peaks.pop(), hash)
    peaks.push(hash)
    const root = peaks.reduceRight((right, left) => nodeHash(left, right))
    roots.push(root.toString('base64url'))
  }
  return roots
}

/** Whether an audit path leads from an entry to a root (RFC 9162 §2.1.3.2). */
export function isIncluded({ at, envelope, proof }, size, root) {
  if (at >= size) return false
  let [place, last, hash] = [at, size - 1, leafHash(envelope)]
  for (const text of proof) {
    if (last === 0) return false
    const sibling = fromText(text)
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash)
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)]
    } else hash = nodeHash(hash, sibling)
    ;[place, last] = [Math.floor(place / 2), Math.floor(last / 2)]
  }
  return last === 0 && hash.toString('base64url') === root
}

/** Whether a consistency proof leads from one head to a larger one (RFC 9162 §2.1.4.2). */
export function isConsistent({ size: from, root: fromRoot }, { size: to, root: toRoot }, proof) {
  if (from === 0 || from >= to) return false
  let [place, last] = [from - 1, to - 1]
  while (place % 2 === 1) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)]
  const hashes = (place === 0 ? [fromRoot, ...proof] : proof).map((text) => fromText(text))
  if (hashes.length === 0) return false
  let [older, newer] = [hashes[0], hashes[0]]
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      older = nodeHash(sibling, older)
      newer = nodeHash(sibling, newer)
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)]
    } else newer = nodeHash(newer, sibling)
    ;[place, last] = [Math.floor(place / 2), Math.floor(last / 2)]
  }
  return last === 0 && older.toString('base64url') === fromRoot && newer.toString('base64url') === toRoot
}

const KEY_NAME = /^[^\p{White_Space}\p{Cc}+]{1,256}$/u
const ORIGIN = /^lockbox\.localhost\/([A-Za-z0-9_-]{43})\/([A-Za-z0-9_-]{43})$/

/**
 * The parts of a checkpoint.
 *
 * @returns `{origin, organization, device, size, root, text, lines: [{name, id, blob}]}`, or null if it is malformed;
 *   organization and device are undefined if the origin is not one of Lockbox.
 */
export function parseCheckpoint(note) {
  if (Buffer.byteLength(note) > 32_768 || /[\p{Cs}]|[^\P{Cc}\n]/u.test(note)) return null
  const split = note.lastIndexOf('\n\n')
  const text = note.slice(0, split + 1)
  const [origin, sizeText, rootText, ...further] = text.slice(0, -1).split('\n')
  const [, organization, device] = ORIGIN.exec(origin) ?? []
  const root = fromText(rootText, 'base64')
  const size = /^(0|[1-9][0-9]*)$/.test(sizeText) ? Number(sizeText) : Number.NaN
  const lines = signatureLines(note.slice(split + 2))
  if (split === -1 || further.length > 0 || !Number.isSafeInteger(size) || root?.length !== 32 || lines === null)
    return null
  if (!KEY_NAME.test(origin)) return null
  return { origin, organization, device, size, root: root.toString('base64url'), text, lines }
}

function signatureLines(text) {
  if (!text.endsWith('\n')) return null
  const lines = text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const [, name, base64] = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? []
      const bytes = fromText(base64, 'base64')
      return KEY_NAME.test(name) && bytes !== null && bytes.length > 4
        ? { name, id: bytes.subarray(0, 4), blob: bytes.subarray(4) }
        : null
    })
  return lines.length <= 128 && !lines.includes(null) ? lines : null
}

const OWN = 1
const COSIGNATURE = 4

/**
 * Verifies a checkpoint and all its cosignatures by known keys.
 *
 * @param keys - checkpoint keys (32 bytes) by device.
 * @returns `{cosigners: [{device, time}]}` (time in Unix seconds), or `{code, signer}`: why it is refused, and whose
 *   signature is to blame.
 */
export function verifyCheckpoint({ origin, organization, device, text, lines }, keys) {
  if (!keys.has(device)) return { code: 'unknown-key', signer: device }
  const signed = lines.flatMap((line) => withKey(line, OWN, organization, keys)).filter(({ name }) => name === origin)
  if (signed.length === 0) return { code: 'unsigned', signer: device }
  if (!signed.every(({ key, blob }) => verifyEd25519(key, Buffer.from(text), blob)))
    return { code: 'bad-signature', signer: device }
  const cosigned = lines
    .flatMap((line) => withKey(line, COSIGNATURE, organization, keys))
    .filter(({ name }) => name !== origin)
  const bad = cosigned.find(({ key, blob }) => !isCosignature(key, blob, text))
  if (bad !== undefined) return { code: 'bad-cosignature', signer: bad.signer }
  return { cosigners: cosigned.map(({ signer, blob }) => ({ device: signer, time: Number(blob.readBigUInt64BE()) })) }
}

/** The line with the known key of that name and key id, if there is one. */
function withKey(line, type, organization, keys) {
  const [, of, signer] = ORIGIN.exec(line.name) ?? []
  const those = of === organization ? (keys.get(signer) ?? []) : []
  return those.filter((key) => line.id.equals(noteKeyId(line.name, type, key))).map((key) => ({ ...line, signer, key }))
}

function isCosignature(key, blob, text) {
  if (blob.length !== 72) return false
  const time = blob.readBigUInt64BE()
  return time < 2n ** 53n && verifyEd25519(key, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), blob.subarray(8))
}

const noteKeyId = (name, type, key) => sha256(`${name}\n`, Uint8Array.of(type), key).subarray(0, 4)
