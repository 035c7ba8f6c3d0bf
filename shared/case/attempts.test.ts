import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import { type Setup, setup } from '../testing/setup.ts'
import type { Story } from '../testing/story.ts'
import type { Standing } from '../testing/world.ts'
import type { CaseRefusalCode } from './types.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const idOf = (name: string) => person(name).member

async function approved() {
  const told = await setup(...names)
  const request = await told.story.ask('alice', told.plan)
  for (const name of ['carol', 'dave']) await told.story.decide(name, request)
  const current = () => told.story.case(request)
  return { ...told, request, current }
}

function after(ready: { id: string }, failed: { id: string } | null) {
  return { after: { ready: ready.id, failed: failed?.id ?? null } }
}

describe('an attempt', () => {
  it('is open for ten minutes', async () => {
    const { story, request, deposit, current } = await approved()
    const ready = await story.ready('bob', request, deposit)
    expect(current().attempt).toMatchObject({ number: 1, ready: { id: ready.id }, open: true })
    story.pass(10)
    expect(current()).toMatchObject({ attempt: null, attempts: [{ open: false }] })
  })

  it('is not open while its device’s clock is more than ten minutes ahead of this app’s', async () => {
    const { story, request, deposit, current } = await approved()
    await story.ready('bob', request, deposit, {}, { time: story.now + 11 * 60_000 })
    expect(current()).toMatchObject({ attempt: null, attempts: [{ number: 1, open: false }] })
    story.pass(1)
    expect(current().attempt).toMatchObject({ number: 1, open: true })
  })

  it('is over when its device failed, and the next may begin at once', async () => {
    const { story, request, deposit, current } = await approved()
    const first = await story.ready('bob', request, deposit)
    const failed = await story.fail('bob', first)
    expect(current().attempt).toBeNull()
    const second = await story.ready('carol', request, deposit, { attempt: 2, ...after(first, failed) })
    expect(current().attempt).toMatchObject({ number: 2, ready: { id: second.id } })
  })

  it('may be followed when it was silent for five minutes on this app’s own clock, whatever anybody claims', async () => {
    const { story, request, deposit, current } = await approved()
    const first = await story.ready('bob', request, deposit, {}, { time: story.now - 4 * 60_000 })
    story.pass(4)
    const second = await story.ready('carol', request, deposit, { attempt: 2, ...after(first, null) })
    expect(current().attempt?.ready.id).toBe(first.id)
    expect(current().refused).toMatchObject([{ id: second.id, code: 'attempt-order' }])
    story.pass(1)
    expect(current().attempt?.ready.id).toBe(second.id)
    expect(current().refused).toEqual([])
  })

  it('is not silent while its device speaks', async () => {
    const { story, request, deposit, current } = await approved()
    const first = await story.ready('bob', request, deposit)
    story.pass(4)
    await story.issuing('bob', first)
    story.pass(1)
    await story.ready('carol', request, deposit, { attempt: 2, ...after(first, null) })
    expect(current().attempts).toHaveLength(1)
    story.pass(4)
    expect(current().attempts).toHaveLength(2)
  })

  it('of one number is that of the device earlier in the plan, then of the lower id', async () => {
    const { story, request, deposit, current } = await approved()
    const later = await story.ready('carol', request, deposit)
    expect(current().attempt?.ready.id).toBe(later.id)
    const [one, two] = [await story.ready('bob', request, deposit), await story.ready('bob', request, deposit)]
    expect(current().attempt?.ready.id).toBe([one.id, two.id].sort()[0])
    expect(current().refused).toEqual([])
  })

  it('keeps its place when the one it followed lost to another', async () => {
    const { story, request, deposit, current } = await approved()
    const first = await story.ready('carol', request, deposit)
    const failed = await story.fail('carol', first)
    const second = await story.ready('carol', request, deposit, { attempt: 2, ...after(first, failed) })
    await story.ready('bob', request, deposit)
    expect(current().attempt?.ready.id).toBe(second.id)
  })

  it('keeps its place when the device before it says again that it failed', async () => {
    const { story, request, deposit, current } = await approved()
    const first = await story.ready('bob', request, deposit)
    const failures: VerifiedOf<'failed'>[] = []
    for (const message of ['one', 'two', 'three', 'four']) failures.push(await story.fail('bob', first, { message }))
    const highest = failures.sort((a, b) => (a.id < b.id ? 1 : -1))[0] as VerifiedOf<'failed'>
    const second = await story.ready('carol', request, deposit, { attempt: 2, ...after(first, highest) })
    expect(current().attempt?.ready.id).toBe(second.id)
  })

  it('that lost may have made a session all the same, and the case says so', async () => {
    const { story, request, deposit, current } = await approved()
    const lost = await story.ready('carol', request, deposit)
    const issuing = await story.issuing('carol', lost)
    const won = await story.ready('bob', request, deposit)
    expect(current()).toMatchObject({
      attempt: { ready: { id: won.id }, issuing: null },
      findings: [{ code: 'session-may-exist', id: issuing.id }],
    })
  })

  it('counts one release of each custodian who approved, in the plan’s order', async () => {
    const { story, request, deposit, current } = await approved()
    const ready = await story.ready('bob', request, deposit)
    await story.release('dave', ready)
    const twice = [await story.release('carol', ready), await story.release('carol', ready, { box: ready.id })]
    const releases = current().attempt?.releases ?? []
    expect(releases.map(({ payload }) => payload.member)).toEqual(['carol', 'dave'].map(idOf))
    expect(releases[0]?.id).toBe(twice.map(({ id }) => id).sort()[0])
  })
})

