import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { CipherSuite, HkdfSha256 } from '@hpke/core'
import { DhkemX25519HkdfSha256, HkdfSha256 as KemHkdf, X25519 } from '@hpke/dhkem-x25519'
import { ristretto255, ristretto255_FROST } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { concat } from '../bytes.ts'
import { isBoxKey } from './box-key.ts'
import { combine, verifyingShare, verifyShare } from './sharing.ts'
import { openByHand } from './testing/hpke.ts'
import { hex, refused, vectors } from './testing/setup.ts'

/** Vectors that we did not make. */

const rfc9180 = vectors('rfc9180/a.2.1-base.json') as {
  info: string
  ikmE: string
  pkRm: string
  skRm: string
  enc: string
  encryptions: { sequence_number: number; pt: string; aad: string; ct: string }[]
}

describe('RFC 9180, A.2.1', () => {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Chacha20Poly1305(),
  })
  const first = rfc9180.encryptions[0] ?? { pt: '', aad: '', ct: '' }

  it('seals as the RFC does', async () => {
    const recipientPublicKey = await suite.kem.deserializePublicKey(hex(rfc9180.pkRm))
    const sender = await suite.createSenderContext({
      recipientPublicKey,
      info: hex(rfc9180.info),
      ekm: hex(rfc9180.ikmE),
    })
    expect(new Uint8Array(sender.enc)).toEqual(hex(rfc9180.enc))
    expect(new Uint8Array(await sender.seal(hex(first.pt), hex(first.aad)))).toEqual(hex(first.ct))
  })

  it('opens as the RFC does', async () => {
    const recipientKey = await suite.kem.deserializePrivateKey(hex(rfc9180.skRm))
    const recipient = await suite.createRecipientContext({
      recipientKey,
      enc: hex(rfc9180.enc),
      info: hex(rfc9180.info),
    })
    expect(new Uint8Array(await recipient.open(hex(first.ct), hex(first.aad)))).toEqual(hex(first.pt))
  })

  it('is what our opening by hand follows too', () => {
    const box = concat(hex(rfc9180.enc), hex(first.ct))
    expect(openByHand(hex(rfc9180.skRm), hex(rfc9180.info), hex(first.aad), box)).toEqual(hex(first.pt))
  })
})

const auth = vectors('rfc9180/a.2.3-auth.json') as {
  info: string
  pkRm: string
  skRm: string
  pkSm: string
  skSm: string
  ikmE: string
  enc: string
  encryptions: { pt: string; aad: string; ct: string }[]
}

describe('RFC 9180, A.2.3, with an authenticated sender', () => {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Chacha20Poly1305(),
  })
  const first = auth.encryptions[0] ?? { pt: '', aad: '', ct: '' }

  it('seals as the RFC does', async () => {
    const sender = await suite.createSenderContext({
      recipientPublicKey: await suite.kem.deserializePublicKey(hex(auth.pkRm)),
      senderKey: await suite.kem.deserializePrivateKey(hex(auth.skSm)),
      info: hex(auth.info),
      ekm: hex(auth.ikmE),
    })
    expect(new Uint8Array(sender.enc)).toEqual(hex(auth.enc))
    expect(new Uint8Array(await sender.seal(hex(first.pt), hex(first.aad)))).toEqual(hex(first.ct))
  })

  it('is what our opening by hand follows too', () => {
    const box = concat(hex(auth.enc), hex(first.ct))
    expect(openByHand(hex(auth.skRm), hex(auth.info), hex(first.aad), box, hex(auth.pkSm))).toEqual(hex(first.pt))
  })
})

type XdhTest = { tcId: number; flags: string[]; public: string; private: string; shared: string }
const wycheproof = vectors('wycheproof/x25519_test.json') as { testGroups: { tests: XdhTest[] }[] }
const xdhTests = wycheproof.testGroups.flatMap((group) => group.tests)

describe('Wycheproof, X25519', () => {
  const refused = (test: XdhTest) => test.flags.includes('LowOrderPublic') || test.flags.includes('NonCanonicalPublic')

  it('has cases of both sorts', () => {
    expect(xdhTests.length).toBe(518)
    expect(xdhTests.filter(refused).length).toBe(44)
  })

  it('finds out every key of low order and every other spelling, and no other key', () => {
    const wrong = xdhTests.filter((test) => isBoxKey(hex(test.public)) === refused(test))
    expect(wrong.map((test) => test.tcId)).toEqual([])
  })

  it('gives the shared secret with every key that we accept', async () => {
    const x25519 = new X25519(new KemHkdf())
    for (const test of xdhTests.filter((candidate) => !refused(candidate)))
      expect(await x25519.derive(hex(test.private), hex(test.public)), `tcId ${test.tcId}`).toEqual(hex(test.shared))
  })
})

const { inputs: rfc9591 } = vectors('frost-rfc9591/frost-ristretto255-sha512.json') as {
  inputs: {
    group_secret_key: string
    group_public_key: string
    share_polynomial_coefficients: string[]
    participant_shares: { identifier: number; participant_share: string }[]
  }
}

describe('RFC 9591, ristretto255 with SHA-512', () => {
  const { commitment: commitments } = ristretto255_FROST.utils.generateSecretPolynomial(
    { min: 2, max: 3 },
    hex(rfc9591.group_secret_key),
    rfc9591.share_polynomial_coefficients.map((text) => ristretto255.Point.Fn.fromBytes(hex(text))),
  )
  const known = { threshold: 2, members: 3, commitments }
  const shares = rfc9591.participant_shares.map(({ identifier, participant_share }) => ({
    index: identifier,
    share: hex(participant_share),
  }))

  it('commits first to the group public key', () => {
    expect(commitments[0]).toEqual(hex(rfc9591.group_public_key))
  })

  it.each(shares)('accepts the share of participant $index', ({ index, share }) => {
    expect(refused(() => verifyShare({ index, share, ...known }))).toBeNull()
    const { Point } = ristretto255
    expect(verifyingShare(commitments, index)).toEqual(Point.BASE.multiply(Point.Fn.fromBytes(share)).toBytes())
  })

  it.each([
    [1, 2],
    [1, 3],
    [2, 3],
    [3, 1],
  ])('combines the shares of %i and %i to the group secret key', (one, other) => {
    const chosen = [one, other].flatMap((index) => shares.filter((share) => share.index === index))
    expect(combine(chosen, known)).toEqual(hex(rfc9591.group_secret_key))
  })
})
