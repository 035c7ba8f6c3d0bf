import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_FRAME_BYTES } from '../frames.ts'
import { PortFrames } from './port-frames.ts'

/** Two ends, joined by something that copies each message and carries it later, as a port does. */
function joined() {
  const crossed: unknown[] = []
  const carry = (to: () => PortFrames) => (message: unknown) => {
    const copy: unknown = structuredClone(message)
    crossed.push(copy)
    setImmediate(() => to().heard(copy))
  }
  const one: PortFrames = new PortFrames(carry(() => other))
  const other: PortFrames = new PortFrames(carry(() => one))
  return { one, other, crossed }
}

async function all(frames: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const taken: Uint8Array[] = []
  for await (const frame of frames) taken.push(frame)
  return taken
}

it('gives the other end the frames, whole and in order (property)', async () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(frames, frames, async (there, back) => {
      const { one, other } = joined()
      const taken = Promise.all([all(other.frames()), all(one.frames())])
      await Promise.all([...there.map((frame) => one.send(frame)), ...back.map((frame) => other.send(frame))])
      one.finish()
      other.finish()
      expect(await taken).toEqual([there, back])
    }),
    { numRuns: 50 },
  )
})

it('counts a frame as sent when the other end has it, so that whoever then ends has lost nothing', async () => {
  const { one, other } = joined()
  const sent = one.send(Uint8Array.of(1))
  expect(await Promise.race([sent.then(() => 'sent'), Promise.resolve('under way')])).toBe('under way')
  await sent
  one.closed()
  other.closed()
  expect(await all(other.frames())).toEqual([Uint8Array.of(1)])
})

it('carries the frame and not the buffer around it, and lets it be wiped at once', async () => {
  const { one, crossed } = joined()
  const secrets = Uint8Array.from({ length: 64 }, () => 7)
  const sent = one.send(secrets.subarray(8, 10))
  secrets.fill(0)
  await sent
  const [frame] = crossed as [Uint8Array]
  expect([frame.buffer.byteLength, ...frame]).toEqual([2, 7, 7])
})

describe('what goes wrong', () => {
  it('refuses a frame over the limit, and posts nothing', async () => {
    const { one, crossed } = joined()
    await expect(one.send(new Uint8Array(MAX_FRAME_BYTES + 1))).rejects.toMatchObject({ code: 'frame-too-large' })
    expect(crossed).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['frame-too-large', new Uint8Array(MAX_FRAME_BYTES + 1), 'frame-too-large'],
    ['closed', { frame: Uint8Array.of(1) }, 'closed'],
    ['closed', 'something', 'closed'],
    ['closed', null, 'closed'],
  ])('ends the frames as %s when something else comes', async (_what, message, code) => {
    const { one } = joined()
    one.heard(Uint8Array.of(1))
    one.heard(message)
    const frames = one.frames()
    expect((await frames.next()).value).toEqual(Uint8Array.of(1))
    await expect(frames.next()).rejects.toMatchObject({ code })
  })

  it('rejects what was under way, and what comes later, when the other end is gone', async () => {
    const one = new PortFrames(() => undefined)
    const sent = one.send(Uint8Array.of(1))
    one.closed()
    await expect(sent).rejects.toMatchObject({ code: 'closed' })
    await expect(one.send(Uint8Array.of(2))).rejects.toMatchObject({ code: 'closed' })
    expect(await all(one.frames())).toEqual([])
  })
})