describe('what is refused:', () => {
  type Told = Awaited<ReturnType<typeof approved>>
  const refused: [CaseRefusalCode, string, (told: Told) => Promise<{ id: string }>][] = [
    [
      'not-active',
      'a decision by keys that are no longer in the roster',
      async ({ story, request, people }) => {
        const before = await replaceDevice(story, people, 'erin')
        return story.decide('erin', request, 'approve', { roster: before })
      },
    ],
    [
      'not-active',
      'a release by such keys',
      async ({ story, request, deposit, people }) => {
        const ready = await story.ready('bob', request, deposit)
        const before = await replaceDevice(story, people, 'erin')
        return story.release('erin', ready, {}, { roster: before })
      },
    ],
    [
      'not-custodian',
      'a decision by someone without a share',
      async ({ story, request, people }) => {
        const frank = { roles: ['approver' as const], groups: [] }
        await story.changeRoster('alice', { ...people, frank }, ['alice', 'bob'])
        return story.decide('frank', request)
      },
    ],
    ['own-request', 'a decision on one’s own request', ({ story, request }) => story.decide('alice', request)],
    ['not-requester', 'a withdrawal by someone else', ({ story, request }) => story.withdraw('bob', request)],
    [
      'not-issuer',
      'a ready of a device that may not issue',
      ({ story, request, deposit }) => story.ready('dave', request, deposit),
    ],
    [
      'not-issuer',
      'a failure that another device tells of',
      async ({ story, request, deposit }) => story.fail('carol', await story.ready('bob', request, deposit)),
    ],
    [
      'not-issuer',
      'an issuing on another device’s ready',
      async ({ story, request, deposit }) => story.issuing('carol', await story.ready('bob', request, deposit)),
    ],
    [
      'deposit-unfit',
      'a ready for a key that is not held',
      async ({ story, plan, request }) =>
        story.ready('bob', request, await story.deposit('alice', plan, { generation: 2 })),
    ],
    [
      'ready-too-long',
      'a ready of more than ten minutes',
      ({ story, request, deposit }) => story.ready('bob', request, deposit, { expires: story.now + 600_001 }),
    ],
    [
      'attempt-order',
      'a first attempt that follows something',
      ({ story, request, deposit }) => story.ready('bob', request, deposit, after(request, null)),
    ],
    [
      'attempt-order',
      'a second attempt that follows nothing',
      async ({ story, request, deposit }) => {
        await story.ready('bob', request, deposit)
        return story.ready('carol', request, deposit, { attempt: 2 })
      },
    ],
    [
      'attempt-order',
      'a second attempt while the first still runs',
      async ({ story, request, deposit }) => {
        const first = await story.ready('bob', request, deposit)
        return story.ready('carol', request, deposit, { attempt: 2, ...after(first, null) })
      },
    ],
    [
      'attempt-order',
      'a third attempt after the first',
      async ({ story, request, deposit }) => {
        const first = await story.ready('bob', request, deposit)
        const failed = await story.fail('bob', first)
        return story.ready('carol', request, deposit, { attempt: 3, ...after(first, failed) })
      },
    ],
    [
      'attempt-order',
      'an attempt that names another’s failure',
      async ({ story, request, deposit }) => {
        const first = await story.ready('bob', request, deposit)
        const other = await story.ready('carol', request, deposit)
        const failed = await story.fail('carol', other)
        return story.ready('carol', request, deposit, { attempt: 2, ...after(first, failed) })
      },
    ],
    [
      'ready-unknown',
      'a release to a ready that is not here',
      async ({ story, request, deposit }) => {
        const ready = await story.ready('bob', request, deposit)
        story.statements.pop()
        return story.release('carol', ready)
      },
    ],
    [
      'not-custodian',
      'a release by someone without a share',
      async ({ story, request, deposit }) => story.release('alice', await story.ready('bob', request, deposit)),
    ],
    [
      'share-index',
      'a release of another’s share',
      async ({ story, request, deposit }) =>
        story.release('carol', await story.ready('bob', request, deposit), { index: 1 }),
    ],
    [
      'share-index',
      'a release of another key’s share',
      async ({ story, request, deposit }) =>
        story.release('carol', await story.ready('bob', request, deposit), { deposit: request.id }),
    ],
    [
      'no-approval',
      'a release by a custodian who did not approve',
      async ({ story, request, deposit }) => story.release('erin', await story.ready('bob', request, deposit)),
    ],
  ]
  it.each(refused)('%s: %s', async (code, _, act) => {
    const told = await approved()
    const before = told.current()
    const { id } = await act(told)
    expect(told.current().refused.map((one) => [one.id, one.code])).toEqual([[id, code]])
    expect(told.current().quorum?.met).toBe(before.quorum?.met)
  })
})

/** Gives someone a new device, and gives back the roster in which the old one stood. */
async function replaceDevice(story: Story, people: Setup['people'], name: string): Promise<VerifiedOf<'roster'>> {
  const before = story.roster
  const { [name]: standing, ...others } = people
  await story.changeRoster('alice', { ...others, [`${name}/new phone`]: standing as Standing }, ['alice', 'bob'])
  return before
}
