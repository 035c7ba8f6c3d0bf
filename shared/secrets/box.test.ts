import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../bytes.ts'
import {
  BOX_OVERHEAD,
  BOX_PURPOSES,
  type BoxContext,
  boxAssociatedData,
  MAX_BOX_PLAINTEXT,
  openBox,
  openBoxFrom,
  sealBox,
  sealBoxFrom,
} from './box.ts'
import { generateBoxKey } from './box-key.ts'
import { openByHand } from './testing/hpke.ts'
import { flipped, named, refusedLater, releaseContext, seeded } from './testing/setup.ts'

const alice = generateBoxKey(seeded('alice'))
const eve = generateBoxKey(seeded('eve'))
const share = utf8('a share of thirty-two bytes, say')

const digests = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64Url)
const indexes = fc.integer({ min: 1, max: 15 })
const contexts: fc.Arbitrary<BoxContext> = fc.record({
  // Messages by relay are sealed in another mode, below.
  purpose: fc.constantFrom(...BOX_PURPOSES.filter((purpose) => purpose !== 'relay')),
  organization: digests,
  deposit: digests,
  request: digests,
  ready: digests,
  from: digests,
  to: digests,
  index: indexes,
})

describe('a box', () => {
  it('opens for its recipient in its context', async () => {
    await fc.assert(
      fc.asyncProperty(contexts, fc.uint8Array({ maxLength: 300 }), async (context, plaintext) => {
        const box = await sealBox(alice.publicKey, context, plaintext)
        expect(box.length).toBe(plaintext.length + BOX_OVERHEAD)
        expect(await openBox(alice.privateKey, context, box)).toEqual(Uint8Array.from(plaintext))
      }),
      { numRuns: 30 },
    )
  })

  it('opens with both halves of its recipient’s key, and with none of which one is another’s', async () => {
    const box = await sealBox(alice.publicKey, releaseContext, share)
    expect(await openBox(alice, releaseContext, box)).toEqual(share)
    for (const other of [{ publicKey: eve.publicKey }, { privateKey: eve.privateKey }])
      await expect(openBox({ ...alice, ...other }, releaseContext, box)).rejects.toMatchObject({ code: 'box-refused' })
  })

  it('stays shut in any context that differs in one field', async () => {
    const fields = Object.keys(releaseContext) as (keyof BoxContext)[]
    await fc.assert(
      fc.asyncProperty(contexts, contexts, fc.constantFrom(...fields), async (context, other, field) => {
        fc.pre(context[field] !== other[field])
        const box = await sealBox(alice.publicKey, context, share)
        const opened = openBox(alice.privateKey, { ...context, [field]: other[field] }, box)
        expect(await refusedLater(opened)).toEqual({ code: 'box-refused' })
      }),
      { numRuns: 60 },
    )
  })

  it.each(['deposit', 'request', 'ready', 'from', 'to', 'index'] as const)(
    'stays shut where the context has no %s',
    async (field) => {
      const context: BoxContext = { ...releaseContext, purpose: 'input' }
      const box = await sealBox(alice.publicKey, context, share)
      const opened = openBox(alice.privateKey, { ...context, [field]: null }, box)
      expect(await refusedLater(opened)).toEqual({ code: 'box-refused' })
    },
  )

  it('stays shut for everybody else', async () => {
    const box = await sealBox(alice.publicKey, releaseContext, share)
    expect(await refusedLater(openBox(eve.privateKey, releaseContext, box))).toEqual({ code: 'box-refused' })
  })

  it('stays shut when any bit of it is turned', async () => {
    const box = await sealBox(alice.publicKey, releaseContext, share)
    await fc.assert(
      fc.asyncProperty(fc.nat(box.length * 8 - 1), async (bit) => {
        const opened = openBox(alice.privateKey, releaseContext, flipped(box, bit))
        expect((await refusedLater(opened))?.code).toMatch(/^box-(refused|malformed)$/)
      }),
      { numRuns: 60 },
    )
  })

  it('is different every time, though the same is sealed', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => sealBox(alice.publicKey, releaseContext, share)))
    expect(one).not.toEqual(other)
  })

  it('leaves keys and plaintext of the caller as they were', async () => {
    const [privateKey, plaintext] = [Uint8Array.from(alice.privateKey), Uint8Array.from(share)]
    const box = await sealBox(alice.publicKey, releaseContext, plaintext)
    await openBox(privateKey, releaseContext, box)
    expect([privateKey, plaintext]).toEqual([alice.privateKey, share])
  })

  it('opens from the middle of a larger buffer', async () => {
    const box = await sealBox(alice.publicKey, releaseContext, share)
    const carrier = new Uint8Array(box.length + 20)
    carrier.set(box, 7)
    const opened = await openBox(alice.privateKey, releaseContext, carrier.subarray(7, 7 + box.length))
    expect(opened).toEqual(share)
  })

  it('holds no more than its limit', async () => {
    const most = new Uint8Array(MAX_BOX_PLAINTEXT)
    const box = await sealBox(alice.publicKey, releaseContext, most)
    expect(await openBox(alice.privateKey, releaseContext, box)).toEqual(most)
    await expect(sealBox(alice.publicKey, releaseContext, new Uint8Array(MAX_BOX_PLAINTEXT + 1))).rejects.toThrow(
      TypeError,
    )
  })

  it.each([BOX_OVERHEAD - 1, BOX_OVERHEAD + MAX_BOX_PLAINTEXT + 1])('is never %i bytes long', async (length) => {
    const opened = openBox(alice.privateKey, releaseContext, new Uint8Array(length).fill(9))
    expect(await refusedLater(opened)).toEqual({ code: 'box-malformed' })
  })

  it('is not sealed to a key of low order', async () => {
    expect(await refusedLater(sealBox(new Uint8Array(32), releaseContext, share))).toEqual({ code: 'box-key-refused' })
  })
})

