import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { LockboxError } from '../../shared/errors.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { grantedCase } from '../testing/cases.ts'
import type { FakeMain } from '../testing/fake-main.ts'
import { button, fill, freshPages, part, press, show, tick } from '../testing/page.tsx'
import { digestId, type Who } from '../testing/people.ts'
import { memberSnapshot, session } from '../testing/snapshots.ts'
import { endedCase } from '../testing/stories-cases.ts'

freshPages()

const CASE = digestId('case ana')
const PATH = 'Path of the file with the credentials'
const trail = { attached: [], isMissing: true }
const found = {
  read: 9,
  kept: 5,
  leftOut: 0,
  differs: 0,
  grants: 1,
  seen: 1,
  unreached: 0,
  unasked: [],
  attached: true,
  regions: ['eu-west-1', 'us-east-1'],
  unanswered: [],
}
const text = () => document.body.textContent ?? ''

/** The case, on the screen of somebody whom main answers so. */
async function asking(me: Who, changes: Partial<Snapshot>, answer: () => unknown = () => found): Promise<FakeMain> {
  const answers = { 'cases.lookUp': answer, 'cases.stopLookUp': () => undefined }
  const { app, main } = await appWith(memberSnapshot(me, changes), answers)
  go(app.view, { screen: 'case', id: CASE })
  await show(app)
  await press('Ask CloudTrail…')
  return main
}
const sent = ({ calls }: FakeMain) =>
  calls.filter(({ channel }) => channel === 'cases.lookUp').map(({ request }) => request)
const ended = () => ({ cases: [endedCase(Date.now(), { trail })] })
const live = (changes = {}) => ({
  cases: [grantedCase(Date.now(), { trail, ...changes })],
  sessions: [session(600_000)],
})

describe('asking CloudTrail', () => {
  it('says what it knows and when, and goes by the session that is live here, or by a file', async () => {
    const main = await asking('ana', live())
    for (const words of ['90 days', 'quarter of an hour', 'two calls a second', 'other regions', 'us-east-1'])
      expect(part('Ask CloudTrail')).toContain(words)
    await press('Ask CloudTrail')
    expect(sent(main)).toEqual([{ request: CASE }])
    expect(text()).toContain('Attached 5 events: they differ in nothing from this case.')
    expect(part('Ask CloudTrail')).toBe('')
    await press('Ask CloudTrail…')
    await tick('Credentials in a file', 'signed')
    await fill(PATH, ' /tmp/reader.json ')
    await press('Ask CloudTrail')
    expect(sent(main).at(-1)).toEqual({ request: CASE, path: '/tmp/reader.json' })
  })

  it('goes by a file alone where no session is, or one that may do nothing; and by no file that is not named', async () => {
    const main = await asking('kim', ended())
    expect(text()).not.toContain('Whose credentials sign the calls')
    await press('Ask CloudTrail')
    expect(text()).toContain('Name the file with the credentials.')
    expect(sent(main)).toEqual([])
    await asking('ana', live({ purpose: 'drill' }))
    expect(text()).not.toContain('Whose credentials sign the calls')
  })

  it('tells how far it is, and can be stopped without a word of trouble', async () => {
    let refuse: (error: unknown) => void = () => undefined
    const main = await asking('ana', live(), () => new Promise((_, reject) => (refuse = reject)))
    await press('Ask CloudTrail')
    await act(async () => main.tell('cases.lookedUp', { request: digestId('another'), read: 7 }))
    await act(async () => main.tell('cases.lookedUp', { request: CASE, read: 150 }))
    expect(part('Ask CloudTrail')).toContain('150 events so far')
    await press('Stop asking')
    expect(main.calls.at(-1)).toEqual({ channel: 'cases.stopLookUp', request: { request: CASE } })
    await act(async () => refuse(new LockboxError('lookup-stopped', 'Stopped.')))
    expect(document.querySelector('[role=alert]')).toBeNull()
    expect(button('Not now')).toBeDefined()
  })

  it('says which region did not answer and why; what came is attached all the same', async () => {
    const says = 'CloudTrail in eu-west-1 did not answer.'
    await asking('ana', live(), () => ({ ...found, unreached: 1, unanswered: [{ region: 'eu-west-1', says }] }))
    await press('Ask CloudTrail')
    expect(part('Ask CloudTrail')).toContain('CloudTrail did not answer everything in eu-west-1.')
    expect(part('Ask CloudTrail')).toContain(says)
    expect(part('Ask CloudTrail')).not.toContain(`eu-west-1: ${says}`)
    expect(text()).toContain('Attached 5 events: they do not reach over all of this case.')
  })

  it.each([
    ['how many events found no room', { leftOut: 3, unreached: 1 }, 'There was no room for 3 more'],
    ['that there is no grant to compare with', { grants: 0, seen: 0 }, 'no grant is here to compare them with'],
  ])('says %s, and of neither that it agrees', async (_, changes, says) => {
    await asking('ana', live(), () => ({ ...found, ...changes }))
    await press('Ask CloudTrail')
    expect(text()).toContain(says)
    expect(text()).not.toContain('differ in nothing')
  })

  it('does not pass for evidence where nothing is known yet', async () => {
    await asking('ana', live(), () => ({ ...found, kept: 0, seen: 0, attached: false }))
    await press('Ask CloudTrail')
    expect(part('Ask CloudTrail')).toContain('CloudTrail knows nothing of this case so far.')
    expect(text()).not.toContain('Attached')
  })

  it('says that nothing is known only of the regions that answered', async () => {
    const unanswered = found.regions.map((region) => ({ region, says: `CloudTrail in ${region} did not answer.` }))
    const nothing = { ...found, kept: 0, seen: 0, attached: false }
    await asking('ana', live(), () => ({ ...nothing, unanswered: unanswered.slice(0, 1) }))
    await press('Ask CloudTrail')
    expect(part('Ask CloudTrail')).toContain(
      'CloudTrail knows nothing of this case so far in the regions that answered.',
    )
    await asking('ana', live(), () => ({ ...nothing, unanswered }))
    await press('Ask CloudTrail')
    expect(part('Ask CloudTrail')).toContain('CloudTrail did not answer everything in eu-west-1, us-east-1.')
    expect(part('Ask CloudTrail')).toContain('Nothing was attached.')
    expect(part('Ask CloudTrail')).not.toContain('knows nothing')
  })

  it('that AWS denied says which permission is lacking, and what else can be done', async () => {
    const denied = new LockboxError(
      'lookup-denied',
      'AWS says no. They need cloudtrail:LookupEvents, or attach files of a trail.',
    )
    await asking('ana', live(), () => Promise.reject(denied))
    await press('Ask CloudTrail')
    const alert = document.querySelector('[role=alert]')?.textContent ?? ''
    expect(alert).toContain('AWS says no.')
    expect(alert).toContain('cloudtrail:LookupEvents, or attach files of a trail.')
    expect(alert).toContain('Nothing was attached.')
  })
})
