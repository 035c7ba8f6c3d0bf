import { describe, expect, it } from 'vitest'
import { casesFrom } from '../case/case-from.ts'
import { drillDue } from '../case/drills.ts'
import { openedLast, openingsOf } from '../case/openings.ts'
import { person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup } from '../testing/setup.ts'
import { namesIn } from './people.ts'
import { generationView as generationSchema, planView as planSchema } from './plan-views.ts'
import { generationView, planView } from './plans.ts'

/** The plan and its newest key as alice's window shows them. */
function shown({ story, plan, deposit }: Setup) {
  const org = story.org()
  const openings = openingsOf(org, casesFrom(org, story.now, story.heard))
  const version = org.plans.find(({ id }) => id === plan.id)
  const key = org.generations.find(({ id }) => id === deposit.id)
  if (version === undefined || key === undefined) throw new TypeError('expected plan and key')
  const [names, { member }] = [namesIn(org), person('alice')]
  const drill = drillDue(org, version, openings, story.now)
  return {
    drill: planSchema.parse(planView(version, org, names, member, drill)).drill,
    key: generationSchema.parse(generationView(key, names, member, 'none', openedLast(openings, key.id))),
  }
}

describe('what is shown of drills', () => {
  it('names who issued, and tells another device from the one that dealt', async () => {
    const told = await setup('alice', 'bob', 'carol', 'dave', 'erin')
    expect(shown(told)).toMatchObject({
      drill: { last: null, why: [], state: 'well' },
      key: { state: 'proven', opened: null, openedByDealer: null },
    })
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'drill' })
    const opened = { case: request.id, purpose: 'drill', at: grant.payload.time, by: { name: 'bob' } }
    expect(shown(told)).toMatchObject({ drill: { last: opened }, key: { opened, openedByDealer: null } })
  })

  it('says in words why one is due at once', async () => {
    const told = await setup('alice', 'bob', 'carol', 'dave', 'erin')
    await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'drill' })
    const { erin, ...others } = told.people
    await told.story.changeRoster('alice', { ...others, 'erin/new phone': erin as never }, ['alice', 'carol'])
    expect(shown(told).drill).toMatchObject({
      why: ['a custodian or issuer, or a device or key of theirs, is another than at the last one'],
      state: 'due',
    })
  })
})
