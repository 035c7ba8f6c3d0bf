import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { ANY_CASE, type CaseFilter } from '../../shared/views/case-log.ts'
import { ofKind } from './invariants.ts'
import { deskOf } from './mischief.ts'
import { caseOf, statementsOf } from './people.ts'
import { agree, deposit, foundWith, type LocalParty, newWorld, planForm, type World } from './world.ts'

// Eve audits and is nothing else: what she sees, what she can save, and what her app never has.

const NAMES = ['Ana', 'Raj', 'Mia', 'Leo', 'Eve'] as const
const AUDITOR = { roles: ['auditor' as const], groups: [] }

let world: World
let parties: Record<(typeof NAMES)[number], LocalParty>
let granted = ''
let withdrawn = ''

beforeAll(async () => {
  world = await newWorld(900)
  const [Ana, Raj, Mia, Leo, Eve] = (await Promise.all(NAMES.map((name) => world.arrive(name)))) as [
    LocalParty,
    LocalParty,
    LocalParty,
    LocalParty,
    LocalParty,
  ]
  parties = { Ana, Raj, Mia, Leo, Eve }
  for (const party of [Ana, Raj, Mia, Leo, Eve]) await party.setUp()
  await foundWith([Ana, Raj, Mia, Leo, Eve], { Eve: AUDITOR })
  const form = await planForm(Ana, world.sandbox, 2)
  const eve = (await Eve.snapshot()).me?.member ?? ''
  const custodians = form.custodians.filter((member) => member !== eve)
  const plan = await agree([Ana, Raj, Mia, Leo], { ...form, custodians })
  await deposit([Ana, Raj, Mia, Leo], Ana, plan, world.sandbox.accessKey)
  const ask = async (reference: string) => {
    const what = 'Nobody can sign in since 02:40'
    const asked = {
      plan,
      purpose: 'access',
      emergency: 'identity-provider-down',
      what,
      reference,
      seconds: 900,
    } as const
    await Ana.sign(Ana.call.cases.request(asked))
    return Eve.until('the request', (now) => caseOf(now, reference)?.id)
  }
  withdrawn = await ask('INC-1')
  await Ana.call.cases.withdraw({ request: withdrawn, reason: 'found the key' })
  granted = await ask('INC-2')
  for (const party of [Raj, Leo]) {
    await party.until('the request', (now) => caseOf(now, 'INC-2'))
    await party.sign(party.call.cases.decide({ request: granted, verdict: 'approve', reason: '' }))
  }
  await Ana.until('the session', ({ sessions }) => sessions.find(({ here }) => here))
  await Ana.call.sessions.done({ case: granted })
  await Eve.until('the end', (now) => typeof caseOf(now, 'INC-2')?.grant?.endedAt === 'number')
}, 180_000)
afterAll(() => world.close())

const list = async (filter: Partial<CaseFilter> = {}, most = 50, skip = 0) =>
  parties.Eve.call.log.cases({ ...ANY_CASE, ...filter, most, skip, atHand: false })
const ids = ({ rows }: { readonly rows: readonly { readonly id: string }[] }) => rows.map(({ id }) => id)

describe('the list of all cases', () => {
  test('has every case, newest first, in pages, with what came of it and the people and plans to choose from', async () => {
    const all = await list()
    expect(all.rows.map(({ outcome, reference, requester }) => [outcome, reference, requester.name])).toEqual([
      ['granted', 'INC-2', 'Ana'],
      ['withdrawn', 'INC-1', 'Ana'],
    ])
    const { people, plans } = await parties.Eve.call.log.choices()
    expect(people.map(({ name, left }) => [name, left])).toEqual([...NAMES].sort().map((name) => [name, false]))
    expect(plans).toHaveLength(1)
    expect(all.rows[0]).toMatchObject({ owed: 2, overdue: 0, findings: 0, refused: 0 })
    const [first, second] = [await list({}, 1), await list({}, 1, 1)]
    expect([ids(first), ids(second), first.total, second.total]).toEqual([[granted], [withdrawn], 2, 2])
  })

  test('lists at once what was asked within three months', async () => {
    const { total, older } = await parties.Eve.call.log.cases({ ...ANY_CASE, most: 50, skip: 0, atHand: true })
    expect([total, older]).toEqual([2, 0])
  })

  test('is narrowed by outcome, purpose, person, plan and time, each alone', async () => {
    const { people, plans } = await parties.Eve.call.log.choices()
    const { rows } = await list()
    const member = (name: string) => people.find((one) => one.name === name)?.member ?? ''
    const asked = rows[0]?.times.asked.at ?? 0
    expect(ids(await list({ outcome: 'withdrawn' }))).toEqual([withdrawn])
    expect(ids(await list({ outcome: 'denied' }))).toEqual([])
    expect(ids(await list({ purpose: 'drill' }))).toEqual([])
    expect(ids(await list({ person: member('Raj') }))).toEqual([granted])
    expect(ids(await list({ person: member('Ana') }))).toEqual([granted, withdrawn])
    expect(ids(await list({ person: member('Eve') }))).toEqual([])
    expect(ids(await list({ plan: plans[0]?.plan ?? '' }))).toEqual([granted, withdrawn])
    expect(ids(await list({ plan: member('Ana') }))).toEqual([])
    expect(ids(await list({ from: asked }))).toEqual([granted])
    expect(ids(await list({ before: asked }))).toEqual([withdrawn])
    expect(ids(await list({ text: 'inc-1' }))).toEqual([withdrawn])
    expect(ids(await list({ text: ' inc-  ANA ' }))).toEqual([granted, withdrawn])
    expect(ids(await list({ text: granted.slice(3, 20) }))).toEqual([granted])
    expect(ids(await list({ text: 'inc-1 raj' }))).toEqual([])
  })
})

