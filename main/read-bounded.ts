import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { LockboxError } from '../shared/errors.ts'

export type FileErrorCode = 'no-file' | 'too-large'

/** A file that was not read. */
export class FileError extends LockboxError<FileErrorCode> {}

/**
 * Reads a regular file whose size was looked at first, and never more than that. It is held in memory whole.
 *
 * @param flags - further flags of `open`, such as `O_NOFOLLOW`.
 * @throws {FileError} `no-file` if it is none or cannot be read, `too-large` beyond `maxBytes`.
 */
export async function readBounded(path: string, maxBytes: number, flags = 0): Promise<Uint8Array> {
  let file: FileHandle | null = null
  try {
    // A named pipe without a writer would otherwise be waited for, for good; Windows has neither.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | flags)
    const status = await file.stat()
    if (!status.isFile()) throw new FileError('no-file', 'this is not a regular file')
    if (status.size > maxBytes)
      throw new FileError('too-large', `larger than ${maxBytes / 1024 / 1024} MiB, the most that is read`)
    return await readWhole(file, status.size)
  } catch (cause) {
    if (cause instanceof FileError) throw cause
    throw new FileError('no-file', 'the file cannot be read: is the name right, and may you read it?', { cause })
  } finally {
    await file?.close()
  }
}

/** A file that shrinks meanwhile gives what there was; one that grows is cut, and then no whole bundle. */
async function readWhole(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let at = 0
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, size - at, at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}
