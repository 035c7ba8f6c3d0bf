import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exchangeStoreOf } from '../../main/app/meeting.ts'
import { standingOf } from '../../main/issuers/aws/identity.ts'
import { utf8 } from '../../shared/bytes.ts'
import { sessionFromLines } from '../session-lines.ts'
import { ofKind } from './invariants.ts'
import { deskOf } from './mischief.ts'
import type { Party } from './party.ts'
import { statementsOf } from './people.ts'
import { TestClock } from './test-clock.ts'
import { agree, deposit, found, type LocalParty, newWorld, planForm, type World } from './world.ts'

const NAMES = ['Ana', 'Raj', 'Mia', 'Leo', 'Zoe']

describe('a whole break-glass, five devices without windows', () => {
  let world: World
  let parties: Party[]
  let plan: string
  const clock = new TestClock()

  beforeAll(async () => {
    world = await newWorld(900, {}, clock)
    parties = await Promise.all(NAMES.map((name) => world.arrive(name)))
    for (const party of parties) await party.setUp()
  }, 120_000)
  afterAll(() => world.close())

  test('five people found an organization; every window shows the same 12 words', async () => {
    expect(await found(parties)).toHaveLength(12)
  })

  test('admins agree on a plan; the deposited key is dealt, accepted and proved', async () => {
    const [ana] = parties as [Party]
    plan = await agree(parties, await planForm(ana, world.sandbox, 3))
    await deposit(parties, ana, plan, world.sandbox.accessKey)
    const { generations } = await ana.snapshot()
    expect(generations.map(({ state }) => state)).toEqual(['proven'])
  })

  test('one denies, three approve: a session that works, ends by itself, and is refused afterwards', async () => {
    const [ana, raj, mia, leo, zoe] = parties as [Party, Party, Party, Party, Party]
    await ana.sign(
      ana.call.cases.request({
        plan,
        purpose: 'access',
        emergency: 'identity-provider-down',
        what: 'Nobody can sign in since 02:40',
        reference: 'INC-1',
        seconds: 900,
      }),
    )
    const id = await raj.until('the request', ({ cases }) => cases[0]?.id)
    const decide = async (party: Party, verdict: 'approve' | 'deny') => {
      await party.until('the request', ({ cases }) => cases.some((one) => one.id === id))
      await party.sign(party.call.cases.decide({ request: id, verdict, reason: '' }))
    }
    await decide(zoe, 'deny')
    await decide(raj, 'approve')
    await decide(mia, 'approve')
    expect((await leo.until('two approvals', ({ cases }) => cases.find((one) => one.quorum?.have === 2))).state).toBe(
      'asked',
    )
    await decide(leo, 'approve')
    await ana.until('the session', ({ sessions }) => sessions.find(({ here }) => here))
    await ana.call.sessions.copy({ case: id, as: 'environment' })
    const session = sessionFromLines(ana.clipboard)
    const endpoint = world.sandbox.regions[0]?.endpoint as string
    expect((await standingOf(session, endpoint)).standing).toBe('alive')
    clock.pass(15 * 60_000)
    const ended = await ana.until('the end', ({ cases }) => cases.find(({ state }) => state === 'ended'))
    expect(ended.grant?.confirmed).toBe(true)
    expect((await standingOf(session, endpoint)).standing).toBe('refused')
    for (const party of parties)
      await party.until('the confirmed end', ({ cases }) => cases.some(({ state }) => state === 'ended'))
  })

  test('what AWS recorded is attached by one, reaches all, and agrees with the case call by call; what is no trail is refused', async () => {
    const [, raj, , , zoe] = parties as [Party, Party, Party, Party, Party]
    const [one] = (await raj.snapshot()).cases
    const request = one?.id ?? ''
    expect(one?.trail).toEqual({ attached: [], isMissing: true })
    const trail = (records: readonly string[]) =>
      Uint8Array.from(gzipSync(JSON.stringify({ Records: records.map((record) => JSON.parse(record) as unknown) })))
    const records = world.sandbox.events.map(({ record }) => record)
    const [first, second] = [records.slice(0, 3), records.slice(2)]
    const files = [
      { name: 'a.json.gz', bytes: trail(first) },
      { name: 'b.json.gz', bytes: trail(second) },
    ]
    const digests = { name: 'digest.json', bytes: utf8('{"awsAccountId":"123456789012"}') }
    await expect(raj.call.cases.attach({ request, files: [...files, digests] })).rejects.toMatchObject({
      code: 'no-trail-file',
    })
    // A trail of an organization writes for all of its accounts: what was recorded in another one, much later, reaches over nothing here.
    const later = new Date(clock.clock().wall + 60 * 60_000).toISOString().replace(/\.\d+Z$/, 'Z')
    const issue = JSON.parse(records.find((record) => record.includes('"AssumeRole"')) ?? '') as object
    const elsewhere = {
      ...issue,
      eventID: 'elsewhere',
      eventTime: later,
      userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAI44QH8DHBEXAMPLE' },
      requestParameters: null,
      responseElements: null,
      recipientAccountId: '999999999999',
    }
    const others = { name: 'c.json.gz', bytes: trail([JSON.stringify(elsewhere)]) }
    await expect(raj.call.cases.attach({ request, files: [others] })).rejects.toMatchObject({ code: 'other-account' })
    expect(await raj.call.cases.attach({ request, files: [...files, others] })).toMatchObject({
      read: records.length + 1,
      differs: 0,
      unreached: 1,
    })
    const shown = await zoe.until('the evidence', ({ cases }) => cases[0]?.trail?.attached[0])
    expect(shown).toMatchObject({ person: { name: 'Raj' }, tookPart: true, seen: 1, grants: 1, differs: [], more: 0 })
    // They end with the session, before AWS has written down all of it.
    expect(shown.unreached).toBe(1)
    expect((await zoe.snapshot()).cases[0]?.trail?.isMissing).toBe(true)
    expect(shown.calls).toBeGreaterThan(0)
    const calls = await vi.waitFor(() => zoe.call.cases.trail({ evidence: shown.id }), { timeout: 20_000 })
    expect(calls.agrees).toBe(true)
    expect(calls.calls.map(({ role }) => role)).toContain('the session was issued')
    expect(calls.calls).toHaveLength(shown.events)
  })

  test('what everybody keeps of it is asked of who attached it, and what comes twice is written once', async () => {
    const zoe = parties[4] as LocalParty
    const { device, notary } = deskOf(zoe)
    const lan = exchangeStoreOf(device, notary)
    const statements = await statementsOf(zoe)
    const [evidence] = ofKind(statements, 'evidence')
    const [part = ''] = evidence?.payload.parts ?? []
    const [dealt] = ofKind(statements, 'deposit')
    const likely = lan.likelyAt([part, dealt?.payload.ciphertext ?? ''])
    expect([...likely.keys()]).toEqual([part])
    expect(likely.get(part)?.[0]).toBe(evidence?.payload.device)
    const bytes = await lan.blob(part)
    const put = vi.spyOn(device.vault.blobs, 'put')
    const from = { device: evidence?.payload.device ?? '', member: '', name: 'Raj' }
    expect(await lan.receiveBlob(bytes ?? new Uint8Array(), from)).toBe('known')
    expect(put).not.toHaveBeenCalled()
    put.mockRestore()
  })

  test('a call that the case does not know of is loud for everybody', async () => {
    const [, raj, mia] = parties as [Party, Party, Party]
    const [one] = (await raj.snapshot()).cases
    const issue = world.sandbox.events.find(({ name }) => name === 'AssumeRole')
    const stolen = { ...(JSON.parse(issue?.record ?? '') as object), eventName: 'GetUser', eventID: 'a-thief' }
    const files = [{ name: 'a.json', bytes: utf8(JSON.stringify({ Records: [stolen] })) }]
    expect(await mia.call.cases.attach({ request: one?.id ?? '', files })).toMatchObject({ differs: 1 })
    const seen = await raj.until('the difference', ({ cases }) =>
      cases[0]?.trail?.attached.find(({ differs }) => differs.length > 0),
    )
    expect(seen.differs[0]).toMatchObject({ event: 'a-thief' })
    expect((await raj.snapshot()).cases[0]?.findings.join()).toContain('it differs')
  })

  test('only who took no part reviews it, all see the review, and it is closed once another key is held too', async () => {
    const [ana, raj, mia, leo, zoe] = parties as [Party, Party, Party, Party, Party]
    const [one] = (await ana.snapshot()).cases
    const review = {
      request: one?.id ?? '',
      classification: 'real',
      necessary: { answer: 'yes', text: 'Nobody could sign in.' },
      justified: { answer: 'yes', text: '' },
      duration: { answer: 'too-long', text: 'Ten minutes would have done.' },
      ordinary: { answer: 'no', text: '' },
      suspicious: { answer: 'no', text: '' },
    } as const
    for (const party of [ana, raj, mia, leo])
      await expect(party.call.cases.review(review)).rejects.toMatchObject({ code: 'not-allowed' })
    const owed = one?.obligations.find(({ code }) => code === 'review')
    expect(owed?.by.map(({ name }) => name)).toEqual(['Zoe'])
    // Who began before the evidence came would have to look at it first.
    await zoe.until('the difference', ({ cases }) => cases[0]?.findings.some((words) => words.includes('it differs')))
    const draft = await zoe.call.cases.review(review)
    expect(draft.rows).toContainEqual({ label: 'Grant reviewed', value: one?.grant?.id })
    expect(draft.rows.map(({ value }) => value)).toContain('Ten minutes would have done.')
    await zoe.sign(Promise.resolve(draft))
    const seen = await Promise.all(
      parties.map((party) =>
        party.until('the review', ({ cases }) => cases.find(({ reviews }) => reviews.length === 1)),
      ),
    )
    for (const { obligations, classification, closed, timeline } of seen) {
      expect(obligations.map(({ code }) => code)).toEqual(['rotate'])
      expect([classification, closed]).toEqual(['real', false])
      expect(timeline.find(({ kind }) => kind === 'review')?.says).toContain('Ten minutes would have done.')
    }
    const { secretAccessKey } = world.sandbox.accessKey
    await deposit(parties, ana, plan, { accessKeyId: 'AKIAEXAMPLEEXAMPLE09', secretAccessKey })
    for (const party of parties) {
      const closed = await party.until('the end of the case', ({ cases }) => cases.find((each) => each.closed))
      expect(closed.headline).toBe('Closed: access has ended, and was reviewed as a real emergency')
    }
  })

  test('it is open again, and a review is owed anew, for everybody, when a record that differs is attached to it', async () => {
    const [ana, , mia, , zoe] = parties as [Party, Party, Party, Party, Party]
    const closed = (await ana.snapshot()).cases.find((one) => one.closed)
    const request = closed?.id ?? ''
    const issue = world.sandbox.events.find(({ name }) => name === 'AssumeRole')
    const later = { ...(JSON.parse(issue?.record ?? '') as object), eventName: 'CreateUser', eventID: 'another-thief' }
    const files = [{ name: 'b.json', bytes: utf8(JSON.stringify({ Records: [later] })) }]
    const review = {
      request,
      classification: 'misuse',
      necessary: { answer: 'yes', text: '' },
      justified: { answer: 'no', text: 'A user was made.' },
      duration: { answer: 'enough', text: '' },
      ordinary: { answer: 'no', text: '' },
      suspicious: { answer: 'yes', text: 'A user was made with the key.' },
    } as const
    const early = await zoe.call.cases.review(review)
    await mia.call.cases.attach({ request, files })
    for (const party of parties) {
      const open = await party.until('the case', ({ cases }) => cases.find((one) => one.id === request && !one.closed))
      expect(open.headline).toBe('The session has ended, and something came to light that no review saw')
      expect(open.obligations).toMatchObject([
        {
          code: 'review',
          by: [{ name: 'Zoe' }],
          says: expect.stringContaining('Review the case again: what AWS') as string,
        },
      ])
    }
    await expect(zoe.sign(Promise.resolve(early))).rejects.toThrow('came in since you began')
    const again = zoe.call.cases.review(review)
    const attached = (await zoe.snapshot()).cases.find((one) => one.id === request)?.trail?.attached
    const differing = attached?.filter(({ differs }) => differs.length > 0).map(({ id }) => id) ?? []
    expect(differing).toHaveLength(2)
    const saw = (await again).rows.filter(({ label }) => label.startsWith('Seen: ')).map(({ value }) => value)
    expect(saw.sort()).toEqual(differing.sort())
    await zoe.sign(again)
    for (const party of parties) {
      const end = await party.until('its end', ({ cases }) => cases.find((one) => one.id === request && one.closed))
      expect(end.headline).toBe('Closed: access has ended, and was reviewed as misuse')
    }
  })

  test('what is signed is shown exactly and whole, and anew if its place in the record was taken', async () => {
    const [ana] = parties as [Party]
    const ask = (reference: string) =>
      ana.call.cases.request({
        plan,
        purpose: 'drill',
        emergency: 'identity-provider-down',
        what: 'Is everybody awake?',
        reference,
        seconds: 900,
      })
    const first = await ask('INC-2')
    await ana.sign(Promise.resolve(first))
    await ana.until('the request', ({ cases }) => cases.some(({ id }) => id === first.id))

    const read = await ask('INC-3')
    const shown = [...read.rows, ...read.place].map(({ value }) => value)
    for (const value of leavesOf(JSON.parse(read.text)))
      expect(shown.some((one) => one.includes(String(value)))).toBe(true)
    await ana.call.cases.withdraw({ request: first.id, reason: 'once is enough' })
    const anew = await ana.call.sign.start({ draft: read.draft })
    if (anew.kind !== 'moved') throw new Error(`expected the draft to be shown anew, not ${anew.kind}`)
    const [was, is] = [JSON.parse(read.text), JSON.parse(anew.draft.text)] as Record<string, unknown>[]
    expect(is?.['sequence']).toBe(Number(was?.['sequence']) + 1)
    expect(is?.['previous']).not.toBe(was?.['previous'])
    expect(anew.draft.rows).toEqual(read.rows)
    await ana.sign(Promise.resolve(anew.draft))
    await ana.until('the request as it was shown', ({ cases }) => cases.some(({ id }) => id === anew.draft.id))
    expect((await ana.snapshot()).cases.some(({ id }) => id === read.id)).toBe(false)
    await ana.call.cases.withdraw({ request: anew.draft.id, reason: 'seen' })
  })

  test('an admin who leaves endorses that too; the others act on the new list', async () => {
    const [ana, raj, mia] = parties as [Party, Party, Party]
    const { people } = await ana.snapshot()
    const keep = people
      .filter(({ name }) => name !== 'Mia')
      .map(({ member, roles, groups }) => ({ member, roles, groups }))
    await ana.sign(ana.call.people.change({ keep, add: [] }))
    for (const party of [mia, ana, raj]) {
      const draft = await party.until('the change', ({ drafts }) => drafts[0]?.words && drafts[0])
      expect(draft.changes).toContain('Mia leaves')
      await party.sign(party.call.endorse.draft({ of: draft.id, compared: true }))
    }
    await raj.until('the new list', (snapshot) => snapshot.people.length === 4)
    await ana.until('the second version', ({ organization }) => organization?.version === 2)
    // The log has what she said, so it can still be narrowed to her.
    const choices = await ana.call.log.choices()
    expect(choices.people.map(({ name, left }) => [name, left])).toEqual([
      ['Ana', false],
      ['Leo', false],
      ['Mia', true],
      ['Raj', false],
      ['Zoe', false],
    ])
  })
})

