import { describe, expect, it } from 'vitest'
import { collect } from '../statements/collection.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { digestOf, nameOf, person } from '../testing/keys.ts'
import { type Setup, setup, setupWith } from '../testing/setup.ts'
import { nextGeneration } from './generations.ts'
import { orgFrom, orgGrown } from './org-from.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const idOf = (name: string) => person(name).member

function generation({ story }: Setup, deposit: { id: string }) {
  return story.org().generations.find(({ id }) => id === deposit.id)
}

describe('the number of the next key', () => {
  const nextOf = ({ story, plan }: Setup) => nextGeneration(story.org().generations, plan.payload.credential.credential)

  it('is above what is held and none that waits for its custodians', async () => {
    const told = await setup(...names)
    expect(nextOf(told)).toBe(2)
    await told.story.deposit('alice', told.plan, { generation: 2 })
    expect(nextOf(told)).toBe(3)
    const other = await told.story.deposit('bob', told.plan, { generation: 5 })
    expect(nextOf(told)).toBe(3)
    await told.story.hold(other, ['bob', 'carol', 'dave'])
    expect(nextOf(told)).toBe(6)
  })

  it('is not kept from anybody by a deposit under the highest number that no custodian took', async () => {
    const told = await setup(...names)
    const { story, plan } = told
    const rogue = await story.draftRoster('erin', { 'alice/impostor': { roles: ['admin'], groups: [] } })
    await story.deposit('alice/impostor', plan, { generation: 1_000_000 }, { roster: rogue })
    await story.deposit('bob', plan, { generation: 1_000_000 })
    expect(nextOf(told)).toBe(2)
  })

  it('is above one that two held keys claim', async () => {
    const told = await setup(...names)
    const twin = await told.story.deposit('bob', told.plan)
    await told.story.hold(twin, ['bob', 'carol', 'dave'])
    expect(generation(told, twin)).toMatchObject({ state: 'dealt', hasSpare: false, problems: ['generation-twice'] })
    expect(nextOf(told)).toBe(2)
  })

  it('starts at 1', () => {
    expect(nextGeneration([], nameOf('credential'))).toBe(1)
  })
})

describe('a key proved anew in a drill', () => {
  it('counts the proof as soon as the drill’s request is there, also where the request came last', async () => {
    const { story, plan, deposit } = await setup(...names)
    const drill = await story.ask('alice', plan, { purpose: 'drill' })
    story.pass(1)
    await story.proveCustody('bob', deposit, { nonce: drill.id })
    const early = collect(story.statements.filter(({ id }) => id !== drill.id))
    const before = orgFrom(early, story.organization)
    const grown = before && orgGrown(before, early.with(drill), story.organization)
    expect(grown?.generations).toEqual(story.org().generations)
    expect(grown?.generations).not.toEqual(before?.generations)
  })
})

describe('a deposited key', () => {
  it('is dealt, then held, then proven, as its custodians accept it and prove their shares', async () => {
    const told = await setup(...names)
    const next = await told.story.deposit('alice', told.plan, { generation: 2 })
    const states = [generation(told, next)?.state]
    for (const name of ['bob', 'carol', 'dave', 'erin']) {
      await told.story.hold(next, [name])
      states.push(generation(told, next)?.state)
    }
    // Two of four approve: with three holders any one of them may be absent.
    expect(states).toEqual(['dealt', 'dealt', 'dealt', 'held', 'proven'])
  })

  it('stays held while its holders can meet the rule, and is said to have none to spare', async () => {
    const told = await setup(...names)
    const { story, plan, people } = told
    const next = await story.deposit('alice', plan, { generation: 2 })
    await story.hold(next, ['bob', 'carol', 'dave'])
    const seen = (deposit: { id: string }) => {
      const one = generation(told, deposit)
      return [one?.state, one?.hasSpare]
    }
    expect([seen(told.deposit), seen(next)]).toEqual([
      ['retired', true],
      ['held', true],
    ])
    const { carol, dave, ...others } = people
    const replaced = (...gone: readonly string[]) =>
      Object.fromEntries(
        Object.entries({ ...others, carol, dave }).map(([name, standing]) => [
          gone.includes(name) ? `${name}/new phone` : name,
          standing as never,
        ]),
      )
    await story.changeRoster('alice', replaced('dave'), ['alice', 'bob'])
    expect([seen(told.deposit), seen(next)]).toEqual([
      ['retired', true],
      ['held', false],
    ])
    // What was never held with one to spare does not become so by losing nobody.
    const last = await story.deposit('alice', plan, { generation: 3 })
    await story.hold(last, ['bob', 'carol'])
    expect([seen(next), seen(last)]).toEqual([
      ['held', false],
      ['dealt', false],
    ])
    await story.changeRoster('alice', replaced('dave', 'carol'), ['alice', 'bob'])
    expect([seen(told.deposit), seen(next), seen(last)]).toEqual([
      ['held', false],
      ['dealt', false],
      ['dealt', false],
    ])
  })

  it('is retired when a newer one is held', async () => {
    const told = await setup(...names)
    const next = await told.story.deposit('alice', told.plan, { generation: 2 })
    expect(generation(told, told.deposit)?.state).toBe('proven')
    await told.story.hold(next, ['bob', 'carol', 'dave'])
    expect(generation(told, told.deposit)?.state).toBe('retired')
  })

  it('is not held by those who accepted and proved nothing, or proved and accepted nothing', async () => {
    const told = await setup(...names)
    const { story } = told
    const next = await story.deposit('alice', told.plan, { generation: 2 })
    for (const name of ['bob', 'carol', 'dave']) await story.endorse(name, next)
    const after = await story.deposit('alice', told.plan, { generation: 3 })
    for (const name of ['bob', 'carol', 'dave']) await story.proveCustody(name, after)
    expect(generation(told, next)?.state).toBe('dealt')
    expect(generation(told, after)?.state).toBe('dealt')
  })

  const false_: [string, { index?: number; nonce?: string; share?: number }][] = [
    ['with another custodian’s share', { share: 1 }],
    ['for another custodian’s index', { index: 1 }],
    ['over a nonce of the prover’s choice', { nonce: digestOf('made long ago') }],
  ]
  it.each(false_)('is not proven by a proof %s', async (_, changes) => {
    const told = await setup(...names)
    const next = await told.story.deposit('alice', told.plan, { generation: 2 })
    await told.story.endorse('carol', next)
    await told.story.proveCustody('carol', next, changes)
    expect(generation(told, next)?.seats[1]).toEqual({
      member: idOf('carol'),
      index: 2,
      accepted: true,
      provenAt: [],
    })
  })

  it.each(['access', 'rotation'] as const)('is not proven again over a request for %s', async (purpose) => {
    const told = await setup(...names)
    const { story, deposit } = told
    const request = await story.ask('alice', told.plan, { purpose })
    await story.proveCustody('bob', deposit, { nonce: request.id })
    expect(generation(told, deposit)?.seats[0]?.provenAt).toHaveLength(1)
  })

  it('is proven again in a drill, over the request', async () => {
    const told = await setup(...names)
    const { story, deposit } = told
    const drill = await story.ask('alice', told.plan, { purpose: 'drill' })
    await story.proveCustody('bob', deposit, { nonce: drill.id })
    expect(generation(told, deposit)?.seats[0]?.provenAt).toHaveLength(2)
  })

  it('is no longer proven by someone whose device was replaced', async () => {
    const told = await setup(...names)
    const { bob, ...others } = told.people
    await told.story.changeRoster('alice', { ...others, 'bob/new phone': bob as never }, ['alice', 'carol'])
    expect(generation(told, told.deposit)?.seats[0]).toMatchObject({ accepted: false, provenAt: [] })
    expect(generation(told, told.deposit)?.state).toBe('held')
  })
})

