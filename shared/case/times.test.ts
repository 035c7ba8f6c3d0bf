import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import { outcomeOf } from './outcome.ts'
import { timesOf } from './times.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const idOf = (name: string) => person(name).member
const MINUTE = 60_000

const times = ({ story }: Setup, request: VerifiedOf<'request'>) =>
  timesOf(story.case(request), story.org().head.roster)

const expired = ({ payload }: VerifiedOf<'grant'>) =>
  ({ at: payload.expires, member: idOf('bob'), known: 'expired', how: 'expired' }) as const

async function granted() {
  const told = await setup(...names)
  return { ...told, told, ...(await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')) }
}

describe('the measured times of a case', () => {
  it('are those that its steps claim, each by the device that took it', async () => {
    const { told, story, request, decisions, grant } = await granted()
    const asked = { at: request.payload.time, member: idOf('alice') }
    // Both claim the same moment: then by device.
    const last = decisions.toSorted((a, b) => (a.payload.device < b.payload.device ? -1 : 1)).at(-1)?.payload
    const quorum = { at: last?.time, member: last?.member }
    const issued = { at: grant.payload.time, member: idOf('bob') }
    expect(times(told, request)).toEqual({ asked, quorum, access: issued, end: null })
    story.pass(1)
    const handover = await story.handOver('bob', grant)
    expect(handover.payload.time).toBe(grant.payload.time + MINUTE)
    story.pass(3)
    await story.end('alice', grant)
    expect(times(told, request)).toEqual({
      asked,
      quorum,
      access: { at: handover.payload.time, member: idOf('bob') },
      end: { at: story.now, member: idOf('alice'), known: 'said', how: 'done' },
    })
  })

  it('have no access in a rotation, whose session is for nobody, until it was handed over all the same', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const asked = { purpose: 'rotation' } as const
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', asked)
    told.story.now = grant.payload.expires
    expect(times(told, request)).toMatchObject({ access: null, end: { known: 'expired' } })
    const { payload } = await told.story.handOver('bob', grant)
    expect(times(told, request).access).toEqual({ at: payload.time, member: idOf('bob') })
  })

  it('have no end because one was ordered, or AWS has the deny, before the time is over', async () => {
    const { told, story, request, grant } = await granted()
    await story.revoke('carol', grant)
    await story.revoked('carol', grant)
    expect(times(told, request).end).toBeNull()
    story.now = grant.payload.expires
    expect(times(told, request).end).toEqual(expired(grant))
  })

  it('have no quorum before it is met, whoever else approves or says so with other keys', async () => {
    const told = await setup(...names)
    const { story, plan } = told
    const request = await story.ask('alice', plan)
    await story.decide('bob', request)
    await story.decide('bob', request)
    await story.decide('alice', request)
    await story.decide('erin', request, 'deny')
    await story.decide('erin', request)
    expect(times(told, request)).toMatchObject({ quorum: null, access: null, end: null })
    story.pass(2)
    const last = await story.decide('dave', request)
    expect(times(told, request).quorum).toEqual({ at: last.payload.time, member: idOf('dave') })
  })

  it('name the approval that completed the rule by the order of the claims, not of arrival', async () => {
    const told = await setup(...names)
    const { story, plan } = told
    const request = await story.ask('alice', plan)
    const late = await story.decide('bob', request, 'approve', { time: story.now + 5 * MINUTE })
    await story.decide('carol', request, 'approve', { time: story.now + MINUTE })
    expect(times(told, request).quorum).toEqual({ at: late.payload.time, member: idOf('bob') })
  })

  it('stay as they are when somebody approves after the grant with an earlier claim', async () => {
    const { told, story, request } = await granted()
    const before = times(told, request)
    await story.decide('dave', request, 'approve', { time: request.payload.time })
    expect(story.case(request).quorum?.approved).toContain(idOf('dave'))
    expect(times(told, request)).toEqual(before)
  })

  it('end with AWS’s expiration by the issuer’s clock, unless AWS refused a call after it', async () => {
    const { told, story, request, grant } = await granted()
    story.pass(14)
    expect(times(told, request).end).toBeNull()
    story.pass(1)
    expect(times(told, request).end).toEqual(expired(grant))
    const end = await story.end('alice', grant, { at: story.now - 2 * MINUTE })
    const said = { at: end.payload.at, member: idOf('alice'), known: 'said', how: 'done' }
    expect(times(told, request).end).toEqual(said)
    await story.end('bob', grant, { how: 'timer', confirmation: 'aws-refused', at: story.now + MINUTE })
    const refused = { at: story.now + MINUTE, member: idOf('bob'), known: 'refused', how: 'timer' }
    expect(times(told, request).end).toEqual(refused)
  })

  it.each(['none', 'aws-refused'] as const)(
    'end with AWS’s expiration, whenever one person says that it ended before (%s)',
    async (confirmation) => {
      const { told, story, request, grant } = await granted()
      story.pass(3)
      await story.end('alice', grant, { confirmation })
      expect(times(told, request).end).toMatchObject({ at: story.now, known: 'said' })
      await story.end('bob', grant, { confirmation })
      story.now = grant.payload.expires + 5 * MINUTE
      expect(times(told, request).end).toEqual(expired(grant))
    },
  )

  it('end by what is said, not by AWS’s refusal, while that is the word of whoever had it alone', async () => {
    const { told, story, request, grant } = await granted()
    story.pass(3)
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    const end = { at: story.now, member: idOf('alice'), how: 'done' }
    expect(times(told, request).end).toEqual({ ...end, known: 'said' })
    await story.revoked('bob', grant)
    expect(times(told, request).end).toEqual({ ...end, known: 'refused' })
    story.pass(60)
    expect(times(told, request).end).toEqual({ ...end, known: 'refused' })
  })

  it('end no earlier than somebody else says that AWS had the deny, whenever it is said to be refused', async () => {
    const { told, story, request, grant } = await granted()
    story.pass(9)
    await story.end('alice', grant, { confirmation: 'aws-refused', at: story.now - 8 * MINUTE })
    await story.revoked('alice', grant, { at: story.now - 8 * MINUTE })
    const { at } = (await story.revoked('carol', grant, { at: story.now - MINUTE })).payload
    await story.revoked('bob', grant)
    expect(times(told, request).end).toEqual({ at, member: idOf('carol'), known: 'refused', how: 'done' })
    story.pass(60)
    expect(times(told, request).end).toMatchObject({ at, known: 'refused' })
  })

  it('end with AWS’s expiration where AWS had the deny only after it', async () => {
    const { told, story, request, grant } = await granted()
    story.pass(3)
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    story.now = grant.payload.expires
    await story.revoked('bob', grant)
    expect(times(told, request).end).toEqual(expired(grant))
  })

  it('end at AWS’s expiration where AWS was asked only long after it', async () => {
    const { told, story, request, grant } = await granted()
    story.now = grant.payload.expires + 5 * MINUTE - 1
    const soon = await story.end('alice', grant, { confirmation: 'aws-refused' })
    expect(times(told, request).end).toMatchObject({ at: soon.payload.at, known: 'refused' })
    story.statements.splice(story.statements.indexOf(soon), 1)
    story.pass(9 * 60)
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    expect(times(told, request).end).toEqual(expired(grant))
  })

  it('take AWS’s expiration off by how far AWS’s clock was ahead', async () => {
    const told = await setup(...names)
    const basis = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    told.story.statements.splice(told.story.statements.indexOf(basis.grant), 1)
    const { payload } = await told.story.grant('bob', basis, { skewMs: 90_000 })
    told.story.pass(30)
    expect(times(told, basis.request).end?.at).toBe(payload.expires - 90_000)
  })
})

describe('what came of a case is', () => {
  const outcome = ({ story }: Setup, request: VerifiedOf<'request'>) =>
    outcomeOf(story.case(request), story.org().head.roster)

  it('granted, from the grant on and for good', async () => {
    const { told, story, request } = await granted()
    expect(outcome(told, request)).toBe('granted')
    story.pass(600)
    expect(outcome(told, request)).toBe('granted')
  })

  it('open, then expired when nobody answers', async () => {
    const told = await setup(...names)
    const request = await told.story.ask('alice', told.plan)
    expect(outcome(told, request)).toBe('open')
    told.story.pass(60)
    expect(outcome(told, request)).toBe('expired')
  })

  it('denied, when too few are left to approve; withdrawn, when whoever asked says so', async () => {
    const told = await setup(...names)
    const request = await told.story.ask('alice', told.plan)
    for (const name of ['bob', 'carol', 'dave']) await told.story.decide(name, request, 'deny')
    expect(outcome(told, request)).toBe('denied')
    told.story.pass(60)
    expect(told.story.case(request).state).toBe('expired')
    expect(outcome(told, request)).toBe('denied')
    await told.story.withdraw('alice', request)
    expect(outcome(told, request)).toBe('withdrawn')
  })

  it('expired, where it was denied by too few, also once custodians have left without whom it never could be approved', async () => {
    const told = await setup(...names)
    const { story, plan, people } = told
    const request = await story.ask('alice', plan)
    await story.decide('bob', request, 'deny')
    story.pass(60)
    expect(outcome(told, request)).toBe('expired')
    const { dave: _, erin: __, ...others } = people
    await story.changeRoster('alice', others, ['alice', 'bob', 'carol'])
    expect(story.case(request).quorum).toMatchObject({ blocked: true, denied: [idOf('bob')] })
    expect(outcome(told, request)).toBe('expired')
  })

  it('what it was, when whoever asked has left since', async () => {
    const told = await setup(...names)
    const { story, plan, people } = told
    const [late, denied] = [await story.ask('alice', plan), await story.ask('alice', plan)]
    for (const name of ['bob', 'carol', 'dave']) await story.decide(name, denied, 'deny')
    const open = await story.ask('alice', plan, {}, { time: story.now + MINUTE })
    story.pass(60)
    const { alice: _, ...others } = people
    await story.changeRoster('bob', others, ['bob', 'carol'])
    expect([outcome(told, late), outcome(told, denied)]).toEqual(['expired', 'denied'])
    expect(story.case(open)).toMatchObject({ state: 'impossible', answerable: false })
    story.pass(1)
    expect(outcome(told, open)).toBe('expired')
  })

  it('failed, when issuing was tried in vain until it expired, or it could not be answered at all', async () => {
    const told = await setup(...names)
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan)
    for (const name of ['bob', 'carol']) await story.decide(name, request)
    const ready = await story.ready('bob', request, deposit)
    for (const name of ['bob', 'carol']) await story.release(name, ready)
    await story.fail('bob', ready)
    expect(outcome(told, request)).toBe('open')
    story.pass(60)
    expect(outcome(told, request)).toBe('failed')
    expect(outcome(told, await story.ask('alice', plan, { seconds: 3600 }))).toBe('failed')
  })

  it('open, while a session may exist that nothing names', async () => {
    const told = await setup(...names)
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan)
    for (const name of ['bob', 'carol']) await story.decide(name, request)
    const ready = await story.ready('bob', request, deposit)
    for (const name of ['bob', 'carol']) await story.release(name, ready)
    await story.issuing('bob', ready)
    expect(outcome(told, request)).toBe('open')
  })
})
