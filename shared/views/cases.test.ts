import { describe, expect, it } from 'vitest'
import { casesFrom } from '../case/case-from.ts'
import type { Case } from '../case/types.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { digestOf, person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup, setupWith, standings } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import { NOBODY_DENIES } from './aftercare-words.ts'
import { caseRowOf, outcomeWords } from './case-log.ts'
import { caseView as schema } from './case-views.ts'
import { type CaseContext, caseView } from './cases.ts'
import { KeptViews } from './kept-views.ts'
import { namesIn } from './people.ts'
import type { RotationHere } from './rotation.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']

/** An app that may begin to replace a key, and has done nothing. */
const IDLE: RotationHere = {
  isRunning: false,
  waits: null,
  says: null,
  made: null,
  offAt: null,
  isSaidOff: false,
  deletesAt: null,
  ends: null,
  elsewhere: null,
  alarms: [],
  isBehind: false,
  mayBegin: true,
}

/** What the windows of these people take over from their pictures before. */
const kept = new WeakMap<Setup, Map<string, KeptViews>>()

function keptBy(told: Setup, me: string): KeptViews {
  const windows = kept.get(told) ?? new Map<string, KeptViews>()
  kept.set(told, windows)
  const views = windows.get(me) ?? new KeptViews()
  windows.set(me, views)
  return views
}

/** A case as one of these people's windows shows it, whose picture before took over nothing that is different now. */
function view(
  told: Setup,
  request: VerifiedOf<'request'>,
  me = 'alice',
  cases?: readonly Case[],
  rotation: RotationHere | null = null,
) {
  const { story } = told
  const org = story.org()
  const { member, device } = person(me)
  const one = story.case(request)
  const context: CaseContext = {
    org,
    names: namesIn(org),
    me: member,
    device,
    now: story.now,
    reach: () => null,
    heldUntil: null,
    stands: () => '',
    came: () => null,
    rotation,
    ...(cases && { cases }),
  }
  const shown = schema.parse(caseView(one, context))
  expect(caseView(one, { ...context, kept: keptBy(told, me) })).toEqual(shown)
  return shown
}

it('waits for custodians again where a new key that was held is left with none to spare', async () => {
  const told = await setupWith(names, { plan: { access: carefulAccess } })
  const { story, plan, people } = told
  const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
  await story.hold(next, ['bob', 'carol', 'dave'])
  const at = () => view(told, request, 'alice', undefined, IDLE).rotation?.at
  expect(at()).toBe('switch')
  const { dave, ...others } = people
  await story.changeRoster('alice', { ...others, 'dave/new phone': dave as never }, ['alice', 'bob'])
  expect(story.org().generations.find(({ id }) => id === next.id)?.state).toBe('held')
  expect(at()).toBe('custody')
})

const DIFFERING = { more: 1 }

it('says of a case that nobody granted, or whose session is nobody’s, what keeps it open: something that no review saw', async () => {
  const told = await setupWith(names, { plan: { access: carefulAccess } })
  const { story, plan } = told
  const denied = await story.ask('alice', plan)
  for (const name of ['bob', 'carol', 'dave']) await story.decide(name, denied, 'deny')
  const rotation = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
  await story.care('bob', rotation.grant, { revoker: ['bob'], rotator: ['carol'] })
  story.pass(60)
  const light = 'Something came to light that no review saw. The case stays open until what it owes is done: '
  for (const request of [denied, rotation.request]) {
    const next = () => view(told, request).next
    await story.review('erin', request)
    expect(next()).not.toContain('came to light')
    await story.evidence('erin', request, DIFFERING)
    expect(next()).toContain(light)
    expect(view(told, request).timeline.at(-1)?.kind).toBe('evidence')
    await story.review('erin', request)
    expect(next()).not.toContain('came to light')
    expect(view(told, request).timeline.at(-1)?.says).toContain('having seen 1 that raises doubts.')
  }
  expect(view(told, denied).next).not.toContain('stays open')
})

it('says of a review that is owed again whether it is for AWS’s record, or for more than that', async () => {
  const told = await setupWith(names)
  const { story } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  await story.end('alice', grant, { confirmation: 'aws-refused' })
  const owed = () => view(told, request).obligations.find(({ code }) => code === 'review')?.says
  await story.evidence('erin', request, DIFFERING)
  expect(owed()).toBe('Review the case')
  await story.review('erin', request, { grants: [] })
  expect(owed()).toBe('Review the case again: no review says that its author saw all of it')
  await story.review('erin', request)
  expect(owed()).toBeUndefined()
  await story.evidence('dave', request, DIFFERING)
  expect(owed()).toContain('Review the case again: what AWS recorded differs from it')
})

