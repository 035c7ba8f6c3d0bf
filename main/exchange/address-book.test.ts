import { describe, expect, it } from 'vitest'
import { AddressBook } from './address-book.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { idOf } from './testing/people.ts'

const BOB = idOf('bob')
const nobody = () => false

function bookAt(limits: Partial<typeof DEFAULT_LIMITS> = {}) {
  const clock = { now: 0 }
  const book = new AddressBook(
    { ...DEFAULT_LIMITS, ...limits },
    () => clock.now,
    () => 1,
  )
  return { book, clock }
}

describe('an address', () => {
  it('is tried at once, then after 1, 2, 4 … seconds, at most 30 apart', () => {
    const { book, clock } = bookAt()
    book.add('a:1', 'typed')
    const waits: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) {
      const from = clock.now
      while (book.due(nobody).length === 0) clock.now += 500
      waits.push(clock.now - from)
      book.onConnecting('a:1')
      expect(book.due(nobody)).toEqual([])
      book.onEnded('a:1', 'unreachable', false)
    }
    expect(waits).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect(book.states()).toEqual([
      { address: 'a:1', how: 'typed', state: 'waiting', device: null, lastFailure: 'unreachable', attempts: 8 },
    ])
  })

  it('is tried soon again after a connection that worked', () => {
    const { book, clock } = bookAt()
    book.add('a:1', 'typed')
    for (let attempt = 0; attempt < 5; attempt++) book.onEnded('a:1', 'unreachable', false)
    book.onConnected('a:1', BOB)
    book.onEnded('a:1', 'silent', true)
    clock.now = DEFAULT_LIMITS.retryMs
    expect(book.due(nobody)).toEqual(['a:1'])
  })

  it('is not tried while its device is connected some other way', () => {
    const { book, clock } = bookAt()
    book.add('a:1', 'typed')
    book.onConnected('a:1', BOB)
    book.onEnded('a:1', 'duplicate', false)
    clock.now = 60_000
    expect(book.due((device) => device === BOB)).toEqual([])
    expect(book.due(nobody)).toEqual(['a:1'])
  })

  it('of an app that has several is tried one after the other', () => {
    const { book, clock } = bookAt()
    book.add('[2001:db8::1]:1', 'discovered', 'app')
    book.add('192.0.2.1:1', 'discovered', 'app')
    expect(book.due(nobody)).toEqual(['[2001:db8::1]:1'])
    book.onConnecting('[2001:db8::1]:1')
    expect(book.due(nobody)).toEqual([])
    book.onEnded('[2001:db8::1]:1', 'unreachable', false)
    expect(book.due(nobody)).toEqual(['192.0.2.1:1'])
    book.onConnecting('192.0.2.1:1')
    book.onConnected('192.0.2.1:1', BOB)
    clock.now = 60_000
    expect(book.due(nobody)).toEqual([])
    book.removeApp('app')
    expect(book.states()).toEqual([])
  })

  it('of an app that is connected by another of its addresses waits for half a minute', () => {
    const { book, clock } = bookAt()
    book.add('192.0.2.1:1', 'discovered', 'app')
    book.add('[fe80::1%eth0]:1', 'discovered', 'app')
    book.onConnecting('192.0.2.1:1')
    book.onConnected('192.0.2.1:1', BOB)
    // Bob dialed us at the same time, and his connection is kept.
    book.onEnded('192.0.2.1:1', 'duplicate', false)
    const isBob = (device: string) => device === BOB
    clock.now = DEFAULT_LIMITS.retryMostMs - 1
    expect(book.due(isBob)).toEqual([])
    clock.now++
    // An announcement may have mixed two apps.
    expect(book.due(isBob)).toEqual(['[fe80::1%eth0]:1'])
  })

  it('that an app announces after it was connected is tried at once', () => {
    const { book, clock } = bookAt()
    book.add('192.0.2.1:1', 'discovered', 'app')
    book.onConnected('192.0.2.1:1', BOB)
    book.onEnded('192.0.2.1:1', 'duplicate', false)
    clock.now = 5000
    book.add('192.0.2.99:1', 'discovered', 'app')
    expect(book.due((device) => device === BOB)).toEqual(['192.0.2.99:1'])
  })

  it('of an app whose connection is lost is tried at once, if the other address is not due', () => {
    const { book } = bookAt()
    book.add('192.0.2.1:1', 'discovered', 'app')
    book.add('[fe80::1%eth0]:1', 'discovered', 'app')
    book.onConnected('192.0.2.1:1', BOB)
    book.onEnded('192.0.2.1:1', 'silent', false)
    expect(book.due(nobody)).toEqual(['[fe80::1%eth0]:1'])
  })

  it('that was typed stays when it is discovered as well, and when that app goes', () => {
    const { book } = bookAt()
    book.add('a:1', 'typed')
    book.add('a:1', 'discovered', 'app')
    book.removeApp('app')
    book.remove('a:1', 'discovered')
    expect(book.states().map(({ how }) => how)).toEqual(['typed'])
    book.remove('a:1', 'typed')
    expect(book.states()).toEqual([])
  })

  it('that is typed takes the place of a discovered one when the book is full', () => {
    const { book } = bookAt({ addresses: 2 })
    expect(['d:1', 'd:2', 'd:3'].map((address) => book.add(address, 'discovered', address))).toEqual([
      true,
      true,
      false,
    ])
    expect(['t:1', 't:2', 't:3'].map((address) => book.add(address, 'typed'))).toEqual([true, true, false])
    expect(book.states().map(({ address }) => address)).toEqual(['t:1', 't:2'])
  })

  it('that is discovered takes the place of one where nobody answered', () => {
    const { book } = bookAt({ addresses: 2 })
    book.add('d:1', 'discovered', '1')
    book.add('d:2', 'discovered', '2')
    book.onEnded('d:2', 'unreachable', false)
    book.add('d:3', 'discovered', '3')
    expect(book.states().map(({ address }) => address)).toEqual(['d:1', 'd:3'])
  })

  it('is tried at once when something changed', () => {
    const { book } = bookAt()
    book.add('a:1', 'typed')
    for (let attempt = 0; attempt < 9; attempt++) book.onEnded('a:1', 'unknown-key', false)
    expect(book.due(nobody)).toEqual([])
    book.retryAll()
    expect(book.due(nobody)).toEqual(['a:1'])
  })
})
