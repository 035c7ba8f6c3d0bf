import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../bytes.ts'
import { crc32 } from '../crc32.ts'
import { encodeCbor } from './cbor.ts'
import { codesOf } from './codes.ts'
import { createScan } from './scan.ts'
import { UR_TYPE } from './ur.ts'
import { toBytewords } from './ur-bytewords.ts'
import { fragmentsIn } from './ur-fragments.ts'

/** vectors/ur.json; bytes in base64url. */
interface Vectors {
  /** Messages, each with the texts of some of its codes. */
  readonly codes: readonly {
    readonly says: string
    readonly message: string
    readonly count: number
    readonly texts: Readonly<Record<string, string>>
  }[]
  /** Which fragments are mixed into a part. */
  readonly fragments: readonly {
    readonly sequence: number
    readonly count: number
    readonly checksum: number
    readonly fragments: readonly number[]
  }[]
  /** Texts that are refused, and why. */
  readonly refused: readonly { readonly says: string; readonly text: string; readonly expect: string }[]
}

const file = new URL('vectors/ur.json', import.meta.url)

// After a change of the format: LOCKBOX_WRITE_VECTORS=1 npx vitest run --project node shared/carriers/ur-vectors.test.ts
if (process.env['LOCKBOX_WRITE_VECTORS'] !== undefined)
  writeFileSync(file, `${JSON.stringify(makeVectors(), null, 1)}\n`)

const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors

describe('the published codes', () => {
  it.each(vectors.codes)('$says', ({ message, count, texts }) => {
    const bytes = Uint8Array.from(fromBase64Url(message))
    const codes = codesOf(bytes)
    expect(codes.count).toBe(count)
    const scan = createScan()
    for (const [number, text] of Object.entries(texts)) {
      expect(codes.code(Number(number))).toBe(text)
      scan.take(text)
    }
    expect(scan.complete).toEqual([bytes])
  })

  it.each(vectors.fragments)('part $sequence of $count', ({ sequence, count, checksum, fragments }) => {
    expect(fragmentsIn(sequence, count, checksum)).toEqual(fragments)
  })

  it.each(vectors.refused)('$expect: $says', ({ text, expect: code }) => {
    expect(createScan().take(text)).toEqual({ is: 'refused', error: expect.objectContaining({ code }) as unknown })
  })
})

function makeVectors(): Vectors {
  const message = (size: number) => Uint8Array.from({ length: size }, (_, at) => (at * at + 7 * at + (at >> 4)) % 253)
  const codes = (says: string, size: number, numbers: readonly number[]) => {
    const { count, code } = codesOf(message(size))
    const texts = Object.fromEntries(numbers.map((number) => [number, code(number)]))
    return { says, message: toBase64Url(message(size)), count, texts }
  }
  const part = (items: readonly [number, number, number, number, Uint8Array], place = `${items[0]}-${items[1]}`) =>
    `ur:${UR_TYPE}/${place}/${toBytewords(encodeCbor([...items]))}`
  const data = new Uint8Array(4)
  return {
    codes: [
      codes('one still code', 100, [1, 2]),
      codes('the longest still code', 840, [1]),
      codes('a sequence, from its first part on', 1000, [1, 2, 3]),
      codes('a sequence, joined in the middle', 1000, [4, 5, 6, 7, 8, 9, 10, 11, 12]),
    ],
    fragments: [2, 3, 9, 20, 37, 82, 274, 1024].flatMap((count) =>
      [count, count + 1, count + 2, count + 3, 99_999, 2 ** 32 - 1].map((sequence) => {
        const checksum = crc32(message(count))
        return { sequence, count, checksum, fragments: fragmentsIn(sequence, count, checksum) }
      }),
    ),
    refused: [
      { says: 'a web address', text: 'https://example.com/', expect: 'foreign-code' },
      { says: 'another type', text: `ur:bytes/${toBytewords(encodeCbor(data))}`, expect: 'foreign-code' },
      { says: 'a checksum that does not fit', text: `ur:${UR_TYPE}/aeaeaeaeaeae`, expect: 'bad-checksum' },
      { says: 'letters that are no word', text: `ur:${UR_TYPE}/${'xx'.repeat(8)}`, expect: 'malformed' },
      { says: 'a place that contradicts the part', text: part([2, 2, 8, 1, data], '1-2'), expect: 'malformed' },
      { says: 'part 0', text: part([0, 2, 8, 1, data]), expect: 'malformed' },
      { says: 'more fragments than the message has', text: part([1, 3, 8, 1, data]), expect: 'malformed' },
      { says: '100,000 fragments', text: part([1, 100_000, 131_072, 1, data]), expect: 'too-large' },
      { says: 'a message above 128 KiB', text: part([1, 2, 131_073, 1, data]), expect: 'too-large' },
    ],
  }
}
