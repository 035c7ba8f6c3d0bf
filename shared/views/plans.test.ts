import { describe, expect, it } from 'vitest'
import { openedLast } from '../case/openings.ts'
import { deletedKeys } from '../case/replacing.ts'
import type { PlanVersion } from '../org/plans.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { nameOf, person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup, setupWith, standings } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import type { Said } from '../testing/world.ts'
import { namesIn } from './people.ts'
import { planView as schema } from './plan-views.ts'
import { generationView, planView } from './plans.ts'
import { plansUnder } from './plans-under.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const idOf = (name: string) => person(name).member

/** A version of a plan as one of these people's windows shows it. */
function view({ story }: Setup, plan: { id: string }, me = 'alice') {
  const org = story.org()
  const version = org.plans.find(({ id }) => id === plan.id)
  if (version === undefined) throw new TypeError('expected the plan')
  return schema.parse(planView(version, org, namesIn(org), idOf(me), null))
}

const says = (...given: Parameters<typeof view>) => view(...given).checks.map((one) => `${one.level}: ${one.says}`)

async function drafted({ story }: Setup, changes: Partial<Said<'plan'>>): Promise<VerifiedOf<'plan'>> {
  return story.draftPlan('alice', changes)
}

async function endorsed(told: Setup, changes: Partial<Said<'plan'>>): Promise<VerifiedOf<'plan'>> {
  const plan = await drafted(told, changes)
  for (const name of ['alice', 'carol']) await told.story.endorse(name, plan)
  return plan
}

describe('a change of people that is not yet endorsed', () => {
  it('says the first of what is wrong and how much more there is, where that is very much', async () => {
    const crowd = Array.from({ length: 40 }, (_, at) => `${'x'.repeat(50)}${at}`)
    const commander = { roles: ['commander' as const], groups: [] }
    const people = Object.fromEntries(crowd.map((name) => [name, commander]))
    const told = await setupWith(names, { people, plan: { requesters: [...crowd.map(idOf), idOf('alice')] } })
    const draft = await told.story.draftRoster('alice', standings(names))
    const [said = ''] = plansUnder(told.story.org(), draft.payload)
    expect(said.length).toBeLessThan(3000)
    expect(said).toMatch(/, who may ask, is not a member any more\. And \d+ more\.$/)
  })

  it('says which plans it would stop, and whose leaving does', async () => {
    const told = await setup(...names)
    const draft = await told.story.draftRoster('alice', standings(names.slice(0, 4)))
    expect(plansUnder(told.story.org(), draft.payload)).toEqual([
      'Nobody could ask under “Identity provider down” any more: erin, a custodian, is not a member any more.',
    ])
    const same = await told.story.draftRoster('alice', told.people)
    expect(plansUnder(told.story.org(), same.payload)).toEqual([])
  })

  it('says which plans would lose their endorsements', async () => {
    const told = await setup(...names)
    const { bob, carol, ...others } = told.people
    const approver = { roles: ['approver' as const], groups: [] }
    const admin = { roles: ['admin' as const], groups: [] }
    const people = { ...others, bob: approver, carol: approver, frank: admin, gus: admin }
    const draft = await told.story.draftRoster('alice', people)
    expect([bob, carol].every((one) => one?.roles.includes('admin'))).toBe(true)
    expect(plansUnder(told.story.org(), draft.payload)).toEqual([
      '“Identity provider down” would fall out of effect: 1 of 2 admins have endorsed it.',
    ])
  })
})

