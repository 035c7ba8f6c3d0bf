import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compression } from '../../main/compression.ts'
import { concat, digest, utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { parse } from '../statements/envelope.ts'
import { KINDS, type Kind } from '../statements/kinds.ts'
import { MAX_ENVELOPE_BYTES } from '../statements/sizes.ts'
import { craft } from '../testing/craft.ts'
import { times } from '../testing/runs.ts'
import { grantedCase, setup } from '../testing/setup.ts'
import { readVector } from '../testing/vector-file.ts'
import { type Cbor, decodeCbor, encodeCbor } from './cbor.ts'
import { FILE_LIMITS, type FileParts } from './file.ts'
import { PACK_LIMITS, PackError, pack, unpack } from './pack.ts'

const folder = new URL('../statements/vectors/door/', import.meta.url)
/** Good ones of every kind, and some hundred with one fault each. */
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => readVector(name.slice(0, -4), Uint8Array.from(readFileSync(new URL(name, folder)))))
  .filter(({ envelope }) => envelope.length <= MAX_ENVELOPE_BYTES)
const named = (name: string) => vectors.find((one) => one.name === name)?.envelope ?? new Uint8Array()
const of = (...statements: Uint8Array[]): FileParts => ({ statements, blobs: [], notes: [] })
const sizeOf = (parts: FileParts) => pack(parts, compression).length
const thereAndBack = (parts: FileParts) => unpack(pack(parts, compression), compression)

function codeOf(packed: Uint8Array): unknown {
  try {
    unpack(packed, compression)
    return null
  } catch (error) {
    return error instanceof PackError ? error.code : error
  }
}

/** A pack with this content, whatever it is. */
const packOf = (content: Cbor) => encodeCbor([1, compression.deflate(encodeCbor(content))])
/** What a pack of these statements says before it is compressed. */
function contentOf(parts: FileParts): Cbor[] {
  const [, content] = decodeCbor(pack(parts, { ...compression, deflate: (bytes) => bytes })) as Cbor[]
  return decodeCbor(content as Uint8Array) as Cbor[]
}
const statementsIn = (parts: FileParts) => contentOf(parts)[2] as Cbor[]

/** Fractions are no JSON of ours. */
const integers = (_: string, value: unknown) => (typeof value === 'number' ? Math.trunc(value) % 2 ** 50 || 0 : value)
const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((all) => Uint8Array.from(all))
const parts = fc.record({
  statements: fc.shuffledSubarray(vectors, { maxLength: 12 }).map((all) => all.map(({ envelope }) => envelope)),
  blobs: fc.array(bytes(1, 100), { maxLength: 4 }),
  notes: fc.array(fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }), { maxLength: 3 }),
})

describe('packed statements', () => {
  it('come out byte for byte as they went in, one by one, valid or not', () => {
    for (const { name, envelope } of vectors) expect([name, thereAndBack(of(envelope))]).toEqual([name, of(envelope)])
  })

  it('are of every kind', () => {
    const kinds = vectors.flatMap(({ id, envelope }) => (id === null ? [] : [parse(envelope).kind]))
    expect(new Set<Kind>(kinds)).toEqual(new Set(Object.keys(KINDS)))
  })

  it('come out as they went in together, in any order, with blobs and notes', () => {
    fc.assert(
      fc.property(parts, (all) => {
        expect(thereAndBack(all)).toEqual(all)
      }),
      times(40),
    )
  })

  it('come out as they went in whatever they say', () => {
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value), integers) as unknown)
    const said = fc.dictionary(fc.string({ maxLength: 20 }), json)
    const text = fc.oneof(fc.base64String(), fc.constantFrom('A'.repeat(22), 'A'.repeat(43), '_'.repeat(22), 'box'))
    const odd = fc.dictionary(fc.constantFrom('__proto__', 'device', 'box', '0', '', 'toString'), text)
    fc.assert(
      fc.property(fc.oneof(said, odd), fc.boolean(), (payload, hardware) => {
        const envelope = craft('decision', jcs(payload), hardware)
        expect(thereAndBack(of(envelope, envelope))).toEqual(of(envelope, envelope))
      }),
      times(100),
    )
  })

  it('come out as they went in though they are no statements at all', () => {
    fc.assert(
      fc.property(fc.oneof(bytes(0, 200), fc.json().map(utf8)), (all) => {
        expect(thereAndBack(of(Uint8Array.from(all)))).toEqual(of(Uint8Array.from(all)))
      }),
      times(200),
    )
  })

  it('are short arrays where they are in the usual form, and the envelope itself where they are not', () => {
    expect(statementsIn(of(named('valid-decision')))[0]).toHaveLength(8)
    expect(statementsIn(of(named('valid-release')))[0]).toHaveLength(4)
    expect(statementsIn(of(named('hardware-wrong-origin-other')))[0]).toBeInstanceOf(Uint8Array)
    // A challenge that is not the id cannot be computed from it, so it is carried.
    const stolen = vectors.find(({ expect }) => expect === 'hardware-wrong-statement')?.envelope ?? new Uint8Array()
    expect(statementsIn(of(stolen))[0]).toEqual(stolen)
  })
})