/** The texts, numbers and digests in a payload; truth values and nothing are shown as words. */
function leavesOf(value: unknown): unknown[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leavesOf)
  return value === null || value === '' || typeof value === 'boolean' ? [] : [value]
}

describe('before an organization is founded', () => {
  let world: World
  beforeAll(async () => {
    world = await newWorld(6)
  }, 60_000)
  afterAll(() => world.close())

  test('a founder who made a mistake drafts again; statements of strangers are not taken in', async () => {
    const [ana, raj] = [await world.arrive('Ana'), await world.arrive('Raj')]
    await ana.setUp()
    await raj.setUp()
    const members = async () => {
      const cards = [
        await ana.call.people.card({ roles: ['admin'], groups: [] }),
        await raj.call.people.card({ roles: ['approver'], groups: [] }),
      ]
      const read = []
      for (const card of cards) read.push(await ana.call.people.readCard(card))
      return read.map(({ digest, roles, groups }) => ({ card: digest, roles, groups }))
    }
    await ana.sign(ana.call.people.found({ organization: 'Exmaple Bank', members: await members() }))
    await ana.sign(ana.call.people.found({ organization: 'Example Bank', members: await members() }))
    const draft = await ana.until('the second draft', ({ drafts }) =>
      drafts.find(({ name }) => name === 'Example Bank'),
    )
    const file = await ana.call.people.draftFile({ roster: draft.id })
    // Where it is opened does not matter.
    expect(await raj.call.exchange.readFile(file)).toMatchObject({ added: 0, draft: 'Example Bank' })
    for (const party of [ana, raj]) {
      await party.until('its words', ({ drafts }) => drafts.find(({ id }) => id === draft.id)?.words)
      await party.sign(party.call.endorse.draft({ of: draft.id, compared: true }))
    }
    const { organization } = await raj.until('the organization', (snapshot) => snapshot.stage === 'member' && snapshot)
    expect(organization?.name).toBe('Example Bank')
  })
})
