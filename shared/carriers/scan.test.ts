import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from '../crc32.ts'
import { times } from '../testing/runs.ts'
import { encodeCbor } from './cbor.ts'
import { codesOf, FRAME_BYTES, STILL_BYTES } from './codes.ts'
import { createScan, SCAN_LIMITS, type Scan } from './scan.ts'
import { framesOf, UR_LIMITS, UR_TYPE, writeUr } from './ur.ts'
import { toBytewords } from './ur-bytewords.ts'
import { fragmentsIn } from './ur-fragments.ts'

/** A message that has no pattern, the same each time. */
function messageOf(size: number, salt = 1): Uint8Array {
  let state = salt * 2654435761
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}

const codes = (message: Uint8Array, from: number, many: number) =>
  Array.from({ length: many }, (_, at) => codesOf(message).code(from + at))
const is = (scan: Scan, text: string) => {
  const scanned = scan.take(text)
  return scanned.is === 'refused' ? scanned.error.code : scanned.is
}
/** A part with these numbers, whatever they are; its checksum of words is right. */
function partText(
  items: readonly [number, number, number, number, Uint8Array],
  place = `${items[0]}-${items[1]}`,
): string {
  return `ur:${UR_TYPE}/${place}/${toBytewords(encodeCbor([...items]))}`
}

const LONG = messageOf(4096)
const SHORT = messageOf(400, 2)

describe('a scan', () => {
  it('takes a still code at once, and the same one again as known', () => {
    const scan = createScan()
    const [text = ''] = codes(SHORT, 1, 1)
    expect(scan.take(text)).toEqual({ is: 'complete', message: SHORT })
    expect([is(scan, text), is(scan, text.toLowerCase())]).toEqual(['known', 'known'])
    expect(scan.complete).toEqual([SHORT])
  })

  it('takes exactly as many parts as there are fragments, from the first on, and tells how far it is', () => {
    const scan = createScan()
    const { count } = codesOf(LONG)
    expect(count).toBe(9)
    const seen = codes(LONG, 1, count).map((text) => [is(scan, text), scan.progress])
    expect(seen).toEqual([...Array.from({ length: 8 }, (_, at) => ['part', (at + 1) / 9]), ['complete', 0]])
    expect(scan.complete).toEqual([LONG])
  })

  it('gives the message from any parts that determine it, in any order, some of them twice', () => {
    const sizes = fc.integer({ min: STILL_BYTES + 1, max: 12_000 })
    const loss = fc.integer({ min: 1, max: 300 })
    fc.assert(
      fc.property(sizes, loss, fc.infiniteStream(fc.integer({ min: 0, max: 40 })), (size, from, jumps) => {
        const message = messageOf(size, from)
        const { code, count } = codesOf(message)
        const scan = createScan()
        for (let tries = 0; scan.complete.length === 0; tries++) {
          expect(tries).toBeLessThan(10 * count + 50)
          const number = from + tries + Number(jumps.next().value)
          expect(['part', 'known', 'complete']).toContain(is(scan, code(number)))
          expect(['known', 'complete']).toContain(is(scan, code(number)))
        }
        expect(scan.complete).toEqual([message])
      }),
      times(60),
    )
  })

  it('puts together the parts of several screens at once', () => {
    const messages = [1, 2, 3].map((salt) => messageOf(3000, salt))
    const scan = createScan()
    for (let number = 1; scan.complete.length < 3; number++)
      for (const message of messages) is(scan, codesOf(message).code(number))
    expect(scan.complete).toEqual(messages)
    expect(scan.begun).toEqual([])
  })

  it('takes several people’s codes in a row', () => {
    const scan = createScan()
    const messages = [messageOf(400, 1), messageOf(2000, 2), messageOf(700, 3)]
    for (const message of messages) for (const text of codes(message, 1, 8)) scan.take(text)
    expect(scan.complete).toEqual(messages)
  })

  it('says of each message how far it is, the last one read first', () => {
    const scan = createScan()
    for (const text of codes(messageOf(3000, 1), 1, 3)) scan.take(text)
    for (const text of codes(messageOf(2000, 2), 1, 2)) scan.take(text)
    expect(scan.begun).toEqual([
      { have: 2, need: 5 },
      { have: 3, need: 7 },
    ])
    expect(scan.progress).toBe(2 / 5)
  })
})

