import { describe, expect, it } from 'vitest'
import { Away } from './away.ts'
import type { AddressState, PeerState } from './exchange.ts'
import { idOf } from './testing/people.ts'

const bob = { device: idOf('bob'), member: idOf('member'), name: 'bob' }
const peer = { ...bob, via: { how: 'typed', address: '192.0.2.7:1' } } as PeerState
const address = (lastFailure: AddressState['lastFailure'], device = bob.device): AddressState => ({
  address: '192.0.2.7:1',
  how: 'typed',
  state: 'waiting',
  attempts: 1,
  device,
  lastFailure,
})

describe('who is away', () => {
  it('is nobody whom no connection ended with, and nobody who is back', () => {
    const away = new Away(() => 5)
    expect(away.peers([address('unreachable')])).toEqual([])
    away.heed({ event: 'disconnected', peer: bob, reason: 'silent', message: '' })
    away.heed({ event: 'connected', peer })
    expect(away.peers([])).toEqual([])
  })

  it('is said with since when, and why', () => {
    const away = new Away(() => 5)
    away.heed({ event: 'disconnected', peer: bob, reason: 'silent', message: '' })
    const [one] = away.peers([])
    expect(one).toMatchObject({ device: bob.device, connected: false, via: '', since: 5, reconciled: false })
    expect(one?.why).toContain('nothing was heard from it any more')
  })

  it('is said with what the latest attempt to reach that device came to, and not another', () => {
    const away = new Away(() => 5)
    away.heed({ event: 'disconnected', peer: bob, reason: 'closed-by-peer', message: '' })
    expect(away.peers([address('unreachable', idOf('carol'))])[0]?.why).toContain('locked or closed')
    expect(away.peers([address('unreachable')])[0]?.why).toBe('nobody answers at its address')
  })

  it('is one whose app could not be talked with, without a time when it was here', () => {
    const away = new Away(() => 5)
    const reason = 'unsupported-version'
    away.heed({ event: 'refused', peer: bob, address: '192.0.2.7:1', reason, message: '' })
    const [one] = away.peers([])
    expect(one?.since).toBeNull()
    expect(one?.why).toContain('runs a version of Lockbox')
  })

  it('is no stranger', () => {
    const away = new Away(() => 5)
    away.heed({ event: 'refused', peer: null, address: '192.0.2.7:1', reason: 'unknown-key', message: '' })
    expect(away.peers([])).toEqual([])
  })
})
