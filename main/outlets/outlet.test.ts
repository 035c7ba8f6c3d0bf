import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import type { OutletEvent } from '../../shared/outlets/event.ts'
import { drill, liveEvents } from '../../shared/outlets/testing/drill.ts'
import { DeliveryFailure } from './failure.ts'
import { Outlet, type OutletParts, type Pace } from './outlet.ts'
import type { OutletPlace, Settings } from './records.ts'
import type { Source } from './source.ts'
import type { Transport } from './transports/transport.ts'

const all = liveEvents(await drill())
const SETTINGS: Settings = {
  id: 'AAAAAAAAAAA',
  name: 'test',
  format: 'jsonl',
  to: { via: 'tcp', address: '127.0.0.1:1' },
  key: null,
  start: 0,
}
const HASTE: Pace = { settleMs: 0, firstRetryMs: 1, longestRetryMs: 2, saveMs: 0 }

/** A ledger of so many entries, which can grow; some entries are nobody's business. */
class Ledger implements Source {
  entries: OutletEvent[]
  hasOrganization = true
  pruned: ReadonlySet<number> = new Set()
  readonly #silent: ReadonlySet<number>

  constructor(count: number, silent: readonly number[] = []) {
    this.entries = all.slice(0, count)
    this.#silent = new Set(silent)
  }
  isReady = () => this.hasOrganization
  size = () => this.entries.length
  idAt = (position: number) => this.entries[position]?.id
  placeOf = (id: string) => this.entries.findIndex((event) => event.id === id)
  read = (from: number, most: number) => {
    const read = this.entries.slice(from, from + most)
    return this.hasOrganization
      ? {
          events: read.filter(({ position }) => !this.#silent.has(position) && !this.pruned.has(position)),
          to: from + read.length,
          gone: read.filter(({ position }) => this.pruned.has(position)).length,
        }
      : null
  }
}

/** The other end: takes what comes, or a part of it, and says so or does not. */
class Other implements Transport {
  readonly most: number
  readonly got: string[] = []
  readonly batches: number[] = []
  /** What happens with the next batches: all taken and acknowledged, if there is nothing. */
  readonly script: ((events: readonly OutletEvent[], signal: AbortSignal) => Promise<void>)[] = []

