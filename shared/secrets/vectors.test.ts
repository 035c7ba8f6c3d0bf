import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { CipherSuite, HkdfSha256 } from '@hpke/core'
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../bytes.ts'
import { type BoxContext, boxAssociatedData, openBox } from './box.ts'
import { decryptCredential, encryptCredential } from './credential.ts'
import { type CustodyContext, custodyBytes, verifyCustody } from './custody.ts'
import { combine, verifyingShare } from './sharing.ts'
import { openByHand } from './testing/hpke.ts'
import { hex, refused, refusedLater, vectors } from './testing/setup.ts'

/** Our own vectors, which anyone may use; docs/formats/{box,sharing}.md say how to read them. */

type Named = { name: string; expect: string }

const boxes = vectors('box.json') as {
  recipient: { ikm: string; privateKey: string; publicKey: string }
  seal: {
    name: string
    ikmE: string
    context: BoxContext
    info: string
    associatedData: string
    plaintext: string
    box: string
  }[]
  open: (Named & { privateKey: string; context: BoxContext; box: string; plaintext?: string })[]
}

describe('box.json', () => {
  it.each(boxes.seal)('seals $name', async ({ ikmE, context, info, associatedData, plaintext, box }) => {
    expect(boxAssociatedData(context)).toEqual(utf8(associatedData))
    const suite = new CipherSuite({
      kem: new DhkemX25519HkdfSha256(),
      kdf: new HkdfSha256(),
      aead: new Chacha20Poly1305(),
    })
    const recipientPublicKey = await suite.kem.deserializePublicKey(hex(boxes.recipient.publicKey))
    const sealed = await suite.seal(
      { recipientPublicKey, info: utf8(info), ekm: hex(ikmE) },
      hex(plaintext),
      utf8(associatedData),
    )
    expect(concat(new Uint8Array(sealed.enc), new Uint8Array(sealed.ct))).toEqual(hex(box))
    expect(await openBox(hex(boxes.recipient.privateKey), context, hex(box))).toEqual(hex(plaintext))
  })

  it.each(boxes.seal)('opens $name without the library', ({ info, associatedData, plaintext, box }) => {
    const opened = openByHand(hex(boxes.recipient.privateKey), utf8(info), utf8(associatedData), hex(box))
    expect(opened).toEqual(hex(plaintext))
  })

  const opens = boxes.open.filter((vector) => vector.expect === 'plaintext')
  it.each(opens)('opens $name', async ({ privateKey, context, box, plaintext }) => {
    expect(await openBox(hex(privateKey), context, hex(box))).toEqual(hex(plaintext ?? ''))
  })

  const refuses = boxes.open.filter((vector) => vector.expect !== 'plaintext')
  it.each(refuses)('refuses $name: $expect', async ({ privateKey, context, box, expect: code }) => {
    expect(await refusedLater(openBox(hex(privateKey), context, hex(box)))).toEqual({ code })
  })
})

type Sharing = { threshold: number; members: number; commitments: string[] }
type SharingFile = Sharing & {
  secret: string
  shares: { index: number; share: string; verifyingShare: string }[]
  combine: (Sharing & Named & { shares: { index: number; share: string }[]; names?: number | null })[]
}
const sharing = vectors('sharing.json') as SharingFile

const sharesOf = ({ shares }: { shares: { index: number; share: string }[] }) =>
  shares.map(({ index, share }) => ({ index, share: hex(share) }))

const knownOf = ({ threshold, members, commitments }: Sharing) => ({
  threshold,
  members,
  commitments: commitments.map(hex),
})

describe('sharing.json', () => {
  it.each(sharing.shares)('gives index $index its verifying share', ({ index, verifyingShare: expected }) => {
    expect(verifyingShare(sharing.commitments.map(hex), index)).toEqual(hex(expected))
  })

  const combines = sharing.combine.filter((vector) => vector.expect === 'secret')
  it.each(combines)('combines $name', (vector) => {
    expect(combine(sharesOf(vector), knownOf(vector))).toEqual(hex(sharing.secret))
  })

  const refuses = sharing.combine.filter((vector) => vector.expect !== 'secret')
  it.each(refuses)('refuses $name: $expect', (vector) => {
    const refusal = refused(() => combine(sharesOf(vector), knownOf(vector)))
    expect(refusal).toEqual({ code: vector.expect, index: vector.names ?? undefined })
  })
})

const credential = vectors('credential.json') as {
  plaintext: string
  decrypt: (Named & { secret: string; header: string; ciphertext: string })[]
}

describe('credential.json', () => {
  const opens = credential.decrypt.filter((vector) => vector.expect === 'plaintext')
  it.each(opens)('encrypts and decrypts $name', async ({ secret, header, ciphertext }) => {
    expect(await decryptCredential(hex(secret), utf8(header), hex(ciphertext))).toEqual(utf8(credential.plaintext))
    expect(await encryptCredential(hex(secret), utf8(header), utf8(credential.plaintext))).toEqual(hex(ciphertext))
  })

  const refuses = credential.decrypt.filter((vector) => vector.expect !== 'plaintext')
  it.each(refuses)('refuses $name: $expect', async ({ secret, header, ciphertext, expect: code }) => {
    expect(await refusedLater(decryptCredential(hex(secret), utf8(header), hex(ciphertext)))).toEqual({ code })
  })
})

const custody = vectors('custody.json') as {
  signed: string
  verifyingShare: string
  verify: (Sharing & Named & { context: CustodyContext; proof: string; names?: number | null })[]
}

describe('custody.json', () => {
  const holds = custody.verify.filter((vector) => vector.expect === 'valid')
  it.each(holds)('accepts $name', (vector) => {
    expect(custodyBytes(vector.context)).toEqual(utf8(custody.signed))
    expect(refused(() => verifyCustody(vector.context, knownOf(vector), hex(vector.proof)))).toBeNull()
  })

  const refuses = custody.verify.filter((vector) => vector.expect !== 'valid')
  it.each(refuses)('refuses $name: $expect', (vector) => {
    const refusal = refused(() => verifyCustody(vector.context, knownOf(vector), hex(vector.proof)))
    expect(refusal).toEqual({ code: vector.expect, index: vector.names ?? undefined })
  })
})
