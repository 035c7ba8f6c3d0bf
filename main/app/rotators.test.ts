import { describe, expect, it } from 'vitest'
import type { Grant } from '../../shared/case/types.ts'
import { nameOf, person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { carefulAccess } from '../../shared/testing/usual-plan.ts'
import type { Said } from '../../shared/testing/world.ts'
import { rotatorFor } from './rotators.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave'] as const
const HOUR_MS = 60 * 60_000
const MINE = person('carol').device
const { iam, rotator } = carefulAccess.aftercare ?? {}
type Aftercare = NonNullable<Said<'plan'>['access']['aftercare']>

/** A case that used the key; and a later drill under another plan over the same credential, beside which Carol got a rotator. */
async function found(changes: Partial<Aftercare>, claimed: number | null = null, hours = 0) {
  const told = await setupWith(NAMES, { plan: { access: carefulAccess } })
  const { story, plan } = told
  const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const aftercare = { ...carefulAccess.aftercare, ...changes } as Aftercare
  const { custodians, requesters, issuers } = plan.payload
  const other = await story.draftPlan('alice', {
    plan: nameOf('another plan'),
    custodians,
    requesters,
    issuers,
    access: { ...carefulAccess, aftercare },
  })
  for (const name of ['alice', 'bob']) await story.endorse(name, other)
  const deposit = await story.deposit('alice', other, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
  await story.hold(deposit, ['bob', 'carol', 'dave'])
  const drill = await grantedCase({ ...told, plan: other, deposit }, 'alice', ['bob', 'carol'], 'bob', {
    purpose: 'drill',
  })
  await story.care(
    'bob',
    drill.grant,
    { revoker: ['bob'], rotator: ['carol'] },
    claimed === null ? {} : { rotator: { expires: claimed, boxes: [{ device: MINE, sealed: drill.grant.id }] } },
  )
  story.now = drill.grant.payload.time + hours * HOUR_MS
  const app = {
    id: MINE,
    clock: () => ({ wall: story.now, monotonic: story.now }),
    currentCases: () => [story.case(request), story.case(drill.request)],
    shelf: { has: () => true },
  } as unknown as Parameters<typeof rotatorFor>[0]
  return rotatorFor(app, story.case(request).grant as Grant)
}

describe('what may replace a key', () => {
  it('is also what a drill under another plan made for the same user', async () => {
    expect(await found({})).toMatchObject({ user: 'emergency', iam })
  })
  it('is none once the longest session that AWS gives is over, whatever its device says of it', async () => {
    const longer = Date.UTC(2199, 0)
    expect(await found({}, longer, 12 - 1 / 60)).toMatchObject({ user: 'emergency' })
    expect(await found({}, longer, 12)).toBeNull()
  })
  it.each<[string, Partial<Aftercare>]>([
    ['another name', { rotator: { ...rotator, user: 'other' } as never }],
    [
      'that name in another account',
      { rotator: { user: 'emergency', roleArn: 'arn:aws:iam::210987654321:role/lockbox-rotator' } },
    ],
    [
      'that name and account in another partition',
      { rotator: { user: 'emergency', roleArn: 'arn:aws-cn:iam::123456789012:role/lockbox-rotator' } },
    ],
    [
      'that name at another IAM',
      { iam: { region: 'cn-north-1', endpoint: 'https://iam.cn-north-1.amazonaws.com.cn' } },
    ],
  ])('is none that was made for the user of %s', async (_, changes) => {
    expect(await found(changes)).toBeNull()
  })
})
