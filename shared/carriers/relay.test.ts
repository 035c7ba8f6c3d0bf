import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Digest, digest, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { BOX_OVERHEAD, openBoxFrom, sealBoxFrom } from '../secrets/box.ts'
import { generateBoxKey } from '../secrets/box-key.ts'
import { pairKey } from '../secrets/pair.ts'
import { named, seeded } from '../secrets/testing/setup.ts'
import {
  bucketsThatDiffer,
  comparedWith,
  daysToRead,
  decodeRelay,
  encodeRelay,
  hasRelayLength,
  idPrefix,
  laneSubject,
  MAX_RELAY_BODY,
  MOST_IN_HAVE,
  RELAY_CLASSES,
  type RelayContent,
  RelayError,
  type RelayMessage,
  relayHave,
  relaySummary,
} from './relay.ts'

const digests = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64Url)
const idSets = fc.uniqueArray(digests, { maxLength: 60 })
const salts = fc.uint8Array({ minLength: 8, maxLength: 8 })
const contents: fc.Arbitrary<RelayContent> = fc.oneof(
  fc.uint8Array({ maxLength: 5000 }).map((pack): RelayContent => ({ kind: 'pack', pack: Uint8Array.from(pack) })),
  fc
    .tuple(idSets, salts)
    .map(([ids, salt]): RelayContent => ({ kind: 'summary', summary: relaySummary(ids, Uint8Array.from(salt)) })),
  fc.tuple(idSets, fc.uniqueArray(fc.nat(255)), fc.boolean()).map(([ids, among, last]) =>
    relayHave(
      ids,
      among.toSorted((a, b) => a - b),
      last,
    ),
  ),
  fc.array(digests, { minLength: 1, maxLength: 8 }).map((blobs): RelayContent => ({ kind: 'blobs-wanted', blobs })),
  fc.record({ kind: fc.constantFrom('witness', 'witnessed'), json: fc.uint8Array({ maxLength: 2000 }) }),
)
const messages: fc.Arbitrary<RelayMessage> = fc.record({ sent: fc.maxSafeNat(), content: contents })
const codeOf = (bytes: Uint8Array): string => {
  try {
    decodeRelay(bytes)
    return 'good'
  } catch (error) {
    if (error instanceof RelayError) return error.code
    throw error
  }
}

describe('a message', () => {
  it('comes out as it went in, and has one of four lengths', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeRelay(message)
        expect(RELAY_CLASSES).toContain(bytes.length)
        expect(decodeRelay(bytes)).toEqual(message)
      }),
    )
  })

  it('is as long as any other of its class, whatever it says', () => {
    const lengths = [0, 1, 500, 1011].map((length) => ({ kind: 'pack', pack: new Uint8Array(length) }) as const)
    expect(new Set(lengths.map((content) => encodeRelay({ sent: 1, content }).length))).toEqual(new Set([1024]))
    const pack = (length: number) => ({ sent: 1, content: { kind: 'pack', pack: new Uint8Array(length) } }) as const
    expect([1011, 1012, 4083, 4084, 16_371, 16_372, MAX_RELAY_BODY].map((at) => encodeRelay(pack(at)).length)).toEqual([
      1024, 4096, 4096, 16_384, 16_384, 65_536, 65_536,
    ])
    expect(() => encodeRelay(pack(MAX_RELAY_BODY + 1))).toThrow(TypeError)
  })

  it('of any bytes is read or refused, and read only if it is written so', () => {
    const sized = fc
      .constantFrom(...RELAY_CLASSES.slice(0, 2))
      .chain((size) => fc.uint8Array({ minLength: 0, maxLength: 64 }).map((head) => padded(head, size)))
    fc.assert(
      fc.property(fc.oneof(sized, fc.uint8Array({ maxLength: 2000 })), (bytes) => {
        const back = codeOf(bytes) === 'good' ? encodeRelay(decodeRelay(bytes)) : bytes
        expect(Uint8Array.from(back)).toEqual(Uint8Array.from(bytes))
      }),
    )
  })

  it('has a length by which garbage is known before any key is used on it', () => {
    expect(hasRelayLength(new Uint8Array(1024 + BOX_OVERHEAD), BOX_OVERHEAD)).toBe(true)
    for (const length of [0, 1024, 1023 + BOX_OVERHEAD, 2048 + BOX_OVERHEAD, 70_000])
      expect(hasRelayLength(new Uint8Array(length), BOX_OVERHEAD)).toBe(false)
  })
})

