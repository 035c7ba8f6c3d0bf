import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { granted, idOf, issuedTwice, MINUTE, NAMES, newKey, TO, type Told } from '../testing/aftercare.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import type { Standing } from '../testing/world.ts'
import { isOrderedToEnd } from './grants.ts'
import { isClosed } from './types.ts'

describe('a session', () => {
  it.each([
    ['whoever had it says that it is done', ({ story, grant }: Told) => story.end('alice', grant)],
    ['a custodian orders it', ({ story, grant }: Told) => story.revoke('dave', grant)],
  ])('is ending, not ended, when %s, also while AWS has the deny', async (_, act) => {
    const told = await granted()
    const { story, grant, current } = told
    story.pass(3)
    await act(told)
    const ending = { grant: grant.id, since: story.now, dies: grant.payload.expires, expired: false, saidBy: [] }
    expect(current()).toMatchObject({ state: 'ending', endings: [{ ...ending, denied: false }] })
    await story.revoked('bob', grant)
    expect(current()).toMatchObject({ state: 'ending', endings: [{ ...ending, denied: true }] })
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(current()).toMatchObject({ state: 'ended', endings: [] })
  })

  it.each(['done', 'revoked', 'timer', 'lost'] as const)(
    'is not ended before its time because whoever had it says that AWS refused it: %s',
    async (how) => {
      const { story, grant, current } = await granted()
      await story.end('alice', grant, { how, confirmation: 'aws-refused' })
      const ending = { grant: grant.id, since: story.now, dies: grant.payload.expires, saidBy: [idOf('alice')] }
      expect(current()).toMatchObject({ state: 'ending', endings: [ending] })
      story.now = grant.payload.expires - 1
      expect(current().state).toBe('ending')
      story.pass(1)
      expect(current()).toMatchObject({ state: 'ended', endings: [] })
    },
  )

  it('that nobody ordered to end lives on, whichever apps say that AWS has the deny', async () => {
    const { story, grant, current, grantNow } = await granted()
    await story.revoked('bob', grant)
    await story.revoked('erin', grant)
    expect(current()).toMatchObject({ state: 'granted', endings: [], refused: [] })
    expect(isOrderedToEnd(story.org(), grantNow())).toBe(false)
    story.now = grant.payload.expires
    expect(current()).toMatchObject({ state: 'ending', endings: [] })
  })

  it('is not ended by the words of whoever issued it and of others, without whoever had it', async () => {
    const { story, grant, current } = await granted()
    await story.end('bob', grant, { confirmation: 'aws-refused' })
    await story.revoked('bob', grant)
    await story.revoked('erin', grant)
    expect(current()).toMatchObject({ state: 'ending', endings: [{ denied: false, saidBy: [idOf('bob')] }] })
    await story.end('alice', grant, { how: 'done' })
    expect(current()).toMatchObject({ state: 'ending', endings: [{ denied: true, saidBy: [idOf('bob')] }] })
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    expect(current()).toMatchObject({ state: 'ended', endings: [] })
  })

  it('is said to be denied beside a custodian’s order as long as that custodian is one', async () => {
    const { story, grant, current, grantNow, people } = await granted()
    const isOrdered = () => isOrderedToEnd(story.org(), grantNow())
    await story.revoke('dave', grant)
    await story.revoked('bob', grant)
    expect([current().endings[0]?.denied, isOrdered()]).toEqual([true, true])
    const { dave: _, ...others } = people
    await story.changeRoster('alice', others, ['alice', 'carol'])
    expect(current()).toMatchObject({ state: 'ending', endings: [{ denied: false }] })
    expect(isOrdered()).toBe(false)
  })

  it('that its requester may deny as a custodian is not ended by that person’s words alone', async () => {
    const custodians = ['alice', 'bob', 'carol', 'dave'].map(idOf)
    const told = await setupWith(NAMES, {
      people: { alice: { roles: ['admin', 'approver', 'commander'], groups: [] } },
      plan: { access: carefulAccess, custodians, quorum: { count: 2, groups: [], veto: [] } },
    })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.revoke('alice', grant)
    await story.revoked('alice', grant)
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(story.case(request)).toMatchObject({ state: 'ending', refused: [] })
    await story.revoked('bob', grant)
    expect(story.case(request).state).toBe('ended')
  })

  it('is not ending early because its time is over, or the app lost it', async () => {
    const { story, grant, current } = await granted()
    await story.end('alice', grant, { how: 'lost' })
    expect(current()).toMatchObject({ state: 'ending', endings: [] })
    await story.end('alice', grant, { how: 'timer' })
    expect(current()).toMatchObject({ state: 'ending', endings: [] })
  })

  it('dies by itself, and then nobody wants it ended any more', async () => {
    const { story, grant, current } = await granted()
    await story.revoke('dave', grant)
    story.now = grant.payload.expires + 5 * MINUTE - 1
    expect(current()).toMatchObject({ state: 'ending', endings: [{ expired: true }] })
    story.pass(1)
    expect([current().state, current().endings.length]).toEqual(['ended', 0])
  })

  it('dies by AWS’s clock, which the issuing device measured', async () => {
    const told = await granted()
    const { story, grant } = told
    story.statements.splice(story.statements.indexOf(grant), 1)
    const ahead = await story.grant('bob', told, { skewMs: 2 * MINUTE })
    await story.revoke('dave', ahead)
    expect(told.current().endings).toMatchObject([{ dies: ahead.payload.expires - 2 * MINUTE, expired: false }])
    story.now = ahead.payload.expires - 2 * MINUTE
    expect(told.current().endings).toMatchObject([{ expired: true }])
  })

  it('that is surplus is ended by itself, and the other lives on', async () => {
    const told = await granted()
    const surplus = await issuedTwice(told)
    await told.story.revoke('dave', surplus)
    expect(told.current()).toMatchObject({ state: 'granted', endings: [{ grant: surplus.id }] })
  })

  it('that is surplus and lives keeps its case from having ended, however the other ended', async () => {
    const told = await granted()
    const { story, grant, request, current } = told
    const surplus = await issuedTwice(told, 60)
    const seen = async (one: VerifiedOf<'grant'>) => {
      await story.revoked('dave', one)
      await story.end('alice', one, { confirmation: 'aws-refused' })
    }
    await seen(grant)
    const of = () => [current().state, current().grant?.state, current().surplus[0]?.state]
    expect(of()).toEqual(['granted', 'ended', 'granted'])
    story.now = grant.payload.expires + 5 * MINUTE
    expect(of()).toEqual(['granted', 'ended', 'granted'])
    await newKey(told)
    await story.review('frank', request)
    expect(isClosed(current())).toBe(false)
    await story.revoke('dave', surplus)
    expect(of()).toEqual(['ending', 'ended', 'ending'])
    await seen(surplus)
    expect(of()).toEqual(['ended', 'ended', 'ended'])
  })

  it('may be ended by whoever is a custodian at the grant or later, on the device of that time, and by no device of before', async () => {
    const told = await setupWith(NAMES, { plan: { access: carefulAccess } })
    const { story, people } = told
    const { erin, dave, ...others } = people
    const old = story.roster
    const then = { ...others, dave: dave as Standing, 'erin/new phone': erin as Standing }
    await story.changeRoster('alice', then, ['alice', 'bob', 'carol'])
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol', 'dave'], 'bob')
    const before = await story.revoke('erin', grant, '', { roster: old })
    expect(story.case(request)).toMatchObject({ state: 'granted', refused: [{ id: before.id, code: 'not-active' }] })
    const at = await story.revoke('erin/new phone', grant)
    const later = { ...others, 'dave/new phone': dave as Standing, 'erin/new phone': erin as Standing }
    await story.changeRoster('alice', later, ['alice', 'bob', 'carol'])
    const after = await story.revoke('dave/new phone', grant)
    expect(new Set(story.case(request).grant?.revokes.map(({ id }) => id))).toEqual(new Set([at.id, after.id]))
  })

  it('ended by a custodian’s order is a finding that stays', async () => {
    const { story, grant, current, people } = await granted()
    await story.care('bob', grant, TO)
    const revoke = await story.revoke('dave', grant, 'It is misuse.')
    expect(current().findings).toEqual([{ code: 'revoked', id: revoke.id }])
    const { dave: _, ...others } = people
    await story.changeRoster('alice', others, ['alice', 'carol'])
    await story.revoked('bob', grant)
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(current()).toMatchObject({ state: 'ended', findings: [{ code: 'revoked', id: revoke.id }] })
  })
})
