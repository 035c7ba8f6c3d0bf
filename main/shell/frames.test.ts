import { PassThrough } from 'node:stream'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_FRAME_BYTES, readFrames, writeFrame } from './frames.ts'

/** Everything a pipe was given, as one byte string. */
async function written(frames: readonly Uint8Array[]): Promise<Buffer> {
  const pipe = new PassThrough()
  const all = pipe.toArray()
  for (const frame of frames) await writeFrame(pipe, frame)
  pipe.end()
  return Buffer.concat((await all) as Buffer[])
}

it('gives back the frames however the pipe cuts them (property)', async () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(frames, fc.integer({ min: 1, max: 50 }), async (given, size) => {
      const bytes = await written(given)
      const pipe = new PassThrough()
      for (let at = 0; at < bytes.length; at += size) pipe.write(Uint8Array.from(bytes.subarray(at, at + size)))
      pipe.end()
      const read: Uint8Array[] = []
      for await (const frame of readFrames(pipe)) read.push(frame)
      expect(read).toEqual(given)
    }),
  )
})

it('writes the length in four bytes, most significant first', async () => {
  expect(await written([Uint8Array.of(7, 8)])).toEqual(Buffer.from([0, 0, 0, 2, 7, 8]))
})

it('wipes what the pipe itself held', async () => {
  const chunk = Buffer.from([0, 0, 0, 2, 7, 8])
  const pipe = new PassThrough()
  pipe.end(chunk)
  expect((await readFrames(pipe).next()).value).toEqual(Uint8Array.of(7, 8))
  expect(chunk).toEqual(Buffer.alloc(6))
})

it.each([
  ['frame-too-large', 'a frame over the limit', Buffer.from([0, 0x10, 0, 1])],
  ['closed', 'a pipe that ends inside a frame', Buffer.from([0, 0, 0, 2, 7])],
  ['closed', 'a pipe that ends inside a length', Buffer.from([0, 0])],
])('refuses as %s %s', async (code, _what, bytes) => {
  const pipe = new PassThrough()
  pipe.end(bytes)
  await expect(readFrames(pipe).next()).rejects.toMatchObject({ code })
})

it('does not write a frame over the limit', async () => {
  const pipe = new PassThrough()
  await expect(writeFrame(pipe, new Uint8Array(MAX_FRAME_BYTES + 1))).rejects.toMatchObject({ code: 'frame-too-large' })
  expect(pipe.readableLength).toBe(0)
})
