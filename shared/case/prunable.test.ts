import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Digest } from '../bytes.ts'
import { orgFrom } from '../org/org-from.ts'
import { collect, requestOf } from '../statements/collection.ts'
import type { Kind } from '../statements/kinds.ts'
import { digestOf } from '../testing/keys.ts'
import { grantedCase, type Setup, setup } from '../testing/setup.ts'
import { casesFrom } from './case-from.ts'
import { isPrunable, type PruningSource, prunable, rangesOf, retentionLimit } from './prunable.ts'

const YEAR_MINUTES = 366 * 24 * 60

interface Odd extends Partial<PruningSource> {
  readonly before?: number
}

/** The kinds that may go, sorted, and those that stay of a case. */
function judged({ story }: Setup, odd: Odd = {}) {
  const org = story.org()
  const source = {
    org,
    cases: casesFrom(org, story.now, story.heard),
    heard: story.heard,
    gone: () => false,
    evidence: new Set<Digest>(),
    ...odd,
  }
  const gone = prunable(source, odd.before ?? story.now - 30 * 24 * 60 * 60_000)
  const kindOf = (id: Digest) => org.collection.byId(id)?.kind as Kind
  return { gone, kinds: [...gone].map(kindOf).sort() }
}

/** A request that was denied, and is a year old. */
async function denied() {
  const told = await setup('alice', 'bob', 'carol', 'dave')
  const request = await told.story.ask('alice', told.plan)
  const denial = await told.story.decide('bob', request, 'deny')
  await told.story.read('dave')
  await told.story.exported('dave')
  return { ...told, request, denial }
}

