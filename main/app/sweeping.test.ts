import { expect, it } from 'vitest'
import { person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { carefulAccess } from '../../shared/testing/usual-plan.ts'
import type { Device } from './device.ts'
import { sweepBlobs } from './sweeping.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const

/** Alice had access by a key that another is held in the place of, and what erin's app keeps when it is opened. */
async function replaced() {
  const custodians = NAMES.slice(1).map((name) => person(name).member)
  const told = await setupWith(NAMES, {
    plan: { access: carefulAccess, custodians, quorum: { count: 2, groups: [], veto: [] } },
  })
  const { story, plan, deposit } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
  await story.hold(next, ['bob', 'carol', 'dave'])
  let kept: ReadonlySet<string> = new Set()
  const device = {
    id: person('erin').device,
    org: () => story.org(),
    cases: () => [story.case(request)],
    me: () => null,
    clock: () => ({ wall: story.now, monotonic: story.now }),
    store: { unread: () => new Map() },
    vault: { journal: { records: async function* () {} } },
    shelf: { keepOnly: (ids: readonly string[]) => Promise.resolve(void (kept = new Set(ids))) },
  } as unknown as Device
  const keeps = async ({ payload }: typeof deposit) => {
    await sweepBlobs(device)
    return [payload.ciphertext, ...payload.boxes].every((id) => kept.has(id))
  }
  return { story, grant, deposit, next, keeps }
}

it('keeps the shares of a key that was replaced until it is deleted at AWS: it may have to be turned on again', async () => {
  const { story, grant, deposit, next, keeps } = await replaced()
  expect(story.org().generations.map(({ state }) => state)).toEqual(['retired', 'held'])
  expect([await keeps(deposit), await keeps(next)]).toEqual([true, true])
  await story.rotating('carol', grant)
  await story.rotated('carol', grant, next, { step: 'deactivated' })
  expect(await keeps(deposit)).toBe(true)
  await story.rotated('carol', grant, next)
  expect([await keeps(deposit), await keeps(next)]).toEqual([false, true])
})
