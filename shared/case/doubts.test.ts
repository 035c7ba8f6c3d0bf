import { describe, expect, it } from 'vitest'
import { ended, judged, NAMES, replaced } from '../testing/ended.ts'
import { digestOf } from '../testing/keys.ts'
import { setup } from '../testing/setup.ts'
import type { Standing } from '../testing/world.ts'
import { toName } from './reviews.ts'
import { isClosed, type Review } from './types.ts'

const HOUR = 60 * 60_000

describe('a review says what it saw of AWS’s record', () => {
  const differing = { differs: [{ code: 'key-unexplained', at: 1, event: 'an-event', of: null } as const] }

  /** Reviewed and replaced: nothing is owed, until something comes to light. */
  async function closed() {
    const told = await ended()
    await replaced(told)
    await told.story.review('dave', told.request)
    expect(isClosed(told.story.case(told.request))).toBe(true)
    told.story.pass(40 * 24 * 60)
    return told
  }

  it.each([
    ['lists what differs', differing],
    ['only counts it', { more: 1 }],
  ])('so one is owed anew, from then on, when somebody attaches a record that differs and %s', async (_, changes) => {
    const told = await closed()
    const { payload, id } = await told.story.evidence('erin', told.request, changes)
    expect(told.story.case(told.request).obligations).toEqual([
      { code: 'review', since: payload.time, due: payload.time + 72 * HOUR },
    ])
    expect(isClosed(told.story.case(told.request))).toBe(false)
    const again = await told.story.review('erin', told.request, {
      suspicious: { answer: 'yes', text: 'Look at it.' },
    })
    expect(again.payload.saw).toEqual([id])
    expect(isClosed(told.story.case(told.request))).toBe(true)
  })

  it('and one that does not name it, or names another, meets nothing', async () => {
    const told = await closed()
    const first = await told.story.evidence('erin', told.request, differing)
    await told.story.evidence('dave', told.request, { ...differing, events: 5 })
    const { saw: _, ...unseen } = (await told.story.review('erin', told.request, { saw: [first.id] })).payload
    expect(unseen.grants).toHaveLength(1)
    expect(judged(told).owed).toEqual(['review'])
    await told.story.review('dave', told.request, { saw: [told.grant.id] })
    expect(judged(told).owed).toEqual(['review'])
    await told.story.review('dave', told.request)
    expect(judged(told).owed).toEqual([])
  })

  it('and none is owed for a record that agrees, that a stranger attached, or for a recorded terminal', async () => {
    const told = await closed()
    await told.story.evidence('erin', told.request)
    const recorded = { issued: 'not-covered', calls: 0, refused: 0 } as const
    const parts = [digestOf('recording')]
    const grants = [{ grant: told.grant.id, ...recorded }]
    await told.story.evidence('alice', told.request, { source: 'terminal', spans: [], grants, parts })
    const mallory: Standing = { roles: ['auditor'], groups: [] }
    const roster = await told.story.draftRoster('alice', { ...told.people, 'mallory!': mallory })
    await told.story.evidence('mallory!', told.request, differing, { roster })
    expect(isClosed(told.story.case(told.request))).toBe(true)
  })

  it('and is owed since the grant as long as that was not reviewed, whatever was attached meanwhile', async () => {
    const told = await ended()
    await replaced(told)
    await told.story.evidence('erin', told.request, differing)
    const since = told.grant.payload.time
    expect(told.story.case(told.request).obligations).toEqual([{ code: 'review', since, due: since + 72 * HOUR }])
  })

  it('of a case of which nobody was granted anything: AWS may know of a session that nobody told of', async () => {
    const told = await setup(...NAMES)
    const request = await told.story.ask('alice', told.plan)
    await told.story.decide('bob', request, 'deny')
    const { payload } = await told.story.evidence('erin', request, differing)
    expect(told.story.case(request).obligations).toMatchObject([{ code: 'review', since: payload.time }])
    await told.story.review('erin', request)
    expect(told.story.case(request).obligations).toEqual([])
  })

  it('and who left since has said so for those who are there only until one of them reviewed it', async () => {
    const told = await closed()
    await told.story.evidence('bob', told.request, differing)
    await told.story.review('erin', told.request)
    const { erin: _, ...rest } = told.people
    await told.story.changeRoster('alice', rest, ['alice', 'bob', 'carol'])
    expect(judged(told)).toMatchObject({ owed: [], findings: ['evidence-differs', 'reviewer-left'] })
    await told.story.review('dave', told.request)
    expect(judged(told)).toMatchObject({ owed: [], findings: ['evidence-differs'] })
  })
})

it('names a hundred of what raises doubts at most, those that nobody named first, and of each its own', () => {
  const ids = Array.from({ length: 130 }, (_, at) => digestOf(`evidence ${at}`))
  const findings = ids.map((id) => ({ code: 'evidence-differs', id }) as const)
  const other = { code: 'late-denial', id: digestOf('late') } as const
  const one = { grant: null, surplus: [], findings: [...findings, other] }
  const first = toName({ ...one, reviews: [] })
  expect(first.saw).toEqual(ids.toSorted().slice(0, 100))
  const reviews = [{ statement: { payload: first } }] as unknown as readonly Review[]
  const second = toName({ ...one, reviews })
  expect(second.saw).toEqual(second.saw?.toSorted())
  expect(new Set([...(first.saw ?? []), ...(second.saw ?? [])])).toEqual(new Set(ids))
})

describe('an issuing of which nobody told how it went', () => {
  it.each([
    ['said nothing more', false],
    ['named in a grant what is nowhere', true],
  ])('leaves a review owed, where its device %s', async (_, isNaming) => {
    const told = await setup(...NAMES)
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan)
    const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
    const ready = await story.ready('bob', request, deposit)
    const releases = [await story.release('bob', ready), await story.release('carol', ready)]
    const issuing = await story.issuing('bob', ready)
    if (isNaming) {
      const basis = { request, plan, ready, issuing, decisions, releases }
      const named = [...decisions.map(({ id }) => id), digestOf('nothing')].sort()
      await story.grant('bob', basis, {
        basis: {
          roster: story.roster.id,
          plan: plan.id,
          deposit: deposit.id,
          request: request.id,
          decisions: named,
          ready: ready.id,
          releases: releases.map(({ id }) => id),
          issuing: issuing.id,
        },
      })
    }
    await replaced(told)
    expect(story.case(request).obligations).toEqual([])
    story.pass(120)
    expect(story.case(request).obligations.map(({ code }) => code)).toEqual(['review'])
    expect(isClosed(story.case(request))).toBe(false)
    await story.review('dave', request, { grants: [] })
    expect(story.case(request).obligations).toEqual([])
    expect(isClosed(story.case(request))).toBe(true)
    // Another comes to light.
    const other = await story.ready('carol', request, deposit)
    for (const name of ['bob', 'carol']) await story.release(name, other)
    await story.issuing('carol', other)
    story.pass(120)
    expect(story.case(request).obligations.map(({ code }) => code)).toEqual(['review'])
    await story.review('dave', request, { grants: [] })
    expect(story.case(request).obligations).toEqual([])
  })
})