describe('what several packed statements have in common', () => {
  it('is carried once', async () => {
    const told = await setup('alice', 'bob', 'carol')
    const { request, decisions, releases } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const envelopes = [request, ...decisions, ...releases].map(({ envelope }) => envelope)
    const apart = envelopes.map((envelope) => sizeOf(of(envelope))).reduce((sum, size) => sum + size)
    expect(sizeOf(of(...envelopes))).toBeLessThan(0.8 * apart)
  })

  it('is named by what can be computed: the id of a statement before, a roster’s keys, the digest of a blob', async () => {
    const roster = named('valid-roster')
    const decision = named('valid-decision')
    const [, packed] = statementsIn(of(roster, decision)) as Cbor[][]
    const [, said, device, , key] = packed ?? []
    for (const one of [device, key, (said as ReadonlyMap<number, Cbor>).get(6)])
      expect((one as Uint8Array).length).toBeLessThan(3)
    expect((said as ReadonlyMap<number, Cbor>).get(5)).toHaveLength(32)

    const box = Uint8Array.from({ length: 80 }, (_, at) => at)
    const told = await setup('alice', 'bob', 'carol')
    const { ready } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const { envelope } = await told.story.release('carol', ready, { box: digest(box) })
    const [[, release] = []] = statementsIn({ statements: [envelope], blobs: [box], notes: [] }) as Cbor[][]
    expect((release as ReadonlyMap<number, Cbor>).get(23)).toEqual(Uint8Array.of(0))
  })
})

describe('the size of a pack', () => {
  // 800 bytes are what one still code holds (docs/formats/qr.md §3).
  const STILL = 800
  const box = Uint8Array.from({ length: 80 }, (_, at) => (at * 89) % 251)

  it('of a request of ordinary length fits one still code', async () => {
    const { story, plan } = await setup('alice', 'bob', 'carol')
    const what =
      'The identity provider answers 503 since 02:10 UTC and nobody can sign in, so the deploy of the fix is stuck. ' +
      'I need to roll back the last change of the load balancer in production by hand and will stop there.'
    const request = await story.ask('alice', plan, { what, reference: 'INC-2026-1128-3' })
    expect(what.length).toBeGreaterThan(200)
    expect(sizeOf(of(request.envelope))).toBeLessThan(STILL)
  })

  it('of a decision of ordinary length fits one still code, and so does one with the release and its box', async () => {
    const told = await setup('alice', 'bob', 'carol')
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan)
    const ready = await story.ready('bob', request, deposit)
    const decision = await story.decide('carol', request)
    const release = await story.release('carol', ready, { box: digest(box) })
    expect(sizeOf(of(decision.envelope))).toBeLessThan(STILL)
    const both = { statements: [decision.envelope, release.envelope], blobs: [box], notes: [] }
    expect(sizeOf(both)).toBeLessThan(STILL)
    expect(thereAndBack(both)).toEqual(both)
  })

  it('is less than half of the envelope, of every kind', () => {
    const good = vectors.filter(({ id }) => id !== null)
    const large = good.filter(({ envelope }) => sizeOf(of(envelope)) * 2 >= envelope.length)
    expect(large.map(({ name }) => name)).toEqual([])
  })
})

