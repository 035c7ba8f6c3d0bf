import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { nameOf, person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup } from '../testing/setup.ts'
import type { Said } from '../testing/world.ts'
import { readyDuty, releaseDuty } from './duties.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const me = (name: string) => ({ member: person(name).member, device: person(name).device })

/** A plan that all admins endorsed. */
async function agreed({ story }: Setup, payload: Partial<Said<'plan'>>): Promise<VerifiedOf<'plan'>> {
  const plan = await story.draftPlan('alice', payload)
  for (const name of names.slice(0, 3)) await story.endorse(name, plan)
  return plan
}

const duty = ({ story }: Setup, name: string, request: { id: string }) =>
  releaseDuty(story.org(), story.case(request), me(name))

/** A request under a plan that bob and dave approve, and a device that is ready for it with the one key there is. */
async function approvedUnder(told: Setup, plan: VerifiedOf<'plan'>) {
  const request = await told.story.ask('alice', plan)
  for (const name of ['bob', 'dave']) await told.story.decide(name, request)
  const ready = await told.story.ready('bob', request, told.deposit)
  return { request, ready }
}

describe('a plan that was changed', () => {
  const changed = async (told: Setup) =>
    agreed(told, { ...told.plan.payload, predecessor: told.plan.id, durations: [900], runbook: 'Call two rooms.' })

  it('takes the place of the version before once endorsed; what is open under that can no longer be answered', async () => {
    const told = await setup(...names)
    const { story, plan } = told
    const request = await story.ask('alice', plan)
    await story.decide('bob', request)
    await changed(told)
    expect(story.case(request)).toMatchObject({ state: 'impossible', problem: 'plan-not-effective', answerable: false })
    await story.decide('carol', request)
    expect(duty(told, 'bob', request)).toBe('case-closed')
  })

  it('says nothing of what was over by then: that stays withdrawn, or expired', async () => {
    const told = await setup(...names)
    const { story, plan } = told
    const [withdrawn, expired, forbidden] = [
      await story.ask('alice', plan),
      await story.ask('alice', plan),
      await story.ask('bob', plan),
    ]
    await story.withdraw('alice', withdrawn)
    await changed(told)
    const states = () => [withdrawn, expired, forbidden].map((one) => story.case(one).state)
    expect(states()).toEqual(['withdrawn', 'impossible', 'impossible'])
    story.pass(60)
    expect(states()).toEqual(['withdrawn', 'expired', 'impossible'])
    expect(story.case(expired).answerable).toBe(false)
  })

  it('leaves a session that was issued under the version before as it is', async () => {
    const told = await setup(...names)
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await changed(told)
    expect(told.story.case(request)).toMatchObject({ state: 'granted', problem: null, refused: [] })
  })

  it('is served by the key that is held; its custodians release under it once they accepted it anew', async () => {
    const told = await setup(...names)
    const next = await changed(told)
    const { request, ready } = await approvedUnder(told, next)
    // Bob accepted it as an admin, by endorsing it; dave holds a share and has not seen the change.
    expect(duty(told, 'bob', request)).toMatchObject({ index: 1, attempt: { ready: { id: ready.id } } })
    expect(duty(told, 'dave', request)).toBe('plan-not-accepted')
    await told.story.endorse('dave', next)
    expect(duty(told, 'dave', request)).toMatchObject({ index: 3 })
  })

  it('has no key where it has other custodians, until one is deposited for them', async () => {
    const told = await setup(...names)
    const custodians = names.slice(1, 4).map((name) => person(name).member)
    const next = await agreed(told, {
      ...told.plan.payload,
      predecessor: told.plan.id,
      custodians,
      whyTight: 'Erin is away this month.',
    })
    const request = await told.story.ask('alice', next)
    for (const name of ['carol', 'dave']) await told.story.decide(name, request)
    expect(readyDuty(told.story.org(), told.story.case(request), me('bob'))).toBe('no-generation')
    const own = await told.story.deposit('alice', next, { generation: 2 })
    await told.story.hold(own, ['bob', 'carol', 'dave'])
    expect(readyDuty(told.story.org(), told.story.case(request), me('bob'))).toMatchObject({ deposit: own.id })
  })
})

describe('a second plan over the same credential', () => {
  const second = async (told: Setup) =>
    agreed(told, {
      ...told.plan.payload,
      plan: nameOf('second'),
      predecessor: null,
      name: 'Suspected compromise',
      emergencies: ['suspected-compromise'],
    })
  const compromise = { emergency: 'suspected-compromise' }

  it('may be asked for, and a grant under it rests on the key that was deposited under the first', async () => {
    const told = await setup(...names)
    const plan = await second(told)
    const { story, deposit } = told
    const request = await story.ask('alice', plan, compromise)
    const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
    const ready = await story.ready('bob', request, deposit)
    const releases = [await story.release('bob', ready), await story.release('carol', ready)]
    const issuing = await story.issuing('bob', ready)
    await story.grant('bob', { request, plan, ready, issuing, decisions, releases })
    expect(story.case(request)).toMatchObject({ state: 'granted', refused: [] })
  })

  it('is accepted by itself: who accepted the first alone releases nothing under it, and the other way round', async () => {
    const told = await setup(...names)
    const plan = await second(told)
    const request = await told.story.ask('alice', plan, compromise)
    for (const name of ['bob', 'dave']) await told.story.decide(name, request)
    await told.story.ready('bob', request, told.deposit)
    expect(duty(told, 'dave', request)).toBe('plan-not-accepted')
    await told.story.endorse('dave', plan)
    expect(duty(told, 'dave', request)).toMatchObject({ index: 3 })
    // The first one still stands beside it.
    const { request: first } = await approvedUnder(told, told.plan)
    expect(duty(told, 'dave', first)).toMatchObject({ index: 3 })
  })
})
