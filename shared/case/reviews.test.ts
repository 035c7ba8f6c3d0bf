import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url } from '../bytes.ts'
import type { Member } from '../statements/member.ts'
import { CLASSIFICATIONS } from '../statements/review.ts'
import { ended, judged, NAMES, replaced } from '../testing/ended.ts'
import { digestOf, person } from '../testing/keys.ts'
import { grantedCase, setup, standings } from '../testing/setup.ts'
import { conclusions } from '../testing/summary.ts'
import { reviewersOf, whyNoReview } from './duties.ts'
import { toName } from './reviews.ts'
import { type Grant, isClosed, type Review } from './types.ts'

const HOUR = 60 * 60_000

describe('a review', () => {
  it('is owed after a grant, since the grant, and met by anybody who had no part in the case', async () => {
    for (const reviewer of ['dave', 'erin']) {
      const told = await ended()
      const { story, request, grant } = told
      const since = grant.payload.time
      expect(story.case(request).obligations).toEqual([
        { code: 'rotate', since, due: since + 24 * HOUR },
        { code: 'review', since, due: since + 72 * HOUR },
      ])
      await story.review(reviewer, request)
      expect(judged(told)).toEqual({
        owed: ['rotate'],
        refused: [],
        by: [person(reviewer).member],
        findings: [],
        classification: 'real',
      })
    }
  })

  it('closes a case only when the key is replaced too', async () => {
    const told = await ended()
    await told.story.review('erin', told.request)
    expect(isClosed(told.story.case(told.request))).toBe(false)
    await replaced(told)
    expect(isClosed(told.story.case(told.request))).toBe(true)
  })

  it('closes no case whose session may still live', async () => {
    const told = await setup(...NAMES)
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await replaced(told)
    await told.story.review('erin', request)
    expect(told.story.case(request)).toMatchObject({ state: 'granted', obligations: [] })
    expect(isClosed(told.story.case(request))).toBe(false)
  })

  it.each(['alice', 'bob', 'carol'])('by %s, who took part, counts for nothing', async (name) => {
    const told = await ended()
    await told.story.review(name, told.request)
    expect(judged(told)).toMatchObject({ owed: ['rotate', 'review'], refused: ['reviewer-involved'], by: [] })
  })

  it('by somebody who approved too late to be in the basis counts for nothing, before or after they said so', async () => {
    const told = await ended()
    await told.story.review('dave', told.request)
    await told.story.decide('dave', told.request)
    expect(judged(told)).toMatchObject({ owed: ['rotate', 'review'], refused: ['reviewer-involved'] })
  })

  it('by somebody who denied counts: a denial gave nobody access', async () => {
    const told = await ended()
    await told.story.decide('dave', told.request, 'deny')
    await told.story.review('dave', told.request)
    expect(judged(told)).toMatchObject({ owed: ['rotate'], refused: [] })
  })

  it('by somebody who released a share without an approval, or began to issue in vain, counts for nothing', async () => {
    const told = await ended()
    await told.story.release('dave', told.ready)
    await told.story.review('dave', told.request)
    expect(judged(told).refused).toContain('reviewer-involved')
    const other = await ended()
    await other.story.issuing('erin', other.ready)
    await other.story.review('erin', other.request)
    expect(judged(other).refused).toContain('reviewer-involved')
  })

  it('by somebody who said that they issued, whatever else of that is nowhere, counts for nothing', async () => {
    const told = await ended()
    const { roster } = told.grant.payload.basis
    const issuing = { ...told.issuing, id: digestOf('nowhere') }
    await told.story.grant(
      'erin',
      { ...told, issuing },
      { basis: { ...told.grant.payload.basis, roster, issuing: issuing.id } },
    )
    await told.story.review('erin', told.request)
    expect(judged(told)).toMatchObject({ by: [], refused: ['reviewer-involved'] })
    // What that names may yet come: who saw it is not refused for it.
    await told.story.review('dave', told.request)
    expect(judged(told)).toMatchObject({ owed: ['rotate'], by: [person('dave').member] })
  })

  it('by somebody in whose name a stranger approved counts all the same', async () => {
    const told = await ended()
    const { dave: _, ...rest } = told.people
    const draft = await told.story.draftRoster('alice', {
      ...rest,
      'dave/foreign': { roles: ['approver'], groups: [] },
    })
    await told.story.decide('dave/foreign', told.request, 'approve', { roster: draft })
    await told.story.review('dave', told.request)
    expect(judged(told)).toMatchObject({ owed: ['rotate'], by: [person('dave').member] })
  })

  it('says which grants it is of: one that names none, or that lacks one that came to light later, meets nothing', async () => {
    const told = await ended()
    await told.story.review('erin', told.request, { grants: [] })
    expect(judged(told)).toMatchObject({ owed: ['rotate', 'review'], refused: [], by: [person('erin').member] })
    await told.story.review('erin', told.request)
    expect(judged(told).owed).toEqual(['rotate'])
    const ready = await told.story.ready('carol', told.request, told.deposit)
    const releases = [await told.story.release('bob', ready), await told.story.release('carol', ready)]
    const issuing = await told.story.issuing('carol', ready)
    await told.story.grant('carol', { ...told, ready, issuing, releases })
    expect(judged(told).owed).toEqual(['rotate', 'review'])
    expect(judged(told).findings).toContain('surplus-grant')
    await told.story.review('dave', told.request)
    expect(judged(told).owed).toEqual(['rotate'])
  })

  it('that names a grant which does not stand is refused', async () => {
    const told = await ended()
    await told.story.review('erin', told.request, { grants: [told.ready.id] })
    expect(judged(told)).toMatchObject({ owed: ['rotate', 'review'], refused: ['grant-unknown'] })
  })

  it('is all that is owed when a share was given away in the name of a key that never was, once the real one is replaced', async () => {
    const told = await ended()
    await replaced(told)
    await told.story.release('dave', told.ready, { deposit: digestOf('no deposit') })
    expect(judged(told)).toMatchObject({ owed: ['review'], findings: ['released-without-grant'] })
  })

  it('of a case without a grant is shown, and meets what was never owed', async () => {
    const told = await setup(...NAMES)
    const request = await told.story.ask('alice', told.plan)
    await told.story.decide('bob', request, 'deny')
    await told.story.review('erin', request, { classification: 'misuse' })
    expect(told.story.case(request)).toMatchObject({
      obligations: [],
      classification: 'misuse',
      findings: [{ code: 'misuse' }],
    })
  })
})

