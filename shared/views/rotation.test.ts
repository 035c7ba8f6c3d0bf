import { expect, it } from 'vitest'
import { casesFrom } from '../case/case-from.ts'
import { IDLE } from '../testing/case-window.ts'
import { person } from '../testing/keys.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import { namesIn } from './people.ts'
import { type RotationHere, rotationView } from './rotation.ts'

const HOUR = 60
const NEW = 'AKIAEXAMPLEEXAMPLE02'

/** An app that was begun, and has made no key. */
const RUNNING: RotationHere = { ...IDLE, isRunning: true, mayBegin: false }
/** Its key is the one that is held, of which it has no secret. */
const KEYLESS: RotationHere = { ...RUNNING, made: NEW, says: { is: 'waits', for: 'key' } }
const ONLY_A_DRILL = /Run a drill of this credential: it shows that the new key works/
const stuck = (why: string): RotationHere => ({ ...RUNNING, says: { is: 'stuck', why, words: `Stuck: ${why}.` } })

/** Alice's and carol's devices have what may replace the key that was used; alice's window. */
async function used() {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave', 'erin'], { plan: { access: carefulAccess } })
  const { story, plan } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  await story.care('bob', grant, { revoker: ['bob'], rotator: ['alice', 'carol'] })
  story.pass(20)
  const shown = (here: RotationHere, by = 'alice') => {
    const org = story.org()
    const { member, device } = person(by)
    const cases = casesFrom(org, story.now)
    const one = story.case(request)
    const view = rotationView(one, { org, cases, me: { member, device }, now: story.now, names: namesIn(org), here })
    if (view === null) throw new Error('the key is owed')
    return view
  }
  const deal = async (by: string, holders: readonly string[] = []) => {
    const next = await story.deposit(by, plan, { generation: 2, accessKeyId: NEW })
    await story.hold(next, [...holders])
    return next
  }
  return { story, grant, shown, deal }
}

it('tells to run a drill where no device has the secret of the new key', async () => {
  const { shown, deal } = await used()
  await deal('carol', ['bob', 'carol', 'dave', 'erin'])
  expect(shown(KEYLESS).trouble).toMatch(ONLY_A_DRILL)
  expect(shown(KEYLESS).also).toBeNull()
})

it('says whose device goes on with the new key, until that can do so no more: then a drill it is', async () => {
  const { story, grant, shown, deal } = await used()
  await story.rotating('alice', grant)
  const begun = await story.rotating('carol', grant)
  await deal('carol', ['bob', 'carol', 'dave', 'erin'])
  const until = grant.payload.time + 12 * HOUR * 60_000
  expect(shown(KEYLESS).also).toMatchObject({ person: { name: 'carol' }, at: begun.payload.time, until, key: 'ours' })
  expect(shown(KEYLESS).trouble).toMatch(/^carol’s device made the new key.* this app waits for that\./)
  // What no statement tells is left to whoever can ask carol: nobody waits for good.
  expect(shown(KEYLESS).trouble).toMatch(/If that app was locked by hand or closed since, .*then run a drill/)
  expect(shown(KEYLESS).trouble).not.toMatch(ONLY_A_DRILL)
  expect(shown(KEYLESS, 'carol').trouble).toMatch(ONLY_A_DRILL)
  story.now = until - 1
  expect(shown(KEYLESS).trouble).not.toMatch(ONLY_A_DRILL)
  story.now = until
  expect(shown(KEYLESS).trouble).toMatch(ONLY_A_DRILL)
})

it('tells to run a drill once the touch that deposited it was followed by another that began it: the secret is gone then', async () => {
  const { story, grant, shown, deal } = await used()
  await story.rotating('carol', grant)
  await deal('carol', ['bob', 'carol', 'dave', 'erin'])
  await story.rotating('carol', grant)
  expect(shown(KEYLESS).trouble).toMatch(ONLY_A_DRILL)
  expect(shown(KEYLESS).also).toMatchObject({ key: 'none' })
})

it('does not send anybody to delete the key that another device may be making', async () => {
  const { story, grant, shown } = await used()
  const alone = shown(stuck('no-room'))
  expect(alone).toMatchObject({ at: 'make', trouble: 'Stuck: no-room.', also: null })
  await story.rotating('carol', grant)
  const beside = shown(stuck('no-room'))
  expect(beside.trouble).toMatch(
    /^carol’s device began to replace this key as well, .*: let it go on there\. .*If that cannot be, delete/,
  )
  expect(beside.trouble).not.toContain('Stuck')
  expect(beside.says).toContain('This app and carol’s device have both begun')
  const refused = shown({
    ...RUNNING,
    says: { is: 'unreached', words: 'AWS says that the user has two keys already.' },
  })
  expect(refused.trouble).toBe(
    'AWS says that the user has two keys already. carol’s device began to replace this key as well.',
  )
  story.now = grant.payload.time + 12 * HOUR * 60_000
  expect(shown(stuck('no-room')).trouble).toBe('Stuck: no-room.')
})

it('asks for the custodians of the key that another device deposited', async () => {
  const { story, grant, shown, deal } = await used()
  await story.rotating('carol', grant)
  await deal('carol')
  expect(shown(stuck('room-taken'))).toMatchObject({ at: 'custody', also: { key: 'other' } })
  expect(shown(stuck('room-taken')).trouble).toMatch(
    /^carol’s device made the new key, .*ask them to accept their shares/,
  )
  expect(shown(stuck('old-not-listed')).trouble).toBe('Stuck: old-not-listed.')
})

it('says before a touch that another device is at it', async () => {
  const { story, grant, shown } = await used()
  expect(shown(IDLE).todo).toBe('Touch your key to go on.')
  await story.rotating('carol', grant)
  expect(shown(IDLE).todo).toMatch(/^carol’s device began to replace it.*touch your key to go on here\.$/)
  expect(shown({ ...IDLE, elsewhere: 'deleted' }).todo).toContain('this app looks whether it is so')
})
