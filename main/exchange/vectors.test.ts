import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createFrameDecoder, type FrameErrorCode } from '../../shared/carriers/frame.ts'
import { tagOf } from './discovery-tag.ts'
import { ConnectionError } from './exchange.ts'
import { decodeMessage, encodeMessage, FRAME_LIMITS, type Message } from './messages.ts'
import { summarize } from './reconcile.ts'

interface Vectors {
  readonly frames: readonly { what: string; hex: string; message: unknown }[]
  readonly refused: readonly { what: string; hex: string; code: string }[]
  readonly summary: { ids: string[]; buckets: Record<string, string>; empty: string; sha256: string }
  readonly tags: readonly { organization: string; instance: string; tag: string }[]
}

const vectors = JSON.parse(readFileSync(new URL('vectors/lan.json', import.meta.url), 'utf8')) as Vectors
const hexed = (message: Message): unknown =>
  JSON.parse(JSON.stringify(message, (_, part: unknown) => (isBytes(part) ? Buffer.from(part).toString('hex') : part)))
const isBytes = (part: unknown): part is Uint8Array => part instanceof Uint8Array

/** The message of one whole frame, or the code with which it is refused. */
function read(hex: string): Message | FrameErrorCode | 'malformed' {
  const decoder = createFrameDecoder(FRAME_LIMITS)
  const { frames, fault } = decoder.push(Buffer.from(hex, 'hex'))
  const [frame] = frames
  if (frame === undefined) return (fault ?? decoder.end())?.code ?? 'malformed'
  try {
    return decodeMessage(frame)
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 'malformed') return error.code
    throw error
  }
}

describe('the published vectors', () => {
  it.each(vectors.frames)('frame: $what', ({ hex, message }) => {
    const got = read(hex)
    if (typeof got === 'string') throw new Error(`refused: ${got}`)
    expect(hexed(got)).toEqual(message)
    expect(Buffer.from(encodeMessage(got)).toString('hex')).toBe(hex)
  })

  it.each(vectors.refused)('refused: $what', ({ hex, code }) => {
    expect(read(hex)).toBe(code)
  })

  it('summary of three ids', () => {
    const { ids, buckets, empty, sha256 } = vectors.summary
    const { bytes } = summarize(ids)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
    for (let index = 0; index < 256; index++) {
      const hash = Buffer.from(bytes.subarray(index * 16, index * 16 + 16)).toString('hex')
      expect(hash).toBe(buckets[Buffer.of(index).toString('hex')] ?? empty)
    }
  })

  it.each(vectors.tags)('tag of $instance', ({ organization, instance, tag }) => {
    expect(tagOf(organization, instance)).toBe(tag)
  })
})
