import { expect, it } from 'vitest'
import type { Job, Outcome } from './batch.ts'
import { type Crew, Flow } from './flow.ts'

/** A job that is a message by itself, known again by the number of its file. */
const jobOf = (file: number): Job => ({
  batches: [
    {
      file,
      section: { section: 'others' },
      places: new Float64Array(0),
      bytes: new Uint8Array(256 * 1024),
      ends: new Uint32Array(0),
      proofs: null,
    },
  ],
  of: null,
  keep: false,
})

/** A crew whose orders are carried out when somebody says so, and what came of them as it was taken. */
function flowing(width: number) {
  const orders: (() => void)[] = []
  const taken: number[] = []
  const crew: Crew = {
    width,
    learn: () => undefined,
    brief: () => undefined,
    examine: (jobs) =>
      new Promise<readonly Outcome[]>((resolve) => {
        const outcomes = jobs.map(({ batches }) => ({
          doored: [],
          outcome: null,
          acts: [],
          logged: batches[0]?.file ?? -1,
        }))
        orders.push(() => resolve(outcomes))
      }),
    close: () => Promise.resolve(),
  }
  return { flow: new Flow(crew, ({ logged }) => taken.push(logged)), orders, taken }
}

const turn = () => new Promise((resolve) => setTimeout(resolve))

it('takes what came of jobs in the order in which they were given, whoever is done first', async () => {
  const { flow, orders, taken } = flowing(3)
  for (const file of [0, 1, 2]) await flow.add(jobOf(file))
  orders[2]?.()
  orders[1]?.()
  await turn()
  expect(taken).toEqual([])
  orders[0]?.()
  await flow.settle()
  expect(taken).toEqual([0, 1, 2])
})

it('hands on while one is slow, but lets no more than a few wait for that one', async () => {
  const { flow, orders, taken } = flowing(2)
  const adding = (async () => {
    for (let file = 0; file < 20; file++) await flow.add(jobOf(file))
  })()
  await turn()
  // The first is not done; the others are at once.
  for (let at = 1; at < orders.length; at++) {
    orders[at]?.()
    await turn()
  }
  expect([orders.length, taken]).toEqual([8, []])
  for (let at = 0; at < 20; at++) {
    orders[at]?.()
    await turn()
  }
  await adding
  await flow.settle()
  expect(taken).toEqual(Array.from({ length: 20 }, (_, file) => file))
})
