import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { LockboxError } from '../shared/errors.ts'

export type FileErrorCode = 'no-file' | 'too-large'

/** A file that was not read. */
export class FileError extends LockboxError<FileErrorCode> {}

/**
 * Opens a regular file whose size was looked at. It is the caller's to close.
 *
 * @param flags - further flags of `open`, such as `O_NOFOLLOW`.
 * @throws {FileError} `no-file` if it is none or cannot be opened, `too-large` beyond `maxBytes`.
 */
export async function openBounded(
  path: string,
  maxBytes: number,
  flags = 0,
): Promise<{ readonly file: FileHandle; readonly size: number }> {
  // A named pipe without a writer would otherwise be waited for, for good; Windows has neither.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | flags).catch(unread)
  try {
    const status = await file.stat().catch(unread)
    if (status.isDirectory())
      throw new FileError('no-file', 'this is a folder, not a regular file; name the files in it')
    if (!status.isFile())
      throw new FileError(
        'no-file',
        'this is not a regular file; what comes through a pipe has to be saved as one first',
      )
    if (status.size > maxBytes)
      throw new FileError('too-large', `larger than ${maxBytes / 1024 / 1024} MiB, the most that is read`)
    return { file, size: status.size }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Reads a regular file as {@link openBounded} opens it, and never more than was its size. It is held in memory whole. */
export async function readBounded(path: string, maxBytes: number, flags = 0): Promise<Uint8Array> {
  const { file, size } = await openBounded(path, maxBytes, flags)
  try {
    return await readWhole(file, size).catch(unread)
  } finally {
    await file.close()
  }
}

function unread(cause: unknown): never {
  throw new FileError('no-file', 'the file cannot be read: is the name right, and may you read it?', { cause })
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
