import { expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import { type Setup, setup } from '../testing/setup.ts'
import { caseView } from './cases.ts'
import { namesIn } from './people.ts'

// Alice asks; the others hold shares, two of them are enough, and Bob’s device issues.
const names = ['alice', 'bob', 'carol', 'dave']

type Presence = 'unlocked' | 'locked' | 'gone'

/** Whom one of these people's windows sends to with a code or a file, by the first word of each name. */
function carriedTo(
  { story }: Setup,
  request: VerifiedOf<'request'>,
  me: string,
  there: Partial<Record<string, Presence>> = {},
  relayedAt: number | null = null,
) {
  const org = story.org()
  const { toCarry } = caseView(story.case(request), {
    org,
    names: namesIn(org),
    me: person(me).member,
    device: person(me).device,
    now: story.now,
    reach: (device) => {
      const name = names.find((one) => person(one).device === device) ?? ''
      const presence = there[name] ?? 'gone'
      const connected = presence === 'unlocked'
      return { connected, presence, since: null, via: '', why: null, relayedAt, clockDifferenceMs: null }
    },
    heldUntil: null,
    stands: () => '',
    came: () => null,
  })
  return [...toCarry.matchAll(/(\w+)’s/g)].map(([, name]) => name)
}

it('sends what a device said to whoever waits for it next, step by step', async () => {
  const told = await setup(...names)
  const { story, plan, deposit } = told
  const request = await story.ask('alice', plan)
  expect(carriedTo(told, request, 'alice')).toEqual(['bob', 'carol', 'dave'])
  expect(carriedTo(told, request, 'bob')).toEqual([])
  const carols = await story.decide('carol', request)
  expect(carriedTo(told, request, 'alice')).toEqual(['bob', 'dave'])
  expect(carriedTo(told, request, 'carol')).toEqual(['bob', 'dave'])
  const bobs = await story.decide('bob', request)
  expect(carriedTo(told, request, 'alice')).toEqual([])
  const ready = await story.ready('bob', request, deposit)
  expect(carriedTo(told, request, 'bob')).toEqual(['carol'])
  expect(carriedTo(told, request, 'dave')).toEqual([])
  const released = [await story.release('bob', ready), await story.release('carol', ready)]
  expect([carriedTo(told, request, 'bob'), carriedTo(told, request, 'carol')]).toEqual([[], ['bob']])
  const issuing = await story.issuing('bob', ready)
  story.pass(1)
  const basis = { request, plan, ready, issuing, decisions: [carols, bobs], releases: released }
  const grant = await story.grant('bob', basis)
  expect(carriedTo(told, request, 'bob')).toEqual(['alice'])
  expect(carriedTo(told, request, 'carol')).toEqual([])
  await story.end('alice', grant)
  expect([carriedTo(told, request, 'alice'), carriedTo(told, request, 'bob')]).toEqual([['bob'], []])
  await story.revoked('bob', grant)
  expect([carriedTo(told, request, 'alice'), carriedTo(told, request, 'bob')]).toEqual([['bob'], ['alice']])
})

it('sends to nobody who is connected, locked and called, or heard by relay', async () => {
  const told = await setup(...names)
  const request = await told.story.ask('alice', told.plan)
  expect(carriedTo(told, request, 'alice', { bob: 'unlocked', carol: 'locked' })).toEqual(['dave'])
  expect(carriedTo(told, request, 'alice', {}, told.story.now)).toEqual([])
})

it('says it in a sentence, of one and of several', async () => {
  const told = await setup(...names)
  const request = await told.story.ask('alice', told.plan)
  const says = (me: string) => {
    const org = told.story.org()
    return caseView(told.story.case(request), {
      org,
      names: namesIn(org),
      me: person(me).member,
      device: person(me).device,
      now: told.story.now,
      reach: () => ({
        connected: false,
        presence: 'gone',
        since: null,
        via: '',
        why: null,
        relayedAt: null,
        clockDifferenceMs: null,
      }),
      heldUntil: null,
      stands: () => '',
      came: () => null,
    }).toCarry
  }
  const how = 'What this one said goes there as a code or a file, from the timeline below.'
  expect(says('alice')).toBe(`bob’s, carol’s and dave’s devices are not connected. ${how}`)
  await told.story.decide('bob', request)
  await told.story.decide('carol', request)
  expect(says('carol')).toBe(`bob’s and dave’s devices are not connected. ${how}`)
})
