import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fromUtf8, utf8 } from '../../shared/bytes.ts'
import { Journal } from './journal.ts'
import { IndexFile } from './journal-index.ts'
import { file, index, journalOf, keys, marker, named, numbered, open, RESERVE, valuesOf } from './testing/journals.ts'
import { MemoryDisk } from './testing/memory-disk.ts'

const vector = z
  .object({
    vaultId: z.string(),
    journalKey: z.string(),
    headKey: z.string(),
    head: z.string(),
    indexKey: z.string(),
    index: z.string(),
    records: z.array(
      z.object({
        position: z.int(),
        table: z.string(),
        key: z.string(),
        version: z.int(),
        value: z.string(),
        bytes: z.string(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('vectors/journal-v1.json', import.meta.url), 'utf8')))

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

describe('a journal', () => {
  it('of the first format is read as docs/formats/journal.md says', async () => {
    const fs = new MemoryDisk()
    const identity = {
      ...keys,
      vaultId: hex(vector.vaultId),
      key: hex(vector.journalKey),
      headKey: hex(vector.headKey),
    }
    await (await Journal.open({ dir: '/vault', ...identity, fs, create: true, reserveLength: RESERVE })).journal.close()
    fs.tamper(file, () => hex(vector.records.map(({ bytes }) => bytes).join('')))
    fs.tamper(marker, () => hex(vector.head))
    const { journal, problems } = await Journal.open({ dir: '/vault', ...identity, fs, reserveLength: RESERVE })
    expect(problems).toEqual([])
    const records = []
    for await (const { value, ...label } of journal.records()) records.push({ ...label, value: fromUtf8(value) })
    const rows = await journal.sealedRows(0)
    const bytesOf = (position: number) => Buffer.from(rows[position]?.sealed ?? []).toString('hex')
    expect(records.map((record) => ({ ...record, bytes: bytesOf(record.position) }))).toEqual(vector.records)
  })

  it('with an index of the first format is read by it', async () => {
    const fs = new MemoryDisk()
    const identity = {
      ...keys,
      vaultId: hex(vector.vaultId),
      key: hex(vector.journalKey),
      headKey: hex(vector.headKey),
      indexKey: hex(vector.indexKey),
      rules: '0.1.0 1',
    }
    const options = { dir: '/vault', ...identity, fs, reserveLength: RESERVE }
    const { journal: made } = await Journal.open({ ...options, create: true })
    made.indexWith(() => new Uint8Array())
    await made.close()
    fs.tamper(file, () => hex(vector.records.map(({ bytes }) => bytes).join('')))
    fs.tamper(marker, () => hex(vector.head))
    fs.tamper(index, () => hex(vector.index))
    const { journal, problems } = await Journal.open(options)
    expect([journal.vouched, problems]).toEqual([vector.records.length, []])
    expect(await new IndexFile(fs, index, { vaultId: identity.vaultId, key: identity.indexKey }).read()).toMatchObject({
      head: { rules: '0.1.0 1', tables: ['journal', 'statements'], glimpse: utf8('a glimpse') },
    })
  })

  it('gives back what was appended, in order, after closing and opening', async () => {
    const { fs, journal } = await journalOf(5)
    expect(await valuesOf(journal)).toEqual(numbered(5))
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(5))
    expect(await again.journal.append('statements', 's6', utf8('value 6'))).toBe(6)
  })

  it('orders appends made at once, and chains them', async () => {
    const { fs, journal } = await journalOf(0)
    const positions = await Promise.all(
      [1, 2, 3, 4].map((at) => journal.append('statements', `s${at}`, utf8(`value ${at}`))),
    )
    expect(positions).toEqual([1, 2, 3, 4])
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(4))
  })

  it('shows neither table, key nor value to whoever takes the disk', async () => {
    const { fs, journal } = await journalOf(1)
    await journal.append('statements', 'breakglass', utf8('attack at dawn'))
    const text = Buffer.from(fs.contentOf(file)).toString('latin1')
    for (const word of ['statements', 'breakglass', 'attack']) expect(text).not.toContain(word)
  })

  it.each<[string, string, string, number]>([
    ['no table', '', 'key', 1],
    ['a table too long', 't'.repeat(65), 'key', 1],
    ['a key too long', 'statements', 'k'.repeat(513), 1],
    ['a version below 0', 'statements', 'key', -1],
    ['half a version', 'statements', 'key', 1.5],
  ])('takes no record with %s, which no reader would take, and goes on', async (_what, table, key, version) => {
    const { fs, journal } = await journalOf(1)
    expect(() => journal.append(table, key, utf8('value'), { version })).toThrow(TypeError)
    expect(await journal.append('t'.repeat(64), 'k'.repeat(512), utf8('the longest'), { version: 0 })).toBe(2)
    await journal.close()
    expect((await open(fs)).problems).toEqual([])
  })

  it('is not made anew over one that is there', async () => {
    const { fs, journal } = await journalOf(2)
    await journal.close()
    await expect(open(fs, { create: true })).rejects.toMatchObject({ code: 'exists' })
    expect(await valuesOf((await open(fs)).journal)).toEqual(numbered(2))
  })

  it('takes no more records once closed', async () => {
    const { journal } = await journalOf(1)
    await journal.close()
    await expect(journal.append('statements', 'late', utf8('late'))).rejects.toMatchObject({ code: 'closed' })
    await expect(journal.sealedRows(0)).rejects.toMatchObject({ code: 'closed' })
  })

  it('finishes appends that were under way when it is closed', async () => {
    const { fs, journal } = await journalOf(0)
    const appended = journal.append('statements', 's1', utf8('value 1'))
    await journal.close()
    expect(await appended).toBe(1)
    expect(await valuesOf((await open(fs)).journal)).toEqual(numbered(1))
  })
})

describe('a journal whose app is killed', () => {
  it('at any byte keeps all acknowledged records, as a prefix, and says what it cut off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3000 }), fc.integer({ min: 1, max: 200 }), async (bytes, mostPerWrite) => {
        const { fs } = await journalOf(2)
        fs.faults.dieAfterBytes = 0
        const disk = fs.afterKill()
        const { journal } = await open(disk)
        disk.faults.dieAfterBytes = bytes
        disk.faults.mostPerWrite = mostPerWrite
        const acknowledged = await appendUntilDeath(journal, 2)
        const after = await open(disk.afterKill())
        const values = await valuesOf(after.journal)
        expect(values.length).toBeGreaterThanOrEqual(acknowledged)
        expect(values.length).toBeLessThanOrEqual(acknowledged + 1)
        expect(values).toEqual(numbered(values.length))
        expect(after.problems.every(({ kind }) => kind === 'torn-tail')).toBe(true)
        // And it goes on from there as if nothing had been.
        await after.journal.append('statements', 'more', utf8('more'))
        expect((await valuesOf(after.journal)).at(-1)).toBe('more')
      }),
      { numRuns: 150 },
    )
  })

  it('at every single byte of one append loses nothing acknowledged', async () => {
    const { fs, journal } = await journalOf(2)
    const two = fs.afterKill()
    await journal.append('statements', 's3', utf8('value 3'))
    const before = two.contentOf(file).length
    const whole = Uint8Array.from(fs.contentOf(file))
    for (let length = before; length <= whole.length; length++) {
      // The marker still says two records: the third was never acknowledged.
      const disk = two.afterKill()
      disk.tamper(file, () => whole.subarray(0, length))
      const { problems, journal: reopened } = await open(disk)
      expect(await valuesOf(reopened)).toEqual(numbered(length === whole.length ? 3 : 2))
      expect(named(problems)).toEqual(length === before || length === whole.length ? [] : [['torn-tail', 3, 3]])
    }
  })

  it('by a power cut keeps all acknowledged records, whatever became of the rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }), async (bytes, keep) => {
        const { fs, journal } = await journalOf(1)
        await journal.close()
        const disk = fs.afterKill()
        const again = await open(disk)
        disk.faults.dieAfterBytes = bytes
        const acknowledged = await appendUntilDeath(again.journal, 1)
        const after = await open(disk.afterPowerCut(keep))
        const values = await valuesOf(after.journal)
        expect(values.length).toBeGreaterThanOrEqual(acknowledged)
        expect(values).toEqual(numbered(values.length))
        expect(after.problems.every(({ kind }) => kind === 'torn-tail')).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})

/** Appends until the disk dies; returns how many statements were acknowledged in all. */
async function appendUntilDeath(journal: Journal, already: number): Promise<number> {
  for (let at = already + 1; at <= 12; at++) {
    try {
      await journal.append('statements', `s${at}`, utf8(`value ${at}`))
    } catch {
      return at - 1
    }
  }
  return 12
}
