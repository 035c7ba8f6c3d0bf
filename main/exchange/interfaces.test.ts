import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { ownAddresses, spotsToUse, withZone } from './interfaces.ts'
import { sourceOf } from './sources.ts'

const four = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  family: 'IPv4',
  internal,
  netmask: '',
  mac: '',
  cidr: null,
})
const six = (address: string, internal = false): NetworkInterfaceInfo => ({
  ...four(address, internal),
  family: 'IPv6',
  scopeid: 0,
})
const lo = [four('127.0.0.1', true), six('::1', true)]

describe('the interfaces to use', () => {
  it('are all, with one address of IPv4 each and with IPv6', () => {
    const eth = [six('fe80::1'), four('192.0.2.1'), four('192.0.2.2')]
    expect(spotsToUse({ lo, eth, wlan: [four('198.51.100.1')] })).toEqual([
      { name: 'eth', family: 'IPv4', at: '192.0.2.1' },
      { name: 'wlan', family: 'IPv4', at: '198.51.100.1' },
      { name: 'eth', family: 'IPv6', at: '::%eth' },
    ])
  })

  it('are the loopback where nothing else has IPv4, and none where there is not even that', () => {
    expect(spotsToUse({ lo })).toEqual([{ name: 'lo', family: 'IPv4', at: '127.0.0.1' }])
    expect(spotsToUse({ lo, eth: [six('fe80::1')] }).map(({ at }) => at)).toEqual(['127.0.0.1', '::%eth'])
    expect(spotsToUse({})).toEqual([])
  })
})

describe('where others may reach this computer', () => {
  it('is every address but those that every network has', () => {
    const eth = [six('fe80::1'), four('192.0.2.1'), six('fd00::1')]
    expect(ownAddresses(undefined, 7, { lo, eth })).toEqual(['192.0.2.1:7', '[fd00::1]:7'])
  })

  it('is a link-local address where there is no other, and the loopback where there is not even that', () => {
    expect(ownAddresses(undefined, 7, { lo, eth: [six('fe80::1')] })).toEqual(['[fe80::1]:7'])
    expect(ownAddresses(undefined, 7, { lo })).toEqual(['127.0.0.1:7'])
  })

  it('is the one that is listened on', () => {
    expect(ownAddresses('192.0.2.9', 7, { lo, eth: [four('192.0.2.1')] })).toEqual(['192.0.2.9:7'])
  })
})

describe('a link-local address without an interface', () => {
  const interfaces = { lo, eth: [six('fe80::1')], wlan: [six('fe80::2')], old: [four('192.0.2.1')] }

  it('is reached over one that has IPv6, by and by over each', () => {
    expect([0, 0.49, 0.5, 0.99].map((at) => withZone('fe80::7', interfaces, () => at))).toEqual([
      'fe80::7%eth',
      'fe80::7%eth',
      'fe80::7%wlan',
      'fe80::7%wlan',
    ])
  })

  it('stays as it is where there is none', () => {
    expect(withZone('fe80::7', { lo })).toBe('fe80::7')
  })

  it.each(['fe80::7%wlan', 'fd00::7', '192.0.2.7', 'fe80.example'])('is none of: %s', (host) => {
    expect(withZone(host, interfaces)).toBe(host)
  })
})

describe('one source of connections', () => {
  const interfaces = { lo, eth: [six('fe80::1'), six('fd00:77::1'), four('192.0.2.1')] }

  it.each([
    ['each address of IPv4', '192.0.2.7', '192.0.2.7'],
    ['each address of IPv4 that came in a socket of IPv6', '::ffff:192.0.2.7', '192.0.2.7'],
    ['each link-local address', 'fe80::7%eth', 'fe80::7%eth'],
    ['each address of our own network', 'fd00:77::7', 'fd00:77::7'],
    ['every household beyond it', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['every household beyond it, however it is written', '2001:db8::5', '2001:db8:0:0'],
  ])('is %s', (_what, host, source) => {
    expect(sourceOf(host, interfaces)).toBe(source)
  })
})
