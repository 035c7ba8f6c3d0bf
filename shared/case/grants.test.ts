import { describe, expect, it } from 'vitest'
import type { VerifiedStatement } from '../statements/door.ts'
import { digestOf, person } from '../testing/keys.ts'
import { grantedCase, type Setup, setupWith, type Unusual } from '../testing/setup.ts'
import type { Standing } from '../testing/world.ts'
import type { CaseRefusalCode } from './types.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const idOf = (name: string) => person(name).member

/** Everything up to the grant, which the test makes itself. */
async function issued(approvers = ['bob', 'carol'], plan: Unusual['plan'] = {}) {
  const told = await setupWith(names, { plan })
  const { grant, ...basis } = await grantedCase(told, 'alice', approvers, 'bob')
  told.story.statements.splice(told.story.statements.indexOf(grant), 1)
  return { ...told, basis, current: () => told.story.case(basis.request) }
}

/** A roster in which somebody has another device. */
function withNewPhone({ story, people }: Pick<Setup, 'story' | 'people'>, name: string) {
  const { [name]: standing, ...others } = people
  const next = { ...others, [`${name}/new phone`]: standing as Standing }
  return story.changeRoster('alice', next, ['alice', 'carol'])
}

describe('a grant', () => {
  it('says who approved, from its basis', async () => {
    const { story, basis, current } = await issued()
    const grant = await story.grant('bob', basis)
    expect(current()).toMatchObject({
      state: 'granted',
      grant: { id: grant.id, requester: idOf('alice'), issuer: idOf('bob') },
      quorum: { approved: ['bob', 'carol'].map(idOf), met: true },
      refused: [],
      findings: [],
    })
  })

  it('that names no witness is a finding where the plan wants one, and none where the plan waives it', async () => {
    const wanted = await issued()
    const grant = await wanted.story.grant('bob', wanted.basis, { witness: null })
    expect(wanted.current()).toMatchObject({ state: 'granted', findings: [{ code: 'no-witness', id: grant.id }] })
    const waived = await issued(['bob', 'carol'], { witness: 'waived' })
    await waived.story.grant('bob', waived.basis, { witness: null })
    expect(waived.current()).toMatchObject({ state: 'granted', findings: [] })
  })

  it('stands when an approver, the issuer and the plan are gone', async () => {
    const { story, plan, people, basis, current } = await issued()
    await story.grant('bob', basis)
    const before = current()
    const dave: Standing = { roles: ['admin', 'approver'], groups: [] }
    const left = { alice: people['alice'] as Standing, dave, erin: people['erin'] as Standing }
    await story.changeRoster('alice', left, ['alice', 'carol', 'dave'])
    const next = await story.draftPlan('alice', { ...plan.payload, predecessor: plan.id })
    for (const name of ['alice', 'dave']) await story.endorse(name, next)
    expect(story.org().head.id).toBe(story.roster.id)
    expect(current()).toEqual(before)
  })

  it('stands when its key is dealt again under the same number, and held', async () => {
    const { story, plan, basis, current } = await issued()
    await story.grant('bob', basis)
    const before = current()
    await story.hold(await story.deposit('alice', plan), ['bob', 'carol', 'dave'])
    expect(story.org().generations.map(({ problems }) => problems)).toEqual([
      ['generation-twice'],
      ['generation-twice'],
    ])
    expect(current()).toEqual(before)
  })

  it('is not told of while part of its basis is missing, and stands once it is here', async () => {
    const { story, basis, current } = await issued()
    const grant = await story.grant('bob', basis)
    const [release] = basis.releases
    story.statements.splice(story.statements.indexOf(release as VerifiedStatement), 1)
    expect(current()).toMatchObject({
      grant: null,
      refused: [],
    })
    expect(current().findings).toContainEqual({ code: 'basis-incomplete', id: grant.id })
    story.take(release as VerifiedStatement)
    expect(current().grant?.id).toBe(grant.id)
  })

  it('of the lowest attempt counts, and every other is surplus', async () => {
    const { story, deposit, basis, current } = await issued()
    const first = await story.grant('bob', basis)
    const ready = await story.ready('carol', basis.request, deposit, {
      attempt: 2,
      after: { ready: basis.ready.id, failed: null },
    })
    const releases = [await story.release('bob', ready), await story.release('carol', ready)]
    const issuing = await story.issuing('carol', ready)
    const second = await story.grant('carol', { ...basis, ready, issuing, releases })
    expect(current()).toMatchObject({
      grant: { id: first.id },
      surplus: [{ id: second.id }],
      findings: [{ code: 'surplus-grant', id: second.id }],
    })
  })

  it('may be made under a roster that came during the case, and then that is the one it names', async () => {
    const { story, people, deposit, basis, current } = await issued()
    const { erin: _, ...left } = people
    await story.changeRoster('alice', { ...left, 'erin/new phone': people['erin'] as never }, ['alice', 'bob'])
    const grant = await story.grant('bob', basis)
    expect(deposit.payload.roster).not.toBe(grant.payload.basis.roster)
    expect(current().grant?.id).toBe(grant.id)
  })
})