describe('a scan refuses, and loses nothing of what it had:', () => {
  const data = new Uint8Array(480).fill(7)
  const length = 960
  it.each<[string, string, string]>([
    ['a web address', 'https://example.com/?q=1', 'foreign-code'],
    ['a payment', 'bitcoin:bc1qexample?amount=1', 'foreign-code'],
    ['a Wi-Fi password', 'WIFI:T:WPA;S:x;P:y;;', 'foreign-code'],
    ['an empty text', '', 'foreign-code'],
    ['a text with half a character', 'ur:\ud800', 'malformed'],
    ['a code of another program', writeUr('crypto-psbt', SHORT), 'foreign-code'],
    ['a code that begins like one', 'ur:', 'malformed'],
    ['a code with a letter too few', writeUr(UR_TYPE, SHORT).slice(0, -1), 'malformed'],
    ['a code with letters that are no word', `ur:${UR_TYPE}/xxxxxxxxxxxxxxxx`, 'malformed'],
    ['a code with a letter exchanged', writeUr(UR_TYPE, SHORT).replace(/..$/, 'ae'), 'bad-checksum'],
    ['a code without an end', `ur:${UR_TYPE}/${'ae'.repeat(3000)}`, 'too-large'],
    ['a part with another place than it says', partText([2, 2, length, 1, data], '1-2'), 'malformed'],
    ['part 0', partText([0, 2, length, 1, data]), 'malformed'],
    ['a part of nothing', partText([1, 0, length, 1, data]), 'malformed'],
    ['a part of 100,000', partText([1, 100_000, length, 1, data]), 'too-large'],
    ['a part of a message of four gigabytes', partText([1, 2, 2 ** 32, 1, data]), 'too-large'],
    ['a part of more fragments than its message has', partText([1, 3, length, 1, data]), 'malformed'],
    ['a part without bytes', partText([1, 2, length, 1, new Uint8Array()]), 'malformed'],
    ['a part with a checksum of more than 32 bits', partText([1, 2, length, 2 ** 32, data]), 'malformed'],
    ['a part that is no array', `ur:${UR_TYPE}/1-2/${toBytewords(encodeCbor('x'))}`, 'malformed'],
    ['a part that is not CBOR', `ur:${UR_TYPE}/1-2/${toBytewords(Uint8Array.of(0xff))}`, 'malformed'],
    [
      'a part with one item more',
      `ur:${UR_TYPE}/1-2/${toBytewords(encodeCbor([1, 2, length, 1, data, 0]))}`,
      'malformed',
    ],
  ])('%s', (_what, text, code) => {
    const scan = createScan()
    for (const one of codes(LONG, 1, 5)) scan.take(one)
    expect(is(scan, text)).toBe(code)
    expect(scan.begun).toEqual([{ have: 5, need: 9 }])
    for (const one of codes(LONG, 6, 4)) scan.take(one)
    expect(scan.complete).toEqual([LONG])
  })

  it('a part that contradicts those before it', () => {
    const scan = createScan()
    for (const one of codes(LONG, 1, 5)) scan.take(one)
    const size = Math.ceil(LONG.length / 9)
    expect(is(scan, partText([2, 9, LONG.length, crc32(LONG), new Uint8Array(size)]))).toBe('mixed')
    for (const one of codes(LONG, 6, 4)) scan.take(one)
    expect(scan.complete).toEqual([LONG])
  })

  it('a forged part that contradicts nothing yet, when the message is whole; then it begins anew', () => {
    const scan = createScan()
    const size = Math.ceil(LONG.length / 9)
    expect(is(scan, partText([1, 9, LONG.length, crc32(LONG), new Uint8Array(size)]))).toBe('part')
    expect(
      codes(LONG, 2, 8)
        .map((text) => is(scan, text))
        .at(-1),
    ).toBe('bad-checksum')
    expect(scan.complete).toEqual([])
    for (const one of codes(LONG, 1, 9)) scan.take(one)
    expect(scan.complete).toEqual([LONG])
  })

  it('one complete message too many', () => {
    const scan = createScan()
    const texts = Array.from({ length: SCAN_LIMITS.complete + 1 }, (_, salt) =>
      codesOf(messageOf(20, salt + 1)).code(1),
    )
    expect(texts.map((text) => is(scan, text)).at(-1)).toBe('too-many')
    expect(scan.complete).toHaveLength(SCAN_LIMITS.complete)
  })
})

