import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { defaultProfile } from './profile-place.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

it.runIf(process.platform === 'linux').each([
  [undefined, join(homedir(), '.local', 'share', 'lockbox')],
  ['/srv/data', '/srv/data/lockbox'],
  ['', join(homedir(), '.local', 'share', 'lockbox')],
  ['data', join(homedir(), '.local', 'share', 'lockbox')],
])('with XDG_DATA_HOME %j the usual profile is %s', (data, place) => {
  vi.stubEnv('XDG_DATA_HOME', data)
  expect(defaultProfile()).toBe(place)
})
