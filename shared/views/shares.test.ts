import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import { type Setup, setup, setupWith } from '../testing/setup.ts'
import { caseView as schema } from './case-views.ts'
import { caseView } from './cases.ts'
import { namesIn } from './people.ts'

// Alice asks; the five others hold shares, three of them are enough, and Bob’s device issues.
const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']

/** A case as one of these people's windows shows it, who all are reachable but for `locked`. */
function view({ story }: Setup, request: VerifiedOf<'request'>, me = 'alice', locked = '') {
  const org = story.org()
  const asleep = { connected: false, presence: 'locked' as const, since: null, via: '', why: null }
  return schema.parse(
    caseView(story.case(request), {
      org,
      names: namesIn(org),
      me: person(me).member,
      device: person(me).device,
      now: story.now,
      reach: (device) =>
        locked !== '' && device === person(locked).device
          ? { ...asleep, relayedAt: null, clockDifferenceMs: null }
          : null,
      heldUntil: null,
      stands: () => '',
      came: () => null,
      rotation: null,
    }),
  )
}

const BY_THEMSELVES = 'Custodians’ apps release their shares by themselves. Whoever approved should keep the app open.'

it('shows of whoever is locked that they are called, until they decide', async () => {
  const told = await setup(...names)
  const request = await told.story.ask('alice', told.plan)
  const seat = (locked: string) =>
    view(told, request, 'alice', locked).seats.find(({ person: { name } }) => name === 'dave')
  expect([seat('')?.state, seat('dave')?.state]).toEqual(['asked', 'alerted'])
  await told.story.decide('dave', request)
  expect(seat('dave')?.state).toBe('approved')
})

describe('a request that was approved, in the window', () => {
  /** A new version of the plan, which all but Erin accepted; Carol, Dave and Erin approved under it. */
  async function newVersion() {
    const told = await setup(...names)
    const { story } = told
    const plan = await story.draftPlan('alice', { ...told.plan.payload, predecessor: told.plan.id })
    for (const name of ['alice', 'bob', 'carol', 'dave', 'frank']) await story.endorse(name, plan)
    const request = await story.ask('alice', plan)
    for (const name of ['carol', 'dave', 'erin']) await story.decide(name, request)
    return { ...told, plan, request }
  }

  it('names who did not accept this version of the plan, where shares are missing, until it is accepted', async () => {
    const told = await newVersion()
    const { story, plan, request, deposit } = told
    const erin =
      'erin approved and has not accepted this version of the plan: no share comes from there before. Call erin: it is accepted under Credentials.'
    expect(view(told, request).next).toBe(`One of the devices that may issue has to be open and unlocked. ${erin}`)
    const ready = await story.ready('bob', request, deposit)
    for (const name of ['carol', 'dave']) await story.release(name, ready)
    const { headline, next } = view(told, request)
    expect([headline, next]).toEqual(['Approved: 2 of 3 shares have reached bob’s device', erin])
    await story.endorse('erin', plan)
    expect(view(told, request).next).toBe(BY_THEMSELVES)
  })

  it('names nobody of whom no share is needed', async () => {
    const told = await newVersion()
    await told.story.ready('bob', told.request, told.deposit)
    await told.story.decide('frank', told.request)
    expect(view(told, told.request).next).toBe(BY_THEMSELVES)
  })

  it('names who has to unlock, too', async () => {
    const told = await newVersion()
    await told.story.ready('bob', told.request, told.deposit)
    const { next } = view(told, told.request, 'alice', 'dave')
    expect(next).toContain('Call erin')
    expect(next).toContain('dave approved and has to unlock: call them.')
  })

  it('tells who did not accept the plan, from the request on, and nobody else', async () => {
    const told = await newVersion()
    const withheld = (me: string) => view(told, told.request, me).mine.withheld
    const says = 'You have not accepted this version of the plan.'
    expect(withheld('erin')).toEqual({ why: 'plan-not-accepted', of: told.plan.id, says })
    expect(['alice', 'bob', 'carol', 'frank'].map(withheld)).toEqual([null, null, null, null])
    const again = await told.story.ask('alice', told.plan)
    expect(view(told, again, 'erin').mine).toMatchObject({ mayDecide: true, withheld: { why: 'plan-not-accepted' } })
    await told.story.decide('erin', again, 'deny')
    expect(view(told, again, 'erin').mine.withheld).toBeNull()
  })

  /** Frank never took his share. He approved, and these two. */
  async function fourHold(others = ['carol', 'dave'], groups: { group: string; count: number }[] = []) {
    const told = await setupWith(names, { plan: { quorum: { count: 3, groups, veto: [] } }, holds: names.slice(1, 5) })
    const { story, deposit } = told
    const request = await story.ask('alice', told.plan)
    for (const name of [...others, 'frank']) await story.decide(name, request)
    await story.ready('bob', request, deposit)
    return { ...told, request }
  }

  it('says that one more has to approve, where somebody approved who holds no share', async () => {
    const told = await fourHold()
    const { next, quorum } = view(told, told.request)
    expect(next).toBe(
      'frank approved and holds no proven share of this key, so nobody’s app releases yet. Still needed: 1 more. Or call frank, who can accept the share under Credentials.',
    )
    expect(quorum).toMatchObject({ have: 3, met: true, still: '1 more' })
    expect(view(told, told.request, 'frank').mine.withheld).toMatchObject({
      why: 'share-not-proven',
      of: told.deposit.id,
    })
    await told.story.decide('erin', told.request)
    const after = view(told, told.request)
    expect([after.next, after.quorum?.still]).toEqual([BY_THEMSELVES, ''])
  })

  it('says of which group somebody with a share has to approve', async () => {
    // Bob, Dave and Frank are of the platform.
    const told = await fourHold(['carol', 'erin'], [{ group: 'platform', count: 1 }])
    expect(view(told, told.request).next).toContain('Still needed: 1 more, of them 1 from platform.')
  })

  it('says that no key is held any more', async () => {
    const told = await setup(...names)
    const request = await told.story.ask('alice', told.plan)
    const moved = ['dave', 'erin', 'frank']
    const people = Object.entries(told.people).map(([name, part]) => [
      moved.includes(name) ? `${name}/new` : name,
      part,
    ])
    await told.story.changeRoster('alice', Object.fromEntries(people) as typeof told.people, ['alice', 'bob'])
    for (const name of ['bob', 'carol', 'dave/new']) await told.story.decide(name, request)
    expect(view(told, request).headline).toBe('Approved, but no key of its plan is held')
  })
})
