import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { CipherSuite, HkdfSha256 } from '@hpke/core'
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519'
import { concat } from '../bytes.ts'

/** What both sides of one message know beside the keys. */
export interface HpkeContext {
  readonly info: Uint8Array<ArrayBuffer>
  readonly associatedData: Uint8Array<ArrayBuffer>
}

/**
 * HPKE of one message (RFC 9180 §6.1): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305; base mode, or
 * authenticated mode where a sender's key is given. Keys are 32 bytes, and checked by the caller. All of it stays the
 * caller's to wipe.
 */
export interface Hpke {
  /** Seals with a fresh ephemeral key: enc (32 bytes) ‖ ciphertext ‖ tag. */
  seal(
    recipientPublicKey: Uint8Array,
    context: HpkeContext,
    plaintext: Uint8Array<ArrayBuffer>,
    senderPrivateKey: Uint8Array<ArrayBuffer> | null,
  ): Promise<Uint8Array<ArrayBuffer>>
  /** Opens `box`, whose first 32 bytes are enc. Rejects if it does not open, whatever the reason. */
  open(
    key: { readonly privateKey: Uint8Array<ArrayBuffer>; readonly publicKey: Uint8Array | null },
    context: HpkeContext,
    box: Uint8Array<ArrayBuffer>,
    senderPublicKey: Uint8Array | null,
  ): Promise<Uint8Array<ArrayBuffer>>
}

/** Bytes of enc, a public key (RFC 9180 §7.1: Nenc). */
export const ENC_LENGTH = 32

/** HPKE by a suite of the library's. */
export const hpkeBy = (suite: CipherSuite): Hpke => ({
  async seal(recipientPublicKey, { info, associatedData }, plaintext, sender) {
    const sending = await suite.createSenderContext({
      recipientPublicKey: await suite.kem.deserializePublicKey(recipientPublicKey),
      info,
      ...(sender === null ? {} : { senderKey: await suite.kem.deserializePrivateKey(sender.buffer) }),
    })
    const ciphertext = await sending.seal(plaintext.buffer, associatedData)
    return concat(new Uint8Array(sending.enc), new Uint8Array(ciphertext))
  },

  async open({ privateKey, publicKey }, { info, associatedData }, box, sender) {
    // Given an ArrayBuffer, the library keeps a view of it and makes no copy: wiping the caller's wipes its key.
    const recipientKey = await suite.kem.deserializePrivateKey(privateKey.buffer)
    const recipient = await suite.createRecipientContext({
      recipientKey:
        publicKey === null
          ? recipientKey
          : { privateKey: recipientKey, publicKey: await suite.kem.deserializePublicKey(publicKey) },
      enc: box.slice(0, ENC_LENGTH),
      info,
      ...(sender === null ? {} : { senderPublicKey: await suite.kem.deserializePublicKey(sender) }),
    })
    return new Uint8Array(await recipient.open(box.slice(ENC_LENGTH), associatedData))
  },
})

/**
 * With the pure X25519 of @hpke/dhkem-x25519, wherever JavaScript runs: Web Crypto's is experimental in Node 20 and young in
 * Chromium. HKDF and HMAC do come from Web Crypto, in Node and in any secure context.
 */
export const portableHpke: Hpke = hpkeBy(
  new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() }),
)
