/// <reference types="node" />
import { createDecipheriv, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import { concat, utf8 } from '../../bytes.ts'
import { hex } from './setup.ts'

/**
 * Opens a box as RFC 9180 says, with OpenSSL only: the way someone without our libraries would, and the check that what
 * our libraries seal is what the RFC says.
 */
export function openByHand(
  privateKey: Uint8Array,
  info: Uint8Array,
  associatedData: Uint8Array,
  box: Uint8Array,
  sender: Uint8Array | null = null,
): Uint8Array {
  const enc = box.subarray(0, 32)
  const tag = box.subarray(-16)
  const { key, nonce } = keySchedule(decapsulate(enc, privateKey, sender), info, sender === null ? BASE : AUTH)
  const cipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
  cipher.setAAD(associatedData, { plaintextLength: box.length - 48 })
  cipher.setAuthTag(tag)
  return concat(cipher.update(box.subarray(32, -16)), cipher.final())
}

/** §4.1, Decap, or AuthDecap where the sender's public key is given. */
function decapsulate(enc: Uint8Array, privateKey: Uint8Array, sender: Uint8Array | null): Uint8Array {
  const own = createPrivateKey({
    key: Buffer.from(concat(hex('302e020100300506032b656e04220420'), privateKey)),
    format: 'der',
    type: 'pkcs8',
  })
  const recipient = new Uint8Array(createPublicKey(own).export({ format: 'der', type: 'spki' }).subarray(-32))
  const agreed = (publicKey: Uint8Array) =>
    new Uint8Array(diffieHellman({ privateKey: own, publicKey: spki(publicKey) }))
  const dh = concat(agreed(enc), ...(sender === null ? [] : [agreed(sender)]))
  const kem = concat(utf8('KEM'), Uint8Array.of(0, 0x20))
  const prk = labeledExtract(kem, new Uint8Array(), 'eae_prk', dh)
  return labeledExpand(kem, prk, 'shared_secret', concat(enc, recipient, sender ?? new Uint8Array()), 32)
}

const spki = (publicKey: Uint8Array) =>
  createPublicKey({
    key: Buffer.from(concat(hex('302a300506032b656e032100'), publicKey)),
    format: 'der',
    type: 'spki',
  })

/** §5, modes. */
const [BASE, AUTH] = [0, 2]

/** §5.1, KeySchedule without a pre-shared key, without exporting. */
function keySchedule(sharedSecret: Uint8Array, info: Uint8Array, mode: number): { key: Uint8Array; nonce: Uint8Array } {
  const empty = new Uint8Array()
  const hpke = concat(utf8('HPKE'), Uint8Array.of(0, 0x20, 0, 1, 0, 3))
  const context = concat(
    Uint8Array.of(mode),
    labeledExtract(hpke, empty, 'psk_id_hash', empty),
    labeledExtract(hpke, empty, 'info_hash', info),
  )
  const secret = labeledExtract(hpke, sharedSecret, 'secret', empty)
  return {
    key: labeledExpand(hpke, secret, 'key', context, 32),
    nonce: labeledExpand(hpke, secret, 'base_nonce', context, 12),
  }
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return hmac(salt, concat(utf8('HPKE-v1'), suite, utf8(label), ikm))
}

/** HKDF-Expand for one block: nothing here is longer than 32 bytes. */
function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const labeled = concat(Uint8Array.of(0, length), utf8('HPKE-v1'), suite, utf8(label), info)
  return hmac(prk, concat(labeled, Uint8Array.of(1))).subarray(0, length)
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(data).digest())
}
