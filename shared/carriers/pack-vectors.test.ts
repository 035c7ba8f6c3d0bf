import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compression } from '../../main/compression.ts'
import { digest, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts'
import { cardEnvelope } from '../org/join-card.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { readVector } from '../testing/vector-file.ts'
import { type Cbor, decodeCbor, encodeCbor } from './cbor.ts'
import type { FileParts } from './file.ts'
import { PackError, pack, unpack } from './pack.ts'

/** One entry of vectors/pack.json; bytes in base64url. */
interface Vector {
  readonly says: string
  /** `good`, or the code of the refusal. */
  readonly expect: string
  readonly packed: string
  /** Only of good ones: the content before it was compressed, and what comes out. */
  readonly content?: string
  readonly statements?: readonly string[]
  readonly blobs?: readonly string[]
  readonly notes?: readonly string[]
}

const file = new URL('vectors/pack.json', import.meta.url)

// After a change of the format: LOCKBOX_WRITE_VECTORS=1 npx vitest run --project node shared/carriers/pack-vectors.test.ts
if (process.env['LOCKBOX_WRITE_VECTORS'] !== undefined)
  writeFileSync(file, `${JSON.stringify(await makeVectors(), null, 1)}\n`)

const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[]
const outcome = (packed: Uint8Array): string => {
  try {
    unpack(packed, compression)
    return 'good'
  } catch (error) {
    if (error instanceof PackError) return error.code
    throw error
  }
}

describe('the published packs', () => {
  it.each(vectors)('$expect: $says', (vector) => {
    expect(outcome(fromBase64Url(vector.packed))).toBe(vector.expect)
  })

  it.each(vectors.filter(({ expect }) => expect === 'good'))(
    'give what went in, and are made again: $says',
    (vector) => {
      const parts = partsOf(vector)
      expect(unpack(fromBase64Url(vector.packed), compression)).toEqual(parts)
      // Compressors differ in what they write; what is compressed is the same.
      expect(toBase64Url(contentOf(parts))).toBe(vector.content)
    },
  )
})

function partsOf({ statements = [], blobs = [], notes = [] }: Vector): FileParts {
  return { statements: statements.map(fromBase64Url), blobs: blobs.map(fromBase64Url), notes }
}

function contentOf(parts: FileParts): Uint8Array {
  const [, content] = decodeCbor(pack(parts, { ...compression, deflate: (bytes) => bytes })) as Cbor[]
  return content as Uint8Array
}

async function makeVectors(): Promise<Vector[]> {
  const told = await setupWith(['alice', 'bob', 'carol'], { signatures: 'real' })
  const { story } = told
  const { request, ready, decisions } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const box = Uint8Array.from({ length: 80 }, (_, at) => at)
  const decision = decisions[1]?.envelope ?? new Uint8Array()
  const release = (await story.release('carol', ready, { box: digest(box) })).envelope
  const roster = story.statements[0]?.envelope ?? new Uint8Array()
  const door = (name: string) =>
    readVector(name, readFileSync(new URL(`../statements/vectors/door/${name}.txt`, import.meta.url))).envelope
  const cardFile = readFileSync(new URL('../org/vectors/cards/good.join-card.json', import.meta.url))
  const none = { statements: [], blobs: [], notes: [] }
  const note = 'lockbox.localhost/a/b\n1\nAAAA\n\n— name sig\n'
  const good = (says: string, parts: Partial<FileParts>): Vector => {
    const all: FileParts = { ...none, ...parts }
    return {
      says,
      expect: 'good',
      packed: toBase64Url(pack(all, compression)),
      content: toBase64Url(contentOf(all)),
      statements: all.statements.map(toBase64Url),
      blobs: all.blobs.map(toBase64Url),
      notes: all.notes,
    }
  }
  const packed = pack({ ...none, statements: [decision] }, compression)
  const content = decodeCbor(contentOf({ ...none, statements: [decision] })) as Cbor[]
  const [[, ...rest] = []] = content[2] as Cbor[][]
  const bad = (says: string, expect: string, bytes: Uint8Array): Vector => ({
    says,
    expect,
    packed: toBase64Url(bytes),
  })
  const of = (...statements: Cbor[]) => encodeCbor([1, compression.deflate(encodeCbor([[], [], statements]))])
  return [
    good('a request', { statements: [request.envelope] }),
    good('a decision', { statements: [decision] }),
    good('a decision with the release and its box: ids and digests are named by number', {
      statements: [decision, release],
      blobs: [box],
    }),
    good('a roster and a decision: keys are named by number', { statements: [roster, decision] }),
    good('a touch that also opened the box key', { statements: [door('valid-decision-hmac-secret')] }),
    good('a touch for another statement: carried as it is', { statements: [door('hardware-wrong-statement-other')] }),
    good('a blob and a note alone', { blobs: [Uint8Array.of(1, 2, 3)], notes: [note] }),
    good('a join card among the statements', { statements: [cardEnvelope(cardFile), decision] }),
    good('no statement at all, carried as it is', { statements: [utf8('{"payload":"x"}')] }),
    bad('a later version', 'unsupported', encodeCbor([2, new Uint8Array()])),
    bad('cut short', 'malformed', packed.subarray(0, -1)),
    bad('one byte behind the compressed ones', 'malformed', withTail(packed)),
    bad('a kind spelled out that has a number', 'malformed', of(['decision', ...rest])),
    bad('a kind with a number that stands for nothing', 'malformed', of([250, ...rest])),
    bad('the number of a value that did not come', 'malformed', of([24, [Uint8Array.of(3)], ...rest.slice(1)])),
    bad(
      'a field spelled out that has a number',
      'malformed',
      of([
        24,
        new Map<number | string, Cbor>([
          [0, 1],
          ['device', 1],
        ]),
        ...rest.slice(1),
      ]),
    ),
    bad('one MiB of zeros, compressed', 'too-large', encodeCbor([1, compression.deflate(new Uint8Array(2 ** 20))])),
  ]
}

function withTail(packed: Uint8Array): Uint8Array {
  const [version, deflated] = decodeCbor(packed) as Cbor[]
  return encodeCbor([version ?? null, Uint8Array.from([...(deflated as Uint8Array), 0])])
}
