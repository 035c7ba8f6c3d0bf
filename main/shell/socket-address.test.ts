import { join } from 'node:path'
import { expect, it } from 'vitest'
import { socketAddress } from './socket-address.ts'

const profileOf = (bytes: number) => `/${'x'.repeat(bytes - 1)}`

it.each([
  ['linux', 107],
  ['darwin', 103],
])('is refused on %s when its path has more than %d bytes, which Node would cut', (platform, most) => {
  const longest = profileOf(most - '/creds'.length)
  expect(socketAddress(longest, 'creds', platform)).toBe(join(longest, 'creds'))
  expect(() => socketAddress(`${longest}x`, 'creds', platform)).toThrow('1 byte too long')
  // Bytes, not letters.
  expect(() => socketAddress(longest.replace('xx', 'xé'), 'creds', platform)).toThrow('1 byte too long')
})

it('is a pipe of its own for each name on Windows', () => {
  const [creds, focus] = ['creds', 'focus'].map((name) => socketAddress('C:\\Users\\Ana\\Lockbox', name, 'win32'))
  expect(creds).toMatch(/^\\\\\.\\pipe\\lockbox-creds-[0-9a-f]{32}$/)
  expect(focus).not.toBe(creds)
})