describe('a grant is refused as', () => {
  type Told = Awaited<ReturnType<typeof issued>>
  const refused: [CaseRefusalCode, string, (told: Told) => Promise<{ id: string }>][] = [
    [
      'basis-roster',
      'its basis names an older roster than its statements do',
      async ({ story, people, basis }) => {
        const old = story.roster
        await story.changeRoster('alice', people, ['alice', 'bob'])
        return story.grant('bob', basis, { basis: { roster: old.id } as never })
      },
    ],
    [
      'basis-roster',
      'its basis names a newer roster than any of them',
      async ({ story, people, basis }) => {
        const old = story.roster
        const next = await story.changeRoster('alice', people, ['alice', 'bob'])
        return story.grant('bob', basis, { basis: { roster: next.id } as never }, { roster: old })
      },
    ],
    [
      'basis-roster',
      'its basis names a roster that is only a draft',
      async ({ story, people, basis }) =>
        story.grant('bob', basis, {}, { roster: await story.draftRoster('bob', people) }),
    ],
    [
      'basis-roster',
      'one of its approvals names a roster that is only a draft',
      async ({ story, people, basis }) => {
        const draft = await story.draftRoster('bob', people)
        const strange = await story.decide('bob', basis.request, 'approve', { roster: draft })
        const others = basis.decisions.filter(({ payload }) => payload.member !== idOf('bob'))
        return story.grant('bob', { ...basis, decisions: [strange, ...others] })
      },
    ],
    [
      'basis-ready',
      'the device that made ready is not in its roster any more',
      async ({ story, people, basis, deposit }) => {
        const decisions = [await story.decide('dave', basis.request), await story.decide('erin', basis.request)]
        const ready = await story.ready('bob', basis.request, deposit)
        const releases = [await story.release('dave', ready), await story.release('erin', ready)]
        await withNewPhone({ story, people }, 'bob')
        const issuing = await story.issuing('bob/new phone', ready)
        return story.grant('bob/new phone', { ...basis, decisions, ready, releases, issuing })
      },
    ],
    [
      'basis-releases',
      'a share comes from a device that is not in its roster any more',
      async ({ story, people, basis, deposit }) => {
        const ready = await story.ready('bob', basis.request, deposit)
        const releases = [await story.release('dave', ready), await story.release('erin', ready)]
        await withNewPhone({ story, people }, 'dave')
        const decisions = [
          await story.decide('dave/new phone', basis.request),
          await story.decide('erin', basis.request),
        ]
        const issuing = await story.issuing('bob', ready)
        return story.grant('bob', { ...basis, decisions, ready, releases, issuing })
      },
    ],
    [
      'basis-releases',
      'a share is of another key',
      async ({ story, basis }) => {
        const release = await story.release('bob', basis.ready, { deposit: digestOf('another key') })
        const others = basis.releases.filter(({ payload }) => payload.member !== idOf('bob'))
        return story.grant('bob', { ...basis, releases: [release, ...others] })
      },
    ],
    ['basis-plan', 'its plan lacks endorsements', (told) => withPlan(told, ['alice'], {})],
    [
      'basis-plan',
      'its plan breaks a rule',
      (told) => withPlan(told, ['alice', 'bob'], { issuers: ['bob', 'zoe'].map(idOf) }),
    ],
    [
      'basis-plan',
      'its deposit was dealt for other custodians',
      async ({ story, plan, basis }) => {
        const custodians = ['bob', 'carol', 'dave'].map(idOf)
        const other = await story.draftPlan('alice', { ...plan.payload, custodians })
        for (const name of ['alice', 'bob']) await story.endorse(name, other)
        const deposit = await story.deposit('alice', other, { generation: 2 })
        return story.grant('bob', basis, { basis: { deposit: deposit.id } as never })
      },
    ],
    [
      'basis-request',
      'one of its decisions is about another request',
      async ({ story, plan, basis }) => {
        const other = await story.ask('alice', plan)
        const [first] = basis.decisions
        const decisions = [first as never, await story.decide('carol', other)]
        return story.grant('bob', { ...basis, decisions })
      },
    ],
    [
      'basis-quorum',
      'too few approved',
      ({ story, basis }) => story.grant('bob', { ...basis, decisions: basis.decisions.slice(0, 1) }),
    ],
    [
      'basis-quorum',
      'one approval is named twice',
      ({ story, basis: { decisions, ...basis } }) =>
        story.grant('bob', { ...basis, decisions: [decisions[0] as never, decisions[0] as never] }),
    ],
    [
      'basis-quorum',
      'a decision in it is a denial',
      async ({ story, basis }) => {
        const [first] = basis.decisions
        const denial = await story.decide('carol', basis.request, 'deny')
        return story.grant('bob', { ...basis, decisions: [first as never, denial] })
      },
    ],
    [
      'basis-ready',
      'its attempt is not that of its ready',
      ({ story, basis }) => story.grant('bob', basis, { attempt: 2 }),
    ],
    [
      'basis-ready',
      'its ready was made by a device that may not issue',
      async ({ story, deposit, basis }) => {
        const ready = await story.ready('dave', basis.request, deposit)
        return story.grant('bob', { ...basis, ready })
      },
    ],
    [
      'basis-releases',
      'too few released',
      async (told) => {
        const third = await issued(['bob', 'carol', 'dave'], { quorum: { count: 3, groups: [], veto: [] } })
        Object.assign(told, third)
        return third.story.grant('bob', { ...third.basis, releases: third.basis.releases.slice(0, 2) })
      },
    ],
    [
      'basis-releases',
      'one release is named twice',
      ({ story, basis: { releases, ...basis } }) =>
        story.grant('bob', { ...basis, releases: [releases[0] as never, releases[0] as never] }),
    ],
    [
      'basis-releases',
      'someone released who had not approved',
      async ({ story, basis }) => {
        const [first] = basis.releases
        return story.grant('bob', { ...basis, releases: [first as never, await story.release('erin', basis.ready)] })
      },
    ],
    [
      'basis-releases',
      'a release is of another’s share',
      async ({ story, basis }) => {
        const [first] = basis.releases
        const wrong = await story.release('carol', basis.ready, { index: 4 })
        return story.grant('bob', { ...basis, releases: [first as never, wrong] })
      },
    ],
    ['basis-issuing', 'another device made it', ({ story, basis }) => story.grant('carol', basis)],
    [
      'basis-issuing',
      'another device recorded issuing',
      async ({ story, basis }) => story.grant('bob', { ...basis, issuing: await story.issuing('carol', basis.ready) }),
    ],
    [
      'basis-issuing',
      'its issuing is of another attempt',
      async ({ story, basis }) => {
        const { request, ready } = basis
        const said = { request: request.id, ready: ready.id, attempt: 2, sessionName: 'lb-case-2' }
        return story.grant('bob', { ...basis, issuing: await story.sign('issuing', 'bob', said) })
      },
    ],
  ]
  it.each(refused)('%s when %s', async (code, _, act) => {
    const told = await issued()
    const { id } = await act(told)
    expect(told.current()).toMatchObject({ grant: null })
    expect(told.current().refused).toContainEqual(expect.objectContaining({ id, code }))
  })

  async function withPlan(told: Told, endorsers: string[], changes: object): Promise<{ id: string }> {
    const { story, plan: usual } = told
    const plan = await story.draftPlan('alice', { ...usual.payload, ...changes })
    for (const name of endorsers) await story.endorse(name, plan)
    const { grant, request } = await grantedCase({ ...told, plan }, 'alice', ['bob', 'carol'], 'bob')
    Object.assign(told, { current: () => story.case(request) })
    return grant
  }
})

