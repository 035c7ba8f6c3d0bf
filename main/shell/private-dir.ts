import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { ShellError } from './errors.ts'

/**
 * Makes a directory that only its owner can enter (0700), or makes an existing one so.
 *
 * @throws {ShellError} `not-private` if the path is something else or belongs to someone else.
 */
export async function makePrivateDir(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const found = await lstat(path)
  if (!found.isDirectory()) throw new ShellError('not-private', `${path} is not a directory; move it away`)
  if (process.getuid && found.uid !== process.getuid()) {
    throw new ShellError('not-private', `${path} belongs to another user; choose another profile`)
  }
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700)
}

/** Makes such a directory, and empties one that is there. */
export async function makeEmptyPrivateDir(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await makePrivateDir(path)
}
