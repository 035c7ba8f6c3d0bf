import { describe, expect, it } from 'vitest'
import { concat, fromUtf8, utf8 } from '../../shared/bytes.ts'
import type { Contents, Journal, JournalRecord } from './journal.ts'
import { file, journalOf, marker, named, open } from './testing/journals.ts'

const NEW = '/vault/journal.new'

/** What stands in the places of the odd statements. */
const instead = ({ table, key, position }: JournalRecord): Contents | null =>
  table === 'statements' && position % 2 === 1 ? { table: 'stubs', key, value: utf8(`stub ${position}`) } : null
const after = (): Contents[] => [{ table: 'after', key: 'here', value: utf8('the end') }]
const change = { instead, after }

async function told(journal: Journal): Promise<string[]> {
  const lines: string[] = []
  for await (const { position, table, value } of journal.records())
    if (table !== 'journal') lines.push(`${position} ${table} ${fromUtf8(value)}`)
  return lines
}

const OLD = ['1 statements value 1', '2 statements value 2', '3 statements value 3']
const REWRITTEN = ['1 stubs stub 1', '2 statements value 2', '3 stubs stub 3', '4 after the end']

/** How many bytes a whole rewriting writes. */
async function bytesOfRewriting(): Promise<number> {
  const { fs, journal } = await journalOf(3)
  fs.faults.dieAfterBytes = Number.MAX_SAFE_INTEGER
  await journal.rewrite(change)
  return Number.MAX_SAFE_INTEGER - fs.faults.dieAfterBytes
}

describe('a journal that is written anew', () => {
  it('has other records in the places of some, and everything else where it was', async () => {
    const { fs, journal } = await journalOf(3)
    await journal.rewrite(change)
    expect(await told(journal)).toEqual(REWRITTEN)
    expect(await journal.append('statements', 's6', utf8('value 6'))).toBe(6)
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await told(again.journal)).toEqual([...REWRITTEN, '6 statements value 6'])
    expect(Buffer.from(fs.contentOf(file)).includes('value 1')).toBe(false)
  })

  it('tells what follows it which file it is', async () => {
    const { fs, journal } = await journalOf(1)
    const before = await journal.place()
    let said: string | undefined
    await journal.rewrite({
      instead: () => null,
      after: (found) => {
        said = found?.file
        return []
      },
    })
    expect(said).toBe((await fs.look(file))?.file)
    expect(said).not.toBe(before?.file)
    expect((await journal.place())?.file).toBe(said)
  })

  it('can be written anew again and again', async () => {
    const { fs, journal } = await journalOf(3)
    for (let times = 0; times < 3; times++) await journal.rewrite({ instead, after: () => [] })
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await told(again.journal)).toEqual(REWRITTEN.slice(0, 3))
  })

  it('is the old or the new one, whole, at whatever byte the app is killed', async () => {
    const seen = new Set<string>()
    const total = await bytesOfRewriting()
    for (let bytes = 0; bytes <= total; bytes += 3) {
      const { fs, journal: made } = await journalOf(3)
      // Its head marker is on the medium then, as after any other unlocked period.
      await made.close()
      const { journal } = await open(fs)
      fs.faults.dieAfterBytes = bytes
      await journal.rewrite(change).catch(() => undefined)
      for (const disk of [fs.afterKill(), fs.afterPowerCut(0), fs.afterPowerCut(0.5)]) {
        const { journal: found, problems } = await open(disk)
        expect(named(problems)).toEqual([])
        const lines = await told(found)
        expect([OLD, REWRITTEN]).toContainEqual(lines)
        seen.add(lines.join())
        expect(await disk.look(NEW)).toBeNull()
        await found.append('statements', 'more', utf8('more'))
        await found.close()
        const again = await open(disk)
        expect(named(again.problems)).toEqual([])
        expect((await told(again.journal)).slice(0, -1)).toEqual(lines)
      }
    }
    expect(seen.size).toBe(2)
  })

  it('stays as it was on a disk without room for the new one, and goes on', async () => {
    const { fs, journal } = await journalOf(3)
    fs.faults.capacity = [...fs.snapshot().values()].reduce((sum, hex) => sum + hex.length / 2, 0) + 300
    await expect(journal.rewrite(change)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(journal.condition).toBe('well')
    expect(await fs.look(NEW)).toBeNull()
    await journal.append('statements', 's4', utf8('value 4'))
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await told(again.journal)).toEqual([...OLD, '4 statements value 4'])
  })

  it('stays as it was if the new one cannot take its place', async () => {
    const { fs, journal } = await journalOf(3)
    const rename = fs.rename.bind(fs)
    fs.rename = async () => {
      throw Object.assign(new Error('no'), { code: 'EACCES' })
    }
    await expect(journal.rewrite(change)).rejects.toMatchObject({ code: 'EACCES' })
    fs.rename = rename
    expect(await told(journal)).toEqual(OLD)
    await journal.append('statements', 's4', utf8('value 4'))
    await journal.close()
    expect((await open(fs)).problems).toEqual([])
  })

  it('is read as it lies there, and takes nothing more, if the disk may not have kept its new place', async () => {
    const { fs, journal } = await journalOf(3)
    const old = fs.contentOf(file)
    fs.syncDir = async () => {
      throw Object.assign(new Error('no'), { code: 'EIO' })
    }
    await expect(journal.rewrite(change)).rejects.toMatchObject({ code: 'disk-failed' })
    expect(await told(journal)).toEqual(REWRITTEN)
    await expect(journal.append('statements', 's4', utf8('value 4'))).rejects.toMatchObject({ code: 'disk-failed' })
    await journal.close()
    const after = await open(fs.afterKill())
    expect([after.problems, await told(after.journal)]).toEqual([[], REWRITTEN])
    // A power cut brings the old file back.
    fs.tamper(file, () => old)
    const before = await open(fs.afterKill())
    expect([before.problems, await told(before.journal)]).toEqual([[], OLD])
  })

  it('is not written anew once another program has written to it', async () => {
    const { fs, journal } = await journalOf(3)
    fs.tamper(file, (bytes) => concat(bytes, utf8('x')))
    await expect(journal.rewrite(change)).rejects.toMatchObject({ code: 'not-alone' })
  })

  it('is not written anew after it lost something', async () => {
    const { fs, journal } = await journalOf(3)
    await journal.close()
    fs.tamper(file, (bytes) => bytes.map((byte, at) => (at === 300 ? byte ^ 1 : byte)))
    const again = await open(fs)
    await expect(again.journal.rewrite(change)).rejects.toMatchObject({ code: 'damaged' })
    await again.journal.accept(again.problems)
    await expect(again.journal.rewrite(change)).rejects.toMatchObject({ code: 'damaged' })
  })
})

