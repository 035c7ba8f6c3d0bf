import { cp, mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { WitnessAnswer } from '../../main/exchange/exchange.ts'
import { readFile as readFileParts, writeFile } from '../../shared/carriers/file.ts'
import { formatCheckpoint, parseCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { expectChains, expectSame, ofKind } from './invariants.ts'
import { LocalApp } from './local-app.ts'
import { acknowledged, deskOf, plugOf } from './mischief.ts'
import { Party } from './party.ts'
import { approves, asks, carryOn, caseOf, goesOn, type Habit, isDone, statementsOf } from './people.ts'
import { issuing, type LocalSetting, newFour } from './stories.ts'
import type { LocalParty } from './world.ts'

// Folders that are older than what others have of their device: put back from a backup, copied, or with a part lost.

let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty
let backups = ''

beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), 'lockbox-backups-'))
  four = await newFour()
  ;[ana, raj, mia, leo] = four.parties
}, 120_000)
afterAll(async () => {
  await four.world.close()
  await rm(backups, { recursive: true, force: true })
})

/** Yesterday’s backup of somebody’s folder. */
async function backUp(party: LocalParty): Promise<string> {
  const to = join(backups, `${party.name}-${Math.random()}`)
  await party.quit()
  await cp(party.profileDir, to, { recursive: true })
  await party.revive()
  return to
}

async function putBack(party: LocalParty, backup: string): Promise<void> {
  await rm(party.profileDir, { recursive: true })
  await cp(backup, party.profileDir, { recursive: true })
}

const standing = (party: LocalParty, state: string, met = true) =>
  party.until(
    `the standing “${state}”`,
    (now) => now.standing?.state === state && now.standing.met === met && now.standing,
  )

/** A whole access; ends when its end is recorded. */
async function access(habits: Partial<Record<string, readonly Habit[]>> = {}): Promise<string> {
  const { people, isOver } = await issuing(four)
  await carryOn(
    people.map(({ party, habits: own }) => ({ party, habits: [...own, ...(habits[party.name] ?? [])] })),
    isOver,
  )
  return (await ana.snapshot()).cases[0]?.reference ?? ''
}

const assumed = () => four.world.sandbox.log.filter(({ action }) => action === 'AssumeRole').length
const signedBy = async (party: LocalParty) => {
  const { id } = deskOf(party).device
  return (await statementsOf(ana)).filter(({ payload }) => payload.device === id).length
}

describe('a folder that was put back from yesterday', () => {
  test('says so, signs nothing in a place that is taken, and goes on from what the others have', async () => {
    const yesterday = await backUp(raj)
    const reference = await access()
    const signed = await signedBy(raj)
    await raj.quit()
    await putBack(raj, yesterday)
    await raj.revive()
    await standing(raj, 'older')
    expect(await signedBy(raj)).toBe(signed)
    // Everything that the others have is here again, and the window shows it.
    await raj.until('the case', (now) => caseOf(now, reference)?.grant?.endedAt != null)

    const next = 'INC-NEXT'
    await asks({ plan: four.plan, reference: next })(ana, await ana.snapshot())
    const { id } = await raj.until('the request', (now) => caseOf(now, next))
    const approval = () => raj.sign(raj.call.cases.decide({ request: id, verdict: 'approve', reason: '' }))
    await expect(approval()).rejects.toMatchObject({ code: 'older' })
    expect(await signedBy(raj)).toBe(signed)
    await raj.call.vault.goOn()
    await standing(raj, 'current')
    await carryOn(
      [
        { party: raj, habits: [approves(next)] },
        { party: leo, habits: [approves(next)] },
        { party: ana, habits: [isDone] },
      ],
      (now) => caseOf(now, next)?.grant?.endedAt != null,
    )
    const statements = await expectSame(four.parties)
    expectChains(statements)
    expectOnce(statements)
    // A decision once made is not asked for again at the next start.
    await raj.quit()
    await raj.revive()
    await standing(raj, 'current')
  })

  test('of a witness knows again what it acknowledged, and acknowledges nothing shorter', async () => {
    const yesterday = await backUp(raj)
    const early = formatCheckpoint(await deskOf(mia).notary.fresh())
    await access()
    expect(await deskOf(mia).notary.witnessedByAll(deskOf(mia).carrier)).toBe(3)
    await raj.quit()
    await putBack(raj, yesterday)
    await raj.revive()
    await standing(raj, 'older')
    await raj.call.vault.goOn()
    const member = deskOf(mia).device.me()?.member ?? ''
    const answer = await eventually(async () => {
      const asked = await deskOf(raj).notary.cosign(
        { note: early, proof: [], from: 0 },
        { device: deskOf(mia).device.id, member, name: 'Mia' },
      )
      return 'refused' in asked && asked.refused === 'shrunk' ? asked : null
    })
    expect(answer).toMatchObject({ refused: 'shrunk' })
  })
})

