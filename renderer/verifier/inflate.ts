import { crc32 } from '../../shared/crc32.ts'
import { InflateFault, type Inflater } from '../../shared/ledger/gzip.ts'

// What is decompressed at once grows by up to a thousand, and all of it is there before a reader can stop.
const PIECE_BYTES = 16 * 1024

/** Decompressing with what every browser has. */
export const inflater: Inflater = { inflate, crc32 }

async function* inflate(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream('deflate-raw')
  const writer = stream.writable.getWriter()
  const reader = stream.readable.getReader()
  // Null: all was taken. What the compressed bytes themselves throw is not the stream's.
  const feeding = feed(chunks, writer).catch((error: unknown) => ({ error }))
  try {
    for (;;) {
      const next = await reader.read()
      if (next.done) break
      yield next.value
    }
  } catch (cause) {
    const fault = await feeding
    throw fault === null ? new InflateFault('malformed', { cause }) : fault.error
  } finally {
    // Whoever read has seen enough; the file is read no further.
    await reader.cancel().catch(() => undefined)
  }
  const fault = await feeding
  if (fault !== null) throw fault.error
}

async function feed(
  chunks: AsyncIterable<Uint8Array>,
  writer: WritableStreamDefaultWriter<BufferSource>,
): Promise<null> {
  try {
    for await (const chunk of chunks)
      for (let at = 0; at < chunk.length; at += PIECE_BYTES)
        await taken(writer, chunk.subarray(at, at + PIECE_BYTES) as Uint8Array<ArrayBuffer>)
  } catch (error) {
    // The stream is to end as the bytes did.
    await writer.abort(error).catch(() => undefined)
    throw error
  }
  try {
    await writer.close()
  } catch (cause) {
    throw new InflateFault('truncated', { cause })
  }
  return null
}

async function taken(writer: WritableStreamDefaultWriter<BufferSource>, piece: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    await writer.write(piece)
  } catch (cause) {
    throw new InflateFault('malformed', { cause })
  }
}
