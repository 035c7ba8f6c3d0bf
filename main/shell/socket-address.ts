import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ShellError } from './errors.ts'

/** The longest path of a socket in bytes, without the zero that ends it (`sun_path`): 108 on Linux, 104 elsewhere. */
const longest = (platform: string): number => (platform === 'linux' ? 107 : 103)

/**
 * Where the app of a profile listens: a socket inside it; on Windows, which has none, a pipe of a name made from it.
 *
 * @param profile - absolute; its mode 0700 is what keeps other users from the socket.
 * @throws {ShellError} `path-too-long`: Node would cut the path, and listen at what is left of it, outside the profile.
 */
export function socketAddress(profile: string, name: string, platform: string): string {
  if (platform === 'win32') {
    const hash = createHash('sha256').update(profile.toLowerCase()).digest('hex').slice(0, 32)
    return `\\\\.\\pipe\\lockbox-${name}-${hash}`
  }
  const path = join(profile, name)
  const over = Buffer.byteLength(path) - longest(platform)
  if (over > 0)
    throw new ShellError(
      'path-too-long',
      `the path of the profile ${profile} is ${over} ${over === 1 ? 'byte' : 'bytes'} too long for a socket in it; choose a shorter one with --profile`,
    )
  return path
}