  constructor(most = 5) {
    this.most = most
  }
  deliver = async (events: readonly OutletEvent[], signal: AbortSignal) => {
    this.batches.push(events.length)
    const next = this.script.shift()
    await (next === undefined ? this.take(events) : next(events, signal))
  }
  take = async (events: readonly OutletEvent[]) => void this.got.push(...events.map(({ id }) => id))
  /** Takes so many, and then there is no answer. */
  takeBut =
    (count: number, says: Error = new DeliveryFailure('the connection was cut')) =>
    (events: readonly OutletEvent[]) =>
      this.take(events.slice(0, count)).then(() => {
        throw says
      })
}

function outlet(source: Source, transport: Transport, changes: Partial<OutletParts> = {}) {
  const saved: OutletPlace[] = []
  const one = new Outlet({
    settings: SETTINGS,
    place: null,
    source,
    transport,
    pace: HASTE,
    now: () => 1_800_000_000_000,
    save: async (place) => void saved.push(place),
    onChange: () => undefined,
    ...changes,
  })
  one.start()
  return { one, saved }
}

const isDone = (one: Outlet) => vi.waitFor(() => expect(one.standing().state).toBe('up-to-date'))
const stands = (one: Outlet, state: string) => vi.waitFor(() => expect(one.standing().state).toBe(state))
const ids = (from = 0, to = all.length) => all.slice(from, to).map(({ id }) => id)

describe('an outlet', () => {
  it('delivers the whole ledger in order, and then what comes', async () => {
    const [ledger, other] = [new Ledger(12), new Other(5)]
    const { one } = outlet(ledger, other)
    await isDone(one)
    expect([other.got, other.batches]).toEqual([ids(0, 12), [5, 5, 2]])
    ledger.entries = all.slice(0, 14)
    one.nudge()
    await isDone(one)
    expect(other.got).toEqual(ids(0, 14))
    await one.close()
  })

  it('begins where its settings say', async () => {
    const other = new Other()
    const { one } = outlet(new Ledger(12), other, { settings: { ...SETTINGS, start: 10 } })
    await isDone(one)
    expect(other.got).toEqual(ids(10, 12))
    await one.close()
  })

  it('begins at the end of a ledger that is shorter than when it was set up, and skips nothing that comes', async () => {
    const [ledger, other] = [new Ledger(5), new Other()]
    const { one } = outlet(ledger, other, { settings: { ...SETTINGS, start: 10 } })
    await isDone(one)
    ledger.entries = all.slice(0, 12)
    one.nudge()
    await isDone(one)
    expect(other.got).toEqual(ids(5, 12))
    await one.close()
  })

  it('passes over what is nobody’s business, and keeps its place behind it', async () => {
    const other = new Other(2)
    const { one, saved } = outlet(new Ledger(6, [2, 3, 5]), other)
    await isDone(one)
    await one.close()
    expect(other.got).toEqual([ids()[0], ids()[1], ids()[4]])
    expect(saved.at(-1)).toMatchObject({ next: 6, last: ids()[5] })
  })

  it('waits for an organization', async () => {
    const [ledger, other] = [new Ledger(3), new Other()]
    ledger.hasOrganization = false
    const { one } = outlet(ledger, other)
    await one.tryNow()
    expect(other.got).toEqual([])
    const says = 'this device is in no organization yet'
    expect(one.standing()).toMatchObject({ state: 'waiting', trouble: says, since: null, nextTryAt: null })
    ledger.hasOrganization = true
    one.nudge()
    await isDone(one)
    expect(other.got).toEqual(ids(0, 3))
    await one.close()
  })

  it('says what is wrong while it waits, and goes on from the same place', async () => {
    const other = new Other(5)
    let let_ = () => undefined as unknown
    other.script.push(
      other.take,
      other.takeBut(2),
      (events) => new Promise((resolve) => (let_ = () => resolve(other.take(events)))),
    )
    const { one } = outlet(new Ledger(12), other)
    await vi.waitFor(() =>
      expect(one.standing()).toMatchObject({ state: 'waiting', trouble: 'the connection was cut', next: 5 }),
    )
    await vi.waitFor(() => expect(other.batches).toHaveLength(3))
    let_()
    await isDone(one)
    expect(one.standing()).toMatchObject({ trouble: null, nextTryAt: null, next: 12 })
    expect(other.got).toEqual([...ids(0, 5), ...ids(5, 7), ...ids(5, 12)])
    await one.close()
  })

  it('waits longer after each failure, with a bound, and less than the whole of it', async () => {
    const other = new Other()
    const pace = { ...HASTE, firstRetryMs: 1000, longestRetryMs: 3000 }
    for (let fails = 0; fails < 5; fails++) other.script.push(other.takeBut(0))
    const { one } = outlet(new Ledger(1), other, { pace })
    const waits: number[] = []
    for (let failed = 1; failed <= 4; failed++) {
      await vi.waitFor(() => {
        expect(other.batches).toHaveLength(failed)
        expect(one.standing().nextTryAt).not.toBeNull()
      })
      waits.push((one.standing().nextTryAt ?? 0) - 1_800_000_000_000)
      void one.tryNow()
    }
    for (const [at, whole] of [1000, 2000, 3000, 3000].entries()) {
      expect(waits[at]).toBeGreaterThanOrEqual(whole / 2)
      expect(waits[at]).toBeLessThanOrEqual(whole)
    }
    await one.close()
  })

  it('waits for as long as the receiver asks, but never longer than it would by itself', async () => {
    const pace = { ...HASTE, firstRetryMs: 1000, longestRetryMs: 300_000 }
    for (const [asked, wait] of [
      [120_000, 120_000],
      [Number.MAX_SAFE_INTEGER, 300_000],
    ] as const) {
      const other = new Other()
      other.script.push(other.takeBut(0, new DeliveryFailure('it answered 429', 'other', asked)), other.takeBut(0))
      const { one } = outlet(new Ledger(1), other, { pace })
      const waits = () => (one.standing().nextTryAt ?? 0) - 1_800_000_000_000
      await vi.waitFor(() => expect(waits()).toBe(wait))
      // What fails next without a word of waiting is tried again as soon as ever.
      void one.tryNow()
      await vi.waitFor(() => expect([other.batches.length, waits() > 0 && waits() <= 2000]).toEqual([2, true]))
      await one.close()
    }
  })

  it('new entries do not hurry one that waits after a failure; a person does', async () => {
    const [ledger, other] = [new Ledger(1), new Other()]
    other.script.push(other.takeBut(0))
    const { one } = outlet(ledger, other, { pace: { ...HASTE, firstRetryMs: 3_600_000, longestRetryMs: 3_600_000 } })
    await stands(one, 'waiting')
    ledger.entries = all.slice(0, 2)
    one.nudge()
    // A timer that nudging had set would have gone off before one that is set after it.
    await new Promise((resolve) => setTimeout(resolve, HASTE.settleMs))
    expect(other.batches).toEqual([1])
    await one.tryNow()
    await isDone(one)
    expect(other.got).toEqual(ids(0, 2))
    await one.close()
  })

  it('who asks learns whether there is a way out, also if nothing waits', async () => {
    const other = new Other()
    const { one } = outlet(new Ledger(2), other)
    await isDone(one)
    other.script.push(other.takeBut(0, Object.assign(new Error(), { code: 'ECONNREFUSED' })))
    await one.tryNow()
    expect(one.standing()).toMatchObject({ state: 'waiting', trouble: 'connection refused' })
    expect(other.batches).toEqual([2, 0])
    await one.close()
  })

  it('who was told that there is no way out is told when there is one again, also if nothing waits', async () => {
    const other = new Other()
    const { one } = outlet(new Ledger(2), other)
    await isDone(one)
    other.script.push(other.takeBut(0), other.takeBut(0))
    await one.tryNow()
    expect(one.standing()).toMatchObject({ state: 'waiting', since: 1_800_000_000_000 })
    await isDone(one)
    expect(one.standing()).toMatchObject({ trouble: null, since: null })
    expect(other.batches).toEqual([2, 0, 0, 0])
    await one.close()
  })

  it('counts what was pruned before it went out as gone, and nothing of it as acknowledged', async () => {
    const [ledger, other] = [new Ledger(4), new Other(2)]
    let now = 1_800_000_000_000
    const { one, saved } = outlet(ledger, other, { now: () => now })
    await isDone(one)
    now += 5000
    ledger.pruned = new Set([4, 5])
    ledger.entries = all.slice(0, 6)
    one.nudge()
    await vi.waitFor(() => expect(one.standing().next).toBe(6))
    expect(one.standing()).toMatchObject({ gone: 2, lastAt: 1_800_000_000_000, state: 'up-to-date' })
    expect(other.batches).toEqual([2, 2])
    await one.close()
    const again = outlet(ledger, other, { place: saved.at(-1) ?? null, now: () => now }).one
    await again.tryNow()
    expect(again.standing()).toMatchObject({ gone: 2, next: 6 })
    await again.close()
  })

  it('passing over what was pruned does not make a receiver that fails one that is well', async () => {
    const [ledger, other] = [new Ledger(2), new Other(2)]
    other.script.push(other.takeBut(0), other.takeBut(0), other.takeBut(0))
    const { one } = outlet(ledger, other, { pace: { ...HASTE, firstRetryMs: 3_600_000, longestRetryMs: 3_600_000 } })
    await stands(one, 'waiting')
    ledger.pruned = new Set([0, 1])
    await one.tryNow()
    expect(one.standing()).toMatchObject({
      next: 2,
      gone: 2,
      state: 'waiting',
      trouble: 'the connection was cut',
      lastAt: null,
    })
    expect(other.batches).toEqual([2, 0])
    await one.close()
  })

  it('sends less at once to who says that it is too much', async () => {
    const other = new Other(8)
    const tooMuch = new DeliveryFailure('it answered 413', 'too much')
    other.script.push(other.takeBut(0, tooMuch), other.takeBut(0, tooMuch), other.takeBut(0, tooMuch))
    const { one } = outlet(new Ledger(4), other)
    await isDone(one)
    expect(other.batches).toEqual([4, 4, 2, 1, 1, 1, 1])
    expect(other.got).toEqual(ids(0, 4))
    await one.close()
  })

  it('sends less at once to who does not get through in time, and more again when it does', async () => {
    const other = new Other(8)
    const late = new DeliveryFailure('no answer in time', 'slow')
    other.script.push(other.takeBut(0, late), other.takeBut(0, late))
    const { one } = outlet(new Ledger(20), other)
    await isDone(one)
    expect(other.batches).toEqual([8, 4, 2, 4, 8, 6])
    expect(other.got).toEqual(ids(0, 20))
    await one.close()
  })

  it('does not tell what an error that is not known says', async () => {
    const other = new Other()
    other.script.push(other.takeBut(0, new Error('secret')))
    const { one } = outlet(new Ledger(1), other, { pace: { ...HASTE, firstRetryMs: 1000, longestRetryMs: 1000 } })
    await stands(one, 'waiting')
    expect(one.standing().trouble).toBe('something went wrong inside Lockbox')
    await one.close()
  })

  it('closes at once while the other end says nothing, and does not count that batch', async () => {
    const other = new Other(5)
    other.script.push(other.take, () => new Promise(() => undefined))
    const { one, saved } = outlet(new Ledger(12), other)
    await vi.waitFor(() => expect(other.batches).toHaveLength(2))
    await one.close()
    expect(saved.at(-1)).toMatchObject({ next: 5, last: ids()[4] })
  })

  it('keeps its place now and then, and at the end', async () => {
    const other = new Other(1)
    const { one, saved } = outlet(new Ledger(10), other, { pace: { ...HASTE, saveMs: 3_600_000 } })
    await isDone(one)
    expect(saved.map(({ next }) => next)).toEqual([1])
    await one.close()
    expect(saved.map(({ next }) => next)).toEqual([1, 10])
  })

  it('goes on though its place cannot be kept', async () => {
    const other = new Other(1)
    const { one } = outlet(new Ledger(3), other, { save: () => Promise.reject(new Error('disk-full')) })
    await isDone(one)
    expect(other.got).toEqual(ids(0, 3))
    await one.close()
  })

  it.each([
    ['its last entry moved', { next: 9, last: ids()[4] as string, at: 0 }, 5],
    ['its last entry is not there any more', { next: 9, last: digest(utf8('gone')), at: 0 }, 0],
    ['the ledger is shorter', { next: 200, last: ids()[11] as string, at: 0 }, 12],
  ])('after a journal that lost records it repeats rather than skips: %s', async (_, place, from) => {
    const other = new Other(20)
    const { one } = outlet(new Ledger(12), other, { place })
    await isDone(one)
    expect(other.got).toEqual(ids(from, 12))
    await one.close()
  })

  it('whatever fails, and however often it is killed: in order, at least once, no gap', async () => {
    type Step = { took: number; end: 'answers' | 'fails' | 'dies' }
    const step: fc.Arbitrary<Step> = fc.record({
      took: fc.nat({ max: 6 }),
      end: fc.constantFrom('answers', 'fails', 'dies'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 6 }), async (steps, most) => {
        const [ledger, other] = [new Ledger(15), new Other(most)]
        let place: OutletPlace | null = null
        let died = () => undefined as unknown
        other.script.push(
          ...steps.map(({ took, end }) => async (events: readonly OutletEvent[]) => {
            await other.take(end === 'answers' ? events : events.slice(0, took))
            if (end === 'answers') return
            if (end === 'fails') throw new DeliveryFailure('the connection was cut')
            died()
            await new Promise(() => undefined)
          }),
        )
        for (let lives = 0; lives <= steps.length; lives++) {
          let isDead = false
          const death = new Promise<boolean>((resolve) => (died = () => resolve(true)))
          const { one } = outlet(ledger, other, {
            place,
            // What a dead process would still write does not reach the disk.
            save: async (at) => void (isDead || (place = at)),
          })
          isDead = await Promise.race([death, isDone(one).then(() => false)])
          await one.close()
          if (!isDead) break
        }
        expect([...new Set(other.got)]).toEqual(ids(0, 15))
        // Forward by one, or back to something that was not acknowledged: never forward over one.
        const positions = other.got.map((id) => ids().indexOf(id))
        for (const [at, position] of positions.entries())
          expect(position).toBeLessThanOrEqual((positions[at - 1] ?? -1) + 1)
      }),
      { numRuns: 60 },
    )
  })
})
