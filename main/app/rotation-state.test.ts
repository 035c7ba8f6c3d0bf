import { describe, expect, it } from 'vitest'
import { isInUse, keyToReplace, owesOnlyRetiring } from '../../shared/case/replacing.ts'
import type { Grant } from '../../shared/case/types.ts'
import { nameOf, person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { carefulAccess } from '../../shared/testing/usual-plan.ts'
import { NOTHING_DONE, type RotationRecord } from './rotation-record.ts'
import { after, begunFrom, recordFor, saidElsewhere, waitFor, withEvidence } from './rotation-state.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const
const NEW = 'AKIAEXAMPLEEXAMPLE02'
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Alice had access by a key that bob, carol, dave and erin hold; what an app sees of it at that moment. */
async function used() {
  const custodians = ['bob', 'carol', 'dave', 'erin'].map((name) => person(name).member)
  const told = await setupWith(NAMES, {
    plan: { access: carefulAccess, custodians, quorum: { count: 2, groups: [], veto: [] } },
  })
  const { story, plan } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const one = () => story.case(request)
  const cases = () => [one()]
  const app = {
    org: () => story.org(),
    cases,
    currentCases: cases,
    clock: () => ({ wall: story.now, monotonic: story.now }),
  }
  const grantNow = () => one().grant as Grant
  const old = told.deposit.payload.header.accessKeyId
  const deposit = (accessKeyId = NEW, generation = 2) => story.deposit('carol', plan, { generation, accessKeyId })
  const next = async (accessKeyId?: string, generation?: number, holders = ['bob', 'carol', 'dave']) => {
    const made = await deposit(accessKeyId, generation)
    await story.hold(made, holders)
    return made
  }
  const wait = (kept: RotationRecord, holds: string | null = null) => waitFor(app, one(), grantNow(), kept, holds)
  /** Somebody gets another security key, and holds nothing any more. */
  const newKey = async (name: string) => {
    const { authenticators } = person(`${name}/new keys`).entry
    const members = story.roster.payload.members.map((each) =>
      each.member === person(name).member ? { ...each, authenticators } : each,
    )
    await story.changeRoster('alice', told.people, ['alice', 'bob'], { members })
  }
  return { ...told, request, grant, one, app, grantNow, old, dealt: deposit, next, wait, newKey }
}

const kept = (change: Partial<RotationRecord['progress']>, offAt: number | null = null): RotationRecord => ({
  ...NOTHING_DONE,
  progress: { ...NOTHING_DONE.progress, ...change },
  offAt,
})
const TESTED = { made: NEW, isTested: true }
const RETESTED = { ...TESTED, isRetested: true }

describe('what a rotation waits for', () => {
  it('is nothing until a new key was made and tried', async () => {
    const { wait } = await used()
    expect([wait(NOTHING_DONE), wait(kept({ made: NEW }), NEW)]).toEqual([null, null])
  })
  it('is its deposit while its secret is here, and nothing once nobody can know it any more', async () => {
    const { wait } = await used()
    expect([wait(kept(TESTED), NEW), wait(kept(TESTED))]).toEqual(['deposit', null])
  })
  it('is the deposit of another one also while one is held that is gone at AWS', async () => {
    const { wait, next, app, grantNow } = await used()
    await next()
    const third = 'AKIAEXAMPLEEXAMPLE03'
    expect(withEvidence(app, grantNow(), kept({ made: third, isTested: true }), third).made).toBe(third)
    expect(wait(kept({ made: third, isTested: true }), third)).toBe('deposit')
  })
  it('is the custodians until so many hold it that any one of them may be missing', async () => {
    const { wait, story, dealt, app, one, grantNow } = await used()
    const made = await dealt()
    await story.hold(made, ['bob', 'carol'])
    expect(wait(kept(TESTED))).toBe('custody')
    expect(recordFor(app, one(), grantNow(), kept(TESTED)).isHeld).toBe(false)
    await story.hold(made, ['dave'])
    expect(wait(kept(TESTED))).toBeNull()
    expect(recordFor(app, one(), grantNow(), kept(TESTED)).isHeld).toBe(true)
  })
  it('is another case that is about to use the old key, until it has', async () => {
    const { wait, next, story, plan, deposit, app, one, grantNow, old } = await used()
    const other = await story.ask('alice', plan)
    story.pass(1)
    for (const name of ['bob', 'carol']) await story.decide(name, other)
    const ready = await story.ready('bob', other, deposit)
    await next()
    const cases = () => [one(), story.case(other)]
    const both = { ...app, cases, currentCases: cases }
    expect(story.case(other).state).toBe('approved')
    expect(waitFor(both, one(), grantNow(), kept(TESTED), null)).toBe('in-use')
    expect(recordFor(both, one(), grantNow(), kept(TESTED))).toMatchObject({ old, isHeld: false })
    expect(isInUse(story.org(), cases(), old)).toBe(true)
    for (const name of ['bob', 'carol']) await story.release(name, ready)
    await story.issuing('bob', ready)
    expect(story.case(other).state).toBe('issuing')
    expect(isInUse(story.org(), cases(), old)).toBe(true)
    expect(wait(kept(TESTED))).toBeNull()
    // Once it is off there is nothing to wait for.
    expect(recordFor(both, one(), grantNow(), kept(TESTED, story.now)).isHeld).toBe(true)
  })
  it('is also one that is about to use it by another deposit of the same key', async () => {
    const { story, plan, next, old, dealt, app, one, grantNow } = await used()
    const again = await dealt(old, 2)
    await story.hold(again, ['bob', 'carol', 'dave'])
    const other = await story.ask('alice', plan)
    story.pass(1)
    for (const name of ['bob', 'carol']) await story.decide(name, other)
    await story.ready('bob', other, again)
    await next(NEW, 3)
    const cases = () => [one(), story.case(other)]
    const both = { ...app, cases, currentCases: cases }
    expect(waitFor(both, one(), grantNow(), kept(TESTED), null)).toBe('in-use')
    expect(recordFor(both, one(), grantNow(), kept(TESTED)).isHeld).toBe(false)
  })
  it('is another credential that opens the old key too, until that has another one', async () => {
    const { wait, next, story, plan, old, app, one, grantNow } = await used()
    await next()
    const credential = { ...plan.payload.credential, credential: nameOf('another') }
    const other = await story.draftPlan('alice', { ...plan.payload, plan: nameOf('beside'), credential })
    for (const name of ['alice', 'bob']) await story.endorse(name, other)
    const also = await story.deposit('bob', other, { accessKeyId: old })
    const held = () => recordFor(app, one(), grantNow(), kept(TESTED)).isHeld
    expect([wait(kept(TESTED)), held()]).toEqual([null, true])
    await story.hold(also, ['bob', 'carol', 'dave'])
    expect([wait(kept(TESTED)), held()]).toEqual(['shared', false])
    const own = await story.deposit('bob', other, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE03' })
    await story.hold(own, ['bob', 'carol', 'dave'])
    expect([wait(kept(TESTED)), held()]).toEqual([null, true])
  })
  it('is nothing where the old key was turned off and too few hold the new one any more: it is turned on again', async () => {
    const { wait, next, app, one, grantNow, grant, story, newKey, deposit } = await used()
    const made = await next(NEW, 2, ['bob', 'dave', 'erin'])
    const off = kept(RETESTED, story.now)
    const needed = (record: RotationRecord) => recordFor(app, one(), grantNow(), record).isOldNeeded
    expect([wait(off), needed(off)]).toEqual(['delay', false])
    const states = () => [deposit, made].map(({ id }) => story.org().generations.find((each) => each.id === id)?.state)
    // Two are enough to open it, but too few for the old one to go.
    await newKey('dave')
    expect([states(), wait(off), needed(off)]).toEqual([['retired', 'held'], 'custody', false])
    await newKey('erin')
    expect(states()).toEqual(['held', 'dealt'])
    expect([wait(off), wait(off, NEW), needed(off)]).toEqual([null, null, true])
    expect([wait(kept(RETESTED)), needed(kept(RETESTED))]).toEqual(['custody', false])
    // Another device has only its word, and not what people turned off since.
    await story.rotating('carol', grant)
    await story.rotated('carol', grant, made, { step: 'deactivated' })
    expect([needed(NOTHING_DONE), needed({ ...NOTHING_DONE, wasOn: true })]).toEqual([true, false])
    await story.hold(made, ['carol'])
    expect([states(), wait(off), needed(off)]).toEqual([['retired', 'held'], 'custody', false])
    await newKey('carol')
    expect([wait(off), needed(off)]).toEqual(['custody', false])
  })
  it('is an hour after the old key was switched off, or what else the case owes', async () => {
    const { wait, next, story, one, app, grantNow, grant } = await used()
    await next()
    const off = kept(RETESTED, story.now)
    const { deletesAt } = recordFor(app, one(), grantNow(), off)
    // That the new one works without it is looked at before.
    expect(wait(kept(TESTED, story.now))).toBeNull()
    expect([wait(off), deletesAt, owesOnlyRetiring(one())]).toEqual(['delay', story.now + HOUR, false])
    story.now += HOUR - 1
    expect(wait(off)).toBe('delay')
    story.now += 1
    expect([wait(off), recordFor(app, one(), grantNow(), off).deletesAt]).toEqual([null, deletesAt])
    expect(recordFor(app, one(), grantNow(), kept(RETESTED)).deletesAt).toBeNull()
    await story.end('alice', grant, { how: 'done', confirmation: 'aws-refused' })
    expect(owesOnlyRetiring(one())).toBe(false)
  })
  it('is nothing any more once the case is over and owes nothing else', async () => {
    const { wait, next, story, one, app, grantNow, grant, request } = await used()
    await next()
    const off = kept(RETESTED, story.now)
    await story.review('erin', request, { grants: [grant.id] })
    expect([one().obligations.map(({ code }) => code), one().state, wait(off)]).toEqual([
      ['retire'],
      'granted',
      'delay',
    ])
    await story.end('alice', grant, { how: 'done', confirmation: 'aws-refused' })
    await story.revoked('bob', grant)
    expect([one().state, wait(off)]).toEqual(['ended', null])
    expect(recordFor(app, one(), grantNow(), off).deletesAt).toBe(off.offAt)
  })
})

describe('what the record adds to a rotation', () => {
  it('is a key that is held in the old one’s place, whoever made it, unless one that was made here has to go first', async () => {
    const { next, app, grantNow, dealt, story } = await used()
    const seen = (record: RotationRecord, holds: string | null = null) =>
      withEvidence(app, grantNow(), record, holds).made
    const made = await dealt()
    expect(seen(NOTHING_DONE)).toBeNull()
    await story.hold(made, ['bob', 'carol', 'dave'])
    expect(seen(NOTHING_DONE)).toBe(NEW)
    expect(seen(kept({ made: 'AKIAEXAMPLEEXAMPLE09' }))).toBe('AKIAEXAMPLEEXAMPLE09')
    expect(seen(kept({ made: 'AKIAEXAMPLEEXAMPLE09' }), 'AKIAEXAMPLEEXAMPLE09')).toBe('AKIAEXAMPLEEXAMPLE09')
    const untried = { isTested: false, isRetested: false }
    expect(withEvidence(app, grantNow(), NOTHING_DONE, null)).toMatchObject(untried)
    // A later case replaced that one too: else its absence would turn the old key on again.
    await next('AKIAEXAMPLEEXAMPLE03', 3)
    expect(withEvidence(app, grantNow(), kept(RETESTED), null)).toMatchObject({
      made: 'AKIAEXAMPLEEXAMPLE03',
      ...untried,
    })
    // Whose secret is here is not given up for one that is held.
    const own = 'AKIAEXAMPLEEXAMPLE04'
    await dealt(own, 4)
    expect([seen(kept({ made: own }), own), seen(kept({ made: own }))]).toEqual([own, 'AKIAEXAMPLEEXAMPLE03'])
  })
  it('is no other key where the old one was dealt anew', async () => {
    const { app, grantNow, dealt, story, old } = await used()
    await story.hold(await dealt(old), ['bob', 'carol', 'dave'])
    expect(withEvidence(app, grantNow(), NOTHING_DONE, null).made).toBeNull()
  })
  it('is that the new key works, by a session that was issued with it since, or the word of who dealt it', async () => {
    const told = await used()
    const { app, grantNow, story, next, one, grant } = told
    const made = await next()
    const seen = (record: RotationRecord) => withEvidence(app, grantNow(), record, null)
    expect(seen(kept({ made: NEW }, story.now))).toMatchObject({ isTested: false, isRetested: false })
    const off = story.now
    story.pass(1)
    const drill = await grantedCase({ ...told, deposit: made }, 'alice', ['bob', 'carol'], 'bob')
    const cases = () => [one(), story.case(drill.request)]
    const both = { ...app, cases, currentCases: cases }
    const since = (at: number) => withEvidence(both, grantNow(), kept({ made: NEW }, at), null)
    expect(since(off)).toMatchObject({ isTested: true, isRetested: true })
    expect(since(story.now)).toMatchObject({ isTested: true, isRetested: false })
    // While the old one is on, that says nothing of how it is without it.
    const on = withEvidence(both, grantNow(), kept({ made: NEW }), null)
    expect(on).toMatchObject({ isTested: true, isRetested: false })
    await story.rotating('carol', grant)
    await story.rotated('carol', grant, made, { step: 'deactivated' })
    expect(seen(kept({ made: NEW }, story.now))).toMatchObject({ isTested: true, isRetested: false })
  })
  it('is which keys are accounted for, which one in a deposit that is not sound is not', async () => {
    const { app, one, grantNow, story, plan, dealt, old } = await used()
    const stranger = 'AKIAEXAMPLEEXAMPLE66'
    // Erin is no admin.
    await story.deposit('erin', plan, { generation: 3, accessKeyId: stranger })
    await dealt()
    const facts = recordFor(app, one(), grantNow(), NOTHING_DONE)
    expect(new Set(facts.named)).toEqual(new Set([old, NEW, stranger]))
    expect([new Set(facts.sound), facts.next]).toEqual([new Set([old, NEW]), [NEW]])
    const lost = kept({ made: stranger, isTested: true })
    expect(waitFor(app, one(), grantNow(), lost, null)).toBeNull()
    expect(withEvidence(app, grantNow(), lost, null).made).toBe(stranger)
  })
  it('is that the old key was one of the user’s, by the word of who turned it off', async () => {
    const { app, grantNow, story, next, grant } = await used()
    const made = await next()
    const sawOld = () => withEvidence(app, grantNow(), kept({ made: NEW }), null).sawOld
    await story.rotating('carol', grant)
    expect(sawOld()).toBe(false)
    await story.rotated('carol', grant, made, { step: 'deactivated' })
    expect(sawOld()).toBe(true)
  })
})

it('takes the word of another case that used the same key, which its rotation deleted', async () => {
  const told = await used()
  const { story, app, next, grant, request } = told
  const second = await grantedCase(told, 'alice', ['bob', 'dave'], 'bob')
  const both = () => [request, second.request].map((each) => story.case(each))
  const device = { ...app, cases: both, currentCases: both }
  const made = await next()
  const seen = () => withEvidence(device, story.case(second.request).grant as Grant, kept({ made: NEW }), null)
  await story.rotating('carol', grant)
  expect(seen()).toMatchObject({ sawOld: false, isTested: false })
  await story.rotated('carol', grant, made, { step: 'deactivated' })
  expect(seen()).toMatchObject({ sawOld: true, isTested: true, isRetested: false })
})

it('says of a key what another case that used it says of it, and no case of itself', async () => {
  const told = await used()
  const { story, app, next, grant, request, grantNow, newKey } = told
  const second = await grantedCase(told, 'alice', ['bob', 'dave'], 'bob')
  const both = () => [request, second.request].map((each) => story.case(each))
  const device = { ...app, cases: both, currentCases: both }
  const said = () => saidElsewhere(device, story.case(second.request).grant as Grant)
  const made = await next(NEW, 2, ['bob', 'dave', 'erin'])
  await story.rotating('carol', grant)
  expect(said()).toBeNull()
  await story.rotated('carol', grant, made, { step: 'deactivated' })
  expect(said()).toBe('deactivated')
  await story.rotated('carol', grant, made)
  expect(said()).toBe('deleted')
  expect(saidElsewhere(device, grantNow())).toBeNull()
  await newKey('dave')
  expect(said()).toBe('deleted')
  await newKey('erin')
  expect(said()).toBeNull()
})

it('says nothing of a key because another one of the user was deleted', async () => {
  const told = await used()
  const { story, app, next, request, grantNow } = told
  const made = await next()
  const later = await grantedCase({ ...told, deposit: made }, 'alice', ['bob', 'carol'], 'bob')
  const both = () => [request, later.request].map((each) => story.case(each))
  const device = { ...app, cases: both, currentCases: both }
  const third = await next('AKIAEXAMPLEEXAMPLE03', 3)
  await story.rotating('carol', later.grant)
  await story.rotated('carol', later.grant, third, { accessKeyId: NEW })
  expect(story.case(later.request).grant?.rotations).toHaveLength(1)
  expect(saidElsewhere(device, grantNow())).toBeNull()
  expect(withEvidence(device, grantNow(), NOTHING_DONE, null).sawOld).toBe(false)
})

describe('what is kept of a turn', () => {
  const turned = (
    outcome: Parameters<typeof after>[1]['outcome'],
    seen: Parameters<typeof after>[1]['seen'] = null,
  ) => ({
    seen,
    outcome,
    progress: { ...NOTHING_DONE.progress, ...TESTED },
    alarms: ['AKIAEXAMPLEEXAMPLE07'],
    unusable: null,
    holds: null,
  })
  it('is since when the old key is off, also where the answer that turned it off was lost', () => {
    expect(after(NOTHING_DONE, turned({ is: 'deactivated' }), 5)).toMatchObject({ offAt: 5, goneAt: null })
    expect(after(NOTHING_DONE, turned({ is: 'retested' }), 6)).toMatchObject({ offAt: 6 })
    expect(after(kept({}, 4), turned({ is: 'retested' }), 6)).toMatchObject({ offAt: 4 })
    expect(after(NOTHING_DONE, turned({ is: 'tested' }), 6)).toMatchObject({ offAt: null })
    // Off, and only a drill shows that the new one works without it; before that one was ever tried it says nothing.
    const waits = turned({ is: 'waits', for: 'key' })
    expect(after(NOTHING_DONE, waits, 6)).toMatchObject({ offAt: 6 })
    const untried = { ...waits, progress: { ...waits.progress, isTested: false } }
    expect(after(NOTHING_DONE, untried, 6)).toMatchObject({ offAt: null })
    expect(after(kept({}, 4), turned({ is: 'reactivated' }), 6)).toMatchObject({ offAt: null })
  })
  it('is by AWS’s clock since when it is off, and counts anew where somebody turned it on meanwhile', () => {
    const off = (isOldOn: boolean, at = 90) => ({ at, isOldOn })
    expect(after(NOTHING_DONE, turned({ is: 'deactivated' }, off(true)), 5)).toMatchObject({ offAt: 90, wasOn: true })
    expect(after(kept({}, 4), turned({ is: 'deactivated' }, off(true)), 6)).toMatchObject({ offAt: 90 })
    expect(after(kept({}, 4), turned({ is: 'unreached', words: '' }, off(false)), 6)).toMatchObject({ offAt: 4 })
    // The answer that turned it on was lost.
    expect(after(kept({}, 4), turned({ is: 'unreached', words: '' }, off(true)), 6)).toMatchObject({ offAt: null })
    expect(after(kept({}, 4), turned({ is: 'unreached', words: '' }), 6)).toMatchObject({ offAt: 4, wasOn: false })
    expect(after(kept({}, 4), turned({ is: 'deleted' }, off(false)), 6)).toMatchObject({ goneAt: 90 })
  })
  it('is once it is begun anew, but that the old key is gone: that is to be seen again', () => {
    const before = { ...kept(RETESTED, 4), wasOn: true, goneAt: 9, alarms: ['AKIAEXAMPLEEXAMPLE07'] }
    expect(begunFrom(before)).toEqual({ ...before, goneAt: null })
    expect(begunFrom(undefined)).toEqual(NOTHING_DONE)
  })
  it('is when it was gone, and what nobody accounts for', () => {
    expect(after(kept({}, 4), turned({ is: 'deleted' }), 9)).toMatchObject({
      goneAt: 9,
      alarms: ['AKIAEXAMPLEEXAMPLE07'],
    })
  })
})

describe('the key that is to be replaced', () => {
  it('is the one that a case used until somebody who began it says that it is deleted', async () => {
    const { one, next, story, grant } = await used()
    const made = await next()
    expect(keyToReplace(one())?.id).toBe(grant.id)
    await story.rotating('carol', grant)
    await story.rotated('carol', grant, made, { step: 'deactivated' })
    expect(keyToReplace(one())?.id).toBe(grant.id)
    await story.rotated('carol', grant, made)
    expect(keyToReplace(one())).toBeNull()
  })
})
