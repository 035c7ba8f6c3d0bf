import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BoxContext, boxesBy } from '../shared/secrets/box.ts'
import { type BoxKey, generateBoxKey } from '../shared/secrets/box-key.ts'
import { type Hpke, portableHpke } from '../shared/secrets/hpke.ts'
import { flipped, hex, named, refusedLater, seeded } from '../shared/secrets/testing/setup.ts'
import { nativeHpke } from './hpke.ts'

interface Opening {
  readonly name: string
  readonly expect: string
  readonly privateKey: string
  readonly context: BoxContext
  readonly box: string
  readonly plaintext?: string
}

const { open: openings } = JSON.parse(
  readFileSync(new URL('../shared/secrets/vectors/box.json', import.meta.url), 'utf8'),
) as { open: Opening[] }

const auth = JSON.parse(
  readFileSync(new URL('../shared/secrets/vectors/rfc9180/a.2.3-auth.json', import.meta.url), 'utf8'),
) as Record<'info' | 'skRm' | 'pkRm' | 'pkSm' | 'enc', string> & {
  encryptions: { pt: string; aad: string; ct: string }[]
}

const native = boxesBy(nativeHpke)
const portable = boxesBy(portableHpke)
const other = (one: Hpke) => (one === nativeHpke ? portableHpke : nativeHpke)

const keys: fc.Arbitrary<BoxKey> = fc.string().map((seed) => generateBoxKey(seeded(seed)))
const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Uint8Array.from(one))
const contexts = fc.record({ info: bytes, associatedData: bytes })
const context: BoxContext = {
  purpose: 'input',
  organization: named('organization'),
  deposit: null,
  request: null,
  ready: null,
  from: null,
  to: null,
  index: null,
}

describe('HPKE with OpenSSL', () => {
  const opens = openings.filter((vector) => vector.expect === 'plaintext')
  it.each(opens)('opens $name of box.json', async ({ privateKey, context: bound, box, plaintext }) => {
    expect(await native.openBox(hex(privateKey), bound, hex(box))).toEqual(hex(plaintext ?? ''))
  })

  const refuses = openings.filter((vector) => vector.expect !== 'plaintext')
  it.each(refuses)('refuses $name of box.json: $expect', async ({ privateKey, context: bound, box, expect: code }) => {
    expect(await refusedLater(native.openBox(hex(privateKey), bound, hex(box)))).toEqual({ code })
  })

  it('opens what the RFC seals in authenticated mode', async () => {
    const [{ pt, aad, ct } = { pt: '', aad: '', ct: '' }] = auth.encryptions
    const bound = { info: hex(auth.info), associatedData: hex(aad) }
    const key = { privateKey: hex(auth.skRm), publicKey: hex(auth.pkRm) }
    expect(await nativeHpke.open(key, bound, hex(auth.enc + ct), hex(auth.pkSm))).toEqual(hex(pt))
  })

  it.each([
    ['seals what the library opens', nativeHpke],
    ['opens what the library seals', portableHpke],
  ])('%s, in both modes, with both halves of the key and with one', async (_, sealing) => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        keys,
        contexts,
        bytes,
        fc.boolean(),
        fc.boolean(),
        async (to, from, bound, plain, both, isAuth) => {
          const sender = isAuth ? from : null
          const senderKey = sender === null ? null : Uint8Array.from(sender.privateKey)
          const box = await sealing.seal(to.publicKey, bound, Uint8Array.from(plain), senderKey)
          const key = { privateKey: Uint8Array.from(to.privateKey), publicKey: both ? to.publicKey : null }
          expect(await other(sealing).open(key, bound, box, sender?.publicKey ?? null)).toEqual(plain)
          expect(await sealing.open(key, bound, box, sender?.publicKey ?? null)).toEqual(plain)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('opens nothing that the library does not open', async () => {
    const [alice, eve] = [generateBoxKey(seeded('alice')), generateBoxKey(seeded('eve'))]
    const plain = Uint8Array.of(1, 2, 3)
    const box = await native.sealBox(alice.publicKey, context, plain)
    const answers = (key: Uint8Array | BoxKey, bound: BoxContext, sealed: Uint8Array) =>
      Promise.all([native, portable].map(({ openBox }) => refusedLater(openBox(key, bound, sealed))))
    await fc.assert(
      fc.asyncProperty(fc.nat(box.length * 8 - 1), async (bit) => {
        const [ours, theirs] = await answers(alice, context, flipped(box, bit))
        expect(ours).toEqual(theirs)
        expect(ours).not.toBeNull()
      }),
      { numRuns: 100 },
    )
    const wrong: [Uint8Array | BoxKey, BoxContext][] = [
      [eve.privateKey, context],
      [{ ...alice, publicKey: eve.publicKey }, context],
      [{ ...alice, publicKey: new Uint8Array(32) }, context],
      [alice, { ...context, organization: named('another') }],
      [alice, { ...context, purpose: 'output' }],
    ]
    for (const [key, bound] of wrong)
      expect(await answers(key, bound, box)).toEqual([{ code: 'box-refused' }, { code: 'box-refused' }])
  })

  it('agrees on nothing with a key of low order', async () => {
    const key = { privateKey: generateBoxKey(seeded('alice')).privateKey as Uint8Array<ArrayBuffer>, publicKey: null }
    const bound = { info: new Uint8Array(0), associatedData: new Uint8Array(0) }
    const isRefused = (made: Promise<unknown>) =>
      made.then(
        () => false,
        () => true,
      )
    for (const one of [nativeHpke, portableHpke]) {
      const tried = [
        one.seal(new Uint8Array(32), bound, new Uint8Array(0), null),
        one.open(key, bound, new Uint8Array(48), null),
        one.open(key, bound, new Uint8Array(48), new Uint8Array(32)),
      ]
      expect(await Promise.all(tried.map(isRefused))).toEqual([true, true, true])
    }
  })

  it('leaves what it is given as it was', async () => {
    const [to, from] = [generateBoxKey(seeded('to')), generateBoxKey(seeded('from'))]
    const bound = { info: Uint8Array.of(1), associatedData: Uint8Array.of(2) }
    const [plain, sender] = [Uint8Array.of(3), Uint8Array.from(from.privateKey)]
    const box = await nativeHpke.seal(to.publicKey, bound, plain, sender)
    const key = { privateKey: Uint8Array.from(to.privateKey), publicKey: to.publicKey }
    await nativeHpke.open(key, bound, box, from.publicKey)
    expect([plain, sender, key.privateKey, bound]).toEqual([
      Uint8Array.of(3),
      from.privateKey,
      to.privateKey,
      { info: Uint8Array.of(1), associatedData: Uint8Array.of(2) },
    ])
  })
})
