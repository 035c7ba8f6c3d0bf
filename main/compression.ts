import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Compression } from '../shared/carriers/pack.ts'

/** DEFLATE as packing asks for it, with Node's zlib. */
export const compression: Compression = {
  deflate: (bytes) => new Uint8Array(deflateRawSync(bytes, { level: constants.Z_BEST_COMPRESSION })),
  inflate(bytes, most) {
    try {
      const { buffer, engine } = inflateRawSync(bytes, { maxOutputLength: most, info: true }) as unknown as Inflated
      // Node passes over what stands behind the end.
      return engine.bytesWritten === bytes.length ? new Uint8Array(buffer) : 'malformed'
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error
      return error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'malformed'
    }
  },
}

/** What `info: true` gives, which the types of Node leave out. */
interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}
