import { describe, expect, it } from 'vitest'
import { type Digest, digest, utf8 } from '../../shared/bytes.ts'
import type { Device } from './device.ts'
import { Meetings } from './meetings.ts'
import type { Notary } from './notary.ts'
import type { Carrier, Elsewhere, WitnessWay } from './ports.ts'

const [raj, leo] = ['raj', 'leo'].map((name) => digest(utf8(name))) as [Digest, Digest]
const MINUTE = 60_000

/** Ana's meetings, by a clock that a test moves: Raj is connected while `since` is a number, Leo was heard of by relay. */
function meetings() {
  let now = 1_000_000
  let grew = () => undefined as void
  const state = { since: 5 as number | null, away: [leo] as Digest[], refuse: new Set<Digest>() }
  const asked: [string, Digest][] = []
  const vouched = new Set<Digest>()
  const device = {
    store: { onAccepted: (listener: () => void) => ((grew = listener), () => undefined) },
    standing: { maySign: true, logBroken: false },
    vault: { journal: { condition: 'well' } },
    me: () => ({}),
    clock: () => ({ monotonic: now, wall: now }),
  } as unknown as Device
  const carrier = {
    peers: () =>
      state.since === null ? [] : [{ device: raj, connected: true, reconciled: true, since: state.since, via: '' }],
  } as unknown as Carrier
  const elsewhere = { witnesses: () => state.away } as unknown as Elsewhere
  const notary = {
    isVouchedBy: (one: Digest) => vouched.has(one),
    ask: async (
      way: WitnessWay,
      devices: readonly Digest[],
      onAnswer: (answered: { device: Digest; refused: string | null }) => void,
    ) => {
      for (const one of devices) {
        asked.push([way === carrier ? 'lan' : 'relay', one])
        if (!state.refuse.has(one)) vouched.add(one)
        onAnswer({ device: one, refused: state.refuse.has(one) ? 'no answer' : null })
      }
      return []
    },
  } as unknown as Notary
  const all = new Meetings(device, notary, carrier, elsewhere)
  /** Something is recorded here, or nothing; and so much time goes by. @returns who was asked, over which way. */
  const later = async (ms: number, isNew = false) => {
    if (isNew) {
      grew()
      vouched.clear()
    }
    asked.length = 0
    now += ms
    all.turn()
    await new Promise((resolve) => setImmediate(resolve))
    return asked.map(([way, one]) => `${one === raj ? 'raj' : 'leo'} by ${way}`)
  }
  return { state, later }
}

describe('whoever may be asked to cosign', () => {
  it('is asked each over their way, once the log was quiet, and not again while nothing is new', async () => {
    const { later } = meetings()
    expect(await later(500, true)).toEqual([])
    expect(await later(500)).toEqual(['raj by lan', 'leo by relay'])
    expect(await later(60 * MINUTE)).toEqual([])
  })

  it('is asked by relay at most every ten minutes, whatever is recorded, and over the LAN every five seconds', async () => {
    const { later } = meetings()
    await later(1000, true)
    expect(await later(5000, true)).toEqual(['raj by lan'])
    expect(await later(5000, true)).toEqual(['raj by lan'])
    expect(await later(10 * MINUTE - 10_001)).toEqual([])
    expect(await later(1)).toEqual(['leo by relay'])
  })

  it('and does not answer by relay is asked no sooner', async () => {
    const { state, later } = meetings()
    state.refuse.add(leo)
    await later(1000, true)
    expect(await later(10 * MINUTE - 1)).toEqual([])
    expect(await later(1)).toEqual(['leo by relay'])
    expect(await later(10 * MINUTE - 1)).toEqual([])
  })

  it('gets no more by relay for a connection that comes and goes', async () => {
    const { state, later } = meetings()
    await later(1000, true)
    for (let times = 0; times < 5; times++) {
      Object.assign(state, { since: null, away: [raj, leo] })
      expect(await later(2000, true)).toEqual(times === 0 ? ['raj by relay'] : [])
      Object.assign(state, { since: 10 + times, away: [leo] })
      expect(await later(2000, true)).toEqual(['raj by lan'])
    }
  })
})
