import { describe, expect, it } from 'vitest'
import { digestOf, person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup, setupWith } from '../testing/setup.ts'
import type { Standing } from '../testing/world.ts'
import type { Case } from './types.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const idOf = (name: string) => person(name).member
const HOUR = 60 * 60_000

describe('a case is', () => {
  it('asked, until enough custodians approved', async () => {
    const { story, plan } = await setup(...names)
    const request = await story.ask('alice', plan)
    expect(story.case(request)).toMatchObject({ state: 'asked', problem: null, expires: request.payload.time + HOUR })
    await story.decide('bob', request)
    expect(story.case(request).quorum).toMatchObject({ approved: [idOf('bob')], need: 2, met: false })
    await story.decide('dave', request)
    expect(story.case(request)).toMatchObject({ state: 'approved', quorum: { met: true } })
  })

  it('asked, while a group still lacks approvals', async () => {
    const quorum = { count: 2, groups: [{ group: 'security', count: 1 }], veto: [] }
    const { story, plan } = await setupWith(names, { plan: { quorum } })
    const request = await story.ask('alice', plan)
    await story.decide('bob', request)
    await story.decide('dave', request)
    expect(story.case(request)).toMatchObject({
      state: 'asked',
      quorum: { missingGroups: [{ group: 'security', count: 1 }] },
    })
    await story.decide('carol', request)
    expect(story.case(request).state).toBe('approved')
  })

  it('blocked, when too few are left to approve', async () => {
    const { story, plan } = await setup(...names)
    const request = await story.ask('alice', plan)
    for (const name of ['bob', 'carol', 'dave']) await story.decide(name, request, 'deny')
    expect(story.case(request).state).toBe('blocked')
  })

  it('blocked by one denial from a group that the plan gives a veto, and by none other', async () => {
    const told = await setupWith(names, { plan: { quorum: { count: 2, groups: [], veto: ['security'] } } })
    const request = await told.story.ask('alice', told.plan)
    await told.story.decide('bob', request, 'deny')
    expect(told.story.case(request).state).toBe('asked')
    await told.story.decide('carol', request, 'deny')
    expect(told.story.case(request).state).toBe('blocked')
  })

  it('withdrawn, when whoever asked says so, even once approved', async () => {
    const { story, request } = await approved()
    await story.withdraw('alice', request)
    expect(story.case(request).state).toBe('withdrawn')
  })

  it('expired, an hour after it was asked, even once approved', async () => {
    const { story, request } = await approved()
    story.pass(59)
    expect(story.case(request).state).toBe('approved')
    story.pass(1)
    expect(story.case(request).state).toBe('expired')
  })

  it('issuing, once a credential is being used, and until it can no longer be known what came of it', async () => {
    const { story, request, deposit } = await approved()
    const ready = await story.ready('bob', request, deposit)
    await story.release('bob', ready)
    await story.release('carol', ready)
    const issuing = await story.issuing('bob', ready)
    expect(story.case(request)).toMatchObject({
      state: 'issuing',
      findings: [{ code: 'session-may-exist', id: issuing.id }],
    })
    story.pass(11)
    // Others may try again; that a session may exist stays said.
    expect(story.case(request)).toMatchObject({
      state: 'approved',
      findings: [{ code: 'session-may-exist', id: issuing.id }],
    })
    await story.withdraw('alice', request)
    expect(story.case(request).state).toBe('issuing')
    story.pass(10)
    expect(story.case(request).state).toBe('withdrawn')
  })

  it('issuing, for as long after the last share was released, whenever the device says that it did it', async () => {
    const { story, request, deposit } = await approved()
    const ready = await story.ready('bob', request, deposit)
    for (const name of ['bob', 'carol']) await story.release(name, ready)
    await story.issuing('bob', ready, { time: 0 })
    expect(story.case(request).state).toBe('issuing')
    await story.withdraw('alice', request)
    story.pass(19)
    expect(story.case(request)).toMatchObject({ state: 'issuing', obligations: [{ code: 'rotate-exposed' }] })
    story.pass(1)
    expect(story.case(request)).toMatchObject({ state: 'withdrawn', obligations: [{}, { code: 'review' }] })
  })

  it('issuing, and no longer for a release that is dated after its request was over', async () => {
    const { story, request, deposit } = await approved()
    const ready = await story.ready('bob', request, deposit)
    await story.release('bob', ready, {}, { time: Date.UTC(2199, 0) })
    await story.issuing('bob', ready)
    await story.withdraw('alice', request)
    story.now = request.payload.time + (60 + 15 + 5) * 60_000 - 1
    expect(story.case(request).state).toBe('issuing')
    story.now++
    expect(story.case(request).state).toBe('withdrawn')
  })

  it('granted, then ending, then ended, by AWS’s clock alone', async () => {
    const told = await setup(...names)
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const { story } = told
    expect(story.case(request)).toMatchObject({ state: 'granted', problem: null, grant: { id: grant.id }, refused: [] })
    story.pass(15)
    expect(story.case(request).state).toBe('ending')
    story.pass(5)
    expect(story.case(request).state).toBe('ended')
  })

  it('ended later where this clock runs ahead of AWS’s', async () => {
    const told = await setup(...names)
    const basis = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const { story } = await setup(...names)
    const again = await grantedCase({ ...told, story }, 'alice', ['bob', 'carol'], 'bob')
    expect(again.grant.id).toBe(basis.grant.id)
    const slow = await story.grant('bob', again, { skewMs: -HOUR, expires: story.now - HOUR + 900_000 })
    story.statements.splice(story.statements.indexOf(again.grant), 1)
    story.pass(14)
    expect(story.case(again.request)).toMatchObject({ state: 'granted', grant: { id: slow.id } })
    story.pass(1)
    expect(story.case(again.request).state).toBe('ending')
  })

  it('ending when its holder says so, and ended when AWS was given the deny and refused a call', async () => {
    const told = await setup(...names)
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await told.story.end('alice', grant)
    expect(told.story.case(request).state).toBe('ending')
    await told.story.end('alice', grant, { confirmation: 'aws-refused' })
    expect(told.story.case(request).state).toBe('ending')
    await told.story.revoked('bob', grant)
    expect(told.story.case(request).state).toBe('ended')
  })
})

