import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Organization, orgFrom } from '../org/org-from.ts'
import { collect } from '../statements/collection.ts'
import { standsIn, type VerifiedStatement } from '../statements/door.ts'
import { prepare } from '../statements/envelope.ts'
import { chaoticWorld } from '../testing/chaos.ts'
import { person } from '../testing/keys.ts'
import { times } from '../testing/runs.ts'
import { grantedCase, setup } from '../testing/setup.ts'
import { unsignedEnvelope } from '../testing/signing.ts'
import type { Story } from '../testing/story.ts'
import { conclusions } from '../testing/summary.ts'
import { membersOf } from '../testing/world.ts'
import { casesFrom } from './case-from.ts'
import { type Case, CLOCK_TOLERANCE_MS, REQUEST_VALID_MS } from './types.ts'

const WORLDS = 12

const seeds = fc.integer({ min: 1, max: WORLDS * times(1).numRuns })
/** How far from a world's last minute an app looks, in minutes. */
const looks = fc.integer({ min: -90, max: 90 })

/** The same items in an order, and with repetitions, that the numbers say. */
function shuffled<T>(items: readonly T[], draws: readonly number[]): T[] {
  const copy = [...items]
  draws.forEach((draw, at) => {
    const [one, two] = [at % copy.length, draw % copy.length]
    ;[copy[one], copy[two]] = [copy[two] as T, copy[one] as T]
    if (draw % 3 === 0) copy.splice(draw % copy.length, 0, copy[(draw >> 3) % copy.length] as T)
  })
  return copy
}
const orders = fc.array(fc.nat(), { minLength: 60, maxLength: 160 })

describe('invariant 1: one pin, one now', () => {
  it('any order, duplication, partition, re-delivery gives the same organization, case, obligations; nothing throws', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, orders, looks, fc.nat(), async (seed, draws, look, cut) => {
        const { story } = await chaoticWorld(seed)
        const { statements, heard } = story
        const now = story.now + look * 60_000
        const expected = conclusions(statements, story.organization, now, heard)
        const mixed = shuffled(statements, draws)
        expect(conclusions(mixed, story.organization, now, heard)).toBe(expected)
        // Two sides that each had a part, with an overlap, and then what either lacked.
        const at = cut % mixed.length
        const [one, two] = [collect(mixed.slice(0, at + 9)), collect(mixed.slice(at))]
        expect(conclusions(collect([...two.all, ...one.all, ...two.all]).all, story.organization, now, heard)).toBe(
          expected,
        )
      }),
      times(30),
    )
  })

  it('holds for whatever part of the statements is there, seen from any pin', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, orders, looks, fc.nat(), async (seed, draws, look, choice) => {
        const { story } = await chaoticWorld(seed)
        // The founding is there, or there is nothing to compare.
        const part = story.statements.filter((_, at) => at < 22 || (draws[at % draws.length] as number) % 5 > 0)
        const rosters = part.filter(({ kind }) => kind === 'roster').map(({ id }) => id)
        const pin = rosters[choice % rosters.length] ?? story.organization
        const now = story.now + look * 60_000
        const expected = conclusions(part, pin, now, story.heard)
        expect(conclusions(shuffled(part, draws), pin, now, story.heard)).toBe(expected)
      }),
      times(30),
    )
  })

  it('a statement touched with two keys counts by the same one, whichever copy came first', async () => {
    const { story, plan, people } = await setup('alice', 'bob', 'carol', 'dave', 'erin')
    const request = await story.ask('alice', plan)
    const first = await story.decide('bob', request)
    const copy = await story.verified(
      'decision',
      unsignedEnvelope(prepare('decision', first.payload), person('bob'), 1),
    )
    expect(copy.id).toBe(first.id)
    const spare = person('bob/spare').entry.authenticators.slice(0, 1)
    const members = membersOf(people).map((one) =>
      one.name === 'bob' ? { ...one, authenticators: [...one.authenticators.slice(1), ...spare] } : one,
    )
    await story.changeRoster('alice', people, ['alice', 'carol'], { members })
    const seen = (statements: VerifiedStatement[]) => conclusions(statements, story.organization, story.now)
    expect(seen([copy, ...story.statements])).toBe(seen([...story.statements, copy]))
  })
})

