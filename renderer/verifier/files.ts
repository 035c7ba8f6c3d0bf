import { MAX_BUNDLE_BYTES, oneMember } from '../../shared/ledger/gzip.ts'
import { UnreadableFile } from '../../shared/verify/source.ts'
import type { NamedFile } from '../../shared/verify/verify-files.ts'
import { inflater } from './inflate.ts'

const READ_BYTES = 256 * 1024

/** A chosen file, to be verified; the same bounds and words as those of the command line. */
export function namedFile(file: File): NamedFile {
  return { name: file.name, chunks: (at) => oneMember(bytesOf(file, at), inflater) }
}

async function* bytesOf(file: File, at: number): AsyncGenerator<Uint8Array> {
  if (file.size > MAX_BUNDLE_BYTES) {
    const message = `larger than ${MAX_BUNDLE_BYTES / 1024 / 1024} MiB, the most that is read`
    throw new UnreadableFile(at, { code: 'too-large', message })
  }
  for (let from = 0; from < file.size; from += READ_BYTES) yield await partOf(file, from, at)
}

async function partOf(file: File, from: number, at: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(from, from + READ_BYTES).arrayBuffer())
  } catch {
    // A folder, a stick that was pulled out, a file that changed meanwhile.
    throw new UnreadableFile(at, {
      code: 'no-file',
      message: 'it cannot be read to its end: is it a folder, or was it taken away meanwhile?',
    })
  }
}
