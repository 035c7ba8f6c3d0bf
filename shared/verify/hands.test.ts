import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { digest } from '../bytes.ts'
import { pureChecks } from '../statements/pure-checks.ts'
import type { Outcome } from './batch.ts'
import { Examiner } from './examine.ts'
import type { Crew } from './flow.ts'
import { type Answer, crewOfHands, type Order, servingOrders } from './hands.ts'

const OUTCOME: Outcome = { doored: [], outcome: null, acts: [], logged: 0 }

/** A crew whose hands answer when they are told to, and what everybody was told. */
function crewWith(count: number) {
  const told: [who: number | 'own', what: Order['what']][] = []
  const answers: ((answer: Answer) => void)[] = []
  const failures: ((error: Error) => void)[] = []
  const open: number[][] = []
  const own: Crew = {
    width: 1,
    learn: () => told.push(['own', 'learn']),
    brief: () => told.push(['own', 'brief']),
    examine: (jobs) => {
      told.push(['own', 'examine'])
      return Promise.resolve(jobs.map(() => OUTCOME))
    },
    close: () => Promise.resolve(),
  }
  const crew = crewOfHands(
    count,
    (take, fail) => {
      const who = answers.push(take) - 1
      failures.push(fail)
      const orders: number[] = []
      open.push(orders)
      return {
        tell(order) {
          told.push([who, order.what])
          if (order.what === 'examine') orders.push(order.id)
        },
        close: () => Promise.resolve(),
      }
    },
    own,
  )
  const answer = (who: number) => answers[who]?.({ id: open[who]?.shift() ?? -1, outcomes: [OUTCOME] })
  const there = (who: number) => answers[who]?.({ there: true })
  return { crew, told, there, answer, fail: (who: number, error: Error) => failures[who]?.(error) }
}

const JOBS = [{ batches: [], of: null, keep: false }]

it('tells everybody what they have to know, this thread too', () => {
  const { crew, told } = crewWith(2)
  crew.learn([])
  crew.brief({ org: null, basis: [], now: 0, mostActs: 0 })
  expect(told).toEqual([
    [0, 'learn'],
    [1, 'learn'],
    ['own', 'learn'],
    [0, 'brief'],
    [1, 'brief'],
    ['own', 'brief'],
  ])
})

it('examines here what its hands have no time for, and hands on again once one of them has', async () => {
  const { crew, told, there, answer } = crewWith(2)
  there(0)
  there(1)
  const all = Array.from({ length: 6 }, () => crew.examine(JOBS))
  expect(told.map(([who]) => who)).toEqual([0, 1, 0, 1, 'own', 'own'])
  answer(1)
  all.push(crew.examine(JOBS))
  expect(told.at(-1)).toEqual([1, 'examine'])
  for (const who of [0, 0, 1, 1]) answer(who)
  expect(await Promise.all(all)).toEqual(Array.from({ length: 7 }, () => [OUTCOME]))
})

it('examines here until a hand is there', async () => {
  const { crew, told, there, answer } = crewWith(2)
  const all = [crew.examine(JOBS), crew.examine(JOBS)]
  there(1)
  all.push(...Array.from({ length: 3 }, () => crew.examine(JOBS)))
  expect(told.map(([who]) => who)).toEqual(['own', 'own', 1, 1, 'own'])
  for (const who of [1, 1]) answer(who)
  expect(await Promise.all(all)).toEqual(Array.from({ length: 5 }, () => [OUTCOME]))
})

it('ends with what a hand failed of, whatever this thread could still do', async () => {
  const { crew, there, fail } = crewWith(1)
  there(0)
  const waiting = crew.examine(JOBS)
  fail(0, new Error('a thread ended'))
  await expect(waiting).rejects.toThrow('a thread ended')
  await expect(crew.examine(JOBS)).rejects.toThrow('a thread ended')
})

describe('a hand', () => {
  const setting = { organization: '', files: [] }
  const means = { checks: pureChecks, sha256, digestOf: digest }
  const LEARN: Order = { what: 'learn', rosters: [] }
  const examine = (id: number): Order => ({ what: 'examine', id, jobs: JOBS })

  /** What it answers to these orders. */
  async function answers(examiner: Examiner | Promise<Examiner>, ...orders: readonly Order[]): Promise<Answer[]> {
    const given: Answer[] = []
    const take = servingOrders(examiner, (answer) => given.push(answer))
    for (const order of orders) take(order)
    const asked = orders.filter(({ what }) => what === 'examine').length
    const isReady = (answer: Answer) => 'there' in answer
    await expect.poll(() => given.filter((one) => !isReady(one)).length).toBe(asked)
    return given
  }

  it('answers what it is asked, whether its examiner is there or still comes', async () => {
    const outcomes = [expect.objectContaining({ doored: [] })]
    const examiner = new Examiner(setting, means)
    for (const one of [examiner, Promise.resolve(examiner)])
      expect(await answers(one, LEARN, examine(4), examine(5))).toEqual([
        { there: true },
        { id: 4, outcomes },
        { id: 5, outcomes },
      ])
  })

  it('whose examiner never comes answers each order with the reason, so that nobody waits for it', async () => {
    const none = Promise.reject(new Error('no library'))
    expect(await answers(none, LEARN, examine(4), examine(5))).toEqual([
      { id: 4, error: 'no library' },
      { id: 5, error: 'no library' },
    ])
  })

  it('that failed of what it was told answers whatever it is asked afterwards with that', async () => {
    const examiner = new Examiner(setting, means)
    examiner.learn = () => {
      throw new Error('a bug')
    }
    expect(await answers(examiner, LEARN, examine(4), examine(5))).toEqual([
      { there: true },
      { id: 4, error: 'a bug' },
      { id: 5, error: 'a bug' },
    ])
  })
})
