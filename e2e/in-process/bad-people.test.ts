import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ShellWorker } from '../../main/shell/shell.ts'
import { writeFile } from '../../shared/carriers/file.ts'
import { setup } from '../../shared/testing/setup.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { CallError } from '../../shared/wire.ts'
import { expectSame, ofKind } from './invariants.ts'
import { anotherShare, deskOf, forge, plugOf, sealingAnotherShare } from './mischief.ts'
import { acceptShares, approves, asks, carryOn, caseOf, goesOn, type Habit, isDone, statementsOf } from './people.ts'
import { asking, depositing, type LocalSetting, newFour } from './stories.ts'
import type { LocalParty } from './world.ts'

const MINUTE_MS = 60_000

let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty
let stories = 0
/** What dishonest owners do to the workers that their apps start now. */
let spoil = (worker: ShellWorker): ShellWorker => worker

beforeAll(async () => {
  four = await newFour({ apps: { spoil: (worker) => spoil(worker) } })
  ;[ana, raj, mia, leo] = four.parties
}, 120_000)
afterAll(() => four.world.close())

async function ask(purpose?: 'access' | 'drill', under?: string) {
  // Whoever forged something of their own got it back from the others, and has read what their window says of that.
  for (const party of four.parties) await goesOn(party, await party.snapshot())
  return asking(four, purpose, under)
}

async function decide(party: LocalParty, request: string, verdict: 'approve' | 'deny' = 'approve'): Promise<void> {
  await party.sign(party.call.cases.decide({ request, verdict, reason: '' }))
}

async function see(party: LocalParty, reference: string): Promise<CaseView> {
  return caseOf(await party.snapshot(), reference) as CaseView
}

const granted = (reference: string) => (now: Parameters<typeof caseOf>[0]) => caseOf(now, reference)?.grant != null

/** How often AWS was asked for a session. */
function assumed(): number {
  return four.world.sandbox.log.filter(({ action }) => action === 'AssumeRole').length
}

describe('a share that fails its checks', () => {
  test('is named with its custodian, the credential is not touched, and another custodian completes it', async () => {
    const { id, reference } = await ask()
    const before = assumed()
    await decide(raj, id)
    // Raj’s app is not what it was: it holds another share than the one it was dealt.
    deskOf(raj).device.held.hold(id, anotherShare())
    await decide(leo, id)
    const failed = await ana.until('the failure', (now) =>
      caseOf(now, reference)?.timeline.find(({ kind }) => kind === 'failed'),
    )
    expect(failed.says).toBe(
      'could not issue: The share of Raj failed its checks, so there are too few. The credential was not touched. Another custodian has to approve. The share of Raj failed its checks.',
    )
    expect(assumed()).toBe(before)
    expect(ofKind(await statementsOf(ana), 'issuing')).toEqual([])
    await carryOn(
      [
        { party: mia, habits: [approves(reference)] },
        { party: leo, habits: [approves(reference)] },
      ],
      granted(reference),
    )
    const [grant] = ofKind(await statementsOf(leo), 'grant')
    const releases = ofKind(await statementsOf(leo), 'release').filter(({ id: one }) =>
      grant?.payload.basis.releases.includes(one),
    )
    const members = (await Promise.all([mia, leo].map((party) => party.snapshot()))).map(({ me }) => me?.member)
    expect(new Set(releases.map(({ payload }) => payload.member))).toEqual(new Set(members))
    await ana.until('the session', ({ sessions }) => sessions.some(({ here }) => here))
    await isDone(ana, await ana.snapshot())
  })

  test('when it was dealt is refused by that custodian’s app with the depositor’s name, and nothing is endorsed', async () => {
    const entry = deskOf(raj).device.me()
    if (entry === null) throw new TypeError('Raj is a member')
    const { device } = deskOf(ana)
    spoil = (worker) => sealingAnotherShare(worker, device.id, entry)
    const { people } = await depositing(four)
    const { generations } = await ana.snapshot()
    await carryOn(people.slice(0, 1), (now) => now.generations.length > generations.length)
    spoil = (worker) => worker
    const mine = await raj.until('a share', (now) => now.generations.find((one) => one.mine === 'accept'))
    await expect(raj.sign(raj.call.endorse.draft({ of: mine.id, compared: false }))).rejects.toThrow(
      /Your share from Ana failed its checks .*Nothing was accepted\. Ask Ana to deposit the credential again/,
    )
    await carryOn(
      [mia, leo, ana].map((party) => ({ party, habits: [acceptShares] })),
      (now) =>
        now.generations.find(({ id }) => id === mine.id)?.seats.filter(({ lastProof }) => lastProof !== null).length ===
        3,
    )
    const statements = await expectSame(four.parties)
    const endorsements = ofKind(statements, 'endorsement').filter(({ payload }) => payload.of === mine.id)
    expect(endorsements.map(({ payload }) => payload.member)).not.toContain((await raj.snapshot()).me?.member)
    const again = await depositing(four)
    const onlyTheNew: Habit = async (party, snapshot) => {
      const newest = snapshot.generations.at(-1)
      if (newest?.id !== mine.id && newest?.mine === 'accept') await acceptShares(party, snapshot)
    }
    await carryOn(
      again.people.map((one) => (one.party === raj ? { ...one, habits: [onlyTheNew] } : one)),
      again.isOver,
    )
  })
})