/** Carol and erin are of the group security. */
const withVeto = () => setupWith(names, { plan: { quorum: { count: 2, groups: [], veto: ['security'] } } })

describe('a rotation in the window', () => {
  it('says what was made, and never that anybody has access', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const says = () => {
      const { headline, next } = view(told, request)
      return `${headline}. ${next}`
    }
    expect(says()).toContain('bob’s device is making what may replace the key')
    expect(says()).toContain('Nobody was given access: its session was handed to nobody')
    await story.care('bob', grant, { revoker: ['bob'], rotator: ['carol'] })
    expect(says()).toMatch(/^What may replace the key is made, and good for 12 h\./)
    story.pass(60)
    expect(says()).toContain('Nobody was given access, and its session is over. The case stays open until')
    story.pass(12 * 60)
    expect(says()).toMatch(/^What may replace the key was made, and its time is over\./)
    expect(view(told, request).obligations.map(({ code, says: owed }) => [code, owed])).toContainEqual([
      'rotate',
      'Deposit a new key in the place of the one that was used: a rotation uses it as well',
    ])
  })

  it('is never said to be handed to nobody, or to be nobody’s, where its session was handed over', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const row = () => caseRowOf(story.case(request), story.org().head.roster, namesIn(story.org()), story.now)
    const kept = view(told, request)
    expect(kept.next).toContain('Nobody was given access')
    expect(kept).toMatchObject({ forNobody: true, times: { access: null }, trail: { isMissing: false } })
    expect(outcomeWords(row())).toBe('Issued, no access')
    await story.handOver('bob', grant)
    const handed = view(told, request)
    expect(`${handed.headline}. ${handed.next}`).not.toContain('obody was given access')
    expect(`${handed.headline}. ${handed.next}`).toContain('alice')
    expect(handed).toMatchObject({ forNobody: false, times: { access: { by: { name: 'bob' } } } })
    expect(handed.trail?.isMissing).toBe(true)
    expect(outcomeWords(row())).toBe('Access granted')
  })

  it('is good for no longer than AWS lets any session live, whatever the issuing device says', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const claimed = { expires: Date.UTC(2199, 0), boxes: [{ device: person('carol').device, sealed: grant.id }] }
    await story.care('bob', grant, { revoker: ['bob'], rotator: [] }, { rotator: claimed })
    const over = grant.payload.time + 12 * 60 * 60_000
    expect(view(told, request).headline).toBe('What may replace the key is made, and good for 12 h')
    story.now = over - 3 * 60 * 60_000
    expect(view(told, request).headline).toBe('What may replace the key is made, and good for 3 h')
    story.now = over
    expect(view(told, request).headline).toBe('What may replace the key was made, and its time is over')
  })

  it('tells whoever decides who has what it is for already, whatever the app of whoever asks said', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story, plan } = told
    const { grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const request = await story.ask('alice', plan, { purpose: 'rotation' })
    const already = () => {
      const { by, onItsWay } = view(told, request, 'carol', casesFrom(story.org(), story.now)).already
      return { by: by.map(({ name }) => name), onItsWay }
    }
    expect(already()).toEqual({ by: [], onItsWay: grant.payload.request })
    await story.care('bob', grant, { revoker: ['bob'], rotator: ['carol'] })
    expect(already()).toEqual({ by: ['carol'], onItsWay: null })
    story.now = grant.payload.time + 12 * 60 * 60_000
    expect(already()).toEqual({ by: [], onItsWay: null })
  })

  it('never says that a key still works of which another case says that it is off or deleted', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story, plan } = told
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const made = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    await story.hold(made, ['bob', 'carol', 'dave'])
    const words = (here: Partial<RotationHere>) => {
      const { says = '', todo = '' } = view(told, request, 'carol', undefined, { ...IDLE, ...here }).rotation ?? {}
      return `${says} ${todo}`
    }
    expect(words({})).toBe('A new key is held. The key that was used still works. Touch your key to go on.')
    expect(words({ elsewhere: 'deactivated' })).toMatch(
      /is switched off, as another case says .*, and not deleted yet\./,
    )
    expect(words({ elsewhere: 'deleted' })).toMatch(
      /is deleted, as another case says .* Touch your key: this app looks/,
    )
    expect(words({ elsewhere: 'deleted', offAt: story.now })).toContain('is deleted, as another case says')
    expect(words({ elsewhere: 'deleted', mayBegin: false })).not.toContain('Touch')
  })

  it('says that nothing was made, and why', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const lacks = 'AWS refused the role lockbox-rotator.'
    await told.story.care('bob', grant, { revoker: ['bob'], rotator: ['carol'] }, { rotator: null, lacks })
    const { headline, next } = view(told, request)
    expect(headline).toBe('What may replace the key could not be made')
    expect(next).toContain(lacks)
  })
})

