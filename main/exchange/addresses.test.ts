import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from './addresses.ts'
import { ExchangeError } from './exchange.ts'

describe('a typed address', () => {
  it.each([
    ['192.0.2.7:4711', { host: '192.0.2.7', port: 4711 }],
    ['[2001:db8::7]:1', { host: '2001:db8::7', port: 1 }],
    ['[fe80::7%eth0]:65535', { host: 'fe80::7%eth0', port: 65_535 }],
    ['[FE80::7%enP1s0]:80', { host: 'fe80::7%enP1s0', port: 80 }],
    ['  Desk-7.Local:80 ', { host: 'desk-7.local', port: 80 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
  ])('may be %s', (typed, address) => {
    expect(parseAddress(typed)).toEqual(address)
    expect(parseAddress(formatAddress(address))).toEqual(address)
  })

  it.each([
    '',
    'host',
    'host:',
    ':80',
    'host:0',
    'host:080',
    'host:65536',
    '2001:db8::7:80',
    '[192.0.2.7]:80',
    '[]:80',
    '999.1.1.1:80',
    '1.2.3:80',
    'a b:80',
    'a..b:80',
    '-a:80',
    'http://host:80',
    'host:80/path',
    `${'a'.repeat(64)}:80`,
  ])('may not be "%s"', (typed) => {
    expect(() => parseAddress(typed)).toThrow(ExchangeError)
  })

  it('that came in an IPv6 socket is shown as the IPv4 address that it is', () => {
    expect(formatAddress({ host: '::ffff:192.0.2.7', port: 80 })).toBe('192.0.2.7:80')
  })
})
