import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Where the profile of this person lies unless they say otherwise: the place their system gives to programs. */
export function defaultProfile(): string {
  const home = homedir()
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'Lockbox')
  if (process.platform === 'win32') return join(process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Lockbox')
  const { XDG_DATA_HOME: data = '' } = process.env
  // Empty or relative it counts as not set (XDG Base Directory Specification): else the vault lay wherever one happens to be.
  return join(isAbsolute(data) ? data : join(home, '.local', 'share'), 'lockbox')
}