describe('the timeline of a case', () => {
  it('has what one device said in one moment in the order in which it said it', async () => {
    const told = await setup(...names)
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'dave'], 'bob')
    await story.handOver('bob', grant)
    const { timeline } = story.case(request)
    const said = timeline.filter(({ payload }) => payload.device === person('bob').device)
    expect(said.map(({ kind }) => kind)).toEqual(['decision', 'ready', 'release', 'issuing', 'grant', 'handover'])
    // Only the grant and the handover come a minute later than the rest.
    expect(new Set(said.map(({ payload }) => payload.time)).size).toBe(2)
  })
})

describe('a request is impossible', () => {
  const problems: [string, string, (told: Setup) => Promise<{ id: string }>][] = [
    [
      'plan-unknown',
      'under a plan that is not here',
      ({ story, plan }) => story.ask('alice', plan, { plan: digestOf('none') }),
    ],
    [
      'plan-not-effective',
      'under a plan that was replaced',
      async ({ story, plan }) => {
        const next = await story.draftPlan('alice', { ...plan.payload, predecessor: plan.id })
        for (const name of ['alice', 'bob']) await story.endorse(name, next)
        return story.ask('alice', plan)
      },
    ],
    ['not-allowed-to-ask', 'by someone the plan does not name', ({ story, plan }) => story.ask('bob', plan)],
    [
      'emergency-not-in-plan',
      'for another emergency',
      ({ story, plan }) => story.ask('alice', plan, { emergency: 'bored' }),
    ],
    [
      'rotator-not-in-plan',
      'for a rotation, where nothing may rotate',
      ({ story, plan }) => story.ask('alice', plan, { purpose: 'rotation' }),
    ],
    ['duration-not-in-plan', 'for another duration', ({ story, plan }) => story.ask('alice', plan, { seconds: 3600 })],
    [
      'clock-ahead',
      'by a clock more than ten minutes ahead',
      ({ story, plan }) => story.ask('alice', plan, {}, { time: story.now + 10 * 60_000 + 1 }),
    ],
    [
      'requester-not-active',
      'by someone who is not in the head roster',
      async ({ story, plan, people }) => {
        const before = story.roster
        const { alice, ...others } = people
        await story.changeRoster('bob', { ...others, 'alice/new laptop': alice as never }, ['bob', 'carol'])
        return story.ask('alice', plan, {}, { roster: before })
      },
    ],
    [
      'protocol-unsupported',
      'under a newer rule set',
      async ({ story, plan, people }) => {
        await story.changeRoster('alice', people, ['alice', 'bob'], { protocol: 2 })
        return story.ask('alice', plan)
      },
    ],
  ]
  it.each(problems)('(%s) %s', async (problem, _, ask) => {
    const told = await setup(...names)
    const request = await ask(told)
    expect(told.story.case(request)).toMatchObject({ state: 'impossible', problem })
  })

  it('but not by a clock ten minutes ahead', async () => {
    const { story, plan } = await setup(...names)
    const request = await story.ask('alice', plan, {}, { time: story.now + 10 * 60_000 })
    expect(story.case(request).state).toBe('asked')
  })
})