describe('a report on a case', () => {
  test('says who decided with which key, when each step was, and how the log stands that it was made from', async () => {
    const report = await parties.Eve.call.log.caseReport({ case: granted })
    const { times, timeline } = report.case
    expect([times.asked, times.quorum, times.access, times.end].map((step) => step?.by.name)).toEqual([
      'Ana',
      'Leo',
      'Mia',
      'Ana',
    ])
    const approval = timeline.find(({ kind, person }) => kind === 'decision' && person.name === 'Leo')
    expect(approval?.proof).toMatch(
      /^with “(Desk|Safe)” \((attested model \S+|did not prove its model)\), user verified, in /,
    )
    expect(report.organization.words ?? []).toHaveLength(12)
    expect(report.made.by.name).toBe('Eve')
    expect(report.statements.map(({ id }) => id)).toEqual(timeline.map(({ id }) => id))
    const { ledger, store } = { ledger: report.ledger, store: deskOf(parties.Eve).device.store }
    expect(ledger.size).toBeLessThanOrEqual(store.ledger.size)
    expect(Buffer.from(store.ledger.root(ledger.size)).toString('base64url')).toBe(ledger.root)
    expect(report.cannotConclude.join()).toContain('not confirmed by AWS')
  })

  test('counts the devices that cosigned, and none before any has', async () => {
    const { Eve } = parties
    const proofs = async () => {
      const { timeline } = (await Eve.call.log.caseReport({ case: granted })).case
      return new Set(
        timeline.map(
          ({ proof }) => /, (in (?:checkpoints of \d other devices|no other device’s checkpoint yet))/.exec(proof)?.[1],
        ),
      )
    }
    await deskOf(Eve).notary.witnessedByAll(deskOf(Eve).carrier)
    expect(await proofs()).toEqual(new Set(['in checkpoints of 4 other devices']))
    const [statement] = (await Eve.call.log.caseReport({ case: granted })).statements
    const proof = await Eve.call.log.proof({ id: statement?.id ?? '' })
    expect(proof.vouchers.map(({ person }) => person.name).sort()).toEqual(['Ana', 'Leo', 'Mia', 'Raj'])
    expect(proof.place.find(({ label }) => label === 'In this device’s log')?.value).toBe(
      `entry ${deskOf(parties.Eve).device.store.leaf(statement?.id ?? '')} of ${deskOf(parties.Eve).device.store.ledger.size}, counted from 0`,
    )
    expect(proof.signed.map(({ label }) => label)).toContain('Key signature')
    expect(JSON.parse(proof.payload)).toMatchObject({ reference: 'INC-2' })
    // What they cosigned is another log once this one contradicts it.
    const broken = vi.spyOn(deskOf(Eve).device.standing, 'logBroken', 'get').mockReturnValue(true)
    expect(await proofs()).toEqual(new Set(['in no other device’s checkpoint yet']))
    expect((await Eve.call.log.proof({ id: statement?.id ?? '' })).vouchers).toEqual([])
    broken.mockRestore()
  })

  test('that is saved is on record with the digest of the very file, and is not saved otherwise', async () => {
    const { Eve, Ana } = parties
    expect(await Eve.call.log.savePdf({ case: granted })).toBe(true)
    const said = await vi.waitFor(async () => {
      const [one] = ofKind(await statementsOf(Ana), 'exported')
      if (one === undefined) throw new Error('Ana has not heard of it')
      return one
    })
    expect(said.payload).toMatchObject({
      scope: { case: granted, from: null, until: null },
      format: 'pdf',
      sha256: digest(utf8('%PDF-')),
    })
    await expect(Eve.call.log.savePdf({ case: said.id })).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('an auditor’s app has no share, no box, no credential, and no session', async () => {
  const { Eve, Ana } = parties
  const { device } = deskOf(Eve)
  const { generations, sessions, cases } = await Eve.snapshot()
  expect(generations.map(({ mine }) => mine)).toEqual(['none'])
  expect(sessions).toEqual([])
  expect(cases.map(({ mine }) => [mine.mayDecide, mine.holdsShareUntil, mine.needsTouch])).toEqual(
    cases.map(() => [false, null, false]),
  )
  expect(device.held.until(granted)).toBeNull()
  // Every sealed thing that any statement names: others have some of them, she has none.
  const named = [...deskOf(Ana).device.store.collection().of('deposit')].flatMap(({ payload }) => [
    payload.ciphertext,
    ...payload.boxes,
  ])
  const sealed = [
    ...named,
    ...ofKind(await statementsOf(Eve), 'release').map(({ payload }) => payload.box),
    ...ofKind(await statementsOf(Eve), 'handover').map(({ payload }) => payload.sealed),
  ]
  expect(sealed.length).toBeGreaterThan(6)
  expect(sealed.filter((id) => device.shelf.has(id))).toEqual([])
  expect(named.some((id) => deskOf(Ana).device.shelf.has(id))).toBe(true)
})
