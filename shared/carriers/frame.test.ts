import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../bytes.ts'
import { createFrameDecoder, encodeFrame, FRAME_HEADER_BYTES, type Frame } from './frame.ts'

const LIMITS = new Map([
  [1, 16],
  [2, 0],
  [255, 300],
])
const frame = fc.oneof(
  fc.record({ type: fc.constant(1), payload: fc.uint8Array({ maxLength: 16 }) }),
  fc.record({ type: fc.constant(2), payload: fc.constant(new Uint8Array(0)) }),
  fc.record({ type: fc.constant(255), payload: fc.uint8Array({ maxLength: 300 }) }),
)

const streamOf = (frames: readonly Frame[]) => concat(...frames.map(({ type, payload }) => encodeFrame(type, payload)))

/** Cuts bytes at the given places, whatever they are. */
function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

describe('frames', () => {
  it('are a big-endian length, a type and the payload', () => {
    expect([...encodeFrame(5, Uint8Array.of(0xaa, 0xbb))]).toEqual([0, 0, 0, 2, 5, 0xaa, 0xbb])
  })

  it('come out as they went in, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, places) => {
        const decoder = createFrameDecoder(LIMITS)
        const out = cut(streamOf(frames), places).flatMap((chunk) => decoder.push(chunk).frames)
        expect(out).toEqual(frames)
        expect(decoder.held).toBe(0)
        expect(decoder.end()).toBeNull()
      }),
    )
  })

  it('do not share memory with the chunk they came in', () => {
    const chunk = encodeFrame(1, Uint8Array.of(7))
    const [first] = createFrameDecoder(LIMITS).push(chunk).frames
    chunk.fill(0)
    expect(first?.payload).toEqual(Uint8Array.of(7))
  })

  it('that are too large are refused at the header, before any payload', () => {
    const decoder = createFrameDecoder(LIMITS)
    const { frames, fault } = decoder.push(encodeFrame(1, new Uint8Array(17)).subarray(0, FRAME_HEADER_BYTES))
    expect(frames).toEqual([])
    expect(fault?.code).toBe('too-large')
  })

  it('of an unknown type are refused at the header', () => {
    expect(createFrameDecoder(LIMITS).push(encodeFrame(3, new Uint8Array(0))).fault?.code).toBe('unknown-type')
  })

  it('before a fault are given, those behind it are not read', () => {
    const decoder = createFrameDecoder(LIMITS)
    const good = encodeFrame(1, Uint8Array.of(1))
    const { frames, fault } = decoder.push(concat(good, encodeFrame(3, new Uint8Array(0)), good))
    expect(frames).toHaveLength(1)
    expect(decoder.push(good)).toEqual({ frames: [], fault })
    expect(decoder.end()).toBe(fault)
  })

  it('that the stream ends in are truncated, at every byte', () => {
    const whole = encodeFrame(1, Uint8Array.of(1, 2, 3))
    for (let length = 1; length < whole.length; length++) {
      const decoder = createFrameDecoder(LIMITS)
      decoder.push(whole.subarray(0, length))
      expect(decoder.end()?.code).toBe('truncated')
    }
  })

  it('never make a decoder hold more than the largest limit, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 40 }), (chunks) => {
        const decoder = createFrameDecoder(LIMITS)
        for (const chunk of chunks) {
          decoder.push(chunk)
          expect(decoder.held).toBeLessThanOrEqual(300 + FRAME_HEADER_BYTES)
        }
      }),
    )
  })
})
