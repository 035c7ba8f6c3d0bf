import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Organization, orgFrom, orgGrown } from '../org/org-from.ts'
import { type Collection, collect } from '../statements/collection.ts'
import { chaoticWorld } from '../testing/chaos.ts'
import { times } from '../testing/runs.ts'
import { grantedCase, type Setup, setup, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import { CaseBook } from './case-book.ts'
import { casesFrom } from './case-from.ts'
import type { Case } from './types.ts'

/** A clock that stands still, ticks, jumps, or is set back. */
const jumps = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 600 }) },
  { weight: 2, arbitrary: fc.integer({ min: -7200, max: 7200 }) },
  { weight: 1, arbitrary: fc.integer({ min: -400_000, max: 400_000 }) },
)

it('judges as if every case and the whole organization were judged anew, whatever comes and whenever it is asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(jumps, { minLength: 200, maxLength: 200 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 40 }),
      async (seed, clock, draws) => {
        const { story } = await chaoticWorld(seed)
        const { heard } = story
        const coming = shuffled(story.statements.slice(22), draws)
        const book = new CaseBook()
        let collection: Collection = collect(story.statements.slice(0, 22))
        let org: Organization | null = null
        let now = Math.floor(story.now / 1000) * 1000
        for (const [at, statement] of coming.entries()) {
          collection = collection.with(statement)
          now += (clock[at % clock.length] as number) * 1000
          const pin = story.organization
          org = org === null ? orgFrom(collection, pin) : orgGrown(org, collection, pin)
          expect(org).toEqual(orgFrom(collection, pin))
          if (org === null) continue
          const anew = casesFrom(org, now, heard)
          const [one] = anew.slice(-1)
          expect(book.newest(org, 2, now, heard)).toEqual(anew.slice(0, 2))
          expect(one && book.case(org, one.id, now, heard)).toEqual(one)
          expect(book.cases(org, now, heard)).toEqual(anew)
        }
      },
    ),
    times(3),
  )
})

it('judges as if anew whenever it is asked, though nothing comes (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.oneof(jumps, fc.integer({ min: 60, max: 1200 })), { minLength: 10, maxLength: 40 }),
      async (seed, clock) => {
        const { story } = await chaoticWorld(seed)
        const org = orgFrom(story.statements, story.organization) as Organization
        const book = new CaseBook()
        let now = Math.floor(story.now / 1000) * 1000 - 3_600_000
        for (const seconds of clock) {
          now += seconds * 1000
          expect(book.cases(org, now, story.heard)).toEqual(casesFrom(org, now, story.heard))
        }
      },
    ),
    times(10),
  )
})

it('judges a case again when a time has come that it goes by, and not before', async () => {
  const { story, plan } = await setup('alice', 'bob', 'carol', 'dave', 'erin')
  const { id, payload } = await story.ask('alice', plan)
  const org = story.org()
  const book = new CaseBook()
  const at = (time: number) => book.case(org, id, time, story.heard)
  const asked = at(payload.time) as Case
  const { expires } = asked
  expect(asked.state).toBe('asked')
  expect(at(payload.time + 5000)).toBe(asked)
  expect(at(expires - 1000)).toBe(asked)
  expect(at(expires)?.state).toBe('expired')
  expect(at(expires - 1000)?.state).toBe('asked')
})

it('counts as current whatever case is judged otherwise later though nothing comes (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: -86_400, max: 400_000 }),
      fc.integer({ min: 1, max: 400_000 }),
      async (seed, at, wait) => {
        const { story } = await chaoticWorld(seed)
        const org = orgFrom(story.statements, story.organization) as Organization
        const now = story.now + at * 1000
        const current = new CaseBook().current(org, now, story.heard).map(({ id }) => id)
        const isOver = ({ id }: { id: string }) => !current.includes(id)
        const later = casesFrom(org, now + wait * 1000, story.heard).filter(isOver)
        expect(casesFrom(org, now, story.heard).filter(isOver)).toEqual(later)
      },
    ),
    times(30),
  )
})

it('judges nothing again while nothing comes, once time changes nothing any more', async () => {
  const { story } = await chaoticWorld(1)
  const org = orgFrom(story.statements, story.organization) as Organization
  const book = new CaseBook()
  const later = story.now + 30 * 24 * 60 * 60_000
  const first = book.cases(org, later, story.heard)
  expect(first.length).toBeGreaterThan(0)
  const second = book.cases(org, later + 10_000, story.heard)
  for (const one of first) expect(second).toContain(one)
})

