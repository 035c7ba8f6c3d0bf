import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { Dhkem, HkdfSha256Native, KemId, type MontgomeryECDH, XCurveDhkemPrimitives } from '@hpke/common'
import { CipherSuite } from '@hpke/core'
import { toBase64Url } from '../shared/bytes.ts'
import { type Hpke, hpkeBy } from '../shared/secrets/hpke.ts'

// HPKE is the library's. Two of its parts are OpenSSL's here: X25519, which the library does with BigInt, in a time that depends on
// the key, and HMAC, of which it hands each to another thread. For one share these took longer than everything else about it.

/** What comes before the 32 bytes of a key (RFC 8410 §4, §7): PKCS #8, and how long SubjectPublicKeyInfo is before them. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI_LENGTH = 12
const BYTES = 32

/** X25519 (RFC 7748). Throws where keys agree on nothing but zeros. */
const x25519: Pick<MontgomeryECDH, 'getSharedSecret' | 'getPublicKey' | 'utils'> = {
  getSharedSecret: (secretKey, publicKey) => {
    const agreed = diffieHellman({ privateKey: privateKeyOf(secretKey), publicKey: publicKeyOf(publicKey) })
    return takenFrom(agreed)
  },
  getPublicKey: (secretKey) =>
    Uint8Array.from(
      createPublicKey(privateKeyOf(secretKey)).export({ format: 'der', type: 'spki' }).subarray(SPKI_LENGTH),
    ),
  utils: { randomSecretKey: () => Promise.resolve(freshKey()) },
}

/** Keys that were made here, by the very array in which the library has them. OpenSSL takes ten times as long to read one as to use it. */
const made = new WeakMap<Uint8Array, KeyObject>()

function freshKey(): Uint8Array<ArrayBuffer> {
  const { privateKey } = generateKeyPairSync('x25519')
  const encoded = privateKey.export({ format: 'der', type: 'pkcs8' })
  const raw = Uint8Array.from(encoded.subarray(PKCS8.length))
  encoded.fill(0)
  made.set(raw, privateKey)
  return raw
}

function privateKeyOf(raw: Uint8Array): KeyObject {
  const known = made.get(raw)
  if (known !== undefined) return known
  const key = Buffer.concat([PKCS8, raw])
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  } finally {
    key.fill(0)
  }
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  // Read as this, and not as the ASN.1 that it may be written as too, in a tenth of the time. No secret one may be: text cannot be wiped.
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: toBase64Url(raw) } })
}

/** The same bytes in an array that shares its memory with nothing, as the library expects; those given are wiped. */
function takenFrom(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const own = Uint8Array.from(bytes)
  bytes.fill(0)
  return own
}

/** HKDF-SHA256 (RFC 5869), at once. */
class OpenSslHkdf extends HkdfSha256Native {
  override extract(salt: Bytes, ikm: Bytes): Promise<ArrayBuffer> {
    const key = salt.byteLength === 0 ? new Uint8Array(BYTES) : viewOf(salt)
    return Promise.resolve(hmac(key, viewOf(ikm)).buffer)
  }

  override expand(prk: Bytes, info: Bytes, length: number): Promise<ArrayBuffer> {
    const key = viewOf(prk)
    const all = new Uint8Array(Math.ceil(length / BYTES) * BYTES)
    let block = new Uint8Array(0)
    for (let number = 1; number * BYTES <= all.length; number++) {
      block = hmac(key, block, viewOf(info), Uint8Array.of(number))
      all.set(block, (number - 1) * BYTES)
    }
    return Promise.resolve(all.buffer.slice(0, length))
  }

  override async extractAndExpand(salt: Bytes, ikm: Bytes, info: Bytes, length: number): Promise<ArrayBuffer> {
    return this.expand(await this.extract(salt, ikm), info, length)
  }
}

type Bytes = ArrayBufferLike | ArrayBufferView

function viewOf(bytes: Bytes): Uint8Array {
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes)
}

function hmac(key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const made = createHmac('sha256', key)
  for (const bytes of data) made.update(bytes)
  return takenFrom(made.digest())
}

class OpenSslKem extends Dhkem {
  override readonly id = KemId.DhkemX25519HkdfSha256
  override readonly secretSize = BYTES
  override readonly encSize = BYTES
  override readonly publicKeySize = BYTES
  override readonly privateKeySize = BYTES

  constructor() {
    const kdf = new OpenSslHkdf()
    // It uses no more of a curve than this.
    super(KemId.DhkemX25519HkdfSha256, new XCurveDhkemPrimitives('X25519', BYTES, x25519 as MontgomeryECDH, kdf), kdf)
  }
}

/** HPKE with OpenSSL's X25519 and HMAC. */
export const nativeHpke: Hpke = hpkeBy(
  new CipherSuite({ kem: new OpenSslKem(), kdf: new OpenSslHkdf(), aead: new Chacha20Poly1305() }),
)