describe('a deposit is no key to use', () => {
  it('made by someone who is no admin', async () => {
    const told = await setup(...names)
    const next = await told.story.deposit('dave', told.plan, { generation: 2 })
    expect(await onceTaken(told, next)).toEqual(['dealt', ['author-no-admin'], 'proven'])
  })

  it('under a plan that is not here', async () => {
    const told = await setup(...names)
    const next = await told.story.deposit('alice', told.plan, { generation: 2, plan: digestOf('no plan') })
    expect(await onceTaken(told, next)).toEqual(['dealt', ['plan-unknown'], 'proven'])
  })

  it('under a plan that too few admins endorsed', async () => {
    const told = await setup(...names)
    const draft = await told.story.draftPlan('alice', { ...told.plan.payload, runbook: 'Mine alone.' })
    await told.story.endorse('alice', draft)
    const next = await told.story.deposit('alice', draft, { generation: 2 })
    expect(await onceTaken(told, next)).toEqual(['dealt', ['plan-not-endorsed'], 'proven'])
  })

  it('for another organization', async () => {
    const told = await setup(...names)
    const next = await told.story.deposit('alice', told.plan, { generation: 2, organization: digestOf('elsewhere') })
    expect(await onceTaken(told, next)).toEqual(['dealt', ['organization-differs'], 'proven'])
  })

  it('for another credential', async () => {
    const told = await setup(...names)
    const next = await told.story.deposit('alice', told.plan, { generation: 2, credential: nameOf('other') })
    expect(await onceTaken(told, next)).toEqual(['dealt', ['credential-differs'], 'proven'])
  })

  it('with custodians in another order', async () => {
    const told = await setup(...names)
    const custodians = [...told.plan.payload.custodians].reverse()
    const next = await told.story.deposit('alice', told.plan, { generation: 2, custodians })
    expect(generation(told, next)?.problems).toEqual(['custodians-differ'])
  })

  it('that fewer could solve than must approve', async () => {
    const told = await setupWith(names, { plan: { quorum: { count: 3, groups: [], veto: [] }, whyTight: '' } })
    const low = told.deposit.payload.header.commitments.slice(0, 2)
    const next = await told.story.deposit('alice', told.plan, { generation: 2, commitments: low })
    expect(generation(told, next)?.problems).toEqual(['threshold-differs'])
  })

  it('if custodians hold two of one number', async () => {
    const told = await setup(...names)
    const twin = await told.story.deposit('bob', told.plan)
    await told.story.hold(twin, ['bob', 'carol', 'dave'])
    for (const one of [twin, told.deposit])
      expect(generation(told, one)).toMatchObject({ state: 'dealt', problems: ['generation-twice'] })
  })

  it('but nobody spoils a held one by dealing another of its number', async () => {
    const told = await setup(...names)
    await told.story.deposit('bob', told.plan)
    expect(generation(told, told.deposit)).toMatchObject({ state: 'proven', problems: [] })
  })

  /** What it is once everybody took it, and what becomes of the one before. */
  async function onceTaken(told: Setup, deposit: VerifiedOf<'deposit'>) {
    await told.story.hold(deposit, ['bob', 'carol', 'dave', 'erin'])
    const one = generation(told, deposit)
    return [one?.state, one?.problems, generation(told, told.deposit)?.state]
  }
})
