import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Organization, orgFrom } from '../org/org-from.ts'
import { collect, requestOf } from '../statements/collection.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { chaoticWorld } from '../testing/chaos.ts'
import { times } from '../testing/runs.ts'
import { grantedCase, type Setup, setup } from '../testing/setup.ts'
import type { Story } from '../testing/story.ts'
import { casesFrom } from './case-from.ts'
import { earlyCases, earlyPart } from './early.ts'
import type { Case } from './types.ts'

type Told = Pick<Story, 'organization' | 'heard'>

/** What is shown early of `before` and `after`, where the part was made when there was only `before`; and what is true. */
function shownEarly(
  story: Told,
  before: readonly VerifiedStatement[],
  after: readonly VerifiedStatement[],
  { newest, now, made = now }: { newest: number; now: number; made?: number },
): {
  early: Case[] | null
  org: Organization | null
  full: Case[]
  whole: Organization
  part: readonly VerifiedStatement[]
} {
  const org = orgFrom(before, story.organization) as Organization
  const cases = casesFrom(org, made, story.heard)
  const here = new Set(before.map(({ id }) => id))
  const awaited = before.map(requestOf).filter((id) => id !== null && !here.has(id)) as string[]
  const { statements, ...rest } = earlyPart(org, cases.slice(0, newest), [], awaited, cases.length <= newest)
  const part = before.filter(({ id }) => statements.has(id))
  const seen = orgFrom(collect([...part, ...after]), story.organization)
  const whole = orgFrom([...before, ...after], story.organization) as Organization
  return {
    early: seen && earlyCases(seen, rest, after, now, story.heard),
    org: seen,
    full: casesFrom(whole, now, story.heard),
    whole,
    part,
  }
}

const withoutCollection = (org: Organization) => ({ ...org, collection: null })

it('shows early no case that all of the log does not show just so, wherever it was cut (property)', async () => {
  let [shown, fresh, hidden] = [0, 0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 60 }),
      fc.nat(),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: -90, max: 400 }),
      async (seed, draws, cut, newest, minutes) => {
        const { story } = await chaoticWorld(seed)
        // The founding comes first; all else in any order.
        const all = [...story.statements.slice(0, 22), ...shuffled(story.statements.slice(22), draws)]
        const at = 22 + (cut % (all.length - 22))
        const now = story.now + minutes * 60_000
        const [before, after] = [all.slice(0, at), all.slice(at)]
        const { early, org, full, whole } = shownEarly(story, before, after, { newest, now, made: story.now })
        if (early === null || org === null) return
        expect(withoutCollection(org)).toEqual(withoutCollection(whole))
        for (const one of early) expect(one).toEqual(full.find(({ id }) => id === one.id))
        shown += early.length
        hidden += full.length - early.length
        fresh += early.filter(({ id }) => after.some((one) => one.id === id)).length
      },
    ),
    times(30),
  )
  // Else it would hold of nothing.
  expect([shown, fresh, hidden].map((count) => count > 10)).toEqual([true, true, true])
})

it('shows the newest cases, as many as were asked for, without reading the others', async () => {
  const told = await setup('alice', 'bob', 'carol', 'dave')
  const { story } = told
  for (let at = 0; at < 4; at++) {
    await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    story.pass(180)
  }
  const { early, full, part } = shownEarly(story, story.statements, [], { newest: 2, now: story.now })
  expect(full).toHaveLength(4)
  expect(early).toEqual(full.slice(0, 2))
  const others = full.slice(2).flatMap(({ timeline }) => timeline.map(({ id }) => id))
  expect(part.filter(({ id }) => others.includes(id))).toEqual([])
})

it('shows that another request competes, though its own case is not shown, and that it was withdrawn', async () => {
  const { story, plan } = await setup('alice', 'bob', 'carol', 'dave')
  const other = await story.ask('alice', plan)
  story.pass(30)
  await story.ask('alice', plan)
  const once = shownEarly(story, story.statements, [], { newest: 1, now: story.now })
  expect(once.early?.[0]?.findings.map(({ code }) => code)).toContain('second-open-request')
  await story.withdraw('alice', other)
  const { early, full } = shownEarly(story, story.statements, [], { newest: 1, now: story.now })
  expect(early).toEqual(full.slice(0, 1))
  expect(early?.[0]?.findings).toEqual([])
})

it('shows a request that came since, with what was said about it before it came', async () => {
  const { early, full } = await lateRequest(true)
  expect(early?.[0]?.quorum?.approved).toHaveLength(1)
  expect(early).toEqual(full)
})

it('leaves out a request that came since and claims so early a time that others may compete with it', async () => {
  const { story, statements } = await manyAsked()
  const late = statements.at(1) as VerifiedStatement
  const before = statements.filter((one) => one !== late)
  const { early, full } = shownEarly(story, before, [late], { newest: 2, now: story.now })
  expect(full.map(({ id }) => id)).toContain(late.id)
  expect(early?.map(({ id }) => id)).not.toContain(late.id)
})

it('shows nothing where a proof of custody came of a drill that was not read', async () => {
  const told = await setup('alice', 'bob', 'carol', 'dave')
  const { story, deposit } = told
  const drill = await story.ask('alice', told.plan, { purpose: 'drill' })
  story.pass(180)
  await story.ask('alice', told.plan)
  const before = [...story.statements]
  await story.proveCustody('bob', deposit, { nonce: drill.id })
  const after = story.statements.slice(before.length)
  expect(shownEarly(story, before, after, { newest: 1, now: story.now }).early).toBeNull()
  expect(shownEarly(story, before, after, { newest: 2, now: story.now }).early).toHaveLength(2)
})

it('leaves out a case whose grant stands on what was not read', async () => {
  const told = await setup('alice', 'bob', 'carol', 'dave')
  const { story } = told
  const other = await story.ask('alice', told.plan)
  const stray = await story.decide('dave', other)
  story.pass(180)
  const { grant: _, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const before = [...story.statements]
  await story.grant(
    'bob',
    { ...basis, decisions: [...basis.decisions, stray] },
    { accessKeyId: 'ASIAEXAMPLEEXAMPLE01' },
  )
  const after = story.statements.slice(before.length)
  expect(shownEarly(story, before, after, { newest: 1, now: story.now }).early).toEqual([])
  // What was known when the part was made is in it.
  const { early, full } = shownEarly(story, story.statements, [], { newest: 1, now: story.now })
  expect(early).toEqual(full.slice(0, 1))
})

/** Two cases of one plan three hours apart, of which the newer one's request comes last. */
async function lateRequest(isAwaited: boolean) {
  const { story, plan }: Setup = await setup('alice', 'bob', 'carol', 'dave')
  await story.ask('alice', plan)
  story.pass(180)
  const request = await story.ask('alice', plan)
  if (isAwaited) await story.decide('bob', request)
  const before = story.statements.filter((one) => one !== request)
  return shownEarly(story, before, [request], { newest: 5, now: story.now })
}

/** Four requests, half an hour apart. */
async function manyAsked() {
  const { story, plan } = await setup('alice', 'bob', 'carol', 'dave')
  const founded = story.statements.length
  for (let at = 0; at < 4; at++) {
    story.pass(30)
    await story.ask('alice', plan)
  }
  const asked = story.statements.slice(founded)
  return {
    story,
    statements: [asked[0], asked[1], ...story.statements.slice(0, founded), asked[2], asked[3]] as VerifiedStatement[],
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
