import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { concat, utf8 } from '../shared/bytes.ts'
import { ENC_LENGTH, type Hpke, type HpkeContext, portableHpke } from '../shared/secrets/hpke.ts'

// The same bytes as the library's, which does X25519 with BigInt and hands each HMAC to another thread: for one share that took
// longer than everything else about it. Here OpenSSL does both, at once.

/** What comes before the 32 bytes of a key (RFC 8410): PKCS #8, and SubjectPublicKeyInfo. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI = Buffer.from('302a300506032b656e032100', 'hex')

const [BASE, AUTH] = [0, 2] as const
const KEM = concat(utf8('KEM'), Uint8Array.of(0, 0x20))
const HPKE = concat(utf8('HPKE'), Uint8Array.of(0, 0x20, 0, 1, 0, 3))
const VERSION = utf8('HPKE-v1')
const NOTHING = new Uint8Array(0)
const KEY_LENGTH = 32
const NONCE_LENGTH = 12

/** HPKE by node:crypto. */
export const nativeHpke: Hpke = {
  async seal(recipientPublicKey, context, plaintext, sender) {
    const ephemeral = generateKeyPairSync('x25519')
    const enc = rawPublic(ephemeral.publicKey)
    const recipient = publicKeyOf(recipientPublicKey)
    const senderKey = sender === null ? null : privateKeyOf(sender)
    const secrets = [agreed(ephemeral.privateKey, recipient)]
    if (senderKey !== null) secrets.push(agreed(senderKey, recipient))
    const known = senderKey === null ? NOTHING : rawPublic(createPublicKey(senderKey))
    const sealed = await withCipher(secrets, concat(enc, recipientPublicKey, known), context, (cipher, nonce) =>
      cipher.seal(nonce, plaintext, context.associatedData),
    )
    return concat(enc, sealed)
  },

  async open({ privateKey, publicKey }, context, box, sender) {
    const own = privateKeyOf(privateKey)
    const enc = box.subarray(0, ENC_LENGTH)
    const secrets = [agreed(own, publicKeyOf(enc))]
    if (sender !== null) secrets.push(agreed(own, publicKeyOf(sender)))
    const recipient = publicKey ?? rawPublic(createPublicKey(own))
    return withCipher(secrets, concat(enc, recipient, sender ?? NOTHING), context, (cipher, nonce) =>
      cipher.open(nonce, box.slice(ENC_LENGTH), context.associatedData),
    )
  },
}

/** By node:crypto where it has X25519, as every Node has that we run on; else the library's. */
export const hpke: Hpke = hasX25519() ? nativeHpke : portableHpke

function hasX25519(): boolean {
  try {
    const { privateKey, publicKey } = generateKeyPairSync('x25519')
    return agreed(privateKey, publicKeyOf(rawPublic(publicKey))).length === KEY_LENGTH
  } catch {
    return false
  }
}

type Cipher = ReturnType<Chacha20Poly1305['createEncryptionContext']>

/**
 * ExtractAndExpand (§4.1) and KeySchedule (§5.1), without a pre-shared key and without exporting.
 *
 * @param secrets - what the keys agreed on, with the sender's last where there is one; wiped.
 * @param kemContext - enc ‖ recipient's public key ‖ sender's, if there is one.
 */
async function withCipher(
  secrets: readonly Uint8Array[],
  kemContext: Uint8Array,
  { info }: HpkeContext,
  use: (cipher: Cipher, nonce: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const wiped = [...secrets]
  const secret = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
    wiped.push(bytes)
    return bytes
  }
  try {
    const agreement = secret(concat(...secrets))
    const eae = secret(extract(KEM, NOTHING, 'eae_prk', agreement))
    const shared = secret(expand(KEM, eae, 'shared_secret', kemContext, KEY_LENGTH))
    const context = concat(
      Uint8Array.of(secrets.length === 1 ? BASE : AUTH),
      extract(HPKE, NOTHING, 'psk_id_hash', NOTHING),
      extract(HPKE, NOTHING, 'info_hash', info),
    )
    const main = secret(extract(HPKE, shared, 'secret', NOTHING))
    const key = secret(expand(HPKE, main, 'key', context, KEY_LENGTH))
    const nonce = expand(HPKE, main, 'base_nonce', context, NONCE_LENGTH)
    // Given an ArrayBuffer, the library keeps a view of it and makes no copy: wiping ours wipes its key.
    return new Uint8Array(await use(new Chacha20Poly1305().createEncryptionContext(key.buffer), nonce))
  } finally {
    for (const bytes of wiped) bytes.fill(0)
  }
}

/** X25519 (RFC 7748). @throws if it comes to nothing but zeros, or the key is no key. */
function agreed(privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  return diffieHellman({ privateKey, publicKey })
}

function privateKeyOf(raw: Uint8Array): KeyObject {
  const key = Buffer.concat([PKCS8, raw])
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  } finally {
    key.fill(0)
  }
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
}

function rawPublic(key: KeyObject): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(key.export({ format: 'der', type: 'spki' }).subarray(-KEY_LENGTH))
}

/** LabeledExtract (§4). */
function extract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array<ArrayBuffer> {
  return hmac(salt, VERSION, suite, utf8(label), ikm)
}

/** LabeledExpand (§4) of one block: nothing here is longer than 32 bytes. */
function expand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  const block = hmac(prk, Uint8Array.of(0, length), VERSION, suite, utf8(label), info, Uint8Array.of(1))
  return length === block.length ? block : block.slice(0, length)
}

function hmac(key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const made = createHmac('sha256', key)
  for (const bytes of data) made.update(bytes)
  const digest = made.digest()
  const own = Uint8Array.from(digest)
  digest.fill(0)
  return own
}