describe('a folder of which a part was lost', () => {
  test('signs nothing before others have handed back what they have, whatever its owner accepts', async () => {
    const path = join(raj.profileDir, 'vault', 'journal')
    await raj.quit()
    const { length } = await readFile(path)
    await raj.revive()
    await access()
    await raj.quit()
    await truncate(path, length)
    for (const party of [ana, mia, leo]) await plugOf(party).plug(false)
    await raj.revive()
    await standing(raj, 'damaged', false)
    await expect(touchSomething(raj)).rejects.toMatchObject({ code: 'damaged' })
    await raj.call.vault.acceptDamage()
    await expect(touchSomething(raj)).rejects.toMatchObject({ code: 'not-met' })
    for (const party of [ana, mia, leo]) await plugOf(party).plug(true)
    await standing(raj, 'older')
    await raj.call.vault.goOn()
    await standing(raj, 'current')
    await access()
    expectChains(await expectSame(four.parties))
  }, 120_000)
})

describe('a copy of a folder', () => {
  /** Starts another app on a copy of somebody’s folder, with the same keys before it. */
  async function copyOf(party: LocalParty): Promise<LocalParty> {
    const dir = await mkdtemp(join(backups, 'copy-'))
    await cp(party.profileDir, join(dir, party.name), { recursive: true })
    const { worker, switchboard } = four.world
    const local = { worker, carrier: () => switchboard.carrier(), knowsCopies: true }
    return Party.arrive({
      name: party.name,
      dir,
      keys: party.keys,
      launch: (profileDir, hands) => LocalApp.start(profileDir, local, hands),
    })
  }

  test('that runs beside the first is seen by both, and neither signs', async () => {
    await raj.quit()
    const copy = await copyOf(raj)
    await raj.revive()
    await copy.unlock()
    await standing(raj, 'twin')
    await standing(copy, 'twin')
    for (const party of [raj, copy]) await expect(touchSomething(party)).rejects.toMatchObject({ code: 'twin' })
    await copy.quit()
    await raj.call.vault.lock()
    await raj.unlock()
    await standing(raj, 'current')
  })

  test('meets nobody by a file but by the whole log of another device, as it stands now', async () => {
    const whole = (party: LocalParty) => party.call.exchange.writeFile({ request: null })
    const own = await whole(raj)
    const old = await whole(ana)
    await touchSomething(mia)
    await expectSame(four.parties)
    await asks({ plan: four.plan, reference: 'INC-FILE' })(ana, await ana.snapshot())
    await expectSame(four.parties)
    const one = caseOf(await ana.snapshot(), 'INC-FILE')
    const [ofOneCase, now] = [await ana.call.exchange.writeFile({ request: one?.id ?? '' }), await whole(ana)]
    const parts = readFileParts(now.bytes)
    const without = { ...parts, statements: parts.statements.slice(0, -1) }
    const [last, ...rest] = parts.statements.toReversed()
    const changed = (change: Partial<typeof parts>) => ({ ...now, bytes: writeFile({ ...parts, ...change }) })
    // Ana’s newer head gets to Raj in a moment; from then on he knows that there is more than in the older file.
    const [note = ''] = readFileParts(old.bytes).notes
    await vi.waitFor(() => expect(deskOf(raj).notary.isOutdated(parseCheckpoint(note))).toBe(true), 20_000)
    // What he only heard of is kept now and then; what he acknowledged, at once.
    await acknowledged(four.parties)
    await raj.quit()
    const elsewhere = await copyOf(raj)
    for (const party of [ana, mia, leo]) await plugOf(party).plug(false)
    await elsewhere.unlock()
    await standing(elsewhere, 'copied', false)
    for (const file of [
      ofOneCase,
      own,
      old,
      changed(without),
      changed({ notes: [] }),
      changed({ statements: last === undefined ? [] : [last, ...rest.toReversed()] }),
    ]) {
      await elsewhere.call.exchange.readFile(file)
      expect((await elsewhere.snapshot()).standing).toMatchObject({ state: 'copied', met: false })
    }
    await elsewhere.call.exchange.readFile(now)
    await standing(elsewhere, 'copied', true)
    await elsewhere.quit()
    for (const party of [ana, mia, leo]) await plugOf(party).plug(true)
    await raj.revive()
    await standing(raj, 'current')
  })

  test('is known as a copy: it signs nothing before it met another device and its owner decided', async () => {
    await raj.quit()
    const elsewhere = await copyOf(raj)
    for (const party of [ana, mia, leo]) await plugOf(party).plug(false)
    await elsewhere.unlock()
    await standing(elsewhere, 'copied', false)
    await expect(touchSomething(elsewhere)).rejects.toMatchObject({ code: 'copied' })
    await expect(elsewhere.call.vault.goOn()).rejects.toMatchObject({ code: 'not-met' })
    for (const party of [ana, mia, leo]) await plugOf(party).plug(true)
    await elsewhere.until('the others', (now) => now.standing?.met === true)
    await expect(touchSomething(elsewhere)).rejects.toMatchObject({ code: 'copied' })
    await elsewhere.call.vault.goOn()
    await standing(elsewhere, 'current')
    await touchSomething(elsewhere)
    // The folder it was copied from has become the old one.
    await elsewhere.quit()
    await raj.revive()
    await standing(raj, 'older')
    await goesOn(raj, await raj.snapshot())
    expectChains(await expectSame(four.parties))
  })
})

