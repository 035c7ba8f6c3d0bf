import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the profile of this person lies unless they say otherwise: the place their system gives to programs. */
export function defaultProfile(): string {
  const home = homedir()
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'Lockbox')
  if (process.platform === 'win32') return join(process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Lockbox')
  return join(process.env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'lockbox')
}