describe('what follows a grant', () => {
  it('is refused as grant-unknown when there is no such grant', async () => {
    const { story, basis, current } = await issued()
    const grant = await story.grant('bob', basis)
    story.statements.pop()
    const [handover, ended] = [await story.handOver('bob', grant), await story.end('alice', grant)]
    const codes = current().refused.map(({ id, code }) => [id, code])
    expect(new Map(codes as [string, string][])).toEqual(
      new Map([
        [handover.id, 'grant-unknown'],
        [ended.id, 'grant-unknown'],
      ]),
    )
  })

  it('is handed over by the issuing device alone', async () => {
    const { story, basis, current } = await issued()
    const grant = await story.grant('bob', basis)
    const wrong = await story.handOver('carol', grant)
    expect(current()).toMatchObject({ grant: { handover: null }, refused: [{ id: wrong.id, code: 'not-issuer' }] })
    const right = await story.handOver('bob', grant)
    expect(current().grant?.handover?.id).toBe(right.id)
  })

  it('is ended by who has it or issued it, and by nobody else', async () => {
    const { story, basis, current } = await issued()
    const grant = await story.grant('bob', basis)
    const wrong = await story.end('carol', grant, { confirmation: 'aws-refused' })
    expect(current()).toMatchObject({ state: 'granted', refused: [{ id: wrong.id, code: 'not-requester' }] })
    await story.end('bob', grant)
    expect(current().state).toBe('ending')
  })
})
