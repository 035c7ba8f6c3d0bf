import { beforeAll, describe, expect, it } from 'vitest'
import { person } from '../testing/keys.ts'
import { type Setup, setup, standings } from '../testing/setup.ts'
import type { Standing } from '../testing/world.ts'
import { caseView } from './cases.ts'
import { namesIn } from './people.ts'
import { MOST_OTHERS, MOST_STATEMENTS, shownDrafts, shownGenerations, shownPlans } from './shown.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const everything: Standing = { roles: ['admin', 'approver', 'commander'], groups: [] }

let told: Setup

beforeAll(async () => {
  told = await setup(...names)
})

/** A case as alice's window shows it. */
function shownCase(request: { readonly id: string }, most?: number) {
  const org = told.story.org()
  const { member, device } = person('alice')
  const one = told.story.case(request)
  return caseView(one, {
    org,
    names: namesIn(org),
    me: member,
    device,
    now: told.story.now,
    reach: () => null,
    heldUntil: null,
    stands: () => '',
    came: () => null,
    ...(most === undefined ? {} : { most }),
  })
}

describe('what a picture shows of a case', () => {
  it('keeps everybody’s word, however much one device says, and counts what stands in the log alone', async () => {
    const { story, plan } = told
    const request = await story.ask('alice', plan)
    const first = await story.decide('bob', request)
    // Dave holds a share: what he says breaks no rule. Erin did not ask; each of hers is refused.
    for (let times = 0; times < MOST_STATEMENTS; times++) {
      await story.decide('dave', request)
      await story.withdraw('erin', request)
    }
    const last = await story.decide('carol', request, 'deny')
    const view = shownCase(request, MOST_STATEMENTS)
    expect([view.timeline.length, view.untold]).toEqual([MOST_STATEMENTS, 3 + MOST_STATEMENTS])
    const ids = view.timeline.map(({ id }) => id)
    expect([request.id, first.id, last.id].filter((id) => !ids.includes(id))).toEqual([])
    expect(view.timeline.every(({ refused }) => refused === null)).toBe(true)
    const whole = shownCase(request)
    expect([whole.timeline.length, whole.untold]).toEqual([3 + 2 * MOST_STATEMENTS, 0])
  })
})

describe('what a picture shows of an organization', () => {
  it('keeps plans, keys and drafts that count, whoever signs however many others', async () => {
    const { story, plan, deposit } = await setup(...names)
    const next = await story.draftPlan('alice', { ...plan.payload, predecessor: plan.id })
    for (const name of ['alice', 'bob']) await story.endorse(name, next)
    const draft = await story.draftPlan('bob', { ...plan.payload, predecessor: next.id })
    const roster = await story.draftRoster('bob', standings(names.slice(0, 4)))
    const rogue = await story.draftRoster('erin', { 'alice/impostor': everything })
    for (let times = 0; times < 2 * MOST_OTHERS; times++) {
      story.pass(1)
      await story.draftPlan('alice/impostor', plan.payload, { roster: rogue })
      await story.draftPlan('carol', plan.payload)
      await story.deposit('alice/impostor', plan, {}, { roster: rogue })
      await story.deposit('dave', plan)
      await story.draftRoster('carol', standings(names))
    }
    const org = story.org()
    const plans = shownPlans(org, [])
    expect(plans.map(({ id }) => id)).toEqual(expect.arrayContaining([plan.id, next.id, draft.id]))
    expect(plans.filter(({ plan: { device } }) => device === person('alice/impostor').device)).toEqual([])
    expect(plans.length).toBe(2 + MOST_OTHERS)
    const generations = shownGenerations(org, [])
    expect(generations.map(({ id }) => id)).toContain(deposit.id)
    expect(generations.filter(({ deposit: { device } }) => device === person('alice/impostor').device)).toEqual([])
    expect(generations.length).toBe(1 + MOST_OTHERS)
    const drafts = shownDrafts(org)
    expect(drafts.map(({ id }) => id)).toContain(roster.id)
    expect(drafts.length).toBe(MOST_OTHERS)
  })

  it('keeps the plan and the key of a case that is shown, also of one that broke a rule', async () => {
    const { story, plan } = await setup(...names)
    const rogue = await story.draftRoster('erin', { 'alice/impostor': everything })
    const strange = await story.draftPlan('alice/impostor', plan.payload, { roster: rogue })
    const request = await story.ask('alice', strange)
    expect(shownPlans(story.org(), []).map(({ id }) => id)).toEqual([plan.id])
    expect(shownPlans(story.org(), [story.case(request)]).map(({ id }) => id)).toContain(strange.id)
  })

  it('is all of it, in the order it has, where there is not more', async () => {
    const { story } = await setup(...names)
    const org = story.org()
    expect([shownPlans(org, []), shownGenerations(org, []), shownDrafts(org)]).toEqual([
      org.plans,
      org.generations,
      org.drafts,
    ])
  })
})