describe('a head marker that names the end of the journal before', () => {
  /** A journal written anew, its pieces, and the marker of the one before. */
  async function killedBeforeItsMark() {
    const { fs, journal } = await journalOf(3)
    const before = fs.contentOf(marker)
    await journal.rewrite(change)
    const pieces = (await journal.sealedRows(0)).map(({ sealed }) => sealed)
    await journal.close()
    fs.tamper(marker, () => before)
    return { fs, pieces }
  }

  it('is right for the journal that took its place', async () => {
    const { fs } = await killedBeforeItsMark()
    expect((await open(fs)).problems).toEqual([])
  })

  it('does not hide that records of the new one were cut off', async () => {
    const { fs, pieces } = await killedBeforeItsMark()
    fs.tamper(file, () => concat(...pieces.slice(0, -1)))
    expect((await open(fs)).problems).not.toEqual([])
  })

  it('does not hide that a record of the new one was removed', async () => {
    const { fs, pieces } = await killedBeforeItsMark()
    fs.tamper(file, () => concat(...pieces.toSpliced(2, 1)))
    expect(named((await open(fs)).problems)).toContainEqual(['removed', 2, 2])
  })

  it('says nothing for a marker of a still older end', async () => {
    const { fs, journal } = await journalOf(2)
    const older = fs.contentOf(marker)
    await journal.append('statements', 's3', utf8('value 3'))
    await journal.rewrite(change)
    await journal.close()
    fs.tamper(marker, () => older)
    expect((await open(fs)).problems).not.toEqual([])
  })
})

it('takes away what a crash left beside the journal', async () => {
  const { fs, journal } = await journalOf(1)
  await journal.close()
  await (await fs.open(NEW, 'create')).write(utf8('half'), 0)
  const again = await open(fs)
  expect(again.problems).toEqual([])
  expect(await fs.look(NEW)).toBeNull()
})