describe('what may be pruned', () => {
  it('is a case that was over before the limit, whole, and what says who read or took the log', async () => {
    const told = await denied()
    told.story.pass(YEAR_MINUTES)
    expect(judged(told).kinds).toEqual(['decision', 'exported', 'read', 'request'])
  })

  it('is nothing of a case of which anything is younger, or was heard of later', async () => {
    const told = await denied()
    told.story.pass(YEAR_MINUTES)
    const late = (id: Digest) => (id === told.denial.id ? told.story.now : told.story.heard(id))
    expect(judged(told, { heard: late }).kinds).toEqual(['exported', 'read'])
    const unknown = (id: Digest) => (id === told.denial.id ? undefined : told.story.heard(id))
    expect(judged(told, { heard: unknown }).kinds).toEqual(['exported', 'read'])
    await told.story.decide('carol', told.request, 'deny')
    expect(judged(told).kinds).toEqual(['exported', 'read'])
  })

  it('is nothing that claims to be old and came today', async () => {
    const told = await denied()
    told.story.pass(YEAR_MINUTES)
    expect(judged(told, { heard: () => told.story.now }).kinds).toEqual([])
  })

  it('is nothing that claims a time after the limit, whenever it came', async () => {
    const told = await denied()
    told.story.pass(YEAR_MINUTES)
    expect(judged(told, { heard: () => 0, before: told.request.payload.time }).kinds).toEqual([])
  })

  it('is no case that is still open or owes anything', async () => {
    const told = await setup('alice', 'bob', 'carol', 'dave')
    const { grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await told.story.end('alice', grant, { confirmation: 'aws-refused' })
    told.story.pass(YEAR_MINUTES)
    const [one] = casesFrom(told.story.org(), told.story.now, told.story.heard)
    expect(one?.state).toBe('ended')
    expect(one?.obligations.length).toBeGreaterThan(0)
    expect(judged(told).kinds).toEqual([])
    const settled = [{ ...one, obligations: [] } as NonNullable<typeof one>]
    expect(new Set(judged(told, { cases: settled }).kinds)).toEqual(
      new Set(['decision', 'ended', 'grant', 'issuing', 'ready', 'release', 'request']),
    )
    const open = [{ ...one, obligations: [], state: 'ending' as const } as NonNullable<typeof one>]
    expect(judged(told, { cases: open }).kinds).toEqual([])
  })

  it('is a granted case once it was reviewed and its key replaced, and not before', async () => {
    const told = await setup('alice', 'bob', 'carol', 'dave')
    const { story, plan } = told
    const { grant, request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    await story.review('dave', request)
    story.pass(YEAR_MINUTES)
    expect(judged(told).kinds).toEqual([])
    const newer = await story.deposit('alice', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    await story.hold(newer, ['bob', 'carol', 'dave'])
    expect(new Set(judged(told).kinds)).toEqual(
      new Set(['decision', 'ended', 'grant', 'issuing', 'ready', 'release', 'request', 'review']),
    )
  })

  it('is no request beside which one that stays was open: that would not be found out any more', async () => {
    const told = await setup('alice', 'bob', 'carol', 'dave')
    const { story, plan } = told
    await story.ask('alice', plan)
    story.pass(40)
    await story.ask('alice', plan)
    story.pass(40)
    const { grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    story.pass(YEAR_MINUTES)
    const cases = casesFrom(story.org(), story.now, story.heard)
    expect(cases.map(({ findings }) => findings.filter(({ code }) => code === 'second-open-request').length)).toEqual([
      1, 2, 1,
    ])
    expect(judged(told).kinds).toEqual([])
    const settled = cases.map((one) => ({ ...one, obligations: [] }))
    expect(judged(told, { cases: settled }).kinds.filter((kind) => kind === 'request')).toHaveLength(3)
  })

  it('is no drill whose request is the nonce of a custody proof', async () => {
    const told = await setup('alice', 'bob', 'carol', 'dave')
    const drill = await told.story.ask('alice', told.plan, { purpose: 'drill' })
    told.story.pass(YEAR_MINUTES)
    expect(judged(told).kinds).toEqual(['request'])
    await told.story.proveCustody('bob', told.deposit, { nonce: drill.id })
    told.story.pass(YEAR_MINUTES)
    expect(judged(told).kinds).toEqual([])
  })

  it('is what came late about a request that was pruned, and not what is about one that never came', async () => {
    const told = await denied()
    const orphans = told.story.statements.filter((one) => requestOf(one) !== null && one.kind !== 'request')
    const without = collect(told.story.statements.filter(({ kind }) => kind !== 'request'))
    const org = orgFrom(without, told.story.organization)
    if (org === null) throw new TypeError('expected an organization')
    told.story.pass(YEAR_MINUTES)
    expect(orphans.map(({ kind }) => kind)).toEqual(['decision'])
    const late = { org, cases: [], gone: (id: Digest) => id === told.request.id }
    expect(judged(told, late).kinds).toEqual(['decision', 'exported', 'read'])
    expect(judged(told, { org, cases: [] }).kinds).toEqual(['exported', 'read'])
  })

  it('is nothing that proves something against a device', async () => {
    const told = await denied()
    told.story.pass(YEAR_MINUTES)
    expect(judged(told, { evidence: new Set([told.denial.id]) }).kinds).toEqual(['exported', 'read'])
  })

  it('is nothing while the rules of the head are newer than this app, or the organization is split', async () => {
    const told = await denied()
    told.story.pass(YEAR_MINUTES)
    const org = told.story.org()
    expect(judged(told, { org: { ...org, supported: false } }).kinds).toEqual([])
    const splits = [{ parent: digestOf('parent'), children: [], both: [] }] as unknown as typeof org.splits
    expect(judged(told, { org: { ...org, splits } }).kinds).toEqual([])
  })

  it('is never what the organization stands on', async () => {
    const told = await denied()
    told.story.pass(YEAR_MINUTES)
    const { gone } = judged(told)
    const lasting = ['roster', 'plan', 'deposit', 'endorsement', 'custody', 'pruned']
    const stays = told.story.statements.filter(({ kind }) => lasting.includes(kind))
    expect(stays.length).toBeGreaterThan(5)
    expect(stays.filter((one) => gone.has(one.id) || isPrunable(one))).toEqual([])
    expect(told.story.statements.filter((one) => gone.has(one.id) && !isPrunable(one))).toEqual([])
  })
})

describe('the limit', () => {
  it.each([
    ['2026-11-28T10:00:00Z', '12-months', '2025-11-28T10:00:00Z'],
    ['2024-02-29T23:59:59Z', '12-months', '2023-02-28T23:59:59Z'],
    ['2026-11-28T10:00:00Z', '6-years', '2020-11-28T10:00:00Z'],
  ] as const)('of %s and %s is %s', (now, retention, limit) => {
    expect(new Date(retentionLimit(retention, Date.parse(now))).toISOString()).toBe(new Date(limit).toISOString())
  })
})

describe('ranges', () => {
  it('name exactly the places, in order, none touching the next', () => {
    const places = fc.uniqueArray(fc.nat(300)).map((all) => all.sort((a, b) => a - b))
    fc.assert(
      fc.property(places, (all) => {
        const ranges = rangesOf(all, 1000)
        expect(ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at))).toEqual(all)
        expect(ranges.every(({ from }, at) => from > (ranges[at - 1]?.to ?? -1))).toBe(true)
      }),
    )
  })

  it('are the first so many', () => {
    expect(rangesOf([1, 2, 5, 9], 2)).toEqual([
      { from: 1, to: 3 },
      { from: 5, to: 6 },
    ])
  })
})