it('counts as current a case whose key is still to be deleted, however long ago all else was over', async () => {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan: { access: carefulAccess } })
  const { story } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  await story.handOver('bob', grant)
  await story.end('alice', grant, { confirmation: 'aws-refused' })
  const next = await story.deposit('carol', told.plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
  await story.rotating('carol', grant)
  story.pass(14 * 24 * 60)
  const current = () => new CaseBook().current(story.org(), story.now, story.heard).map(({ id }) => id)
  expect(current()).toEqual([request.id])
  await story.rotated('carol', grant, next)
  story.pass(14 * 24 * 60)
  expect(current()).toEqual([])
})

it('counts as current no rotation whose key is deleted, though nobody was handed its session', async () => {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan: { access: carefulAccess } })
  const { story } = told
  const { grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
  const next = await story.deposit('carol', told.plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
  await story.rotating('carol', grant)
  await story.rotated('carol', grant, next)
  story.pass(14 * 24 * 60)
  expect(new CaseBook().current(story.org(), story.now, story.heard)).toEqual([])
})

it('judges one after the other just as at once, and goes on from there', async () => {
  const { story } = await chaoticWorld(2)
  const book = new CaseBook()
  const before = collect(story.statements.slice(0, -5))
  const org = orgFrom(before, story.organization) as Organization
  const steps = [...book.judging(org, story.now, story.heard)].length
  expect(steps).toBe(before.of('request').length)
  expect(book.cases(org, story.now, story.heard)).toEqual(casesFrom(org, story.now, story.heard))
  let collection: Collection = before
  for (const statement of story.statements.slice(-5)) collection = collection.with(statement)
  const grown = orgGrown(org, collection, story.organization) as Organization
  const later = story.now + 60_000
  expect(book.cases(grown, later, story.heard)).toEqual(casesFrom(grown, later, story.heard))
})

it('looks again for what a grant’s basis lacks, though it comes in another case’s name', async () => {
  const told = await setup('alice', 'bob', 'carol', 'dave')
  const { story } = told
  const other = await story.ask('alice', told.plan)
  story.pass(120)
  const { grant: _, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const stray = await story.decide('dave', other)
  await story.grant(
    'bob',
    { ...basis, decisions: [...basis.decisions, stray] },
    { accessKeyId: 'ASIAEXAMPLEEXAMPLE01' },
  )
  const { anew, book } = judgedTwice(told, [stray.id])
  expect(book).toEqual(anew)
})

it('looks again at a proof of custody when the drill it was made in comes', async () => {
  const told = await setup('alice', 'bob', 'carol', 'dave')
  const { story, deposit } = told
  const drill = await story.ask('alice', told.plan, { purpose: 'drill' })
  await story.proveCustody('bob', deposit, { nonce: drill.id })
  const { anew, book } = judgedTwice(told, [drill.id])
  expect(book).toEqual(anew)
  expect(book.org?.generations[0]?.seats[0]?.provenAt).toHaveLength(2)
})

/** What comes of judging without these statements first, and again as they come; and what of judging anew. */
function judgedTwice({ story: { statements, organization, now, heard } }: Setup, late: readonly string[]) {
  const cases = new CaseBook()
  let collection = collect(statements.filter(({ id }) => !late.includes(id)))
  let org = orgFrom(collection, organization)
  if (org !== null) cases.cases(org, now, heard)
  for (const statement of statements.filter(({ id }) => late.includes(id))) collection = collection.with(statement)
  org = org && orgGrown(org, collection, organization)
  const fresh = orgFrom(collection, organization)
  return {
    book: { org, cases: org && cases.cases(org, now, heard) },
    anew: { org: fresh, cases: fresh && casesFrom(fresh, now, heard) },
  }
}

function shuffled<T>(items: readonly T[], draws: readonly number[]): T[] {
  const copy = [...items]
  draws.forEach((draw, at) => {
    const [one, two] = [at % copy.length, draw % copy.length]
    ;[copy[one], copy[two]] = [copy[two] as T, copy[one] as T]
  })
  return copy
}
