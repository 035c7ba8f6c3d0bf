import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { streamReceiver } from '../../main/outlets/testing/receivers.ts'
import { type Digest, toBase64Url, utf8 } from '../../shared/bytes.ts'
import type { Retention } from '../../shared/case/prunable.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import type { OutletView } from '../../shared/views/outlets.ts'
import { says } from '../../shared/views/timeline.ts'
import { ofKind } from './invariants.ts'
import { deskOf, plugOf } from './mischief.ts'
import { asks, carryOn, caseOf, statementsOf } from './people.ts'
import { reportOn } from './report.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { TestClock } from './test-clock.ts'
import type { LocalParty } from './world.ts'

// What is over, old and owes nothing may go from a device; all that proves anything stays.

const MONTH_MS = 31 * 24 * 3_600_000
const EVERYTHING = { case: null, member: null, text: '', skip: 0, most: 50 } as const

const clock = new TestClock()
let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let old = ''
let young = ''
/** A blob that nothing names: as if what is to name it were being recorded. */
let unnamed: Digest

beforeAll(async () => {
  four = await newFour({ clock })
  ;[ana, raj] = four.parties
  await raj.call.log.find(EVERYTHING)
  old = await asked('INC-OLD')
  await ana.call.cases.withdraw({ request: old, reason: 'a false alarm' })
  await everybodyHas()
  clock.pass(11 * MONTH_MS)
  young = await asked('INC-YOUNG')
  await everybodyHas()
  clock.pass(2 * MONTH_MS)
}, 120_000)
afterAll(() => four.world.close())

async function asked(reference: string): Promise<string> {
  const people = four.parties.map((party) => ({
    party,
    habits: party === ana ? [asks({ plan: four.plan, reference })] : [],
  }))
  await carryOn(people, (now) => caseOf(now, reference) !== undefined)
  return caseOf(await ana.snapshot(), reference)?.id ?? ''
}

/** Everybody's store has as many statements. */
async function everybodyHas(): Promise<void> {
  const sizes = () => new Set(four.parties.map((party) => storeOf(party).ids().length))
  await ana.until('all to have the same', () => sizes().size === 1)
}

const storeOf = (party: LocalParty) => deskOf(party).device.store
const blobsOf = (party: LocalParty) => deskOf(party).device.vault.blobs
const headOf = (party: LocalParty) => {
  const { ledger } = storeOf(party)
  return { size: ledger.size, root: toBase64Url(ledger.root()) }
}
async function prune(party: LocalParty, retention: Retention): Promise<void> {
  await party.call.log.keepFor({ retention })
  await party.sign(party.call.log.prune())
}
const has = (party: LocalParty, request: string) =>
  storeOf(party)
    .collection()
    .all.filter((one) => requestOf(one) === request).length

