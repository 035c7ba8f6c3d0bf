import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { OWN } from '../../shared/carriers/arrival.ts'
import { type Waiting, WaitingRoom } from './waiting-room.ts'

const ROSTER = digest(utf8('roster'))
const OTHER_ROSTER = digest(utf8('another roster'))
const ALICE = digest(utf8('alice'))
const BOB = digest(utf8('bob'))

function waiting(text: string, author = ALICE, needs = ROSTER): Waiting {
  return { id: digest(utf8(text)), needs, author, envelope: utf8(text), from: OWN }
}

describe('the waiting room', () => {
  it('gives back what waited for a roster, oldest first, and keeps the rest', () => {
    const room = new WaitingRoom()
    const [first, second, other] = [waiting('1'), waiting('2', BOB), waiting('3', ALICE, OTHER_ROSTER)]
    for (const each of [first, other, second]) room.add(each)
    expect(room.needs()).toEqual(new Set([ROSTER, OTHER_ROSTER]))
    expect(room.take(ROSTER)).toEqual([first, second])
    expect(room.take(ROSTER)).toEqual([])
    expect(room.take(OTHER_ROSTER)).toEqual([other])
    expect([room.size, room.bytes]).toEqual([0, 0])
  })

  it('lets the same bytes wait once', () => {
    const room = new WaitingRoom()
    room.add(waiting('once'))
    expect(room.add(waiting('once'))).toEqual([])
    expect([room.size, room.bytes]).toEqual([1, 4])
  })

  it('does not let a spoiled copy keep the good one out', () => {
    const room = new WaitingRoom()
    const good = waiting('good')
    const spoiled = { ...good, envelope: utf8('spoiled') }
    room.add(spoiled)
    room.add(good)
    expect(room.take(ROSTER)).toEqual([spoiled, good])
  })

  it('evicts the oldest of an author who passes his share, and nobody else’s', () => {
    const room = new WaitingRoom({ countPerAuthor: 2 })
    const bobs = waiting('bob', BOB)
    const [first, second, third] = [waiting('1'), waiting('2'), waiting('3')]
    for (const each of [bobs, first, second]) room.add(each)
    expect(room.add(third)).toEqual([first])
    expect(room.take(ROSTER)).toEqual([bobs, second, third])
  })

  it('evicts by bytes of an author too', () => {
    const room = new WaitingRoom({ bytesPerAuthor: 8 })
    room.add(waiting('1234'))
    room.add(waiting('abcd'))
    expect(room.add(waiting('XYZ'))).toEqual([waiting('1234')])
  })

  it('evicts the oldest of all when the room is full', () => {
    const room = new WaitingRoom({ count: 2 })
    room.add(waiting('bob', BOB))
    room.add(waiting('1'))
    expect(room.add(waiting('2'))).toEqual([waiting('bob', BOB)])
  })

  it('does not keep an envelope that alone passes the limit', () => {
    const room = new WaitingRoom({ bytes: 3 })
    expect(room.add(waiting('long'))).toEqual([waiting('long')])
    expect(room.bytes).toBe(0)
  })

  it('never holds more than its limits, and loses count of nothing', () => {
    const limits = { count: 5, bytes: 40, countPerAuthor: 3, bytesPerAuthor: 25 }
    const arrival = fc.record({
      text: fc.string({ maxLength: 12 }),
      author: fc.constantFrom(ALICE, BOB),
      needs: fc.constantFrom(ROSTER, OTHER_ROSTER),
    })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
        const room = new WaitingRoom(limits)
        const held = new Set<string>()
        for (const { text, author, needs } of arrivals) {
          held.add(text)
          for (const evicted of room.add(waiting(text, author, needs)))
            held.delete(new TextDecoder().decode(evicted.envelope))
          expect(room.size).toBeLessThanOrEqual(limits.count)
          expect(room.bytes).toBeLessThanOrEqual(limits.bytes)
          expect(room.size).toBe(held.size)
        }
        const out = [...room.take(ROSTER), ...room.take(OTHER_ROSTER)]
        expect(new Set(out.map(({ envelope }) => new TextDecoder().decode(envelope)))).toEqual(held)
        expect([room.size, room.bytes]).toEqual([0, 0])
      }),
    )
  })
})
