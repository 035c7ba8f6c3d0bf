import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { crc32, createInflateRaw, gzipSync, type InflateRaw } from 'node:zlib'
import { concat } from '../shared/bytes.ts'
import { BundleError } from '../shared/ledger/bundle.ts'
import { FileError } from './read-bounded.ts'

/** Largest bundle read, bytes as they lie on disk. */
export const MAX_BUNDLE_BYTES = 2 * 1024 ** 3

const READ_BYTES = 256 * 1024
const HEAD_BYTES = 10
const TAIL_BYTES = 8
// ID1, ID2, CM = deflate, FLG without name, comment, extra field or checksum (RFC 1952 §2.3).
const HEAD = Uint8Array.of(0x1f, 0x8b, 0x08, 0x00)

/**
 * A regular file's bytes as they are read. Its size is looked at first.
 *
 * @throws {FileError} `no-file` if it is none or cannot be read, `too-large`.
 */
export async function* fileChunks(path: string, maxBytes = MAX_BUNDLE_BYTES): AsyncGenerator<Uint8Array> {
  // A named pipe without a writer would otherwise be waited for, for good; Windows has neither.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: unknown) => {
    throw new FileError('no-file', 'the file cannot be read: is the name right, and may you read it?', { cause })
  })
  try {
    const status = await file.stat()
    if (!status.isFile()) throw new FileError('no-file', 'this is not a regular file')
    if (status.size > maxBytes)
      throw new FileError('too-large', `larger than ${maxBytes / 1024 / 1024} MiB, the most that is read`)
    for (let at = 0; ; ) {
      const bytes = new Uint8Array(READ_BYTES)
      const { bytesRead } = await file.read(bytes, 0, READ_BYTES, at).catch((cause: unknown) => {
        throw new FileError('no-file', 'the file cannot be read to its end', { cause })
      })
      if (bytesRead === 0) return
      at += bytesRead
      yield bytes.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/**
 * Decompresses a bundle as it comes: one gzip member without optional fields, and nothing after it (bundle.md §1). Node's own
 * reader of gzip goes on to further members and passes over what follows; this one refuses both. Nothing is kept: how
 * much may come out is the reader's to say, who stops at the first fault.
 *
 * @throws {BundleError} `malformed` if it is something else or its checksum does not fit, `truncated`.
 */
export async function* decompressed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: READ_BYTES })
  const state = { head: new Uint8Array(0), tail: new Uint8Array(0), given: 0, crc: 0, size: 0 }
  const feeding = feed(chunks, inflate, state).catch((error: unknown) => {
    inflate.destroy(error instanceof Error ? error : new Error('the file cannot be read'))
  })
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      state.crc = crc32(chunk, state.crc)
      state.size = (state.size + chunk.length) % 2 ** 32
      yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)
    }
  } catch (cause) {
    throw faultOf(cause)
  } finally {
    inflate.destroy()
  }
  await feeding
  checkTail(inflate.bytesWritten, state)
}

interface State {
  head: Uint8Array
  /** The last bytes given. */
  tail: Uint8Array
  /** How many bytes were given to the decompressor, the tail included that it does not take. */
  given: number
  crc: number
  size: number
}

async function feed(chunks: AsyncIterable<Uint8Array>, inflate: InflateRaw, state: State): Promise<void> {
  for await (const chunk of chunks) {
    let rest = chunk
    if (state.head.length < HEAD_BYTES) {
      const missing = HEAD_BYTES - state.head.length
      state.head = concat(state.head, rest.subarray(0, missing))
      rest = rest.subarray(missing)
      checkHead(state.head)
    }
    if (rest.length === 0) continue
    state.given += rest.length
    state.tail = concat(state.tail, rest.subarray(-TAIL_BYTES)).subarray(-TAIL_BYTES)
    if (inflate.destroyed || inflate.readableEnded) return
    if (!inflate.write(rest)) await drained(inflate)
  }
  if (state.head.length < HEAD_BYTES) checkHead(state.head, true)
  inflate.end()
}

async function drained(inflate: InflateRaw): Promise<void> {
  await new Promise<void>((resolve) => {
    const events = ['drain', 'close', 'end'] as const
    const go = () => {
      for (const event of events) inflate.off(event, go)
      resolve()
    }
    for (const event of events) inflate.on(event, go)
  })
}

function checkHead(head: Uint8Array, ended = false): void {
  const known = HEAD.subarray(0, head.length)
  if (!known.every((byte, at) => head[at] === byte))
    throw new BundleError('malformed', null, 'expected a bundle: a gzip file without a name in it')
  if (ended) throw new BundleError('truncated', null, 'the file ends before its trailer; get it again')
}

/** Behind the member stand its checksum and length, and nothing else. */
function checkTail(taken: number, { tail, given, crc, size }: State): void {
  const left = given - taken
  if (left < TAIL_BYTES) throw new BundleError('truncated', null, 'the file ends before its trailer; get it again')
  if (left > TAIL_BYTES) throw new BundleError('malformed', null, 'expected one gzip member and nothing after it')
  const view = new DataView(tail.buffer, tail.byteOffset)
  if (view.getUint32(0, true) !== crc || view.getUint32(4, true) !== size)
    throw new BundleError('malformed', null, 'the file was damaged: its checksum does not fit')
}

function faultOf(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('code' in cause)) return cause
  if (cause.code === 'Z_BUF_ERROR')
    return new BundleError('truncated', null, 'the file ends before its trailer; get it again', { cause })
  const isDeflate = typeof cause.code === 'string' && cause.code.startsWith('Z_')
  return isDeflate
    ? new BundleError('malformed', null, 'the file is damaged: it cannot be decompressed', { cause })
    : cause
}

/** A bundle's bytes on disk, from its lines. */
export function compressed(lines: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(gzipSync(concat(...lines)))
}