describe('a release', () => {
  it.each(['deposit', 'request', 'ready', 'from', 'to', 'index'] as const)(
    'is never sealed without %s',
    async (field) => {
      await expect(sealBox(alice.publicKey, { ...releaseContext, [field]: null }, share)).rejects.toThrow(TypeError)
    },
  )
})

describe('a box that did not open', () => {
  it('does not say whether the key or the context was wrong', async () => {
    const box = await sealBox(alice.publicKey, releaseContext, share)
    const outcomes = [
      openBox(eve.privateKey, releaseContext, box),
      openBox(alice.privateKey, { ...releaseContext, ready: named('another ready') }, box),
    ]
    const messages = await Promise.all(outcomes.map((opened) => opened.catch((error: Error) => error.message)))
    expect(messages[0]).toBe(messages[1])
  })
})

describe('a box that says whose it is', () => {
  const bob = generateBoxKey(seeded('bob'))
  const context: BoxContext = {
    ...releaseContext,
    purpose: 'relay',
    deposit: null,
    request: null,
    ready: null,
    index: null,
  }
  const sealed = () => sealBoxFrom(bob.privateKey, alice.publicKey, context, share)

  it('opens for its recipient as its sender’s, also without the library', async () => {
    const box = await sealed()
    expect(await openBoxFrom(bob.publicKey, alice.privateKey, context, box)).toEqual(share)
    const byHand = openByHand(
      alice.privateKey,
      utf8('lockbox/relay/v1'),
      boxAssociatedData(context),
      box,
      bob.publicKey,
    )
    expect(byHand).toEqual(share)
  })

  it('opens as nobody else’s, and for nobody else', async () => {
    const box = await sealed()
    expect(await refusedLater(openBoxFrom(eve.publicKey, alice.privateKey, context, box))).toEqual({
      code: 'box-refused',
    })
    expect(await refusedLater(openBoxFrom(bob.publicKey, eve.privateKey, context, box))).toEqual({
      code: 'box-refused',
    })
  })

  it('is not made by whoever knows only public keys', async () => {
    const box = await sealBoxFrom(eve.privateKey, alice.publicKey, context, share)
    expect(await refusedLater(openBoxFrom(bob.publicKey, alice.privateKey, context, box))).toEqual({
      code: 'box-refused',
    })
  })

  it.each(['from', 'to', 'organization'] as const)('stays shut in a context with another %s', async (field) => {
    const opened = openBoxFrom(
      bob.publicKey,
      alice.privateKey,
      { ...context, [field]: named('another') },
      await sealed(),
    )
    expect(await refusedLater(opened)).toEqual({ code: 'box-refused' })
  })

  it('is the one mode for what goes by relay, and for nothing else', async () => {
    await expect(sealBox(alice.publicKey, context, share)).rejects.toThrow(TypeError)
    await expect(openBox(alice.privateKey, context, await sealed())).rejects.toThrow(TypeError)
    await expect(sealBoxFrom(bob.privateKey, alice.publicKey, releaseContext, share)).rejects.toThrow(TypeError)
  })
})