describe('a pack', () => {
  const decision = named('valid-decision')
  const content = contentOf(of(decision))
  const [statement = []] = content[2] as Cbor[][]
  const withStatement = (...changed: Cbor[]) => packOf([[], [], [changed]])
  const [kind = null, said = null, device = null, ...rest] = statement

  it('of a later version is named as such, whatever is in it', () => {
    expect(codeOf(encodeCbor([2, 'something else', true]))).toBe('unsupported')
  })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['what is not CBOR', utf8('https://example.com/')],
    ['no array', encodeCbor('x')],
    ['version 0', encodeCbor([0, compression.deflate(encodeCbor(content))])],
    ['one item more', encodeCbor([1, compression.deflate(encodeCbor(content)), null])],
    [
      'bytes behind the compressed ones',
      encodeCbor([1, concat(compression.deflate(encodeCbor(content)), Uint8Array.of(0))]),
    ],
    ['a compressed stream without its end', encodeCbor([1, compression.deflate(encodeCbor(content)).subarray(0, -1)])],
    ['content without notes', packOf([[], content[2] ?? null])],
    ['a blob that is a text', packOf([['x'], [], []])],
    ['a note that is bytes', packOf([[], [Uint8Array.of(1)], []])],
    ['a statement that is a number', packOf([[], [], [1]])],
    ['a statement with three signatures', withStatement(kind, said, device, ...rest, ...rest)],
    ['a statement of a kind without a word', withStatement(500, said, device, ...rest)],
    ['a kind spelled out that has a word', withStatement('decision', said, device, ...rest)],
    ['a field without a word', withStatement(kind, new Map<number, Cbor>([[500, 1]]), device, ...rest)],
    ['a field spelled out that has a word', withStatement(kind, new Map([['device', 1]]), device, ...rest)],
    ['the number of a value that did not come', withStatement(kind, said, Uint8Array.of(200), ...rest)],
    ['a number with a leading zero', withStatement(kind, said, Uint8Array.of(0, 0), ...rest)],
    ['an empty number', withStatement(kind, said, new Uint8Array(), ...rest)],
    ['a signature that is a text', withStatement(kind, said, device, 'x', ...rest.slice(1))],
  ])('with %s is malformed', (_what, packed) => {
    expect(codeOf(packed)).toBe('malformed')
  })

  it('that would grow beyond its bounds is refused before there is room for it', () => {
    const bomb = encodeCbor([1, compression.deflate(new Uint8Array(64 * 1024 * 1024))])
    expect(bomb.length).toBeLessThan(PACK_LIMITS.bytes)
    let largest = 0
    const watched = {
      ...compression,
      inflate: (bytes: Uint8Array, most: number) => {
        const inflated = compression.inflate(bytes, most)
        largest = Math.max(largest, typeof inflated === 'string' ? 0 : inflated.length)
        return inflated
      },
    }
    expect(() => unpack(bomb, watched)).toThrow(expect.objectContaining({ code: 'too-large' }))
    expect(largest).toBe(0)
  })

  it.each<[string, Cbor]>([
    ['blobs', [Array.from({ length: FILE_LIMITS.blobs + 1 }, () => 0), [], []]],
    ['notes', [[], Array.from({ length: FILE_LIMITS.notes + 1 }, () => 0), []]],
    ['statements', [[], [], Array.from({ length: FILE_LIMITS.statements + 1 }, () => 0)]],
  ])('with more %s than a file may have is refused before anything is made of them', (_what, all) => {
    // None of them is what it should be: whoever looked at the first would say so.
    expect(codeOf(packOf(all))).toBe('too-large')
  })

  it('with a statement longer than any may be is refused before anything more is made of it, or of the next', () => {
    const name = new Uint8Array(32)
    const long = [name, ...Array.from({ length: 3000 }, () => Uint8Array.of(0))]
    // Its signature and the statement behind it are no such things: read on, they would be named.
    expect(codeOf(packOf([[], [], [[kind, long, device, 'x', ...rest.slice(1)]]]))).toBe('too-large')
    expect(codeOf(packOf([[], [], [[kind, long, device, ...rest], 0]]))).toBe('too-large')
    const short = long.slice(0, 1000)
    expect(codeOf(packOf([[], [], [[kind, short, device, 'x', ...rest.slice(1)]]]))).toBe('malformed')
    expect(codeOf(packOf([[], [], [[kind, short, device, ...rest], 0]]))).toBe('malformed')
  })

  it('whose few bytes name long values again and again gives no long statement', () => {
    // 16 and 32 bytes can be named; were a long value named 100,000 times, it would be gigabytes.
    const long = new Uint8Array(40_000)
    const again = Array.from({ length: 100_000 }, () => Uint8Array.of(0))
    expect(codeOf(withStatement(kind, [long, ...again], device, ...rest))).toBe('malformed')
    const name = new Uint8Array(32)
    expect(codeOf(withStatement(kind, [name, ...again], device, ...rest))).toBe('too-large')
  })

  it('larger than a code carries is refused by writer and reader', () => {
    const noise = Uint8Array.from({ length: PACK_LIMITS.bytes }, (_, at) => (at * at * 31 + (at >> 3)) % 251)
    const large = { statements: [], blobs: [noise, noise.slice(1)], notes: [] }
    expect(() => pack(large, { ...compression, deflate: (all) => all })).toThrow(PackError)
    expect(codeOf(new Uint8Array(PACK_LIMITS.bytes + 1))).toBe('too-large')
  })

  it('with an envelope larger than any may be is refused by writer and reader', () => {
    const large = utf8(`{"payload":"${'A'.repeat(MAX_ENVELOPE_BYTES)}"}`)
    expect(() => pack(of(large), compression)).toThrow(expect.objectContaining({ code: 'too-large' }))
    expect(codeOf(packOf([[], [], [large]]))).toBe('too-large')
  })

  it('never breaks the reader, whatever its bytes are', () => {
    const good = pack({ ...of(decision, named('valid-roster')), blobs: [Uint8Array.of(1)] }, compression)
    const codes = [null, 'malformed', 'too-large', 'unsupported']
    const change = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(change, fc.boolean(), (changes, inside) => {
        const spoiled = inside ? encodeCbor(contentOf(of(decision, named('valid-request')))) : Uint8Array.from(good)
        for (const { at, byte } of changes) spoiled[at % spoiled.length] = byte
        expect(codes).toContain(codeOf(inside ? encodeCbor([1, compression.deflate(spoiled)]) : spoiled))
      }),
      times(300),
    )
  })
})
