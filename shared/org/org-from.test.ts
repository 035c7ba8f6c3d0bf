import { describe, expect, it } from 'vitest'
import { verify } from '../statements/door.ts'
import { parse } from '../statements/envelope.ts'
import type { Member } from '../statements/member.ts'
import { noddingChecks } from '../testing/checks.ts'
import { digestOf, nameOf, person } from '../testing/keys.ts'
import { setup, standings } from '../testing/setup.ts'
import { Story } from '../testing/story.ts'
import { membersOf } from '../testing/world.ts'
import { orgFrom } from './org-from.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const people = standings(names)
const idOf = (name: string) => person(name).member

async function founded(): Promise<Story> {
  const story = new Story()
  await story.found(people)
  return story
}

describe('founding', () => {
  it('takes effect when every founder endorsed genesis', async () => {
    const org = (await founded()).org()
    expect(org.head.roster.members.map(({ name }) => name)).toEqual(names)
    expect(org.id).toBe(org.head.id)
  })

  it('is nothing while one endorsement is missing', async () => {
    const story = new Story()
    const genesis = await story.draftRoster('alice', people)
    for (const name of names.slice(1)) await story.endorse(name, genesis)
    expect(story.orgOrNull()).toBeNull()
    await story.endorse('alice', genesis)
    expect(story.orgOrNull()).not.toBeNull()
  })

  it('is not helped by one founder endorsing twice', async () => {
    const story = new Story()
    const genesis = await story.draftRoster('alice', people)
    for (const name of ['bob', 'bob', 'carol', 'dave', 'erin']) await story.endorse(name, genesis)
    expect(story.orgOrNull()).toBeNull()
  })

  it('is nothing without an admin', async () => {
    const story = new Story()
    await story.found({ alice: { roles: ['commander'], groups: [] }, bob: { roles: ['approver'], groups: [] } })
    expect(story.orgOrNull()).toBeNull()
  })
})

