import { expect, it } from 'vitest'
import type { Grant } from '../../shared/case/types.ts'
import { grantedCase, setup } from '../../shared/testing/setup.ts'
import { namesIn } from '../../shared/views/people.ts'
import { sessionView } from './session-view.ts'

const MINUTE = 60_000

/** How Alice's app shows a session that it does not hold. */
async function absent(isHandedOver: boolean, hasCome: boolean, endsInMs = 10 * MINUTE) {
  const told = await setup('alice', 'bob', 'carol', 'dave')
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  if (isHandedOver) await told.story.handOver('bob', grant)
  const one = told.story.case(request)
  const names = namesIn(told.story.org())
  const around = { endsInMs, now: told.story.now, hasCome, names, clipboardUntil: null, handoutCommand: null }
  return sessionView(one, one.grant as Grant, undefined, around)
}

const COMING = 'It opens by itself when it has come: keep alice’s and bob’s apps open and unlocked.'

it.each([
  ['was not handed over yet', false],
  ['was handed over, and did not come yet', true],
])('never says of a session that %s that it was lost', async (_, isHandedOver) => {
  expect(await absent(isHandedOver, false)).toMatchObject({ state: 'coming', says: COMING, here: false })
})

it('says of a session that came, and is not in memory, that it dies by itself', async () => {
  const says = expect.stringContaining('not in this app’s memory any more') as string
  expect(await absent(true, true)).toMatchObject({ state: 'cannot-confirm', says, here: false })
})

it('says of a session that never came, when its time is over, that nobody confirmed its end', async () => {
  const says = expect.stringContaining('nobody has confirmed') as string
  expect(await absent(false, false, 0)).toMatchObject({ state: 'cannot-confirm', says })
})

it('says of a session that is here whether AWS refuses it, and that it ends when AWS gave it, also where a custodian’s clock is ahead', async () => {
  const { story, plan, deposit } = await setup('alice', 'bob', 'carol', 'dave')
  const request = await story.ask('alice', plan)
  const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
  const ready = await story.ready('bob', request, deposit)
  const ahead = { time: story.now + 9 * MINUTE }
  const releases = [await story.release('bob', ready), await story.release('carol', ready, {}, ahead)]
  const issuing = await story.issuing('bob', ready)
  const skewMs = 1200
  const { payload } = await story.grant('bob', { request, plan, ready, issuing, decisions, releases }, { skewMs })
  const one = story.case(request)
  const live = { leftMs: () => 15 * MINUTE, ending: () => null, isHarmed: () => false }
  const around = {
    endsInMs: 19 * MINUTE,
    now: story.now,
    hasCome: true,
    names: namesIn(story.org()),
    clipboardUntil: null,
    handoutCommand: null,
  }
  const view = (held: Parameters<typeof sessionView>[2]) => sessionView(one, one.grant as Grant, held, around)
  const use = { end: null, handedOut: { times: 0, last: null } }
  expect(view({ live, ...use }).state).toBe('live')
  expect(view({ live: { ...live, isHarmed: () => true }, ...use }).state).toBe('refused')
  expect(view({ live, ...use })).toMatchObject({
    leftMs: 15 * MINUTE,
    ends: payload.expires - skewMs,
  })
  expect(view(undefined).ends).toBeGreaterThan(payload.expires)
})
