import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../../../shared/bytes.ts'
import { frameOf, frameReader, MAX_MESSAGE_BYTES, type Message, wipeMessage } from './frames.ts'

const message = fc.record({
  facts: fc.jsonValue(),
  parts: fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 4 }),
})
const plain = ({ facts, parts }: Message) => ({
  facts: JSON.stringify(facts),
  parts: parts.map((part) => [...part]),
})

describe('frames', () => {
  it('come out as they went in, however the pipe cuts them', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat({ max: 400 })), (messages, cuts) => {
        const stream = concat(...messages.map(frameOf))
        const read = frameReader()
        const edges = [0, ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b), stream.length]
        const got = edges.slice(1).flatMap((edge, at) => read(stream.slice(edges[at], edge)))
        expect(got.map(plain)).toEqual(messages.map(plain))
      }),
    )
  })
  it('wipe the chunk that was read and the parts when told so', () => {
    const chunk = frameOf({ facts: {}, parts: [Uint8Array.of(1, 2, 3)] })
    const [got] = frameReader()(chunk)
    expect([...chunk].every((byte) => byte === 0)).toBe(true)
    expect([...(got?.parts[0] ?? [])]).toEqual([1, 2, 3])
    if (got) wipeMessage(got)
    expect([...(got?.parts[0] ?? [])]).toEqual([0, 0, 0])
  })
  it('are refused before they are waited for when they claim to be too long', () => {
    const head = new Uint8Array(4)
    new DataView(head.buffer).setUint32(0, MAX_MESSAGE_BYTES + 1)
    expect(() => frameReader()(head)).toThrow(expect.objectContaining({ code: 'too-large' }))
  })
  it.each([
    ['a head that is no JSON', [0, 0, 0, 5, 0, 0, 0, 1, 0x7b]],
    ['a head longer than the frame', [0, 0, 0, 5, 0, 0, 0, 9, 0x7b]],
    ['no room for a head', [0, 0, 0, 1, 0]],
  ])('are refused with %s', (_, bytes) => {
    expect(() => frameReader()(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
  it('are refused when the parts do not fill them', () => {
    const frame = frameOf({ facts: {}, parts: [Uint8Array.of(1)] })
    const longer = concat(frame, Uint8Array.of(0))
    new DataView(longer.buffer).setUint32(0, longer.length - 4)
    expect(() => frameReader()(longer)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})