describe('a scan in which many messages were begun and none is shown any more', () => {
  it('goes on with the next one, which takes the place of the one that was left alone longest', () => {
    const scan = createScan()
    const messages = Array.from({ length: SCAN_LIMITS.begun }, (_, salt) => messageOf(2000, salt + 1))
    for (const message of messages) scan.take(codesOf(message).code(1))
    // The first is still shown, so the second is the one that waited longest.
    const [first = LONG, second = LONG, third = LONG] = messages
    scan.take(codesOf(first).code(2))
    for (const one of codes(LONG, 1, 9)) expect(['part', 'complete']).toContain(is(scan, one))
    expect(scan.complete).toEqual([LONG])
    for (const one of codes(first, 3, 3)) scan.take(one)
    for (const one of codes(third, 2, 4)) scan.take(one)
    expect(scan.complete).toEqual([LONG, first, third])
    for (const one of codes(second, 2, 4)) scan.take(one)
    expect(scan.complete).toHaveLength(3)
    scan.take(codesOf(second).code(1))
    expect(scan.complete).toEqual([LONG, first, third, second])
  })

  it('never holds more of them than its bound', () => {
    const scan = createScan()
    for (let salt = 1; salt <= 3 * SCAN_LIMITS.begun; salt++) scan.take(codesOf(messageOf(2000, salt)).code(1))
    expect(scan.begun).toHaveLength(SCAN_LIMITS.begun)
  })
})

describe('a message that could not be taken in', () => {
  it.each([
    ['a still code', SHORT],
    ['an animated one', LONG],
  ])('is read once more from %s, and what else was complete is not', (_what, message) => {
    const other = messageOf(500, 9)
    const texts = [...codes(other, 1, 1), ...codes(message, 1, codesOf(message).count)]
    const scan = createScan()
    const read = () => texts.map((text) => is(scan, text)).filter((one) => one === 'complete').length
    expect([read(), read()]).toEqual([2, 0])
    scan.forget(message)
    expect([read(), read()]).toEqual([1, 0])
    expect(scan.complete).toEqual([other, message])
  })

  it('is read at once from a code that is still before the camera', () => {
    const scan = createScan()
    const [text = ''] = codes(SHORT, 1, 1)
    expect([is(scan, text), is(scan, text)]).toEqual(['complete', 'known'])
    scan.forget(SHORT)
    expect(is(scan, text)).toBe('complete')
  })
})

describe('a scan of 100,000 parts', () => {
  it('that say nothing new holds no more than one equation a fragment', () => {
    const message = messageOf(200)
    const { frame } = framesOf(UR_TYPE, message, 100)
    // Of two fragments: parts that mix both never tell them apart.
    const numbers = Array.from({ length: 1000 }, (_, at) => at + 3)
    const both = numbers.filter((number) => fragmentsIn(number, 2, crc32(message)).length === 2).map(frame)
    expect(both.length).toBeGreaterThan(100)
    const scan = createScan()
    for (let tries = 0; tries < 100_000; tries++) scan.take(both[tries % both.length] ?? '')
    expect(scan.begun).toEqual([{ have: 1, need: 2 }])
    expect(is(scan, frame(1))).toBe('complete')
  })
})

describe('codes', () => {
  it('are one still code up to 840 bytes, and frames of at most 480 beyond', () => {
    expect(codesOf(messageOf(STILL_BYTES)).count).toBe(1)
    expect(codesOf(messageOf(STILL_BYTES)).code(1)).toHaveLength(1701)
    expect(codesOf(messageOf(STILL_BYTES + 1)).count).toBe(2)
    expect(codesOf(messageOf(4096)).code(99_999).length).toBeLessThan(1046)
    expect(Math.ceil(4096 / FRAME_BYTES)).toBe(9)
  })

  it('of the longest message are within what a scan takes', () => {
    const message = messageOf(UR_LIMITS.message)
    const scan = createScan()
    const { count, code } = codesOf(message)
    for (let number = 1; number <= count; number++) scan.take(code(number))
    expect(scan.complete.map(({ length }) => length)).toEqual([UR_LIMITS.message])
  })

  it('have only letters that QR codes pack closest', () => {
    for (const message of [SHORT, LONG]) expect(codesOf(message).code(7)).toMatch(/^[0-9A-Z $%*+./:-]+$/)
  })
})