describe('decisions', () => {
  it('of one member count once', async () => {
    const { story, plan } = await setup(...names)
    const request = await story.ask('alice', plan)
    for (let time = 0; time < 3; time++) await story.decide('bob', request)
    expect(story.case(request)).toMatchObject({ state: 'asked', quorum: { approved: [idOf('bob')] } })
  })

  it('deny, where one member did both, whichever came first', async () => {
    const { story, plan } = await setup(...names)
    const request = await story.ask('alice', plan)
    await story.decide('bob', request, 'deny')
    const approval = await story.decide('bob', request)
    await story.decide('carol', request)
    const one = story.case(request)
    expect(one).toMatchObject({ state: 'asked', quorum: { approved: [idOf('carol')], denied: [idOf('bob')] } })
    expect(one.findings).toEqual([{ code: 'two-verdicts', id: approval.id }])
  })

  it('of somebody with another’s name count for nothing and blame nobody', async () => {
    const { story, plan } = await setup(...names)
    const request = await story.ask('alice', plan)
    await story.decide('bob', request)
    const rogue = await story.draftRoster('erin', { 'bob/impostor': { roles: ['approver'], groups: [] } })
    const fake = await story.decide('bob/impostor', request, 'deny', { roster: rogue })
    expect(story.case(request)).toMatchObject({
      quorum: { approved: [idOf('bob')], denied: [] },
      findings: [],
      refused: [{ id: fake.id, code: 'not-active' }],
    })
  })
})

