import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { orgFrom } from '../org/org-from.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import { times } from '../testing/runs.ts'
import { type Setup, setupWith, standings } from '../testing/setup.ts'
import { caseFrom } from './case-from.ts'
import { releaseDuty } from './duties.ts'

// Alice asks, and holds a share as well; gina is of the group security, and no custodian. Keys that are not bob's and
// erin's speak in their names.
const CUSTODIANS = ['alice', 'bob', 'carol', 'dave', 'erin']
const SECURITY = ['alice', 'carol', 'erin']
const VOICES = ['alice', 'bob', 'carol', 'dave', 'erin', 'gina', 'bob/impostor', 'erin/impostor']

interface Said {
  readonly who: string
  readonly verdict: 'approve' | 'deny'
  readonly statement: VerifiedStatement
}

let told: Setup
let request: VerifiedOf<'request'>
let said: Said[]
let before: VerifiedStatement[]

beforeAll(async () => {
  const security = { roles: ['approver' as const], groups: ['security'] }
  const commander = { roles: ['admin' as const, 'approver' as const, 'commander' as const], groups: ['security'] }
  const names = [...CUSTODIANS, 'gina']
  told = await setupWith(names, {
    people: { ...standings(names), alice: commander, gina: security },
    plan: {
      custodians: CUSTODIANS.map((name) => person(name).member),
      quorum: { count: 2, groups: [{ group: 'platform', count: 1 }], veto: ['security'] },
    },
  })
  const { story } = told
  // Alice's share is the one that setup does not hand out.
  await story.hold(told.deposit, ['alice'])
  request = await story.ask('alice', told.plan)
  await story.ready('bob', request, told.deposit)
  const rogue = await story.draftRoster('erin', { 'bob/impostor': security, 'erin/impostor': security })
  before = [...story.statements]
  said = []
  for (const who of VOICES)
    for (const verdict of ['approve', 'deny'] as const) {
      const manner = who.endsWith('/impostor') ? { roster: rogue } : {}
      said.push({ who, verdict, statement: await story.decide(who, request, verdict, manner) })
    }
})

/** What an app sees that heard these decisions. */
function seen(heard: readonly Said[]) {
  const { story } = told
  const statements = [...before, ...heard.map(({ statement }) => statement)]
  const org = orgFrom(statements, story.organization)
  const one = org && caseFrom(org, request.id, statements, story.now, story.heard)
  if (org === null || one === null) throw new TypeError('expected the case')
  const releasing = CUSTODIANS.filter((name) => {
    const { member, device } = person(name)
    return typeof releaseDuty(org, one, { member, device }) === 'object'
  })
  return { one, releasing }
}

const heards = fc.array(fc.nat(), { maxLength: 12 })
const pick = (draws: readonly number[]) => [...new Set(draws.map((draw) => said[draw % said.length] as Said))]

describe('a plan with groups and a veto', () => {
  it('is approved by what its custodians say alone, and released to only then: enough of them, from each group, and no denial from the group with the veto', () => {
    let [approved, vetoed] = [0, 0]
    fc.assert(
      fc.property(heards, (draws) => {
        const heard = pick(draws)
        const says = (who: string, verdict: string) => heard.some((one) => one.who === who && one.verdict === verdict)
        const deciders = CUSTODIANS.filter((name) => name !== 'alice')
        const yes = deciders.filter((name) => says(name, 'approve') && !says(name, 'deny'))
        const veto = deciders.some((name) => SECURITY.includes(name) && says(name, 'deny'))
        const met = yes.length >= 2 && yes.some((name) => ['bob', 'dave'].includes(name)) && !veto
        const { one, releasing } = seen(heard)
        expect(one.state === 'approved').toBe(met)
        expect(releasing).toEqual(met ? yes : [])
        expect(one.state === 'blocked').toBe(veto || (says('bob', 'deny') && says('dave', 'deny')))
        if (met) approved++
        if (veto) vetoed++
      }),
      times(400),
    )
    expect(Math.min(approved, vetoed)).toBeGreaterThan(20)
  })

  it('once stopped stays stopped, whatever is heard later', () => {
    fc.assert(
      fc.property(heards, heards, (first, later) => {
        const { one } = seen(pick(first))
        expect(one.state === 'blocked' ? seen(pick([...first, ...later])).one.state : 'blocked').toBe('blocked')
      }),
      times(200),
    )
  })
})