describe('the folder of an issuing device that was put back', () => {
  test('issues nothing once more, and leaves issuing to others from then on', async () => {
    const reference = 'INC-ISSUER'
    const people = [
      { party: ana, habits: [asks({ plan: four.plan, reference })] },
      { party: raj, habits: [approves(reference)] },
    ]
    // The backup is of the moment in which Mia’s device is ready, and waits for one more approval.
    await carryOn(people, (now) => caseOf(now, reference)?.timeline.some(({ kind }) => kind === 'ready') ?? false)
    const yesterday = await backUp(mia)
    await carryOn(
      [...people, { party: leo, habits: [approves(reference)] }],
      (now) => caseOf(now, reference)?.timeline.some(({ kind }) => kind === 'handover') ?? false,
    )
    // The sealed session travels beside, and would be gone with the newer folder.
    await ana.until('the session', ({ sessions }) => sessions.some(({ here }) => here))
    const [before, signed] = [assumed(), await signedBy(mia)]
    const last = (await statementsOf(ana)).findLast(({ payload }) => payload.device === deskOf(mia).device.id)
    await mia.quit()
    await putBack(mia, yesterday)
    for (const party of [ana, raj, leo]) await plugOf(party).plug(false)
    await mia.revive()
    // What it hears first is what it wrote last, so its log cannot become again what it was.
    const bytes = writeFile({ statements: [last?.envelope ?? new Uint8Array()], blobs: [], notes: [] })
    await mia.call.exchange.readFile({ name: 'last.lockbox', bytes })
    await standing(mia, 'older', false)
    await expect(mia.call.vault.goOn()).rejects.toMatchObject({ code: 'not-met' })
    for (const party of [ana, raj, leo]) await plugOf(party).plug(true)
    await ana.until('the session', ({ sessions }) => sessions.some(({ here }) => here))
    await isDone(ana, await ana.snapshot())
    expect([assumed(), await signedBy(mia)]).toEqual([before, signed])
    await mia.call.vault.goOn()
    expect(await standing(mia, 'current')).toMatchObject({ logBroken: true })
    await expect(mia.call.log.export({ scope: 'all' })).rejects.toMatchObject({ code: 'log-broken' })
    const next = await access()
    const statements = await expectSame(four.parties)
    expectChains(statements)
    expectOnce(statements)
    const request = caseOf(await ana.snapshot(), next)?.id
    const readies = ofKind(statements, 'ready').filter(({ payload }) => payload.request === request)
    expect(readies.map(({ payload }) => payload.device)).toEqual([deskOf(leo).device.id])
  }, 120_000)
})

describe('a folder that was put back as a whole disk is, and was alone,', () => {
  test('is found out when it meets the others: it signs nothing more, and all are told', async () => {
    const yesterday = await backUp(raj)
    await touchSomething(raj)
    await expectSame(four.parties)
    await raj.quit()
    await putBack(raj, yesterday)
    for (const party of [ana, mia, leo]) await plugOf(party).plug(false)
    await raj.revive()
    // Alone, and on a disk that was put back as a whole, nothing shows that this is yesterday.
    await touchSomething(raj)
    for (const party of [ana, mia, leo]) await plugOf(party).plug(true)
    await standing(raj, 'forked')
    await expect(touchSomething(raj)).rejects.toMatchObject({ code: 'forked' })
    await expect(raj.call.vault.goOn()).rejects.toMatchObject({ code: 'forked' })
    for (const party of [ana, mia, leo])
      await party.until('the note', ({ notes }) =>
        notes.some(({ what }) => what === 'Raj’s device has signed two different histories'),
      )
    await raj.quit()
    await raj.revive()
    await standing(raj, 'forked')
  })
})

/** Something that takes a touch and may be done at any time: Raj asks, as a commander may. */
async function touchSomething(party: LocalParty): Promise<void> {
  const { plans } = await party.snapshot()
  const plan = plans.find(({ state }) => state === 'effective')
  await party.sign(party.call.endorse.draft({ of: plan?.id ?? '', compared: false }))
}

/** Nobody released or issued twice to one attempt. */
function expectOnce(statements: Awaited<ReturnType<typeof expectSame>>): void {
  const places = [
    ...ofKind(statements, 'release').map(({ payload }) => `release ${payload.member} ${payload.ready}`),
    ...ofKind(statements, 'issuing').map(({ payload }) => `issuing ${payload.ready}`),
    ...ofKind(statements, 'grant').map(({ payload }) => `grant ${payload.basis.ready}`),
  ]
  expect(places.length).toBe(new Set(places).size)
}

async function eventually(look: () => Promise<WitnessAnswer | null>): Promise<WitnessAnswer | null> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const found = await look()
    if (found !== null || performance.now() > deadline) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
