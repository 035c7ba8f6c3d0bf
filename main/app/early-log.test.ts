import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { casesFrom } from '../../shared/case/case-from.ts'
import { leafHash } from '../../shared/ledger/merkle.ts'
import { type Organization, orgFrom } from '../../shared/org/org-from.ts'
import type { VerifiedStatement } from '../../shared/statements/door.ts'
import { person } from '../../shared/testing/keys.ts'
import { type RecordedStory, wholeStory } from '../../shared/verify/testing/exported.ts'
import { signatureChecks } from '../checks.ts'
import type { EarlyReading, JournalRecord } from '../vault/journal.ts'
import { writeHeard } from './arrivals.ts'
import { EarlyLog } from './early-log.ts'
import { type Glimpse, glimpseBytes, parseGlimpse } from './glimpse.ts'

const TAIL = 3

let story: RecordedStory
let glimpse: Glimpse
let records: JournalRecord[]

beforeAll(async () => {
  story = (await wholeStory()).story
  records = story.statements.map(recordOf)
  const covered = story.statements.slice(0, -TAIL)
  glimpse = {
    cases: covered.filter(({ kind }) => kind === 'request').map(({ id }) => id),
    device: person('alice').device,
    entries: covered.length,
    member: person('alice').member,
    pin: story.roster.id,
    since: null,
    rows: covered.map(({ envelope }, position) => ({ position, at: position, length: 1, leaf: leafHash(envelope) })),
  }
})

function recordOf({ id, envelope }: Pick<VerifiedStatement, 'id' | 'envelope'>, position: number): JournalRecord {
  const value = writeHeard({ heard: 1, from: { by: 'lan', device: null }, envelope })
  return { position, table: 'statement', key: id, version: 1, value }
}

/** What is shown early of a journal whose last records came after its index; null for nothing. */
async function shown(change: (reading: EarlyReading, glimpse: Glimpse) => Partial<EarlyReading> = () => ({})) {
  const reading: EarlyReading = {
    glimpse: glimpseBytes(glimpse),
    size: records.length,
    tail: records.slice(-TAIL),
    records: async (places) => places.map(({ position }) => records[position] as JournalRecord),
  }
  const log = await EarlyLog.from({ ...reading, ...change(reading, glimpse) }, signatureChecks, story.now)
  return log && { cases: log.cases(story.now).map(({ id, state }) => [id, state]), entries: log.entries }
}

describe('a log that was not read yet', () => {
  it('shows its cases with what came since the index was made', async () => {
    const org = orgFrom(story.statements, story.organization) as Organization
    const cases = casesFrom(org, story.now).map(({ id, state }) => [id, state])
    expect(cases.length).toBeGreaterThan(0)
    expect(await shown()).toEqual({ cases, entries: story.statements.length })
  })

  const spoilt = ({ value, ...record }: JournalRecord) => ({
    ...record,
    value: value.map((byte, at) => (at === value.length - 5 ? byte ^ 1 : byte)),
  })
  it.each([1, TAIL])('shows all but the last %i entries, which the door does not let in', async (count) => {
    const org = orgFrom(story.statements.slice(0, -count), story.organization) as Organization
    const cases = casesFrom(org, story.now).map(({ id, state }) => [id, state])
    const seen = await shown(({ tail }) => ({
      tail: tail.map((record, at) => (at < TAIL - count ? record : spoilt(record))),
    }))
    expect(seen).toEqual({ cases, entries: story.statements.length })
  })

  const other = (rows: Glimpse['rows']) =>
    rows.map((row, at) => (at === 9 ? { ...row, leaf: new Uint8Array(32) } : row))
  it.each<[string, (reading: EarlyReading, glimpse: Glimpse) => Partial<EarlyReading>]>([
    ['a named record is another statement', (_, one) => ({ glimpse: glimpseBytes({ ...one, rows: other(one.rows) }) })],
    ['a named record is not there', () => ({ records: async () => null })],
    ['a statement went since', ({ tail }) => ({ tail: [...tail, { ...(tail[0] as JournalRecord), table: 'stub' }] })],
    [
      'damage was accepted since',
      ({ tail }) => ({ tail: [...tail, { ...(tail[0] as JournalRecord), table: 'journal' }] }),
    ],
    ['there is no glimpse', () => ({ glimpse: new Uint8Array() })],
    [
      'it acts on a roster that is not there',
      (_, one) => ({ glimpse: glimpseBytes({ ...one, pin: toBase64Url(new Uint8Array(32)) }) }),
    ],
  ])('shows nothing where %s', async (_what, change) => {
    expect(await shown(change)).toBeNull()
  })
})

describe('a glimpse', () => {
  it('is a head and a row for each statement', () => {
    const id = toBase64Url(new Uint8Array(32).fill(7))
    const member = toBase64Url(new Uint8Array(16).fill(8))
    const [leaf] = [new Uint8Array(32).fill(9)]
    const small = {
      cases: [id],
      device: id,
      entries: 3,
      member,
      pin: id,
      since: null,
      rows: [{ position: 5, at: 2 ** 33, length: 600, leaf }],
    }
    const bytes = glimpseBytes(small)
    const json = `{"cases":["${id}"],"device":"${id}","entries":3,"member":"${member}","pin":"${id}","since":null}`
    expect(fromUtf8(bytes.subarray(4, 4 + json.length))).toBe(json)
    expect([...bytes.subarray(0, 4)]).toEqual([0, 0, 0, utf8(json).length])
    expect(Buffer.from(bytes.subarray(4 + json.length)).toString('hex')).toBe(
      `00000005000000020000000000000258${'09'.repeat(32)}`,
    )
    expect(parseGlimpse(bytes)).toEqual(small)
  })

  it('is read whole or not at all, whatever the bytes are (property)', () => {
    const bytes = glimpseBytes(glimpse)
    const rows = glimpse.rows.length * 48
    // Cut between two rows it is a smaller one: that nothing was cut off is what the index's seal says.
    const lengths = Array.from({ length: bytes.length }, (_, at) => at)
    const odd = lengths.filter((length) => length < bytes.length - rows || (bytes.length - length) % 48 !== 0)
    expect(odd.filter((length) => parseGlimpse(bytes.subarray(0, length)) !== null)).toEqual([])
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => parseGlimpse(any) === null))
  })
})