describe('what a review names', () => {
  const ids = Array.from({ length: 230 }, (_, at) => digestOf(`grant ${at}`))
  const grants = ids.map((id) => ({ id })) as unknown as readonly Grant[]
  const reviewed = (named: readonly string[]) => ({ statement: { payload: { grants: named } } }) as unknown as Review

  it('is a hundred grants at most, those that nobody reviewed first: three reviews are enough for 230', () => {
    const reviews: Review[] = []
    for (const expected of [100, 100, 100]) {
      const [grant = null, ...surplus] = grants
      const { grants: named, saw } = toName({ grant, surplus, reviews, findings: [] })
      expect(saw).toBeUndefined()
      expect(named).toEqual([...new Set(named)].sort())
      expect(named.length).toBe(expected)
      reviews.push(reviewed(named))
    }
    expect(new Set(reviews.flatMap(({ statement }) => statement.payload.grants))).toEqual(new Set(ids))
  })
})

describe('several reviews', () => {
  it('all count, the gravest word is shown, and that they differ is a finding', async () => {
    const told = await ended()
    await told.story.review('erin', told.request, { classification: 'drill' })
    await told.story.review('dave', told.request, { classification: 'real' })
    expect(judged(told)).toMatchObject({ classification: 'real', findings: ['reviews-differ'] })
    await told.story.review('erin', told.request, { classification: 'misuse' })
    expect(judged(told)).toMatchObject({
      classification: 'misuse',
      findings: ['misuse', 'reviews-differ', 'reviews-differ'],
    })
  })

  it('one of which saw something suspicious leave a finding, whatever the others say', async () => {
    const told = await ended()
    await told.story.review('erin', told.request, { suspicious: { answer: 'yes', text: 'A user was made.' } })
    await told.story.review('dave', told.request)
    expect(judged(told).findings).toEqual(['suspicious-activity'])
  })
})

