import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { nameOf, person } from '../testing/keys.ts'
import { type Setup, setup } from '../testing/setup.ts'
import type { Said } from '../testing/world.ts'
import { planKey } from './plan-key.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const holders = names.slice(1)
const idOf = (name: string) => person(name).member

/** What serves a plan, and which key that is. */
function keyOf({ story }: Setup, plan: VerifiedOf<'plan'>): [string, string?] {
  const key = planKey(story.org().generations, plan.payload)
  return key.state === 'none' ? [key.state] : [key.state, key.generation.id]
}

/** Another plan, endorsed by all admins. */
async function another(told: Setup, changes: Partial<Said<'plan'>>): Promise<VerifiedOf<'plan'>> {
  const { story, plan } = told
  const made = await story.draftPlan('alice', {
    ...plan.payload,
    plan: nameOf('another'),
    predecessor: null,
    ...changes,
  })
  for (const name of names.slice(0, 3)) await story.endorse(name, made)
  return made
}

describe('several plans over one credential', () => {
  it('are served by one key, deposited once, when its custodians and their number are the same', async () => {
    const told = await setup(...names)
    const other = await another(told, { emergencies: ['suspected-compromise'], durations: [900] })
    expect(keyOf(told, told.plan)).toEqual(['held', told.deposit.id])
    expect(keyOf(told, other)).toEqual(['held', told.deposit.id])
  })

  it('are served by the newest key, under whichever of them it was deposited', async () => {
    const told = await setup(...names)
    const other = await another(told, {})
    const next = await told.story.deposit('alice', other, { generation: 2 })
    expect(keyOf(told, told.plan)).toEqual(['held', told.deposit.id])
    await told.story.hold(next, holders)
    expect(keyOf(told, told.plan)).toEqual(['held', next.id])
    expect(keyOf(told, other)).toEqual(['held', next.id])
  })

  it.each([
    ['other custodians', { custodians: ['bob', 'carol', 'dave'].map(idOf) }],
    ['another order of custodians', { custodians: ['erin', 'dave', 'carol', 'bob'].map(idOf) }],
    ['another number of approvals', { quorum: { count: 3, groups: [], veto: [] } }],
  ])('with %s cannot use the key, and a key of theirs takes it from the others', async (_, changes) => {
    const told = await setup(...names)
    const other = await another(told, changes)
    expect(keyOf(told, other)).toEqual(['dealt-otherwise', told.deposit.id])
    const own = await told.story.deposit('alice', other, { generation: 2 })
    expect(keyOf(told, other)).toEqual(['dealt', own.id])
    expect(keyOf(told, told.plan)).toEqual(['held', told.deposit.id])
    const members = own.payload.header.custodians
    await told.story.hold(
      own,
      holders.filter((name) => members.includes(idOf(name))),
    )
    expect(keyOf(told, other)).toEqual(['held', own.id])
    expect(keyOf(told, told.plan)).toEqual(['dealt-otherwise', own.id])
  })

  it('have no key before one is deposited, nor by one that is no key to use', async () => {
    const told = await setup(...names)
    const other = await another(told, { credential: { ...told.plan.payload.credential, credential: nameOf('other') } })
    expect(keyOf(told, other)).toEqual(['none'])
    await told.story.deposit('dave', other)
    expect(keyOf(told, other)).toEqual(['none'])
  })
})