describe('two sets of ids', () => {
  it('are brought together by summary, have, have and what is lacking', () => {
    fc.assert(
      fc.property(idSets, idSets, idSets, salts, (common, onlyHere, onlyThere, salt) => {
        const here = [...new Set([...common, ...onlyHere])]
        const there = [...new Set([...common, ...onlyThere])]
        const differing = bucketsThatDiffer(there, relaySummary(here, salt))
        const firstHave = decoded(relayHave(there, differing, false))
        const fromHere = comparedWith(here, firstHave)
        const lacksSomething = there.some((id) => !here.includes(id))
        expect(fromHere.hasMore).toBe(lacksSomething)
        const answer = decoded(relayHave(here, firstHave.buckets, true))
        const fromThere = comparedWith(there, answer)
        expect(new Set([...there, ...fromHere.lacking])).toEqual(new Set([...here, ...there]))
        expect(new Set([...here, ...fromThere.lacking])).toEqual(new Set([...here, ...there]))
      }),
      { numRuns: 60 },
    )
  })

  it('that are the same differ in no bucket, in whatever order they came', () => {
    fc.assert(
      fc.property(idSets, salts, (ids, salt) => {
        expect(bucketsThatDiffer(ids.toReversed(), relaySummary(ids, salt))).toEqual([])
      }),
    )
  })

  it('keep the order in which they came: a roster goes before what names it', () => {
    const ids = [5, 3, 9, 1].map((byte) => toBase64Url(new Uint8Array(32).fill(byte)))
    const empty = decoded(relayHave([], [1, 3, 5, 9], true))
    expect(comparedWith(ids, empty).lacking).toEqual(ids)
  })

  it('that are too many for one message go bucket by bucket, each whole', () => {
    const ids = Array.from({ length: MOST_IN_HAVE + 2000 }, (_, at) => digest(utf8(`${at}`)))
    const all = Array.from({ length: 256 }, (_, bucket) => bucket)
    const { buckets, prefixes } = decoded(relayHave(ids, all, false))
    expect(buckets.length).toBeLessThan(256)
    const covered = ids.filter((id) => buckets.includes(fromBase64Url(id)[0] as number))
    expect(prefixes).toEqual(new Set(covered.map(idPrefix)))
  })
})

describe('days', () => {
  it('are read from tomorrow to a week ago, today first', () => {
    expect(daysToRead(20 * 86_400_000 + 5)).toEqual([20, 21, 19, 18, 17, 16, 15, 14, 13])
  })
})

// After a change of the format: LOCKBOX_WRITE_VECTORS=1 npx vitest run --project node shared/carriers/relay.test.ts
const file = new URL('vectors/relay.json', import.meta.url)
const keys = { ana: generateBoxKey(seeded('relay ana')), raj: generateBoxKey(seeded('relay raj')) }
if (process.env['LOCKBOX_WRITE_VECTORS'] !== undefined)
  writeFileSync(file, `${JSON.stringify(await makeVectors(), null, 1)}\n`)

interface Vectors {
  readonly organization: Digest
  readonly devices: { readonly name: string; readonly id: Digest; readonly private: string; readonly public: string }[]
  readonly pair: string
  readonly lanes: { readonly from: string; readonly to: string; readonly day: number; readonly subject: string }[]
  readonly messages: { readonly says: string; readonly expect: string; readonly plaintext: string }[]
  readonly box: { readonly from: string; readonly to: string; readonly plaintext: string; readonly box: string }
}
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors

describe('relay.json', () => {
  const device = (name: string) => {
    const found = vectors.devices.find((one) => one.name === name)
    if (found === undefined) throw new Error(name)
    const key = { privateKey: fromBase64Url(found.private), publicKey: fromBase64Url(found.public) }
    return { ...found, key }
  }

  it('has what the pair knows', () => {
    const [one, other] = [device('ana'), device('raj')]
    expect(toBase64Url(pairKey(vectors.organization, one.key, other.key.publicKey))).toBe(vectors.pair)
  })

  it.each(vectors.lanes)('has the lane from $from to $to on day $day', ({ from, to, day, subject }) => {
    const [sender, reader] = [device(from).id, device(to).id]
    const pair = fromBase64Url(vectors.pair)
    expect(laneSubject(pair, { from: sender, to: reader, day })).toBe(subject)
    const byHand = createHmac('sha256', pair)
      .update(jcs({ day, from: sender, purpose: 'lockbox/relay-lane/v1', to: reader }))
      .digest()
    expect(subject).toBe(`lockbox.${byHand.subarray(0, 16).toString('base64url')}`)
  })

  it('has a subject of its own for each direction and day', () => {
    expect(new Set(vectors.lanes.map(({ subject }) => subject)).size).toBe(vectors.lanes.length)
  })

  it.each(vectors.messages)('$expect: $says', ({ expect: code, plaintext }) => {
    expect(codeOf(fromBase64Url(plaintext))).toBe(code)
  })

  it('has a message that opens', async () => {
    const { from, to, plaintext, box } = vectors.box
    const context = contextOf(vectors.organization, device(from).id, device(to).id)
    const opened = await openBoxFrom(device(from).key.publicKey, device(to).key.privateKey, context, fromBase64Url(box))
    expect(toBase64Url(opened)).toBe(plaintext)
  })
})

