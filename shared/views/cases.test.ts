import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { names, view } from '../testing/case-window.ts'
import { person } from '../testing/keys.ts'
import { grantedCase, setup, setupWith, standings } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'

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
})
