import { createHmac, createPrivateKey, createPublicKey, diffieHellman, type KeyObject, randomBytes } from 'node:crypto'
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { Dhkem, HkdfSha256Native, KemId, type MontgomeryECDH, XCurveDhkemPrimitives } from '@hpke/common'
import { CipherSuite } from '@hpke/core'
import { type Hpke, hpkeBy } from '../shared/secrets/hpke.ts'

// HPKE is the library's. Two of its parts are OpenSSL's here: X25519, which the library does with BigInt, in a time that depends on
// the key, and HMAC, of which it hands each to another thread. For one share these took longer than everything else about it.

/** What comes before the 32 bytes of a key (RFC 8410 §4, §7): PKCS #8, and SubjectPublicKeyInfo. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI = Buffer.from('302a300506032b656e032100', 'hex')
const BYTES = 32

/** X25519 (RFC 7748). Throws where keys agree on nothing but zeros. */
const x25519: Pick<MontgomeryECDH, 'getSharedSecret' | 'getPublicKey' | 'utils'> = {
  getSharedSecret: (secretKey, publicKey) => {
    const agreed = diffieHellman({ privateKey: privateKeyOf(secretKey), publicKey: publicKeyOf(publicKey) })
    return takenFrom(agreed)
  },
  getPublicKey: (secretKey) =>
    Uint8Array.from(
      createPublicKey(privateKeyOf(secretKey)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length),
    ),
  utils: { randomSecretKey: () => Promise.resolve(takenFrom(randomBytes(BYTES))) },
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
