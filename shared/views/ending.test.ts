import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import { setup } from '../testing/setup.ts'
import { caseView } from './cases.ts'
import { namesIn } from './people.ts'

const MINUTE = 60_000

/**
 * Alice has access for 15 minutes. Bob's device issued, whose release and Carol's were dated by their clocks, and says when AWS ends it;
 * `end` is when AWS does.
 */
async function issued(ahead: { readonly bob?: number; readonly carol?: number } = {}, says = 0) {
  const { story, plan, deposit } = await setup('alice', 'bob', 'carol', 'dave')
  const request = await story.ask('alice', plan)
  const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
  const ready = await story.ready('bob', request, deposit)
  const at = (minutes = 0) => ({ time: story.now + minutes * MINUTE })
  const releases: VerifiedOf<'release'>[] = [
    await story.release('bob', ready, {}, at(ahead.bob)),
    await story.release('carol', ready, {}, at(ahead.carol)),
  ]
  const issuing = await story.issuing('bob', ready)
  const end = story.now + 15 * MINUTE
  const basis = { request, plan, ready, issuing, decisions, releases }
  const grant = await story.grant('bob', basis, { expires: end + says * MINUTE })
  const view = () => {
    const org = story.org()
    return caseView(story.case(request), {
      org,
      names: namesIn(org),
      me: person('dave').member,
      device: person('dave').device,
      now: story.now,
      reach: () => null,
      heldUntil: null,
      stands: () => '',
      came: () => null,
      rotation: null,
    })
  }
  const refused = (when: number) => story.end('alice', grant, { how: 'timer', confirmation: 'aws-refused', at: when })
  return { story, end, view, refused }
}

describe('a session that AWS refused at its own end', () => {
  it('is not said to be of use any more where a custodian’s clock is ahead, and whose is; nor to be over before all bears it out', async () => {
    const { story, end, view, refused } = await issued({ carol: 9 })
    story.now = end
    await refused(end)
    const { state, headline, next, endings } = view()
    expect([state, headline, next]).toEqual([
      'ending',
      'The session has ended, as alice says; not yet confirmed',
      'AWS refused it when its time was over. By carol’s clock, which seems to be ahead, it would live on: compare clocks. It is certain in 9 min.',
    ])
    expect(endings).toMatchObject([
      {
        late: true,
        says: 'AWS refused it when its time was over, as alice says. carol’s clock seems to be ahead: compare clocks.',
      },
    ])
    story.now = end + 9 * MINUTE - 1
    expect(view()).toMatchObject({ state: 'ending', next: expect.not.stringContaining('may still be used') as string })
    story.pass(1)
    expect(view().state).toBe('ended')
  })

  const others: [string, Parameters<typeof issued>, number, number][] = [
    ['was refused before', [{ carol: 9 }], 5, 6],
    ['says ahead that it was refused then', [{ carol: 9 }], 15, 6],
    ['would live on by a clock that is ahead by more than is taken for a clock', [{ carol: 11 }], 15, 15],
    ['has an end that its issuing device says much too early', [{}, -12], 3, 4],
    [
      'has an end that is earlier than what its issuing device released and dated itself bears out',
      [{ bob: 9 }],
      15,
      15,
    ],
  ]
  it.each(others)('is said to be of use still where it %s', async (_, given, refusedAt, now) => {
    const { story, end, view, refused } = await issued(...given)
    const since = end - 15 * MINUTE
    story.now = since + now * MINUTE
    await refused(since + refusedAt * MINUTE)
    const { next, endings } = view()
    expect(next).toContain('may still be used')
    expect(endings).toMatchObject([{ late: false, says: expect.stringContaining('may still be used') as string }])
  })
})
