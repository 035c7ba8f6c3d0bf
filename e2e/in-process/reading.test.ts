import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { JournalError } from '../../main/vault/journal.ts'
import { digest } from '../../shared/bytes.ts'
import { ofKind } from './invariants.ts'
import { deskOf } from './mischief.ts'
import { asks, carryOn, caseOf, statementsOf } from './people.ts'
import { reportOn } from './report.ts'
import { type LocalSetting, newFour } from './stories.ts'
import type { LocalParty } from './world.ts'

// That somebody read the log or took it away is in the log itself (PCI DSS 10.2.1.3).

const EVERYTHING = { case: null, member: null, text: '', skip: 0, most: 50 } as const
const UNRECORDED = 'Reading the log could not be recorded'

let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let request = ''

beforeAll(async () => {
  four = await newFour()
  ;[ana, raj] = four.parties
  const people = [
    { party: ana, habits: [asks({ plan: four.plan, reference: 'INC-READ' })] },
    { party: raj, habits: [] },
  ]
  await carryOn(people, (now) => caseOf(now, 'INC-READ') !== undefined)
  request = caseOf(await ana.snapshot(), 'INC-READ')?.id ?? ''
}, 120_000)
afterAll(() => four.world.close())

/** What somebody read, as another app has it. */
async function readBy(who: LocalParty, as: LocalParty = ana) {
  const { id } = deskOf(who).device
  const reads = ofKind(await statementsOf(as), 'read').filter(({ payload }) => payload.device === id)
  return reads.map(({ payload }) => (payload.case === null ? payload.what : `${payload.what} ${payload.case}`))
}

/** No room but the reserve, as the journal has it then: what may wait is refused. */
function fillDisk(party: LocalParty) {
  const { journal } = deskOf(party).device.vault
  const append = journal.append.bind(journal)
  return vi
    .spyOn(journal, 'append')
    .mockImplementation((table, key, value, options = {}) =>
      options.deferrable === true
        ? Promise.reject(new JournalError('disk-full', 'the disk is full and the record was not kept'))
        : append(table, key, value, options),
    )
}

describe('reading the log', () => {
  test('is recorded once for each thing that was read, until the app is locked', async () => {
    const { find } = raj.call.log
    for (let times = 0; times < 3; times++) {
      await find(EVERYTHING)
      await find({ ...EVERYTHING, text: 'Ana' })
      await find({ ...EVERYTHING, case: request })
    }
    await find({ ...EVERYTHING, text: 'something else' })
    const once = ['log', 'search', `case ${request}`].sort()
    await expect.poll(async () => (await readBy(raj)).sort()).toEqual(once)
    await raj.quit()
    await raj.revive()
    await raj.call.log.find(EVERYTHING)
    await expect.poll(async () => (await readBy(raj)).sort()).toEqual([...once, 'log'].sort())
  })

  test('does not say what was searched for', async () => {
    const { id } = deskOf(raj).device
    const said = (await statementsOf(ana)).filter(({ kind, payload }) => kind === 'read' && payload.device === id)
    expect(said.length).toBeGreaterThan(0)
    expect(JSON.stringify(said.map(({ payload }) => payload))).not.toContain('something')
  })

  test('goes on while the disk is full, says that it is not recorded, and is recorded afterwards', async () => {
    const leo = four.parties[3]
    const full = fillDisk(leo)
    expect((await leo.call.log.find(EVERYTHING)).length).toBeGreaterThan(0)
    const note = await leo.until('the note', ({ notes }) => notes.find(({ what }) => what === UNRECORDED))
    expect(note.means).toContain('the disk is full')
    expect(await readBy(leo)).toEqual([])
    full.mockRestore()
    await leo.call.log.find(EVERYTHING)
    await expect.poll(() => readBy(leo)).toEqual(['log'])
  })
})

describe('an export', () => {
  test('is recorded with the digest of the file, after all that is in it, and the others learn of it', async () => {
    const { bytes } = await raj.call.log.export({ scope: 'all' })
    const sha256 = digest(bytes)
    await expect
      .poll(async () => ofKind(await statementsOf(ana), 'exported').map(({ payload }) => payload.sha256))
      .toEqual([sha256])
    const report = await reportOn(bytes)
    const [said] = ofKind(await statementsOf(ana), 'exported')
    expect(said?.payload).toMatchObject({
      entries: report.files[0]?.ledger.entries,
      head: { size: report.files[0]?.ledger.entries, root: report.files[0]?.ledger.root },
      scope: { case: null, from: null, until: null },
    })
    expect(report.log.filter(({ kind }) => kind === 'exported')).toEqual([])
  })

  test('stands in the next export, in words', async () => {
    const [said] = ofKind(await statementsOf(ana), 'exported')
    const { bytes } = await ana.call.log.export({ scope: 'all' })
    const report = await reportOn(bytes)
    const [act] = report.log.filter(({ id }) => id === said?.id)
    expect(act?.person.name).toBe('Raj')
    expect(act?.says).toBe(
      `exported the log to a file: a bundle of ${said?.payload.entries} entries, SHA-256 ${said?.payload.sha256}`,
    )
  })

  test('is not handed over if it cannot be recorded', async () => {
    const mia = four.parties[2]
    const full = fillDisk(mia)
    await expect(mia.call.log.export({ scope: 'all' })).rejects.toMatchObject({ code: 'disk-full' })
    full.mockRestore()
    const { id } = deskOf(mia).device
    expect(ofKind(await statementsOf(ana), 'exported').filter(({ payload }) => payload.device === id)).toEqual([])
  })
})
