import { beforeAll, describe, expect, it } from 'vitest'
import type { Organization } from '../org/org-from.ts'
import { collect } from '../statements/collection.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import { grantedCase, type Setup, setup } from '../testing/setup.ts'
import { caseFrom } from './case-from.ts'
import type { Case } from './types.ts'

// Whoever has a device in the organization signs as much as they like without touching a key. Judged by looking at each
// statement for each other one, these would take minutes, once a second; each test would end by its time.
const MANY = 10_000
/** More than a function takes as arguments. */
const VERY_MANY = 130_000

let told: Setup
let org: Organization
let request: VerifiedOf<'request'>
let ready: VerifiedOf<'ready'>
let issuing: VerifiedOf<'issuing'>
let failed: VerifiedOf<'failed'>

beforeAll(async () => {
  told = await setup('alice', 'bob', 'carol', 'dave', 'erin')
  const { story, plan, deposit } = told
  request = await story.ask('alice', plan)
  for (const name of ['bob', 'carol']) await story.decide(name, request)
  ready = await story.ready('bob', request, deposit)
  issuing = await story.issuing('bob', ready)
  failed = await story.fail('bob', ready, { mayExist: false })
  org = story.org()
})

/** The same statement so many times, each under an id of its own, as if its author had signed that many. */
function flood<S extends VerifiedStatement>(one: S, count: number, changes: Partial<S['payload']> = {}): S[] {
  return Array.from({ length: count }, (_, at) => ({
    ...one,
    id: `${one.kind}${at}`.padEnd(43, '_'),
    payload: { ...one.payload, ...changes },
  }))
}

function caseWith(statements: readonly VerifiedStatement[]): Case {
  const { story } = told
  const found = caseFrom(org, request.id, [...story.statements, ...statements], story.now, story.heard)
  if (found === null) throw new TypeError('the request is there')
  return found
}

describe('a flood of statements in one case', () => {
  it('of issuings and failures of one attempt is judged like one of each', () => {
    const one = caseWith([...flood(issuing, MANY), ...flood(failed, MANY)])
    expect([one.state, one.attempt, one.findings]).toEqual(['approved', null, []])
    const left = caseWith(flood(issuing, MANY, { ready: 'another' }))
    expect(left.refused.filter(({ code }) => code === 'ready-unknown')).toHaveLength(MANY)
  })

  it('of attempts that follow one another is put in line', () => {
    const first = flood(ready, MANY)
    const next = flood(ready, MANY, { attempt: 2, after: { ready: ready.id, failed: failed.id } })
    const second = next.map((one, at) => ({ ...one, id: `next${at}`.padEnd(43, '_') }))
    const one = caseWith([...first, ...second])
    expect(one.attempts.map(({ number }) => number)).toEqual([2, 1])
    expect(one.refused).toEqual([])
  })

  it('of more than a function takes as arguments throws nothing', () => {
    expect(caseWith(flood(issuing, VERY_MANY)).attempts).toHaveLength(1)
    const others = collect([...told.story.statements, ...flood(request, VERY_MANY)])
    const { plan, time } = request.payload
    expect(others.requestsNear(plan, time, 60_000)).toHaveLength(VERY_MANY + 1)
  })

  it('of grants, and of what is said of them, counts one', async () => {
    const own = await setup('alice', 'bob', 'carol', 'dave', 'erin')
    const { story } = own
    const { grant } = await grantedCase(own, 'alice', ['bob', 'carol'], 'bob')
    const ended = await story.end('alice', grant)
    const handover = await story.handOver('bob', grant)
    const revoke = await story.revoke('dave', grant)
    await story.rotating('carol', grant)
    const next = await story.deposit('carol', own.plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    const rotated = await story.rotated('carol', grant, next)
    const all = [
      ...story.statements,
      ...flood(grant, 2000),
      ...flood(ended, MANY),
      ...flood(revoke, MANY),
      ...flood(rotated, MANY),
      ...flood(handover, MANY, { grant: 'another' }),
    ]
    const one = caseFrom(story.org(), grant.payload.request, all, story.now, story.heard)
    expect([one?.surplus.length, one?.refused.length]).toEqual([2000, MANY])
    const grants = [one?.grant, ...(one?.surplus ?? [])]
    for (const said of ['ends', 'revokes', 'rotations'] as const)
      expect(grants.reduce((sum, each) => sum + (each?.[said].length ?? 0), 0)).toBe(MANY + 1)
  })
})
