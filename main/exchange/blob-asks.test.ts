import { expect, it } from 'vitest'
import type { Digest } from '../../shared/bytes.ts'
import { BlobAsks } from './blob-asks.ts'
import { MAX_IDS } from './messages.ts'
import { idOf } from './testing/people.ts'

const ANSWER_MS = 10_000
const idsOf = (count: number, of: string) => Array.from({ length: count }, (_, at) => idOf(`${of} ${at}`))

/** A device that wants parts of evidence, all of which most likely a device has that is there, as is another. */
function asking(gatherMs = 0) {
  let now = 0
  const wanted: Digest[] = []
  const store = {
    blobsWanted: () => [...wanted],
    likelyAt: (ids: readonly Digest[]) => new Map(ids.map((id) => [id, [idOf('likely')]])),
  }
  const open = new Map([idOf('likely'), idOf('other')].map((id) => [id, null]))
  const asks = new BlobAsks(store, { answerMs: ANSWER_MS, gatherMs }, () => now)
  return {
    wanted,
    /** What a device is asked for at once, after so long. */
    saidAfter: (ms: number, device: 'likely' | 'other' = 'other', looks = ms === 0) => {
      now += ms
      if (looks || asks.isLate) asks.look(open)
      return asks.of(idOf(device)).slice(0, MAX_IDS)
    },
    waits: () => asks.isWaiting,
  }
}

it('asks last for what was asked for in vain, so that it keeps out nothing that comes later', () => {
  const { wanted, saidAfter } = asking()
  wanted.push(...idsOf(MAX_IDS, 'made up'))
  saidAfter(0)
  expect(saidAfter(ANSWER_MS)).toHaveLength(MAX_IDS)
  const good = idOf('good')
  wanted.push(good)
  expect(saidAfter(0, 'likely')[0]).toBe(good)
  // That one does not give it; others are asked for it too.
  expect([1, 2].flatMap(() => saidAfter(ANSWER_MS))).toContain(good)
})

it('asks for everything in the end, however much of it nobody has, and goes on so', () => {
  const { wanted, saidAfter } = asking()
  wanted.push(...idsOf(3 * MAX_IDS, 'made up'), ...idsOf(10, 'good'))
  saidAfter(0)
  for (const round of [1, 2, 3]) {
    const said = new Set(Array.from({ length: 8 }, () => saidAfter(ANSWER_MS)).flat())
    expect([round, said.size]).toEqual([round, wanted.length])
  }
})

it('changes nothing about what can be said at once', () => {
  const { wanted, saidAfter } = asking()
  wanted.push(...idsOf(MAX_IDS, 'evidence'))
  saidAfter(0)
  expect(saidAfter(ANSWER_MS)).toEqual(wanted)
  expect(saidAfter(ANSWER_MS)).toEqual(wanted)
})

it('asks for nothing that has not been wanted for a moment, since it may be on its way', () => {
  const { wanted, saidAfter } = asking(50)
  const [first, second] = [idOf('first'), idOf('second')]
  wanted.push(first)
  expect(saidAfter(0, 'likely')).toEqual([])
  expect(saidAfter(49, 'likely', true)).toEqual([])
  wanted.push(second)
  expect(saidAfter(0, 'likely')).toEqual([])
  expect(saidAfter(1, 'likely', true)).toEqual([first])
  expect(saidAfter(49, 'likely', true)).toEqual([first, second])
})

it('waits for another look as long as something was not due at the last, however long it took to ask for the rest', () => {
  const { wanted, saidAfter, waits } = asking(50)
  wanted.push(idOf('first'))
  expect([saidAfter(0, 'likely'), waits()]).toEqual([[], true])
  // A timer may come a little early; what follows it takes its time.
  expect([saidAfter(49.9, 'likely', true), saidAfter(0.2, 'likely', false), waits()]).toEqual([[], [], true])
  expect([saidAfter(0, 'likely'), waits()]).toEqual([[idOf('first')], false])
})