describe('people are told', () => {
  it('of a second request for the same plan at the same time', async () => {
    const { story, plan } = await setup(...names)
    const [first, second] = [await story.ask('alice', plan), await story.ask('alice', plan)]
    expect(story.case(first).findings).toEqual([{ code: 'second-open-request', id: second.id }])
    story.pass(60)
    const third = await story.ask('alice', plan)
    expect(story.case(third).findings).toEqual([])
  })

  it('of no second request once one of the two is withdrawn by whoever asked for it', async () => {
    const { story, plan } = await setup(...names)
    const [first, second] = [await story.ask('alice', plan), await story.ask('alice', plan)]
    await story.withdraw('bob', first)
    expect(story.case(second).findings).toEqual([{ code: 'second-open-request', id: first.id }])
    await story.withdraw('alice', first)
    expect(story.case(second).findings).toEqual([])
    expect(story.case(first).findings).toEqual([])
    const third = await story.ask('alice', plan)
    expect(story.case(third).findings).toEqual([{ code: 'second-open-request', id: second.id }])
  })

  it('of no second request that foreign keys made in a commander’s name', async () => {
    const { story, plan } = await setup(...names)
    const request = await story.ask('alice', plan)
    const rogue = await story.draftRoster('erin', { 'alice/impostor': { roles: ['commander'], groups: [] } })
    await story.ask('alice/impostor', plan, {}, { roster: rogue })
    expect(story.case(request).findings).toEqual([])
  })

  it('of a second request still, where somebody else’s keys withdrew one in its author’s name', async () => {
    const { story, plan } = await setup(...names)
    const [first, second] = [await story.ask('alice', plan), await story.ask('alice', plan)]
    const rogue = await story.draftRoster('erin', { 'alice/impostor': { roles: ['commander'], groups: [] } })
    const said = { request: first.id, reason: '' }
    await story.sign('withdrawal', 'alice/impostor', said, { roster: rogue })
    expect(story.case(second).findings).toEqual([{ code: 'second-open-request', id: first.id }])
  })

  it('of a share released outside a grant, which is to be rotated', async () => {
    const { story, request, deposit } = await approved()
    const ready = await story.ready('bob', request, deposit)
    const release = await story.release('carol', ready)
    expect(story.case(request).findings).toEqual([])
    await story.withdraw('alice', request)
    expect(story.case(request)).toMatchObject({
      findings: [{ code: 'released-without-grant', id: release.id }],
      obligations: [{ code: 'rotate-exposed', due: request.payload.time + 24 * HOUR }],
    })
  })

  it('of what a grant owes, earliest first', async () => {
    const told = await setup(...names)
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    expect(told.story.case(request).obligations).toEqual([
      { code: 'rotate', since: grant.payload.time, due: grant.payload.time + 24 * HOUR },
      { code: 'review', since: grant.payload.time, due: grant.payload.time + 72 * HOUR },
    ])
  })

  /** A key of AWS dealt after the first, held by these. */
  async function nextKey({ story, plan }: Setup, holders: string[], changes: { accessKeyId?: string } = {}) {
    const newer = { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02', ...changes }
    await story.hold(await story.deposit('alice', plan, newer), holders)
  }
  const rotation = ({ obligations }: Case) =>
    obligations.filter(({ code }) => code !== 'review').map(({ code }) => code)

  it('of a used key until a newer one is held: dealt, or the same key dealt anew, is not enough', async () => {
    const told = await setup(...names)
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const owed = () => rotation(told.story.case(request))
    await nextKey(told, ['bob', 'carol', 'dave'], { accessKeyId: told.deposit.payload.header.accessKeyId })
    expect(owed()).toEqual(['rotate'])
    const second = await told.story.deposit('alice', told.plan, { generation: 3, accessKeyId: 'AKIAEXAMPLEEXAMPLE03' })
    await told.story.hold(second, ['bob', 'carol'])
    expect(owed()).toEqual(['rotate'])
    await told.story.hold(second, ['dave'])
    expect(owed()).toEqual([])
    expect(told.story.case(request).obligations).toMatchObject([{ code: 'review' }])
  })

  it('of a used key again, when the newer one is no longer held', async () => {
    const told = await setup(...names)
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await nextKey(told, ['bob', 'carol', 'dave'])
    expect(rotation(told.story.case(request))).toEqual([])
    const { carol, dave, ...others } = told.people
    const oneLess = { ...others, carol: carol as Standing, 'dave/new phone': dave as Standing }
    await told.story.changeRoster('alice', oneLess, ['alice', 'bob'])
    expect(rotation(told.story.case(request))).toEqual([])
    const twoLess = { ...others, 'carol/new phone': carol as Standing, 'dave/new phone': dave as Standing }
    await told.story.changeRoster('alice', twoLess, ['alice', 'bob'])
    expect(rotation(told.story.case(request))).toEqual(['rotate'])
  })

  it('of a key that was used after the newer one, though that is held', async () => {
    const told = await setup(...names)
    await nextKey(told, ['bob', 'carol', 'dave'])
    const newer = told.story.statements.filter((one) => one.kind === 'deposit')[1]
    const { request } = await grantedCase(
      { ...told, deposit: newer as typeof told.deposit },
      'alice',
      ['bob', 'carol'],
      'bob',
    )
    expect(rotation(told.story.case(request))).toEqual(['rotate'])
  })

  it('of shares released outside a grant until a newer key is held', async () => {
    const told = await approved()
    const ready = await told.story.ready('bob', told.request, told.deposit)
    await told.story.release('carol', ready)
    await told.story.withdraw('alice', told.request)
    expect(rotation(told.story.case(told.request))).toEqual(['rotate-exposed'])
    await nextKey(told, ['bob', 'carol', 'dave'])
    expect(rotation(told.story.case(told.request))).toEqual([])
    expect(told.story.case(told.request).findings).toMatchObject([{ code: 'released-without-grant' }])
  })

  it('of a denial that the grant was made without', async () => {
    const told = await setupWith(names, { plan: { quorum: { count: 2, groups: [], veto: ['platform'] } } })
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const [byApprover, byOther] = [
      await told.story.decide('bob', request, 'deny'),
      await told.story.decide('dave', request, 'deny'),
    ]
    const one = told.story.case(request)
    expect(one).toMatchObject({ state: 'granted', quorum: { met: true, blocked: false, denied: [idOf('dave')] } })
    const late = one.findings.filter(({ code }) => code === 'late-denial').map(({ id }) => id)
    expect(new Set(late)).toEqual(new Set([byApprover.id, byOther.id]))
  })
})

async function approved() {
  const told = await setup(...names)
  const request = await told.story.ask('alice', told.plan)
  await told.story.decide('bob', request)
  await told.story.decide('carol', request)
  return { ...told, request }
}

/** A roster that only its author knows; what others sign goes on naming the head. */
async function draftOf(story: Setup['story'], people: Setup['people']) {
  const head = story.roster
  const draft = await story.draftRoster('dave', people)
  story.roster = head
  return draft
}

describe('what names a roster that nobody endorsed', () => {
  it('gives no access, whatever it is: no grant could stand on it', async () => {
    const { story, plan, deposit, people } = await setup(...names)
    const request = await story.ask('alice', plan)
    const draft = await draftOf(story, people)
    const strange = await story.decide('dave', request, 'approve', { roster: draft })
    await story.decide('bob', request)
    expect(story.case(request)).toMatchObject({
      state: 'asked',
      quorum: { approved: [idOf('bob')] },
      refused: [{ id: strange.id, code: 'not-active' }],
    })
    await story.decide('carol', request)
    const ready = await story.ready('bob', request, deposit, {}, { roster: draft })
    expect(story.case(request)).toMatchObject({ state: 'approved', attempts: [] })
    const sound = await story.ready('bob', request, deposit)
    const release = await story.release('bob', sound, {}, { roster: draft })
    const one = story.case(request)
    expect(one.attempts[0]?.releases).toEqual([])
    for (const { id } of [ready, release])
      expect(one.refused).toContainEqual(expect.objectContaining({ id, code: 'not-active' }))
  })

  it('asks for nothing, but denies all the same', async () => {
    const { story, plan, people } = await setup(...names)
    const draft = await draftOf(story, people)
    const request = await story.ask('alice', plan, {}, { roster: draft })
    expect(story.case(request)).toMatchObject({ state: 'impossible', problem: 'requester-not-active' })
    const sound = await story.ask('alice', plan)
    await story.decide('dave', sound, 'deny', { roster: draft })
    expect(story.case(sound).quorum?.denied).toEqual([idOf('dave')])
  })
})