describe('whoever reviews', () => {
  /** The roster without, or with, some of them. */
  const without = (...names: readonly string[]) =>
    Object.fromEntries(Object.entries(standings(NAMES)).filter(([name]) => !names.includes(name)))

  it('has to stand in the roster of the grant or a later one', async () => {
    const told = await setup(...NAMES)
    const { story } = told
    const frank = { roles: ['auditor' as const], groups: [] }
    const old = await story.changeRoster('alice', { ...without(), frank }, ['alice', 'bob'])
    await story.changeRoster('alice', without(), ['alice', 'bob'])
    const granted = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.review('frank', granted.request, {}, { roster: old })
    expect(judged({ ...told, ...granted })).toMatchObject({ owed: ['rotate', 'review'], refused: ['not-active'] })
  })

  it('may have joined since', async () => {
    const told = await ended()
    await told.story.changeRoster('alice', { ...without(), frank: { roles: ['auditor'], groups: [] } }, [
      'alice',
      'bob',
    ])
    await told.story.review('frank', told.request)
    expect(judged(told).owed).toEqual(['rotate'])
  })

  it('may have left since: that is said, until somebody who is there has reviewed it too', async () => {
    const told = await ended()
    await told.story.review('erin', told.request)
    await told.story.changeRoster('alice', without('erin'), ['alice', 'bob'])
    expect(judged(told)).toMatchObject({ owed: ['rotate'], findings: ['reviewer-left'] })
    await told.story.review('dave', told.request)
    expect(judged(told)).toMatchObject({ owed: ['rotate'], findings: [] })
  })

  it('is the same person with another device, and under another name with a known key', async () => {
    const told = await ended()
    const carol = { roles: ['approver' as const], groups: [] }
    await told.story.changeRoster('alice', { ...without('carol'), 'carol/new phone': carol }, ['alice', 'bob'])
    await told.story.review('carol/new phone', told.request)
    const [own, old] = [person('mallory'), person('carol')].map(({ entry }) => entry.authenticators)
    const mallory = { ...carol, authenticators: [own?.[0], old?.[1]] }
    await told.story.changeRoster('alice', { ...without('carol'), mallory }, ['alice', 'bob'])
    await told.story.review('mallory', told.request)
    expect(judged(told)).toMatchObject({ by: [], refused: ['reviewer-involved', 'reviewer-involved'] })
    const one = told.story.case(told.request)
    const { member, device } = person('mallory')
    expect(whyNoReview(told.story.org(), one, { member, device })).toBe('took-part')
    expect(reviewersOf(told.story.org(), one)).toEqual([person('dave').member, person('erin').member])
  })

  it('is the same person under one more name after another, by whichever key each has from the one before', async () => {
    const told = await ended()
    const approver = { roles: ['approver' as const], groups: [] }
    const [own, last, old] = ['mallory', 'trudy', 'carol'].map((name) => person(name).entry)
    const before = told.story.case(told.request)
    expect(reviewersOf(told.story.org(), before)).toEqual([person('dave').member, person('erin').member])
    const shares = (name: string, changes: Partial<Member>) =>
      told.story.changeRoster('alice', { ...without('carol'), [name]: { ...approver, ...changes } }, ['alice', 'bob'])
    await shares('mallory', { ...(old && { device: old.device }), authenticators: own?.authenticators ?? [] })
    await shares('trudy', { authenticators: [last, own].flatMap((one) => one?.authenticators[0] ?? []) })
    // Also of what was looked at before they came.
    for (const one of [before, told.story.case(told.request)])
      expect(reviewersOf(told.story.org(), one)).toEqual([person('dave').member, person('erin').member])
    await told.story.review('trudy', told.request)
    expect(judged(told)).toMatchObject({ by: [], refused: ['reviewer-involved'] })
  })

  it('finds the review open once access is over, and not before', async () => {
    const told = await setup(...NAMES)
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const why = (name: string) => {
      const { member, device } = person(name)
      return whyNoReview(told.story.org(), told.story.case(request), { member, device })
    }
    expect(why('erin')).toBe('not-over')
    await told.story.end('alice', grant)
    expect([why('erin'), why('dave'), why('alice'), why('bob'), why('mallory')]).toEqual([
      null,
      null,
      'took-part',
      'took-part',
      'not-active',
    ])
    // Another device under her name is not hers.
    const { member } = person('erin')
    expect(whyNoReview(told.story.org(), told.story.case(request), { member, device: person('dave').device })).toBe(
      'not-active',
    )
  })
})

/** Some place for a statement, another one with each seed. */
const rank = ({ id }: { readonly id: string }, seed: number) => fromBase64Url(digestOf(`${seed} ${id}`))[0] ?? 0

describe('reviews by anybody, in any order', () => {
  it('give the same case, and meet what is owed exactly if one of them is by somebody without a part in it', async () => {
    const act = fc.record({
      kind: fc.constantFrom('review', 'approve', 'deny', 'release', 'issuing'),
      by: fc.constantFrom(...NAMES),
      classification: fc.constantFrom(...CLASSIFICATIONS),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 8 }), fc.nat(), async (acts, seed) => {
        const told = await ended()
        const { story, request, ready } = told
        const took = new Set<string>(['alice', 'bob', 'carol'])
        const reviewers: string[] = []
        for (const { kind, by, classification } of acts) {
          if (kind === 'review') {
            await story.review(by, request, { classification })
            reviewers.push(by)
          } else if (kind === 'deny') await story.decide(by, request, 'deny')
          else {
            took.add(by)
            if (kind === 'approve') await story.decide(by, request)
            else if (kind === 'release') await story.release(by, ready)
            else await story.issuing(by, ready)
          }
        }
        const valid = reviewers.filter((name) => !took.has(name))
        const { owed, by, refused } = judged(told)
        expect(owed.includes('review')).toBe(valid.length === 0)
        expect(by.length).toBe(valid.length)
        expect(refused.filter((code) => code === 'reviewer-involved')).toHaveLength(reviewers.length - valid.length)
        const shuffled = story.statements.toSorted((a, b) => rank(a, seed) - rank(b, seed))
        const say = (statements: typeof story.statements) => conclusions(statements, story.organization, story.now)
        expect(say([...shuffled, ...shuffled.slice(0, 3)])).toBe(say(story.statements))
      }),
      { numRuns: 25 },
    )
  })
})