describe('a case in the window', () => {
  it('marks the seats of those whose denial alone stops it, and tells each of them', async () => {
    const told = await withVeto()
    const request = await told.story.ask('alice', told.plan)
    expect(view(told, request).seats.map(({ person: { name }, veto }) => [name, veto])).toEqual([
      ['bob', false],
      ['carol', true],
      ['dave', false],
      ['erin', true],
    ])
    expect(view(told, request, 'carol').mine.veto).toEqual(['security'])
    expect(view(told, request, 'bob').mine.veto).toEqual([])
  })

  it('gives no veto to who asks, though they hold a share', async () => {
    const carol = { roles: ['admin' as const, 'approver' as const, 'commander' as const], groups: ['security'] }
    const told = await setupWith(names, {
      people: { carol },
      plan: { requesters: [person('carol').member], quorum: { count: 2, groups: [], veto: ['security'] } },
    })
    const request = await told.story.ask('carol', told.plan)
    const seats = view(told, request, 'carol').seats.filter(({ veto }) => veto)
    expect(seats.map(({ person: { name } }) => name)).toEqual(['erin'])
    expect(view(told, request, 'carol').mine.veto).toEqual([])
  })

  it('says whose veto stopped it, or that too many denied', async () => {
    const told = await withVeto()
    const request = await told.story.ask('alice', told.plan)
    await told.story.decide('erin', request, 'deny')
    expect(view(told, request)).toMatchObject({
      state: 'blocked',
      next: 'erin denied, and the plan gives security a veto: one denial from there stops a request. A new request may be made.',
    })
    const plain = await setup(...names)
    const other = await plain.story.ask('alice', plain.plan)
    for (const name of ['bob', 'carol', 'dave']) await plain.story.decide(name, other, 'deny')
    expect(view(plain, other).next).toBe('So many denied that the others are not enough. A new request may be made.')
  })

  it('says that its plan was replaced while it was open, and what to do', async () => {
    const told = await setup(...names)
    const { story, plan } = told
    const request = await story.ask('alice', plan)
    const next = await story.draftPlan('alice', { ...plan.payload, predecessor: plan.id })
    for (const name of ['alice', 'bob']) await story.endorse(name, next)
    expect(view(told, request).next).toBe(
      'A newer version of its plan took its place. What is still needed has to be asked for anew, under that.',
    )
  })

  it('says that its plan cannot work any more, when somebody left', async () => {
    const told = await setup(...names)
    const request = await told.story.ask('alice', told.plan)
    await told.story.changeRoster('alice', standings(names.slice(0, 4)), ['alice', 'carol'])
    expect(view(told, request).next).toBe(
      'Its plan cannot work any more: Credentials says why. An admin drafts a new version.',
    )
  })

  it('shows on a seat what its custodian said, and nothing that foreign keys said in that name', async () => {
    const told = await setup(...names)
    const { story } = told
    const request = await story.ask('alice', told.plan)
    const rogue = await story.draftRoster('erin', { 'bob/impostor': { roles: ['approver'], groups: [] } })
    await story.decide('bob/impostor', request, 'deny', { roster: rogue })
    const seat = () => view(told, request).seats[0]?.state
    expect(seat()).toBe('asked')
    await story.decide('bob', request)
    expect(seat()).toBe('approved')
  })

  it('asks a custodian in whose name foreign keys decided as if nobody had', async () => {
    const told = await setup(...names)
    const { story } = told
    const request = await story.ask('alice', told.plan)
    const rogue = await story.draftRoster('erin', { 'bob/impostor': { roles: ['approver'], groups: [] } })
    const mine = () => view(told, request, 'bob').mine
    for (const verdict of ['approve', 'deny'] as const) {
      await story.decide('bob/impostor', request, verdict, { roster: rogue })
      expect(mine()).toMatchObject({ mayDecide: true, mayDeny: true, decided: null })
    }
    await story.decide('bob', request)
    expect(mine().decided).toBe('approve')
    await story.decide('bob', request, 'deny')
    expect(mine()).toMatchObject({ mayDecide: false, mayDeny: false, decided: 'deny' })
  })

  it('shows of each custodian the first denial, and the first approval where there is none', async () => {
    const told = await setup(...names)
    const { story } = told
    const request = await story.ask('alice', told.plan)
    const said = (verdict: 'approve' | 'deny', reason: string) =>
      story.sign('decision', 'bob', { request: request.id, verdict, reason })
    const seat = () => view(told, request).seats.find(({ person: { name } }) => name === 'bob')
    for (const [verdict, reason, shown] of [
      ['approve', 'first', 'first'],
      ['approve', 'second', 'first'],
      ['deny', 'third', 'third'],
      ['deny', 'fourth', 'third'],
      ['approve', 'fifth', 'third'],
    ] as const) {
      await said(verdict, reason)
      story.pass(1)
      expect(seat()?.reason).toBe(shown)
    }
  })

  it('shows of whoever both approved and denied what counts, and beside it what does not', async () => {
    const told = await setup(...names)
    const { story } = told
    const bob = (request: VerifiedOf<'request'>) => {
      const { seats, mine } = view(told, request, 'bob')
      const seat = seats.find(({ person: { name } }) => name === 'bob')
      return [seat?.state, seat?.reason, seat?.aside, seat?.asideReason, mine.decided]
    }
    const open = await story.ask('alice', told.plan)
    await story.decide('bob', open)
    expect(bob(open)).toEqual(['approved', '', '', '', 'approve'])
    await story.sign('decision', 'bob', { request: open.id, verdict: 'deny', reason: 'not her voice' })
    const also = 'Also approved (does not count: the same person denied)'
    expect(bob(open)).toEqual(['denied', 'not her voice', also, '', 'deny'])
    // The session was made of this approval: a denial that comes later, or from elsewhere, undoes nothing.
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    expect(bob(request)).toEqual(['released', '', '', '', 'approve'])
    await story.sign('decision', 'bob', { request: request.id, verdict: 'deny', reason: 'not her voice' })
    const late = 'Also denied (the grant was made without it)'
    expect(bob(request)).toEqual(['released', '', late, 'not her voice', 'approve'])
    await story.decide('dave', request)
    const dave = view(told, request).seats.find(({ person: { name } }) => name === 'dave')
    expect([dave?.state, dave?.aside]).toEqual(['approved', 'No grant stands on it'])
  })

  it('says a finding once, and how often it was found', async () => {
    const told = await setup(...names)
    const basis = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const again = () => told.story.grant('bob', basis, { expires: told.story.now + told.story.statements.length })
    const words = 'A second session was issued for this request. Whoever sees it should have it revoked.'
    await again()
    expect(view(told, basis.request).findings).toContain(words)
    await again()
    expect(view(told, basis.request).findings).toContain(`${words} (2 times)`)
  })

  it('says of a session that was ordered to end that it may still live, and when it dies by itself', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.revoke('dave', grant)
    expect(view(told, request)).toMatchObject({
      headline: 'The session is ending; not yet confirmed. It dies by itself in 15 min',
      next: expect.stringMatching(/^Until AWS denies it, it may still be used\./) as string,
    })
    const sole = await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(view(told, request)).toMatchObject({
      headline: 'The session has ended, as alice says; not yet confirmed. It dies by itself in 15 min',
      next: expect.stringContaining('it may still be used, and a custodian can order its end') as string,
      endings: [{ says: 'It has ended, as alice says. Nobody else bears it out: it may still be used.' }],
      grant: { confirmed: false },
    })
    story.statements.splice(story.statements.indexOf(sole), 1)
    await story.revoked('bob', grant)
    expect(view(told, request).next).toMatch(/^AWS has the deny, but was not yet seen to refuse a call\./)
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(view(told, request).headline).toBe('The session has ended')
  })

  it.each([
    ['names a role that may', carefulAccess, 0, true],
    ['names a role that may, of a session that lasts for another moment', carefulAccess, 1, true],
    ['names a role that may, of a session that is over', carefulAccess, -1, false],
    ['names none', usualPlan.access, 0, false],
  ])('says whether AWS can be told to deny a session whose plan %s', async (_, access, left, deniable) => {
    const told = await setupWith(names, { plan: { access } })
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const boxes = [{ device: person('carol').device, sealed: digestOf('box') }]
    const expires = told.story.now + grant.payload.skewMs + left
    const revoker = { userId: 'AROAEXAMPLEEXAMPLE00:lb-case-1', expires, boxes }
    if (left !== 0) await told.story.care('bob', grant, { revoker: [], rotator: ['carol'] }, { revoker })
    expect(view(told, request, 'dave').mine.mayRevoke).toEqual([{ grant: grant.id, deniable, confirmed: false }])
    await told.story.revoke('dave', grant)
    expect(view(told, request).endings).toMatchObject([{ says: deniable ? null : NOBODY_DENIES }])
    expect(view(told, request).next).toMatch(
      deniable ? /^Until AWS denies it, it may still be used\./ : /^It may still be used until then, since nobody can/,
    )
    await told.story.end('alice', grant, { confirmation: 'aws-refused' })
    expect(view(told, request).next).toContain(
      deniable ? 'used, and a custodian can order its end.' : 'used, and nobody can have AWS deny it.',
    )
  })

  it('says neither that AWS has the deny nor that it lacks it, where a device says so that nobody asked', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.end('bob', grant)
    expect(view(told, request).endings).toMatchObject([{ denied: false, claimed: false }])
    await story.revoked('carol', grant)
    expect(view(told, request).endings).toMatchObject([{ denied: false, claimed: true }])
    await story.end('alice', grant)
    expect(view(told, request).endings).toMatchObject([{ denied: true, claimed: false }])
  })

  it('never says that whoever asked has a session that was not handed over yet', async () => {
    const told = await setup(...names)
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    expect(view(told, request)).toMatchObject({
      headline: 'Access is granted and not handed over yet, 15 min left',
      next: 'The session has not come to alice yet: keep alice’s and bob’s apps open and unlocked.',
    })
    await told.story.handOver('bob', grant)
    expect(view(told, request)).toMatchObject({
      headline: 'Access is granted, 15 min left',
      next: 'alice has the session. It ends by itself.',
    })
  })

  it('says of a second session that it lives when the first has ended', async () => {
    const told = await setup(...names)
    const { story } = told
    const { request, grant, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const surplus = await story.grant('bob', { request, ...basis }, { expires: story.now + 60 * 60_000 })
    const [first, second] = story.case(request).grant?.id === grant.id ? [grant, surplus] : [surplus, grant]
    await story.handOver('bob', first)
    expect(view(told, request).headline).toMatch(/^Access is granted, /)
    await story.revoked('carol', first)
    await story.end('alice', first, { confirmation: 'aws-refused' })
    expect(view(told, request)).toMatchObject({
      state: 'granted',
      headline: expect.stringMatching(/^A second session lives, /) as string,
      next: expect.stringMatching(/wiped where it is held before; nobody can have AWS deny it\.$/) as string,
      grant: { id: first.id, confirmed: true },
    })
    await story.revoke('dave', second)
    expect(view(told, request).headline).toMatch(
      /^A second session is ending; not yet confirmed\. It dies by itself in /,
    )
  })

  it('lets a custodian order the end of a session until its time is over, whatever others say of it', async () => {
    const told = await setup(...names)
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const may = (name: string) => view(told, request, name).mine.mayRevoke.map(({ grant }) => grant)
    const isConfirmed = () => view(told, request, 'dave').mine.mayRevoke.map(({ confirmed }) => confirmed)
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    await story.revoke('carol', grant)
    expect(isConfirmed()).toEqual([false])
    await story.revoked('bob', grant)
    expect(isConfirmed()).toEqual([true])
    expect([view(told, request).state, may('carol'), may('dave')]).toEqual(['ended', [grant.id], [grant.id]])
    await story.revoked('carol', grant)
    expect([may('carol'), may('dave')]).toEqual([[], [grant.id]])
    story.now = grant.payload.expires + 5 * 60_000
    expect(may('dave')).toEqual([])
  })

  it('says of a key that is to be deleted who was given what may do it', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const owed = () => view(told, request).obligations.find(({ code }) => code === 'retire')
    expect(owed()).toMatchObject({ by: [], says: expect.stringContaining('may still work') as string })
    await told.story.care('bob', grant, { revoker: ['dave'], rotator: ['carol'] })
    expect(owed()?.by.map(({ name }) => name)).toEqual(['carol'])
  })

  it('says of a grant which key was used', async () => {
    const told = await setup(...names)
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    expect(view(told, request).grant?.deposit).toBe(told.deposit.id)
  })
})