describe('what comes by file or from a peer', () => {
  test('and is here already changes nothing', async () => {
    const { bytes } = await ana.call.exchange.writeFile({ request: null })
    const known = (await statementsOf(raj)).length
    expect(await raj.call.exchange.readFile({ name: 'all.lockbox', bytes })).toMatchObject({
      added: 0,
      known,
      refused: 0,
      waiting: 0,
    })
    const again = (await statementsOf(ana)).map(({ envelope }) => plugOf(ana).sendRaw(envelope))
    expect(new Set((await Promise.all(again)).flat())).toEqual(new Set(['known']))
  })

  test.each<[string, (line: Buffer) => Buffer, string]>([
    ['cut off', (line) => line.subarray(0, -20), 'truncated'],
    // Mail programs add white space, so a file may have it; a peer may not.
    ['with a space in it', (line) => Buffer.concat([line.subarray(0, 1), Buffer.from(' '), line.subarray(1)]), 'added'],
    ['too large', (line) => Buffer.concat([line, Buffer.alloc(100_000, 'A')]), 'malformed'],
    ['without sense', () => Buffer.from('\u0000\u0001 nonsense'), 'malformed'],
    ['with another signature', (line) => changed(line, /("sig":")(.)/), 'refused'],
    ['with another payload', (line) => changed(line, /("payload":"[\w-]{40})(.)/), 'refused'],
  ])('%s is refused and told, nothing is lost, and the good one is not kept out', async (_, spoilt, byFile) => {
    const good = forge(ana, 'withdrawal', { request: lastCase(await ana.snapshot()), reason: `${stories++}` })
    const bad = Uint8Array.from(spoilt(Buffer.from(good)))
    const before = await raj.snapshot()
    expect(await plugOf(ana).sendRaw(bad)).toEqual(['refused', 'refused', 'refused'])
    const after = await raj.snapshot()
    expect(after.log).toMatchObject({ refused: before.log.refused + 1, entries: before.log.entries })
    expect(after.notes[0]?.what).toBe('Something that Ana’s device sent was refused')
    const file = Buffer.concat([Buffer.from(`${HEAD}\n`), bad, Buffer.from('\n')])
    const read = raj.call.exchange.readFile({ name: 'x.lockbox', bytes: Uint8Array.from(file) })
    const outcome = await read.then(
      ({ added, refused }) => (added > 0 ? 'added' : refused > 0 ? 'refused' : 'nothing'),
      (error: unknown) => (error instanceof CallError ? error.code : 'fault'),
    )
    expect(outcome).toBe(byFile)
    await plugOf(ana).sendRaw(good)
    await deskOf(ana).device.store.receive(good, { by: 'file', device: null })
    await expectSame(four.parties)
    expect((await raj.snapshot()).log.entries).toBe(before.log.entries + 1)
  })

  test('of another organization is refused', async () => {
    const other = await setup('alice', 'bob', 'carol')
    const [roster, plan] = [other.story.roster, other.plan]
    for (const { envelope } of [roster, plan])
      expect(await raj.call.exchange.readFile({ name: 'x.lockbox', bytes: fileOf(envelope) })).toMatchObject({
        refused: 1,
      })
  })

  test('by somebody who is no member is refused', async () => {
    const eve = await four.world.arrive('Eve')
    await eve.setUp()
    const { organization } = await raj.snapshot()
    if (organization === null) throw new TypeError('Raj has an organization')
    const { id, reference } = await ask()
    const as = { organization: organization.id, roster: organization.roster }
    const decision = forge(eve, 'decision', { request: id, verdict: 'approve', reason: '' }, { as })
    expect(await raj.call.exchange.readFile({ name: 'x.lockbox', bytes: fileOf(decision) })).toMatchObject({
      refused: 1,
    })
    expect((await see(raj, reference)).quorum?.have).toBe(0)
    await ana.call.cases.withdraw({ request: id, reason: '' })
    await eve.quit()
  })
})

describe('an approval', () => {
  test('of one’s own request is refused by the own app, and counts nowhere when it is made all the same', async () => {
    const { id, reference } = await ask()
    await expect(decide(ana, id)).rejects.toMatchObject({ code: 'not-allowed' })
    const decision = forge(ana, 'decision', { request: id, verdict: 'approve', reason: '' })
    await plugOf(ana).sendRaw(decision)
    const one = await see(raj, reference)
    expect(one.quorum?.have).toBe(0)
    expect(one.timeline.find(({ kind }) => kind === 'decision')?.refused).toBe('nobody decides on their own request')
    // What her app never recorded comes back to it, as from a copy of its folder.
    await goesOn(ana, await ana.until('her own', (now) => now.standing?.state === 'older' && now))
    await ana.call.cases.withdraw({ request: id, reason: '' })
  })

  test('by a key that checked neither PIN nor finger is refused by its app, and at every other door', async () => {
    const { id, reference } = await ask()
    raj.keys[0].faults.unverified = true
    await expect(decide(raj, id)).rejects.toThrow(/PIN|verif/i)
    raj.keys[0].faults.unverified = false
    const decision = forge(raj, 'decision', { request: id, verdict: 'approve', reason: '' }, { unverified: true })
    expect(await plugOf(raj).sendRaw(decision)).toEqual(['refused', 'refused', 'refused'])
    expect((await see(leo, reference)).quorum?.have).toBe(0)
    await ana.call.cases.withdraw({ request: id, reason: '' })
  })

  test('and a denial of one member is a denial', async () => {
    const { id, reference } = await ask()
    await decide(leo, id, 'deny')
    const approval = forge(leo, 'decision', { request: id, verdict: 'approve', reason: '' })
    await plugOf(leo).sendRaw(approval)
    const one = await see(raj, reference)
    expect(one.quorum?.have).toBe(0)
    expect(one.findings).toContain(
      'Somebody approved and denied. The denial counts, unless a grant was made on the approval.',
    )
    // What his app never recorded comes back to him later, as from a copy of his folder.
    await goesOn(leo, await leo.until('his own', (now) => now.standing?.state === 'older' && now))
    await ana.call.cases.withdraw({ request: id, reason: '' })
  })

  test('by somebody who was off counts when they are back', async () => {
    await plugOf(leo).plug(false)
    const reference = `INC-${++stories}`
    await asks({ plan: four.plan, reference })(ana, await ana.snapshot())
    const { id } = await raj.until('the request', (now) => caseOf(now, reference))
    await decide(raj, id)
    expect(caseOf(await leo.snapshot(), reference)).toBeUndefined()
    await plugOf(leo).plug(true)
    await leo.until('the request', (now) => caseOf(now, reference))
    await plugOf(leo).plug(false)
    await decide(leo, id)
    expect((await see(raj, reference)).quorum?.have).toBe(1)
    await plugOf(leo).plug(true)
    await ana.until('the grant', granted(reference))
    await ana.until('the session', ({ sessions }) => sessions.some(({ here }) => here))
    await isDone(ana, await ana.snapshot())
  })

  test('comes too late for what was withdrawn, and the share that was ready is dropped', async () => {
    const { id, reference } = await ask()
    await decide(raj, id)
    expect((await see(raj, reference)).mine.holdsShareUntil).toBeGreaterThan(Date.now() + 50 * MINUTE_MS)
    await ana.call.cases.withdraw({ request: id, reason: 'a false alarm' })
    const one = await raj.until('the withdrawal', (now) => {
      const found = caseOf(now, reference)
      return found?.state === 'withdrawn' && found.mine.holdsShareUntil === null && found
    })
    expect(one.headline).toBe('Withdrawn by whoever asked')
    await leo.until('the withdrawal', (now) => caseOf(now, reference)?.state === 'withdrawn')
    await expect(decide(leo, id)).rejects.toMatchObject({ code: 'not-allowed' })
  })
})

describe('without another device that acknowledges it', () => {
  test('no credential is touched, and the case says what to do; then it goes through', async () => {
    for (const party of [ana, raj, leo]) plugOf(party).refusesToWitness = true
    const { id, reference } = await ask()
    const before = assumed()
    await decide(raj, id)
    await decide(leo, id)
    const failed = await ana.until('the failure', (now) =>
      caseOf(now, reference)?.timeline.find(({ kind }) => kind === 'failed'),
    )
    expect(failed.says).toMatch(/The credential was not touched\. Have one more member open Lockbox on this network\./)
    expect(assumed()).toBe(before)
    for (const party of [ana, raj, leo]) plugOf(party).refusesToWitness = false
    const people = [raj, leo].map((party) => ({ party, habits: [approves(reference)] }))
    await carryOn(people, granted(reference))
    const [grant] = ofKind(await statementsOf(raj), 'grant').slice(-1)
    expect(grant?.payload.witness).not.toBeNull()
    await ana.until('the session', ({ sessions }) => sessions.some(({ here }) => here))
    await isDone(ana, await ana.snapshot())
  })
})

const HEAD = '{"blobs":0,"format":"lockbox-file/1","notes":0,"statements":1}'

function fileOf(envelope: Uint8Array): Uint8Array {
  return writeFile({ statements: [envelope], blobs: [], notes: [] })
}

function changed(line: Buffer, where: RegExp): Buffer {
  const other = (_: string, head: string, one: string) => head + (one === 'A' ? 'B' : 'A')
  return Buffer.from(line.toString().replace(where, other))
}

function lastCase({ cases }: { readonly cases: readonly CaseView[] }): string {
  return (cases[0] as CaseView).id
}