describe('a plan in the window', () => {
  it('says that it can be met at 3 a.m., that everybody accepted it, and which key serves it', async () => {
    const told = await setup(...names)
    expect(says(told, told.plan)).toEqual([
      'good: Whoever asks, with any one custodian away, enough are left to approve.',
      'good: Whoever asks, at least two devices may issue.',
      'good: Somebody who neither asked, approved nor issued is left to review.',
      'good: All custodians accepted this version.',
      'good: Key 1 of production serves this plan.',
    ])
    expect(view(told, told.plan)).toMatchObject({ state: 'effective', key: told.deposit.id, replaces: null })
  })

  it('names who left when the roster changes, and can then not be asked under', async () => {
    const told = await setup(...names)
    await told.story.changeRoster('alice', standings(names.slice(0, 4)), ['alice', 'carol'])
    expect(view(told, told.plan)).toMatchObject({ state: 'impossible', mayAsk: false, key: null })
    expect(says(told, told.plan)[0]).toBe('wrong: erin, a custodian, is not a member any more.')
  })

  it('names whom a changed role or group keeps from being counted', async () => {
    const told = await setupWith(names, {
      plan: { quorum: { count: 2, groups: [{ group: 'security', count: 1 }], veto: [] } },
    })
    const moved = { ...told.people, erin: { roles: ['auditor' as const], groups: [] } }
    await told.story.changeRoster('alice', moved, ['alice', 'carol'])
    expect(says(told, told.plan)).toContain('wrong: erin, a custodian, does not have the role approver.')
    const left = { ...told.people, carol: { roles: ['admin' as const, 'approver' as const], groups: [] } }
    await told.story.changeRoster('alice', left, ['alice', 'bob', 'carol'])
    expect(view(told, told.plan).state).toBe('impossible')
    expect(says(told, told.plan)[0]).toBe('wrong: When alice asks and erin is away, nobody from security is left.')
  })

  it('says of a new version who has not accepted it, and that the one before is replaced', async () => {
    const told = await setup(...names)
    const next = await endorsed(told, { ...told.plan.payload, predecessor: told.plan.id, durations: [900] })
    expect(view(told, told.plan)).toMatchObject({ state: 'replaced', checks: [], key: null, mayAsk: false })
    expect(view(told, next)).toMatchObject({ replaces: told.plan.id, key: told.deposit.id, mayAsk: true })
    expect(says(told, next).slice(-2)).toEqual([
      'attention: Not accepted yet by bob, dave or erin: their apps release nothing under this version. Too few have, so a request could not be met yet.',
      'good: Key 1 of production serves this plan.',
    ])
    await told.story.endorse('dave', next)
    expect(says(told, next).at(-2)).toBe(
      'attention: Not accepted yet by bob or erin: their apps release nothing under this version.',
    )
    expect(view(told, next, 'dave').mustAccept).toBe(false)
    expect(view(told, next, 'erin').mustAccept).toBe(true)
  })

  it('says which key serves a second plan over one credential, under which it was deposited, and why one does not', async () => {
    const told = await setup(...names)
    const another = { ...told.plan.payload, plan: nameOf('another'), predecessor: null, name: 'Another night' }
    const second = await endorsed(told, another)
    expect(says(told, second).at(-1)).toBe(
      'good: Key 1 of production serves this plan, deposited under “Identity provider down”.',
    )
    expect(view(told, second).key).toBe(told.deposit.id)
    const few = await drafted(told, { ...another, custodians: names.slice(1, 4).map(idOf), whyTight: 'We are few.' })
    expect(view(told, few)).toMatchObject({ state: 'draft', key: null })
    expect(says(told, few).at(-1)).toBe(
      'attention: Key 1 of production is dealt to bob, carol, dave and erin, who are not this plan’s custodians: this plan has no key until one is deposited under it.',
    )
    const more = await drafted(told, { ...another, quorum: { count: 3, groups: [], veto: [] } })
    expect(says(told, more).at(-1)).toContain('takes 2 shares, and this plan needs 3 approvals')
    const turned = await drafted(told, { ...another, custodians: names.slice(1).reverse().map(idOf) })
    expect(says(told, turned).at(-1)).toContain('is dealt to these custodians in another order')
  })

  it('says that no key is deposited, or how many of its custodians proved their share', async () => {
    const told = await setup(...names)
    const credential = { ...told.plan.payload.credential, credential: nameOf('fresh'), name: 'fresh' }
    const fresh = await endorsed(told, { ...told.plan.payload, plan: nameOf('fresh'), predecessor: null, credential })
    expect(says(told, fresh).at(-1)).toBe(
      'attention: No key of fresh is deposited yet, so an approval could release nothing.',
    )
    const key = await told.story.deposit('alice', fresh)
    await told.story.hold(key, ['dave'])
    expect(says(told, fresh).at(-1)).toBe(
      'attention: Key 1 of fresh is dealt; 1 of 4 custodians proved their share so far.',
    )
  })
})

describe('a key that is held again since too few hold the newer one', () => {
  /** Alice used key 1, carol replaced and deleted it, and then dave and erin, who hold key 2 as well, get other security keys. */
  async function fallenBack() {
    const custodians = names.slice(1).map(idOf)
    const told = await setupWith(names, {
      plan: { access: carefulAccess, custodians, quorum: { count: 2, groups: [], veto: [] } },
    })
    const { story, plan, deposit } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    await story.hold(next, ['bob', 'dave', 'erin'])
    const renewed = new Map(['dave', 'erin'].map((name) => [idOf(name), person(`${name}/new keys`).entry]))
    const members = story.roster.payload.members.map((one) => {
      const entry = renewed.get(one.member)
      return entry === undefined ? one : { ...one, authenticators: entry.authenticators }
    })
    await story.changeRoster('alice', told.people, ['alice', 'bob'], { members })
    const shown = () => {
      const org = story.org()
      const version = org.plans.find(({ id }) => id === plan.id) as PlanVersion
      const deleted = deletedKeys(org, (id) => (id === request.id ? story.case(request) : undefined))
      const view = schema.parse(planView(version, org, namesIn(org), idOf('alice'), null, deleted))
      const keys = org.generations.map((one) =>
        generationView(one, namesIn(org), idOf('bob'), 'none', openedLast([], one.id), deleted),
      )
      return { key: view.key, says: view.checks.at(-1)?.says, states: keys.map(({ state }) => state) }
    }
    return { story, grant, deposit, next, shown }
  }

  it('serves the plan as long as nobody says that it was deleted', async () => {
    const { story, grant, deposit, next, shown } = await fallenBack()
    expect(shown()).toMatchObject({ key: deposit.id, states: ['held', 'dealt'] })
    // Who did not begin it says nothing.
    await story.rotated('carol', grant, next)
    await story.rotating('bob', grant)
    await story.rotated('bob', grant, next, { step: 'deactivated' })
    expect(shown()).toMatchObject({ key: deposit.id, states: ['held', 'dealt'] })
  })

  it('serves none and is shown as retired once a device says that it deleted it at AWS', async () => {
    const { story, grant, next, shown } = await fallenBack()
    await story.rotating('carol', grant)
    await story.rotated('carol', grant, next)
    expect(shown()).toEqual({
      key: null,
      says: 'Key 2 of production is dealt; 1 of 4 custodians proved their share so far. Key 1, which an emergency would open, was deleted at AWS, as carol’s device says.',
      states: ['retired', 'dealt'],
    })
    await story.hold(next, ['carol'])
    expect(shown()).toMatchObject({
      key: next.id,
      says: 'Key 2 of production serves this plan. Just enough custodians hold it: with one more gone nobody gets access. Deposit a new key.',
      states: ['retired', 'held'],
    })
  })
})
