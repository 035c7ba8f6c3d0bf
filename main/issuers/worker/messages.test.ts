import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../../../shared/bytes.ts'
import { type Message, messageBytes, parseMessage, wipe } from './messages.ts'

const message = fc.record({
  facts: fc.jsonValue(),
  parts: fc.array(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Uint8Array.from(bytes)),
    { maxLength: 4 },
  ),
})
const plain = ({ facts, parts }: Message) => ({ facts: JSON.stringify(facts), parts: parts.map((part) => [...part]) })
const malformed: unknown = expect.objectContaining({ code: 'malformed' })

describe('a message between main and a worker', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(plain(parseMessage(messageBytes(sent)))).toEqual(plain(sent))
      }),
    )
  })
  it('leaves nothing in the frame it came in, and its parts can be wiped', () => {
    const frame = messageBytes({ facts: {}, parts: [Uint8Array.of(1, 2, 3)] })
    const { parts } = parseMessage(frame)
    expect(frame.every((byte) => byte === 0)).toBe(true)
    expect(parts).toEqual([Uint8Array.of(1, 2, 3)])
    wipe(...parts)
    expect(parts).toEqual([new Uint8Array(3)])
  })
  it.each([
    ['a head that is no JSON', [0, 0, 0, 1, 0x7b]],
    ['a head longer than the frame', [0, 0, 0, 9, 0x7b]],
    ['no room for a head', [0]],
  ])('is refused with %s, and wiped', (_, bytes) => {
    const frame = Uint8Array.from(bytes)
    expect(() => parseMessage(frame)).toThrow(malformed)
    expect(frame.every((byte) => byte === 0)).toBe(true)
  })
  it.each([
    ['longer', (frame: Uint8Array) => concat(frame, Uint8Array.of(0))],
    ['shorter', (frame: Uint8Array) => frame.slice(0, -1)],
  ])('is refused when the frame is %s than its parts', (_, change) => {
    expect(() => parseMessage(change(messageBytes({ facts: {}, parts: [Uint8Array.of(1)] })))).toThrow(malformed)
  })
})