describe('invariant 4', () => {
  it('at most one decision a member; denial wins; the requester’s own never counts; no other member, device or key stands in', async () => {
    await everyCase(60, ({ org, one }) => {
      if (one.grant !== null || one.quorum === null) return
      const said = (member: string, verdict: string) =>
        one.timeline.some(
          (statement) =>
            statement.kind === 'decision' &&
            statement.payload.member === member &&
            statement.payload.verdict === verdict &&
            standsIn(org.head.roster, statement),
        )
      const { approved, denied } = one.quorum
      expect(new Set([...approved, ...denied]).size).toBe(approved.length + denied.length)
      for (const member of approved) {
        expect(one.plan?.custodians).toContain(member)
        expect(member).not.toBe(one.request.payload.member)
        expect([said(member, 'approve'), said(member, 'deny')]).toEqual([true, false])
      }
      for (const member of denied) expect(said(member, 'deny')).toBe(true)
    })
  })
})

describe('invariant 5', () => {
  it('moving one author’s claimed times never turns "no quorum" into "quorum" except by not being expired, and never past each app’s own clock', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, looks, fc.nat(), fc.integer({ min: -600, max: 600 }), async (seed, look, who, by) => {
        const { story } = await chaoticWorld(seed)
        const now = story.now + look * 60_000
        const authors = [...new Set(story.statements.map(({ payload }) => payload.device))]
        const moved = story.statements.map((one) =>
          one.payload.device === authors[who % authors.length] ? at(one, one.payload.time + by * 60_000) : one,
        )
        const [before, after] = [story.statements, moved].map((all) => casesOf(all, story, now))
        for (const one of after ?? []) {
          const same = before?.find(({ id }) => id === one.id)
          expect(one.quorum?.met).toBe(same?.quorum?.met)
          if (one.state !== 'approved') continue
          expect(same?.state).toBeOneOf(['approved', 'expired', 'issuing', 'impossible'])
          expect(now).toBeLessThan(one.request.payload.time + REQUEST_VALID_MS)
          expect(one.request.payload.time).toBeLessThanOrEqual(now + CLOCK_TOLERANCE_MS)
        }
      }),
      times(60),
    )
  })
})

describe('invariant 6', () => {
  it('a granted case keeps its verdict under any later statement; only obligations and findings are added', async () => {
    let granted = 0
    await growing((before, after) => {
      for (const one of before.cases) {
        if (one.grant === null) continue
        granted++
        const later = after.cases.find(({ id }) => id === one.id) as Case
        expect([later.problem, later.quorum?.met, later.quorum?.blocked]).toEqual([null, true, false])
        expect(later.state).toBeOneOf(['granted', 'ending', 'ended'])
        const basis = Object.values(later.grant?.statement.payload.basis ?? {}).flat()
        expect(later.refused.filter(({ id }) => basis.includes(id))).toEqual([])
        // Another grant may come to count, only if it is of a lower attempt or id; then this one is surplus.
        const same = later.grant?.id === one.grant.id
        expect([later.grant, ...later.surplus].map((each) => each?.id)).toContain(one.grant.id)
        // What was owed is owed, but for the deletion of a key once its device says so.
        const owed = ({ obligations }: Case) => obligations.filter(({ code }) => code !== 'retire')
        expect(same ? owed(later) : owed(one)).toEqual(owed(one))
        expect(same ? later.quorum?.approved : one.quorum?.approved).toEqual(
          expect.arrayContaining([...(one.quorum?.approved ?? [])]),
        )
      }
    })
    expect(granted).toBeGreaterThan(20)
  })

  it('the pin only moves to descendants, and not at all across a split', async () => {
    await growing((before, after) => {
      const [was, is] = [before.org.history, after.org.history].map((history) => history.map(({ id }) => id))
      expect(is?.slice(0, was?.length)).toEqual(was)
      const parents = after.org.splits.map(({ parent }) => parent)
      const frozen = was?.some((id) => parents.includes(id)) ?? false
      expect(frozen ? is : was).toEqual(was)
    })
  })
})