describe('a new roster', () => {
  const grown = { ...people, frank: { roles: ['approver' as const], groups: [] } }

  it('takes effect with the admin quorum of its predecessor and of itself', async () => {
    const story = await founded()
    const roster = await story.changeRoster('alice', grown, ['alice'])
    expect(story.org().drafts).toEqual([
      expect.objectContaining({ id: roster.id, before: { by: [idOf('alice')], need: 2, met: false } }),
    ])
    await story.endorse('bob', roster)
    expect(story.org().head.id).toBe(roster.id)
    expect(story.org().drafts).toEqual([])
  })

  it('needs the admins before, not only those it brings', async () => {
    const story = await founded()
    const coup = {
      alice: { roles: ['admin' as const], groups: [] },
      frank: { roles: ['admin' as const], groups: [] },
      gina: { roles: ['admin' as const], groups: [] },
    }
    const roster = await story.changeRoster('alice', coup, ['alice', 'frank', 'gina'])
    const [draft] = story.org().drafts
    expect(draft).toMatchObject({ id: roster.id, before: { met: false }, after: { met: true } })
  })

  it('needs the admins it brings, not only those before', async () => {
    const story = await founded()
    const handover = {
      dave: { roles: ['admin' as const], groups: [] },
      erin: { roles: ['admin' as const], groups: [] },
    }
    await story.changeRoster('alice', handover, ['alice', 'bob', 'carol'])
    expect(story.org().drafts[0]).toMatchObject({ before: { met: true }, after: { met: false } })
  })

  it('does not count an endorsement by keys that only a draft holds', async () => {
    const story = await founded()
    const rogue = await story.draftRoster('erin', { 'bob/impostor': { roles: ['admin'], groups: [] } })
    const roster = await story.changeRoster('alice', grown, ['alice'])
    await story.endorse('bob/impostor', roster, { roster: rogue })
    expect(story.org().head.id).not.toBe(roster.id)
  })

  it('may replace a device, after which the old one counts no more', async () => {
    const story = await founded()
    const { bob, ...others } = people
    const roster = await story.changeRoster('alice', { ...others, 'bob/new phone': bob } as typeof people, [
      'alice',
      'carol',
    ])
    expect(story.org().head.id).toBe(roster.id)
    const next = await story.draftRoster('alice', grown)
    await story.endorse('alice', next)
    await story.endorse('bob', next, { roster: story.statements.find((one) => one.id === story.organization) as never })
    expect(story.org().head.id).toBe(roster.id)
  })

  const everyone = membersOf(people)
  const [alice, bob, ...rest] = everyone as [Member, Member, ...Member[]]
  const wrong: [string, string, Parameters<Story['draftRoster']>[2]][] = [
    ['no-admin', 'has no admin', { members: everyone.map((one) => ({ ...one, roles: ['approver'] })) }],
    ['member-twice', 'lists a member twice', { members: [alice, { ...bob, member: alice.member }, ...rest] }],
    ['name-twice', 'gives two members one name', { members: [alice, { ...bob, name: alice.name }, ...rest] }],
    ['key-twice', 'gives two members one device', { members: [alice, { ...bob, device: alice.device }, ...rest] }],
    [
      'key-twice',
      'takes a device’s key for an authenticator’s too',
      {
        members: [
          alice,
          { ...bob, authenticators: [asAuthenticator(alice.device.keys.checkpoint), ...bob.authenticators] },
          ...rest,
        ],
      },
    ],
    [
      'key-twice',
      'gives two members one credential id',
      { members: [alice, { ...bob, authenticators: withCredential(bob, alice) }, ...rest] },
    ],
    ['protocol-back', 'goes back to an older protocol', { protocol: 1 }],
  ]
  it.each(wrong)('is refused as %s if it %s', async (code, _, changes) => {
    const story = await founded()
    await story.changeRoster('alice', people, ['alice', 'bob'], { protocol: 2 })
    const roster = await story.draftRoster('alice', people, { protocol: 2, ...changes })
    for (const name of ['alice', 'bob', 'carol']) await story.endorse(name, roster)
    const { refused, head } = story.org()
    expect(refused).toEqual([{ id: roster.id, kind: 'roster', member: idOf('alice'), code }])
    expect(head.id).not.toBe(roster.id)
  })

  it('is refused as author-no-admin if no admin of its predecessor made it', async () => {
    const story = await founded()
    const roster = await story.changeRoster('dave', grown, ['alice', 'bob', 'carol'])
    expect(story.org().refused).toEqual([
      { id: roster.id, kind: 'roster', member: idOf('dave'), code: 'author-no-admin' },
    ])
  })

  it('is refused as author-no-admin if an admin made it on a device that the predecessor does not have', async () => {
    const story = await founded()
    const founding = story.organization
    const rogue = await story.draftRoster('erin', { 'bob/impostor': { roles: ['admin'], groups: [] } })
    const roster = await story.draftRoster('bob/impostor', grown, { predecessor: founding }, { roster: rogue })
    for (const name of ['alice', 'carol']) await story.endorse(name, roster)
    const { refused, head } = story.org()
    expect(refused).toContainEqual({ id: roster.id, kind: 'roster', member: idOf('bob'), code: 'author-no-admin' })
    expect(head.id).toBe(founding)
  })

  it('is refused as another-organization if it names one', async () => {
    const story = await founded()
    const door = { ...story.door, organization: null }
    const said = { predecessor: story.organization, protocol: 1, name: 'Northwind', nonce: digestOf('nonce') }
    const elsewhere = { ...said, members: everyone, organization: digestOf('elsewhere') }
    const verdict = await verify(parse(story.envelope('roster', person('alice'), elsewhere)), door, noddingChecks)
    if (verdict.verdict !== 'verified') throw new TypeError('expected a verified roster')
    const { refused } = orgFrom([...story.statements, verdict.statement], story.organization) ?? {}
    expect(refused).toMatchObject([{ id: verdict.statement.id, code: 'another-organization' }])
  })

  it('with a protocol too new leaves this app reading only', async () => {
    const story = await founded()
    expect(story.org().supported).toBe(true)
    await story.changeRoster('alice', people, ['alice', 'bob'], { protocol: 2 })
    expect(story.org().supported).toBe(false)
  })
})