describe('pruning', () => {
  test('is refused while nothing is that old', async () => {
    expect((await raj.snapshot()).vault.retention).toBe('6-years')
    await expect(raj.call.log.prune()).rejects.toMatchObject({ code: 'nothing-old' })
  })

  test('says to whoever is to sign it what another system has not got yet', async () => {
    const gone = await streamReceiver({ now: 'reads' })
    await gone.close()
    await raj.call.outlets.add({
      name: 'SIEM',
      format: 'syslog',
      to: { via: 'tcp', address: `127.0.0.1:${gone.port}` },
      from: 'beginning',
    })
    const outlet = () => raj.until('the outlet', ({ outlets }) => outlets[0])
    await raj.until('a failure', ({ outlets }) => outlets[0]?.trouble === 'connection refused')
    await raj.call.log.keepFor({ retention: '12-months' })
    const { sentence } = await raj.call.log.prune()
    const [, count] = /^Remove (\d+) entries/.exec(sentence) ?? []
    expect(sentence).toContain(` ${count} of them have not gone out to SIEM yet, and will not.`)
    expect((await outlet()).gone).toBe(0)
  })

  test('removes old cases that owe nothing and old readings from this device, and keeps its ledger and chains', async () => {
    const before = headOf(raj)
    const ids = [...storeOf(raj).ids()]
    const stays = ids.filter((id) => {
      const statement = storeOf(raj).get(id)
      return statement !== undefined && requestOf(statement) !== old && statement.kind !== 'read'
    })
    expect(has(raj, old)).toBe(2)
    unnamed = await blobsOf(raj).put(utf8('kept before what names it'))
    await prune(raj, '12-months')
    expect(await blobsOf(raj).get(unnamed)).not.toBeNull()
    expect([has(raj, old), has(raj, young)]).toEqual([0, 1])
    expect(caseOf(await raj.snapshot(), 'INC-OLD')).toBeUndefined()
    expect(caseOf(await raj.snapshot(), 'INC-YOUNG')).toBeDefined()
    expect(storeOf(raj).prunedCount).toBe(ids.length - stays.length)
    expect(stays.every((id) => storeOf(raj).get(id) !== undefined)).toBe(true)
    expect(storeOf(raj).ids().slice(0, ids.length)).toEqual(ids)
    expect(toBase64Url(storeOf(raj).ledger.root(before.size))).toBe(before.root)
    expect(storeOf(raj).oddChains()).toEqual([])
  })

  test('an outlet that gets through again passes over what was removed, and does not call it delivered', async () => {
    const [{ id, to }] = (await raj.snapshot()).outlets as [OutletView]
    const back = await streamReceiver({ now: 'reads' }, null, Number(to.split(':').at(-1)))
    await raj.call.outlets.tryNow({ id })
    const { delivered, gone, total } = await raj.until('the rest to go out', ({ outlets }) =>
      outlets.find(({ state }) => state === 'up-to-date'),
    )
    expect(gone).toBe(storeOf(raj).prunedCount)
    expect([delivered, new Set(back.messages).size]).toEqual([total - gone, total - gone])
    await raj.call.outlets.remove({ id })
    await back.close()
  })

  test('is itself in the log, with the places and the touch', async () => {
    await everybodyHas()
    const [pruned] = ofKind(await statementsOf(ana), 'pruned')
    expect(pruned?.hardware).not.toBeNull()
    expect(pruned?.payload.device).toBe(deskOf(raj).device.id)
    // In Ana's window "this device" would be hers.
    expect(pruned && says(pruned, (member) => ({ member, name: member }))).toMatch(
      /^removed \d+ entries from the log on their own device, of what was over before /,
    )
    expect((await raj.snapshot()).log.removed).toBe(storeOf(raj).prunedCount)
    expect((await ana.snapshot()).log.removed).toBe(0)
    const gone = pruned?.payload.ranges.flatMap(({ from, to }) => storeOf(raj).ids().slice(from, to)) ?? []
    expect(gone).toHaveLength(storeOf(raj).prunedCount)
    expect(gone.every((id) => storeOf(raj).isPruned(id))).toBe(true)
  })

  test('leaves the others theirs, who neither give back nor get what was pruned', async () => {
    expect(has(ana, old)).toBe(2)
    await plugOf(raj).plug(false)
    await plugOf(raj).plug(true)
    const lately = await asked('INC-AFTER')
    await everybodyHas()
    expect([has(raj, old), has(raj, lately)]).toEqual([0, 1])
    const { bytes } = await ana.call.exchange.writeFile({ request: null })
    const receipt = await raj.call.exchange.readFile({ name: 'all.lockbox', bytes })
    expect(receipt).toMatchObject({ added: 0, refused: 0, waiting: 0 })
    expect(has(raj, old)).toBe(0)
  })

  test('is so after the next start too: the same head, nothing wrong, and the device goes on signing', async () => {
    const before = headOf(raj)
    await raj.quit()
    await raj.revive()
    const { vault, standing } = await raj.snapshot()
    expect(vault.notices).toEqual([])
    expect(standing?.state).not.toBe('copied')
    expect(headOf(raj)).toEqual(before)
    expect([has(raj, old), storeOf(raj).oddChains()]).toEqual([0, []])
    expect(await blobsOf(raj).get(unnamed)).toBeNull()
    await raj.until('a device that may sign', (now) => now.standing?.state === 'current')
    await raj.call.log.find(EVERYTHING)
    await expect
      .poll(
        async () =>
          ofKind(await statementsOf(ana), 'read').filter(({ payload }) => payload.time > clock.clock().wall - MONTH_MS)
            .length,
      )
      .toBe(1)
    const proof = storeOf(raj).ledger.inclusionProof(0)
    expect(proof.length).toBeGreaterThan(0)
  })
})

describe('the export of a device that pruned', () => {
  test('says what was removed and when, is incomplete, and proves all that is left', async () => {
    const { bytes } = await raj.call.log.export({ scope: 'all' })
    const report = await reportOn(bytes)
    expect(report.verdict).toBe('incomplete')
    const notable = report.findings.filter(({ result }) => result === 'incomplete' || result === 'refuted')
    expect(notable.map(({ code }) => code)).toEqual(['pruned'])
    const { size, entries, witnessed } = report.files[0]?.ledger ?? { size: 0, entries: 0, witnessed: 0 }
    expect([size - entries, witnessed]).toEqual([storeOf(raj).prunedCount, entries])
    expect(report.cases.map(({ id }) => id)).not.toContain(old)
    expect(report.cases.map(({ id }) => id)).toContain(young)
  })

  test('and its report on a case say so too', async () => {
    const { ledger, cannotConclude } = await raj.call.log.caseReport({ case: young })
    expect(ledger.removed).toBe(storeOf(raj).prunedCount)
    expect(cannotConclude.join()).toContain('old entries that were removed from this device')
  })
})

describe('a device that is killed when its pruning was recorded and not carried out', () => {
  test('carries it out after the next start', async () => {
    const mia = four.parties[2]
    const before = headOf(mia)
    const { device } = deskOf(mia)
    device.prune = async () => {
      await mia.kill()
    }
    await prune(mia, '12-months').catch(() => undefined)
    await mia.revive()
    await mia.until('the old case gone', () => has(mia, old) === 0)
    expect(toBase64Url(storeOf(mia).ledger.root(before.size))).toBe(before.root)
    expect(storeOf(mia).oddChains()).toEqual([])
  })
})
