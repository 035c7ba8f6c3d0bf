import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../bytes.ts'
import { crc32 } from '../crc32.ts'
import { type Cbor, decodeCbor, encodeCbor } from './cbor.ts'
import { framesOf, type Part, readUr, writeUr } from './ur.ts'
import { fromBytewords, toBytewords } from './ur-bytewords.ts'
import { createJoin } from './ur-join.ts'

// BlockchainCommons/bc-ur: the strings that the tests of the reference implementation expect.
const published = JSON.parse(
  readFileSync(new URL('vectors/bc-ur/strings-by-test.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly string[]>>
const strings = (test: string) => published[test] ?? []
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const unhex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

/** `make_message(256, "Wolf")` of the reference: its first parts, put together. */
const dataOf = (line: string) => unhex(/data:([0-9a-f]+)/.exec(line)?.[1] ?? '')
const wolf = concat(...strings('test_fountain_encoder').slice(0, 9).map(dataOf)).subarray(0, 256)
const numberIn = (line: string, name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(line)?.[1])
const partIn = (line: string): Part => ({
  sequence: numberIn(line, 'seqNum'),
  count: numberIn(line, 'seqLen'),
  length: numberIn(line, 'messageLen'),
  checksum: numberIn(line, 'checksum'),
  data: dataOf(line),
})

describe('the published vectors of Uniform Resources', () => {
  it('CRC-32', () => {
    expect(crc32(utf8(strings('test_crc32')[0] ?? '')).toString(16)).toBe('ebe6c6e6')
  })

  it('minimal Bytewords, there and back, and their checksum', () => {
    const [, , minimal = '', , , , , , wrong = ''] = strings('test_bytewords_1')
    expect(toBytewords(Uint8Array.of(0, 1, 2, 128, 255))).toBe(minimal)
    expect(fromBytewords(minimal)).toEqual(Uint8Array.of(0, 1, 2, 128, 255))
    expect(() => fromBytewords(wrong)).toThrow(expect.objectContaining({ code: 'bad-checksum' }))
  })

  it('minimal Bytewords of 100 bytes are the letters of the words', () => {
    const all = strings('test_bytewords_2')
    const words = all.slice(0, 11).join('').split(' ')
    const minimal = all.slice(11).join('')
    const letters = words.map((word) => `${word[0]}${word[3]}`).join('')
    // The file leaves out the last line of letters, which is the checksum's.
    expect(letters.slice(0, minimal.length)).toBe(minimal)
    expect(fromBytewords(letters)).toHaveLength(100)
    expect(toBytewords(fromBytewords(letters))).toBe(letters)
  })

  it('cuts into equal fragments, the last one filled up', () => {
    const fragments = strings('test_partition_and_join')
    const message = unhex(fragments.join('')).subarray(0, 1024)
    const { count, frame } = framesOf('bytes', message, 100)
    expect(count).toBe(11)
    for (const [at, fragment] of fragments.entries()) {
      const ur = readUr('bytes', frame(at + 1))
      expect('part' in ur && hex(ur.part.data)).toBe(fragment)
    }
  })

  it('mixes fragments by exclusive or, the reference’s twenty parts', () => {
    const { frame } = framesOf('bytes', wolf, 30)
    for (const line of strings('test_fountain_encoder')) {
      const part = partIn(line)
      expect(readUr('bytes', frame(part.sequence))).toEqual({ part })
    }
  })

  it('writes parts as CBOR', () => {
    for (const [at, text] of strings('test_fountain_encoder_cbor').entries()) {
      const { sequence, count, length, checksum, data } = partIn(strings('test_fountain_encoder')[at] ?? '')
      expect(hex(encodeCbor([sequence, count, length, checksum, data]))).toBe(text)
      expect((decodeCbor(unhex(text)) as Cbor[])[4]).toEqual(data)
    }
  })

  it('a message in one part', () => {
    const [text = ''] = strings('test_single_part_ur')
    const ur = readUr('bytes', text)
    expect('message' in ur && writeUr('bytes', ur.message)).toBe(text)
    expect('message' in ur && (decodeCbor(ur.message) as Uint8Array).length).toBe(50)
  })

  it('a message in twenty parts, in letters of either size', () => {
    const message = encodeCbor(wolf)
    const { count, frame } = framesOf('bytes', message, 30)
    expect(count).toBe(9)
    expect(strings('test_ur_encoder').map((_, at) => frame(at + 1))).toEqual(strings('test_ur_encoder'))
    const parts = strings('test_ur_encoder').flatMap((text, at) => {
      const ur = readUr('bytes', at % 2 === 0 ? text : text.toUpperCase())
      return 'part' in ur ? [ur.part] : []
    })
    // Without the first two they give it too.
    const join = createJoin(parts[0] as Part)
    for (const part of parts.slice(2)) join.take(part)
    expect(join.message()).toEqual(message)
  })
})
