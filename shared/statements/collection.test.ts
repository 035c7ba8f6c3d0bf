import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { chaos } from '../testing/chaos.ts'
import { person } from '../testing/keys.ts'
import { times } from '../testing/runs.ts'
import { setup } from '../testing/setup.ts'
import { touch } from '../testing/signing.ts'
import { type Collection, collect } from './collection.ts'
import type { VerifiedStatement } from './door.ts'
import { KINDS, type Kind } from './kinds.ts'

let statements: readonly VerifiedStatement[]

beforeAll(async () => {
  const told = await setup('alice', 'bob', 'carol', 'dave', 'erin')
  await chaos(told, 1, 90)
  const [genesis] = told.story.statements.filter(({ kind }) => kind === 'roster')
  if (genesis === undefined) throw new TypeError('a story begins with a roster')
  statements = [...told.story.statements, otherCopy(genesis, 0), otherCopy(genesis, 1)]
})

/** The same statement touched with a given key. */
function otherCopy(statement: VerifiedStatement, key: 0 | 1): VerifiedStatement {
  return { ...statement, hardware: touch(person('alice').keys[key], statement.id) }
}

/** All that a collection answers; each copy of a statement is told from the others. */
function answersOf(collection: Collection): readonly string[] {
  const lists = [
    collection.all,
    ...(Object.keys(KINDS) as Kind[]).map((kind) => collection.of(kind)),
    ...statements.flatMap(({ id }) => [collection.endorsementsOf(id), collection.custodyOf(id), collection.about(id)]),
    ...statements.map(({ id, kind }) => [collection.byId(id), collection.get(kind, id), collection.get('custody', id)]),
  ]
  return lists.map((list) => list.map((one) => `${one?.id} ${one?.hardware?.keyid}`).join())
}

/** For each request those near it, by looking at all; and by asking. */
function nearIn(collection: Collection): readonly string[][] {
  const requests = collection.of('request')
  return requests.map(({ payload: { plan, time } }) => {
    const near = requests.filter((one) => one.payload.plan === plan && Math.abs(one.payload.time - time) <= NEAR_MS)
    expect(collection.requestsNear(plan, time, NEAR_MS)).toEqual(near)
    return near.map(({ id }) => id)
  })
}

const NEAR_MS = 50 * 60_000

describe('a collection with one statement more', () => {
  it('is what gathering all of them anew gives, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), fc.nat(59), (draws, cut) => {
        const drawn = draws.map((draw) => statements[draw % statements.length] as VerifiedStatement)
        const grown = drawn.slice(cut).reduce((all, one) => all.with(one), collect(drawn.slice(0, cut)))
        expect(answersOf(grown)).toEqual(answersOf(collect(drawn)))
        expect(nearIn(grown)).toEqual(nearIn(collect(drawn)))
      }),
      times(30),
    )
  })
  it('tells what came since an earlier one, and nothing since one that it did not grow out of', () => {
    const [first, second, third] = statements as [VerifiedStatement, VerifiedStatement, VerifiedStatement]
    const early = collect([first])
    const grown = early.with(second).with(first).with(third)
    expect(grown.since(early)).toEqual([second, third])
    expect(grown.since(grown)).toEqual([])
    expect([early.since(grown), grown.since(collect([first])), early.with(third).since(early)]).toEqual([
      null,
      null,
      null,
    ])
  })
  it('leaves the one it came from as it was', () => {
    const [first, ...others] = statements as [VerifiedStatement, ...VerifiedStatement[]]
    const before = collect([first])
    for (const one of others) before.with(one)
    expect(before.all).toEqual([first])
    expect(others.map(({ id }) => before.byId(id))).toEqual(
      others.map(({ id }) => (id === first.id ? first : undefined)),
    )
  })
})
