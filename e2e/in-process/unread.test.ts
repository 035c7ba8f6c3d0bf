import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { signatureChecks } from '../../main/checks.ts'
import { sha256 } from '../../main/sha256.ts'
import { type Digest, equalBytes, fromBase64Url } from '../../shared/bytes.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { expectChains, expectSame } from './invariants.ts'
import { deskOf } from './mischief.ts'
import { caseOf } from './people.ts'
import { asking, type LocalSetting, newFour } from './stories.ts'
import type { LocalParty } from './world.ts'

// An update whose door is stricter: what an app accepted before, and does not accept any more, locks nobody out and is not
// forgotten in silence.

let four: LocalSetting
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty
let request = ''
let reference = ''
let denial: Digest
let approval: Digest

beforeAll(async () => {
  four = await newFour()
  ;[, raj, mia, leo] = four.parties
  ;({ id: request, reference } = await asking(four))
  await leo.sign(leo.call.cases.decide({ request, verdict: 'deny', reason: 'not now' }))
  denial = await said('deny')
  await mia.sign(mia.call.cases.decide({ request, verdict: 'approve', reason: '' }))
  approval = await said('approve')
}, 120_000)
afterAll(() => four.world.close())
afterEach(() => vi.restoreAllMocks())

/** The id of what somebody decided, once Raj has it. */
async function said(verdict: string): Promise<Digest> {
  const ids = () =>
    [...deskOf(raj).device.store.collection().of('decision')].filter(({ payload }) => payload.verdict === verdict)
  await raj.until('the decision', () => ids().length > 0)
  return ids()[0]?.id ?? ''
}

/** Raj starts an update of the app, which checks everything once more and does not accept some of it. */
async function update(...refused: readonly Digest[]): Promise<void> {
  const bytes = refused.map((id) => parse(deskOf(leo).device.store.get(id)?.envelope ?? new Uint8Array()).signedBytes)
  await raj.quit()
  await rm(join(raj.profileDir, 'vault', 'journal.index'), { force: true })
  vi.restoreAllMocks()
  const { ed25519 } = signatureChecks
  vi.spyOn(signatureChecks, 'ed25519').mockImplementation(
    (key, signed, signature) => !bytes.some((one) => equalBytes(one, signed)) && ed25519(key, signed, signature),
  )
  await raj.revive()
}

const standing = (state: string) =>
  raj.until(`the standing “${state}”`, (now) => now.standing?.state === state && now.standing)
const decisions = async () =>
  caseOf(await raj.snapshot(), reference)?.timeline.filter(({ kind }) => kind === 'decision').length
const decide = () => raj.sign(raj.call.cases.decide({ request, verdict: 'deny', reason: 'not now' }))
const root = () => deskOf(raj).device.store.ledger.root()

describe('an update that does not accept some entries any more', () => {
  test('names them, keeps their places, and signs nothing before the owner has decided', async () => {
    await standing('current')
    const [before, had] = [root(), await decisions()]
    await update(denial)
    expect(await standing('unread')).toMatchObject({ unread: { entries: 1, mayGoOn: true } })
    expect(root()).toEqual(before)
    expect(deskOf(raj).device.store.oddChains()).toEqual([])
    expect(await decisions()).toBe((had ?? 0) - 1)
    const size = deskOf(raj).device.store.ledger.size
    await expect(decide()).rejects.toMatchObject({ code: 'unread' })
    await expect(raj.call.log.export({ scope: 'all' })).rejects.toMatchObject({ code: 'unread' })
    expect(deskOf(raj).device.store.ledger.size).toBe(size)
  })

  test('goes on once the owner has decided, and asks again only where it accepts something else', async () => {
    await raj.call.vault.goOn()
    expect(await standing('current')).toMatchObject({ unread: { entries: 1 } })
    await decide()
    await update(denial)
    expect(await standing('current')).toMatchObject({ unread: { entries: 1 } })
    await update(denial, approval)
    expect(await standing('unread')).toMatchObject({ unread: { entries: 2 } })
    await update()
    expect(await standing('current')).toMatchObject({ unread: null })
    // To the others nothing ever looked like another log of Raj’s.
    expectChains(await expectSame(four.parties))
    expect(four.parties.flatMap((party) => deskOf(party).notary.evidence.all())).toEqual([])
  })

  test('cannot be gone on with where the list of people is among them', async () => {
    const roster = deskOf(raj).device.org()?.head.id ?? ''
    await update(roster)
    expect(await standing('unread')).toMatchObject({ unread: { mayGoOn: false } })
    await expect(raj.call.vault.goOn()).rejects.toMatchObject({ code: 'unread' })
    await update()
    await standing('current')
  })

  test('follows no newer list of people before the owner has decided', async () => {
    const [ana] = four.parties
    const pin = () => deskOf(raj).device.pin
    const before = pin()
    await update(approval)
    expect(await standing('unread')).toMatchObject({ unread: { mayGoOn: true } })
    const { people } = await ana.snapshot()
    const keep = people.map(({ member, roles, groups }) => ({ member, roles, groups: [...groups, 'all'] }))
    await ana.sign(ana.call.people.change({ keep, add: [] }))
    const draft = await ana.until('the draft', ({ drafts }) => drafts[0])
    for (const party of [ana, mia]) {
      await party.until('the draft', ({ drafts }) => drafts.some(({ id }) => id === draft.id))
      await party.sign(party.call.endorse.draft({ of: draft.id, compared: true }))
    }
    await raj.until('the newer list', () => deskOf(raj).device.org()?.head.id === draft.id)
    // Twice round: whatever the desk does by itself by then, it has done.
    const turn = vi.spyOn(deskOf(raj).relaying, 'turn')
    await vi.waitFor(() => expect(turn.mock.calls.length).toBeGreaterThan(2), { timeout: 10_000 })
    expect(pin()).toBe(before)
    await raj.call.vault.goOn()
    await raj.until('the pin on it', () => pin() === draft.id)
  })

  test('cannot be gone on with where a consent to the list of people is among them', async () => {
    const { store, vault, pin } = deskOf(raj).device
    const { id = '' } = store.collection().endorsementsOf(pin ?? '')[0] ?? {}
    // An earlier version asked for that decision.
    await vault.journal.append('unread', 'accepted', sha256(fromBase64Url(id)))
    await update(id)
    expect(await standing('unread')).toMatchObject({ unread: { entries: 1, mayGoOn: false } })
    await expect(raj.call.vault.goOn()).rejects.toMatchObject({ code: 'unread' })
    await update()
    await standing('current')
  })
})
