import { expect, it } from 'vitest'
import { person } from '../testing/keys.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import type { Standing } from '../testing/world.ts'
import { casesFrom } from './case-from.ts'
import { keyToReplace } from './replacing.ts'
import { replacingElsewhere } from './replacing-elsewhere.ts'
import type { Grant } from './types.ts'

const MINUTE = 1
const HOUR = 60 * MINUTE
const NEW = 'AKIAEXAMPLEEXAMPLE02'

/** A used key; alice's and carol's devices, both admins', have what may replace it. */
async function used() {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave', 'erin'], { plan: { access: carefulAccess } })
  const { story, plan } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  await story.care('bob', grant, { revoker: ['bob'], rotator: ['alice', 'carol'] })
  story.pass(20 * MINUTE)
  const key = () => keyToReplace(story.case(request)) as Grant
  /** What somebody's app says of the others. */
  const seen = (by = 'alice') =>
    replacingElsewhere(story.org(), casesFrom(story.org(), story.now), key(), person(by).device, story.now)
  const deal = (by: string, accessKeyId = NEW, generation = 2) => story.deposit(by, plan, { generation, accessKeyId })
  return { ...told, request, grant, key, seen, deal, over: grant.payload.time + 12 * HOUR * 60_000 }
}

it('is another device that began, until what it began with is over, and never this one', async () => {
  const { story, grant, seen, over } = await used()
  expect(seen()).toEqual([])
  const begun = await story.rotating('carol', grant)
  const carols = { member: person('carol').member, at: begun.payload.time, until: over, made: [] }
  expect(seen()).toEqual([carols])
  expect(seen('carol')).toEqual([])
  story.now = over - 1
  expect(seen()).toEqual([carols])
  story.now = over
  expect(seen()).toEqual([])
})

it('has the secret of what it deposited since, until a touch begins it once more', async () => {
  const { story, grant, seen, deal } = await used()
  await story.rotating('carol', grant)
  await deal('carol')
  expect(seen()).toMatchObject([{ made: [NEW] }])
  // Its claimed time says nothing of the order: its chain does.
  await story.rotating('carol', grant, {}, { time: story.now - 30 * 60_000 })
  expect(seen()).toMatchObject([{ made: [] }])
  await deal('carol', 'AKIAEXAMPLEEXAMPLE03', 3)
  expect(seen()).toMatchObject([{ made: ['AKIAEXAMPLEEXAMPLE03'] }])
})

it('has no secret of a key that somebody else deposited, or that was there before it began', async () => {
  const { story, grant, seen, deal } = await used()
  await deal('alice')
  await story.rotating('carol', grant)
  expect(seen('dave')).toMatchObject([{ member: person('carol').member, made: [] }])
})

it('is one that began in another case which used the same key, and none that replaces another key', async () => {
  const told = await used()
  const { story, plan, grant, seen, deal } = told
  const also = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'drill' })
  await story.rotating('carol', also.grant)
  expect(seen()).toHaveLength(1)
  const next = await deal('alice')
  await story.hold(next, ['bob', 'carol', 'dave', 'erin'])
  const third = await grantedCase({ ...told, deposit: next }, 'alice', ['bob', 'carol'], 'bob')
  await story.care('bob', third.grant, { revoker: ['bob'], rotator: ['bob'] })
  await story.rotating('bob', third.grant)
  expect(seen()).toMatchObject([{ member: person('carol').member }])
  expect(plan.payload.access.aftercare).toBeDefined()
  expect(grant.id).not.toBe(third.grant.id)
})

it('does not go on with what was only made for it later, or was never sealed to it', async () => {
  const told = await used()
  const { story, grant, seen, over } = told
  await story.rotating('bob', grant)
  expect(seen()).toEqual([])
  await story.rotating('carol', grant)
  story.pass(11 * HOUR)
  const later = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'drill' })
  await story.care('bob', later.grant, { revoker: ['bob'], rotator: ['carol'] })
  expect(seen()).toMatchObject([{ until: over }])
  story.now = over
  expect(seen()).toEqual([])
  await story.rotating('carol', grant)
  expect(seen()).toMatchObject([{ until: later.grant.payload.time + 12 * HOUR * 60_000 }])
})

it('is none that is gone, whatever it began', async () => {
  const { story, people, grant, seen, deal } = await used()
  await story.rotating('carol', grant)
  await deal('carol')
  expect(seen()).toHaveLength(1)
  const { carol, ...others } = people
  await story.changeRoster('alice', { ...others, 'carol/new phone': carol as Standing }, ['alice', 'bob', 'carol'])
  expect(seen()).toEqual([])
})

it('names who began last first', async () => {
  const { story, grant, seen } = await used()
  await story.rotating('carol', grant)
  story.pass(1)
  await story.rotating('alice', grant)
  expect(seen('dave').map(({ member }) => member)).toEqual([person('alice').member, person('carol').member])
})