function contextOf(organization: Digest, from: Digest, to: Digest) {
  return { purpose: 'relay', organization, deposit: null, request: null, ready: null, from, to, index: null } as const
}

function padded(head: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  bytes.set(head)
  return bytes
}

function decoded(content: RelayContent) {
  const back = decodeRelay(encodeRelay({ sent: 0, content })).content
  if (back.kind !== 'have') throw new TypeError('expected a have')
  return back
}

async function makeVectors(): Promise<Vectors> {
  const [organization, ana, raj] = [named('organization'), named('ana’s device'), named('raj’s device')]
  const pair = pairKey(organization, keys.ana, keys.raj.publicKey)
  const lanes = [
    ['ana', 'raj', 20_000],
    ['raj', 'ana', 20_000],
    ['ana', 'raj', 20_001],
  ] as const
  const idOf = { ana, raj }
  const ids = ['a', 'b', 'c'].map(named)
  const good: RelayContent[] = [
    { kind: 'pack', pack: Uint8Array.of(1, 2, 3) },
    { kind: 'summary', summary: relaySummary(ids, new Uint8Array(8).fill(9)) },
    relayHave(
      ids,
      Array.from({ length: 256 }, (_, bucket) => bucket),
      false,
    ),
    { kind: 'blobs-wanted', blobs: ids },
    { kind: 'witness', json: jcs({ from: 0, id: 7, note: 'a signed note\n', proof: [] }) },
    { kind: 'witnessed', json: jcs({ id: 7, refused: 'bad-proof' }) },
  ]
  const sent = 1_728_000_000_000
  const pack = encodeRelay({ sent, content: good[0] as RelayContent })
  const have = encodeRelay({ sent, content: good[2] as RelayContent })
  const changed = (bytes: Uint8Array, change: (copy: Uint8Array) => void) => {
    const copy = Uint8Array.from(bytes)
    change(copy)
    return copy
  }
  const refused: (readonly [string, Uint8Array])[] = [
    ['a byte short', pack.subarray(0, 1023)],
    ['longer than its class', padded(pack, 4096)],
    ['a length beyond its end', changed(pack, (copy) => copy.set([0, 0, 4, 0]))],
    ['a length below its head', changed(pack, (copy) => copy.set([0, 0, 0, 8]))],
    ['a byte behind its end', changed(pack, (copy) => copy.set([1], 1023))],
    ['no kind that is known', changed(pack, (copy) => copy.set([7], 12))],
    ['a time that no number holds', changed(pack, (copy) => copy.set([255], 4))],
    ['an id out of its buckets', changed(have, (copy) => copy.fill(0, 14, 46))],
    ['ids not in order', changed(have, (copy) => copy.copyWithin(46, 54, 62))],
    ['an answer to a have that is neither first nor last', changed(have, (copy) => copy.set([2], 13))],
    ['a summary of too few buckets', encodeRelay({ sent, content: { kind: 'summary', summary: new Uint8Array(775) } })],
    ['no blob that is wanted', encodeRelay({ sent, content: { kind: 'blobs-wanted', blobs: [] } })],
  ]
  const context = contextOf(organization, ana, raj)
  return {
    organization,
    devices: (['ana', 'raj'] as const).map((name) => ({
      name,
      id: idOf[name],
      private: toBase64Url(keys[name].privateKey),
      public: toBase64Url(keys[name].publicKey),
    })),
    pair: toBase64Url(pair),
    lanes: lanes.map(([from, to, day]) => ({
      from,
      to,
      day,
      subject: laneSubject(pair, { from: idOf[from], to: idOf[to], day }),
    })),
    messages: [
      ...good.map((content) => ({
        says: content.kind,
        expect: 'good',
        plaintext: toBase64Url(encodeRelay({ sent, content })),
      })),
      ...refused.map(([says, bytes]) => ({ says, expect: 'malformed', plaintext: toBase64Url(bytes) })),
    ],
    box: {
      from: 'ana',
      to: 'raj',
      plaintext: toBase64Url(pack),
      box: toBase64Url(await sealBoxFrom(keys.ana.privateKey, keys.raj.publicKey, context, pack)),
    },
  }
}
