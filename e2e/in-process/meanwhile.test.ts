import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { fromBase64Url } from '../../shared/bytes.ts'
import { OWN } from '../../shared/carriers/arrival.ts'
import { type Case, READY_VALID_MS } from '../../shared/case/types.ts'
import { formatCheckpoint, originOf, signCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { deskOf, forge, plugOf } from './mischief.ts'
import { approves } from './people.ts'
import { asking, type LocalSetting, newFour } from './stories.ts'
import { TestClock } from './test-clock.ts'
import type { LocalParty } from './world.ts'

// What comes between the record that a credential is about to be used and its use: to be acknowledged takes up to most of a
// minute.

const clock = new TestClock()
let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty

beforeAll(async () => {
  four = await newFour({ clock })
  ;[ana, raj, mia, leo] = four.parties
}, 120_000)
afterEach(() => vi.restoreAllMocks())
afterAll(() => four.world.close())

const caseAt = (party: LocalParty, id: string) => deskOf(party).device.case(id)

/**
 * Ana asks and these two approve, by whose shares Mia's device issues.
 *
 * @param meanwhile - what happens once another device has acknowledged the record, before Mia's goes on.
 * @returns the case as it is when Mia's device has said what came of it.
 */
async function asked(
  approvers: readonly LocalParty[],
  meanwhile: (request: string) => Promise<unknown>,
  until: (request: string) => Promise<unknown> = (request) => failureOf(request),
): Promise<Case | undefined> {
  const { id, reference } = await asking(four)
  const before = assumed()
  const { notary } = deskOf(mia)
  const acknowledged = notary.witnessed.bind(notary)
  vi.spyOn(notary, 'witnessed').mockImplementationOnce(async (...ways) => {
    const by = await acknowledged(...ways)
    await meanwhile(id)
    return by
  })
  for (const party of approvers) {
    await party.until('the request', (now) => now.cases.some((one) => one.id === id && one.mine.mayDecide))
    await approves(reference)(party, await party.snapshot())
  }
  await until(id)
  expect(assumed()).toBe(before)
  if (caseAt(ana, id)?.answerable === true) await ana.call.cases.withdraw({ request: id, reason: 'it is over' })
  return caseAt(ana, id)
}

const assumed = () => four.world.sandbox.log.filter(({ action }) => action === 'AssumeRole').length
const failuresIn = (one: Case | undefined) => one?.attempts.flatMap(({ failed }) => failed?.payload ?? [])
const failureOf = (request: string) =>
  ana.until('why nothing came of it', () => failuresIn(caseAt(ana, request))?.length === 1)

/** What somebody says whose app has not heard of the record. */
async function says(party: LocalParty, request: string, verdict: 'approve' | 'deny'): Promise<void> {
  await deskOf(party).device.store.receive(forge(party, 'decision', { request, verdict, reason: '' }), OWN, true)
}

test('a withdrawal that comes meanwhile leaves the credential untouched', async () => {
  const one = await asked([raj, mia], async (request) => {
    await ana.until('that it is being issued', () => caseAt(ana, request)?.state === 'issuing')
    await ana.call.cases.withdraw({ request, reason: 'found the key' })
    await mia.until('the withdrawal', () => caseAt(mia, request)?.answerable === false)
  })
  expect(failuresIn(one)).toMatchObject([{ code: 'not-approved', mayExist: false }])
  expect([one?.state, one?.grant]).toEqual(['withdrawn', null])
})

test('an attempt whose time is over meanwhile, as in a laptop that sleeps, leaves the credential untouched', async () => {
  const one = await asked([raj, mia], async () => clock.pass(READY_VALID_MS))
  expect(failuresIn(one)).toMatchObject([{ code: 'attempt-over', mayExist: false }])
})

test('a share of somebody who denies meanwhile is not used, though others’ approvals would do', async () => {
  const one = await asked([mia, raj], async (request) => {
    await says(leo, request, 'approve')
    await says(raj, request, 'deny')
    await mia.until('both', () => caseAt(mia, request)?.quorum?.denied.length === 1)
    expect(caseAt(mia, request)?.quorum?.met).toBe(true)
  })
  expect(failuresIn(one)).toMatchObject([{ code: 'releases-missing', mayExist: false }])
  expect(failuresIn(one)?.[0]?.message).toMatch(/^Custodians who had released shares denied it,/)
})

test('a device that learns meanwhile that it may not sign leaves the credential untouched, and says so when it may', async () => {
  const { device } = deskOf(mia)
  const origin = originOf(device.organizationId() ?? '', device.id)
  const key = { name: origin, publicKey: fromBase64Url(device.summary.device.checkpoint) }
  const head = { origin, size: device.store.ledger.size + 100, root: Uint8Array.from(randomBytes(32)) }
  const later = await signCheckpoint(head, key, (bytes) => device.vault.signCheckpoint(bytes))
  const state = () => device.standing.state
  const one = await asked(
    [raj, mia],
    async () => {
      // Raj's device turns out to have acknowledged a longer log of Mia's than her folder has.
      plugOf(raj).lies = () => ({ refused: 'shrunk', last: formatCheckpoint(later) })
      await deskOf(mia).notary.witnessedByAll(deskOf(mia).carrier)
      await mia.until('that it is older', () => state() === 'older')
    },
    async (request) => {
      await mia.until('that this is not recorded', ({ notes }) =>
        notes.some(({ what, means }) => what === 'Issuing failed' && means.startsWith('other devices have statements')),
      )
      expect(failuresIn(caseAt(ana, request))).toEqual([])
      plugOf(raj).lies = null
      await mia.call.vault.goOn()
      await failureOf(request)
    },
  )
  expect(failuresIn(one)).toMatchObject([{ code: 'older', mayExist: false }])
})