describe('a split', () => {
  async function split() {
    const story = await founded()
    const trunk = story.roster
    const left = await story.changeRoster('alice', { ...people, frank: standing }, ['alice', 'bob'])
    story.roster = trunk
    const right = await story.changeRoster('carol', { ...people, gina: standing }, ['bob', 'carol'])
    return { story, trunk, left, right }
  }
  const standing = { roles: ['approver' as const], groups: [] }

  it('is shown with who endorsed both sides, and moves no pin', async () => {
    const { story, trunk, left, right } = await split()
    const org = story.org()
    expect(org.head.id).toBe(trunk.id)
    const [one] = org.splits
    expect(one).toMatchObject({ parent: trunk.id, endorsedSeveral: [idOf('bob')] })
    expect(new Map(one?.children.map(({ id, endorsedBy }) => [id, endorsedBy]))).toEqual(
      new Map([
        [left.id, [idOf('alice'), idOf('bob')].sort()],
        [right.id, [idOf('bob'), idOf('carol')].sort()],
      ]),
    )
  })

  it('leaves every app at its own head, whatever comes after', async () => {
    const { story, left, right } = await split()
    expect(story.org(left.id).head.id).toBe(left.id)
    expect(story.org(right.id).head.id).toBe(right.id)
    story.roster = left
    const after = await story.changeRoster('alice', people, ['alice', 'bob'])
    expect(story.org(left.id).head.id).toBe(left.id)
    expect(story.org(right.id).head.id).toBe(right.id)
    expect(story.org(after.id).head.id).toBe(after.id)
  })

  it('names nobody as endorser whose name someone else used', async () => {
    const { story, trunk, right } = await split()
    const rogue = await story.draftRoster('erin', impostors)
    await story.endorse('alice/impostor', right, { roster: rogue })
    const side = story.org(trunk.id).splits[0]?.children.find(({ id }) => id === right.id)
    expect(side?.endorsedBy).not.toContain(idOf('alice'))
  })
})

const impostors = { 'alice/impostor': { roles: ['admin' as const], groups: [] } }

describe('a plan', () => {
  it('stops being effective when an admin who endorsed it is removed', async () => {
    const { story, people } = await setup(...names)
    const plan = await story.draftPlan('alice', {
      plan: nameOf('second plan'),
      requesters: [idOf('alice')],
      custodians: ['carol', 'dave', 'erin'].map(idOf),
      issuers: [idOf('carol')],
    })
    await story.endorse('alice', plan)
    await story.endorse('bob', plan)
    const stateOf = () => story.org().plans.find(({ id }) => id === plan.id)?.state
    expect(stateOf()).toBe('effective')
    const { bob: _, ...left } = people
    await story.changeRoster('alice', left, ['alice', 'carol'])
    expect(stateOf()).toBe('draft')
    await story.endorse('carol', plan)
    expect(stateOf()).toBe('effective')
  })

  it('is replaced by a version that descends from it, once that is effective', async () => {
    const { story, plan } = await setup(...names)
    const next = await story.draftPlan('bob', { ...plan.payload, predecessor: plan.id, runbook: 'Call twice.' })
    const states = () => new Map(story.org().plans.map(({ id, state }) => [id, state]))
    expect([states().get(plan.id), states().get(next.id)]).toEqual(['effective', 'draft'])
    await story.endorse('bob', next)
    await story.endorse('carol', next)
    expect([states().get(plan.id), states().get(next.id)]).toEqual(['replaced', 'effective'])
  })

  it('is accepted by custodians who endorsed it or a deposit made under it, and by nobody else', async () => {
    const { story, plan } = await setup(...names)
    const next = await story.draftPlan('bob', { ...plan.payload, predecessor: plan.id, runbook: 'Call twice.' })
    for (const name of ['alice', 'bob', 'dave']) await story.endorse(name, next)
    const accepted = (id: string) => story.org().plans.find((one) => one.id === id)?.acceptedBy
    expect(accepted(plan.id)).toEqual(['bob', 'carol', 'dave', 'erin'].map(idOf))
    expect(accepted(next.id)).toEqual(['bob', 'dave'].map(idOf))
  })
})

/** Somebody's authenticators, the first with the credential id of another member's first. */
function withCredential({ authenticators: [first, ...more] }: Member, { authenticators: [other] }: Member) {
  if (first === undefined || other === undefined) throw new TypeError('expected a key each')
  return [{ ...first, credential: other.credential }, ...more]
}

function asAuthenticator(publicKey: string): Member['authenticators'][number] {
  const cose = Buffer.concat([Buffer.from('a4010103272006215820', 'hex'), Buffer.from(publicKey, 'base64url')])
  return {
    name: 'soft key',
    credential: nameOf('soft key'),
    publicKey: cose.toString('base64url'),
    model: '0'.repeat(32),
    attestation: null,
  }
}