describe('invariant 7', () => {
  it('of several grants exactly one is not surplus, the same one everywhere', async () => {
    const told = await setup('alice', 'bob', 'carol', 'dave', 'erin')
    const { story, deposit } = told
    const first = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const grants = [first.grant]
    for (const issuer of ['carol', 'bob', 'carol']) {
      const last = story.case(first.request).attempts[0]
      const after = { ready: last?.ready.id ?? '', failed: null }
      story.pass(11)
      const ready = await story.ready(issuer, first.request, deposit, { attempt: 1 + (last?.number ?? 0), after })
      const releases = [await story.release('bob', ready), await story.release('carol', ready)]
      const issuing = await story.issuing(issuer, ready)
      for (const expires of [1, 2])
        grants.push(await story.grant(issuer, { ...first, ready, issuing, releases }, { expires: story.now + expires }))
    }
    fc.assert(
      fc.property(orders, fc.subarray(grants, { minLength: 1 }), (draws, missing) => {
        const here = story.statements.filter((one) => !missing.includes(one as never))
        const one = casesOf(shuffled(here, draws), story, story.now)[0]
        const left = grants.filter((grant) => !missing.includes(grant))
        const [lowest] = left.sort((a, b) => a.payload.attempt - b.payload.attempt || (a.id < b.id ? -1 : 1))
        expect(one?.grant?.id).toBe(lowest?.id)
        expect(new Set(one?.surplus.map(({ id }) => id))).toEqual(new Set(left.slice(1).map(({ id }) => id)))
      }),
      times(30),
    )
  })
})

interface Seen {
  readonly org: Organization
  readonly cases: readonly Case[]
}

/** Every case of every world, at some minute, as an app sees it that pinned genesis. */
async function everyCase(runs: number, check: (seen: { org: Organization; one: Case }) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(seeds, looks, async (seed, look) => {
      const { story } = await chaoticWorld(seed)
      const org = story.org()
      for (const one of casesFrom(org, story.now + look * 60_000, story.heard)) check({ org, one })
    }),
    times(runs),
  )
}

/** An app that hears a world in some order, acting on what it sees: each step against the one before. */
async function growing(check: (before: Seen, after: Seen) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(seeds, fc.array(fc.nat(), { minLength: 5, maxLength: 5 }), async (seed, draws) => {
      const { story } = await chaoticWorld(seed)
      // The founding first; then in four helpings, each of which may lack some that come with the last.
      const late = story.statements.filter((_, at) => at > 22 && (draws[at % draws.length] as number) % 4 === 0)
      const timely = story.statements.filter((one) => !late.includes(one))
      const parts = [0.4, 0.6, 0.8, 1].map((part) => timely.slice(0, Math.ceil(timely.length * part)))
      let pin = story.organization
      let before: Seen | null = null
      for (const part of [...parts, story.statements]) {
        const org = orgFrom(part, pin)
        if (org === null) continue
        pin = org.head.id
        const after = { org, cases: casesFrom(org, story.now, story.heard) }
        if (before !== null) check(before, after)
        before = after
      }
    }),
    times(30),
  )
}

function casesOf(statements: readonly VerifiedStatement[], story: Story, now: number): Case[] {
  const org = orgFrom(statements, story.organization)
  return org === null ? [] : casesFrom(org, now, story.heard)
}

/** The same statement, id and all, had its author claimed another time. */
function at<S extends VerifiedStatement>(statement: S, time: number): S {
  return { ...statement, payload: { ...statement.payload, time } }
}
