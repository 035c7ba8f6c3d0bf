import { fromText, sha256 } from './bytes.mjs'
import { verifyEd25519 } from './keys.mjs'

// ledger.md §1 and §2.

const leafHash = (entry) => sha256(Uint8Array.of(0), entry)
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right)

/** The roots over the first n entries, in base64url, for n from 0 to all. */
export function rootsOf(entries) {
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

const ORIGIN = /^lockbox\.localhost\/([A-Za-z0-9_-]{43})\/([A-Za-z0-9_-]{43})$/

/**
 * The parts of a checkpoint.
 *
 * @returns `{origin, organization, device, size, root, text, lines: [{name, id, blob}]}`, or null if it is malformed.
 */
export function parseCheckpoint(note) {
  if (Buffer.byteLength(note) > 32_768 || /[\p{Cs}]|[^\P{Cc}\n]/u.test(note)) return null
  const split = note.indexOf('\n\n')
  const text = note.slice(0, split + 1)
  const [origin, sizeText, rootText, ...further] = text.slice(0, -1).split('\n')
  const [, organization, device] = ORIGIN.exec(origin) ?? []
  const root = fromText(rootText, 'base64')
  const size = /^(0|[1-9][0-9]*)$/.test(sizeText) ? Number(sizeText) : Number.NaN
  const lines = signatureLines(note.slice(split + 2))
  if (split === -1 || further.length > 0 || !Number.isSafeInteger(size) || root?.length !== 32 || lines === null)
    return null
  if (fromText(organization)?.length !== 32 || fromText(device)?.length !== 32) return null
  return { origin, organization, device, size, root: root.toString('base64url'), text, lines }
}

function signatureLines(text) {
  if (!text.endsWith('\n')) return null
  const lines = text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const [, name, base64] = /^— ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? []
      const bytes = fromText(base64, 'base64')
      return bytes !== null && bytes.length > 4 ? { name, id: bytes.subarray(0, 4), blob: bytes.subarray(4) } : null
    })
  return lines.length <= 128 && !lines.includes(null) ? lines : null
}

const OWN = 1
const COSIGNATURE = 4

/**
 * Verifies a checkpoint and all its cosignatures by known keys.
 *
 * @param keys - checkpoint keys (32 bytes) by device.
 * @returns `{cosigners: [{device, time}]}` (time in Unix seconds), or `{code}`: why it is refused.
 */
export function verifyCheckpoint({ origin, organization, device, text, lines }, keys) {
  const cosigners = []
  let signed = false
  for (const { name, id, blob } of lines) {
    const signer = ORIGIN.exec(name)?.[1] === organization ? ORIGIN.exec(name)[2] : undefined
    for (const key of keys.get(signer) ?? []) {
      if (signer === device && id.equals(noteKeyId(name, OWN, key))) {
        if (!verifyEd25519(key, Buffer.from(text), blob)) return { code: 'bad-signature' }
        signed = true
      } else if (id.equals(noteKeyId(name, COSIGNATURE, key))) {
        const time = blob.length === 72 ? blob.readBigUInt64BE() : -1n
        const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)
        if (time < 0n || time >= 2n ** 53n || !verifyEd25519(key, message, blob.subarray(8)))
          return { code: 'bad-cosignature' }
        if (name !== origin) cosigners.push({ device: signer, time: Number(time) })
      }
    }
  }
  return signed ? { cosigners } : { code: 'unsigned' }
}

const noteKeyId = (name, type, key) => sha256(`${name}\n`, Uint8Array.of(type), key).subarray(0, 4)
