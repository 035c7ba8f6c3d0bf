import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createGzip, createInflateRaw, gzipSync, type InflateRaw } from 'node:zlib'
import { concat } from '../shared/bytes.ts'
import { InflateFault, MAX_BUNDLE_BYTES, oneMember } from '../shared/ledger/gzip.ts'
import { drained } from './drained.ts'
import { FileError, openBounded } from './read-bounded.ts'

const READ_BYTES = 256 * 1024

/**
 * A regular file's bytes as they are read. Its size is looked at first.
 *
 * @throws {FileError} `no-file` if it is none or cannot be read, `too-large`.
 */
export async function* fileChunks(path: string, maxBytes = MAX_BUNDLE_BYTES): AsyncGenerator<Uint8Array> {
  const { file } = await openBounded(path, maxBytes)
  try {
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
 * Decompresses a bundle as it comes; see {@link oneMember}.
 *
 * @throws {BundleError} `malformed`, `truncated`.
 */
export function decompressed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return oneMember(chunks, { inflate, crc32 })
}

async function* inflate(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflating = createInflateRaw({ chunkSize: READ_BYTES })
  const state = { given: 0 }
  const feeding = feed(chunks, inflating, state).catch((error: unknown) => {
    inflating.destroy(error instanceof Error ? error : new Error('the file cannot be read'))
  })
  try {
    for await (const chunk of inflating as AsyncIterable<Uint8Array>)
      yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)
  } catch (cause) {
    throw faultOf(cause)
  } finally {
    inflating.destroy()
  }
  await feeding
  // Node passes over what stands behind the end.
  if (inflating.bytesWritten < state.given) throw new InflateFault('malformed')
}

async function feed(chunks: AsyncIterable<Uint8Array>, inflating: InflateRaw, state: { given: number }): Promise<void> {
  for await (const chunk of chunks) {
    state.given += chunk.length
    if (inflating.destroyed || inflating.readableEnded) return
    if (!inflating.write(chunk)) await drained(inflating)
  }
  inflating.end()
}

function faultOf(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('code' in cause)) return cause
  if (cause.code === 'Z_BUF_ERROR') return new InflateFault('truncated', { cause })
  const isDeflate = typeof cause.code === 'string' && cause.code.startsWith('Z_')
  return isDeflate ? new InflateFault('malformed', { cause }) : cause
}

const PIECE_BYTES = 64 * 1024

/**
 * A bundle's bytes on disk, from its lines, compressed as these come: in memory is what was compressed and a piece of the rest. The
 * lines are asked for over some time, while other things go on.
 */
export async function compressedAsItComes(lines: Iterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  await pipeline(Readable.from(pieces(lines)), createGzip(), async (compressed: AsyncIterable<Uint8Array>) => {
    for await (const part of compressed) parts.push(part)
  })
  return concat(...parts)
}

/** Lines, many together: each would be a trip to another thread. */
function* pieces(lines: Iterable<Uint8Array>): Generator<Uint8Array> {
  let piece: Uint8Array[] = []
  let bytes = 0
  for (const line of lines) {
    piece.push(line)
    bytes += line.length
    if (bytes < PIECE_BYTES) continue
    yield concat(...piece)
    piece = []
    bytes = 0
  }
  if (bytes > 0) yield concat(...piece)
}

/** A bundle's bytes on disk, from its lines, all at once. */
export function compressed(lines: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(gzipSync(concat(...lines)))
}
