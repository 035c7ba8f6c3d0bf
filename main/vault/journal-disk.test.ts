import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../shared/bytes.ts'
import { type JournalCondition, JournalError } from './journal.ts'
import { FIRST_PREVIOUS, sealFrame } from './journal-record.ts'
import { file, index, journalOf, keys, marker, numbered, open, RESERVE, valuesOf } from './testing/journals.ts'
import { MemoryDisk } from './testing/memory-disk.ts'

const RESERVE_FILE = '/vault/reserve'

/** Bytes of a closed journal, its marker and its index. */
const sizesOf = (fs: MemoryDisk): number =>
  [file, marker, index].reduce((sum, path) => sum + fs.contentOf(path).length, 0)

describe('a journal on a full disk', () => {
  const fill = async () => {
    const conditions: JournalCondition[] = []
    const fs = new MemoryDisk()
    await (await open(fs, { create: true })).journal.close()
    const { journal } = await open(fs, { onCondition: (condition) => void conditions.push(condition) })
    await journal.append('statements', 's1', utf8('value 1'))
    fs.faults.capacity = fs.contentOf(file).length + fs.contentOf(marker).length + RESERVE + 10
    return { fs, journal, conditions }
  }

  it('still takes the last records from its reserve, and says so', async () => {
    const { fs, journal, conditions } = await fill()
    await journal.append('statements', 's2', utf8('value 2'))
    await journal.append('statements', 's3', utf8('value 3'))
    expect(conditions).toEqual(['disk-full'])
    await journal.close()
    expect(await valuesOf((await open(fs)).journal)).toEqual(numbered(3))
  })

  it('refuses what can wait, keeps its reserve, and loses nothing', async () => {
    const { fs, journal } = await fill()
    await expect(journal.append('statements', 'pushed', utf8('pushed'), { deferrable: true })).rejects.toMatchObject({
      code: 'disk-full',
    })
    await journal.append('statements', 's2', utf8('value 2'))
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(2))
  })

  it('has the room of the reserve that it gave back for what cannot wait, until there is a reserve again', async () => {
    const { fs, journal } = await fill()
    await journal.append('statements', 's2', utf8('value 2'))
    const pushed = () => journal.append('statements', 'pushed', utf8('pushed'), { deferrable: true })
    const together = await Promise.allSettled([pushed(), journal.append('statements', 's3', utf8('value 3')), pushed()])
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
    await expect(pushed()).rejects.toMatchObject({ code: 'disk-full' })
    await journal.append('statements', 's4', utf8('value 4'))
    delete fs.faults.capacity
    await journal.recheck()
    await pushed()
    expect(await valuesOf(journal)).toEqual([...numbered(4), 'pushed'])
  })

  it('refuses a record that even the reserve cannot hold, and goes on with smaller ones', async () => {
    const { journal } = await fill()
    await expect(journal.append('statements', 'large', new Uint8Array(4 * RESERVE))).rejects.toMatchObject({
      code: 'disk-full',
    })
    await journal.append('statements', 's2', utf8('value 2'))
    expect(await valuesOf(journal)).toEqual(numbered(2))
  })

  it('is well again once there is room beside the reserve, and takes records that can wait', async () => {
    const { fs, journal, conditions } = await fill()
    await expect(journal.append('statements', 'pushed', utf8('pushed'), { deferrable: true })).rejects.toBeInstanceOf(
      JournalError,
    )
    await journal.recheck()
    expect(conditions).toEqual(['disk-full'])
    delete fs.faults.capacity
    await journal.recheck()
    expect(conditions).toEqual(['disk-full', 'well'])
    await journal.append('statements', 's2', utf8('value 2'), { deferrable: true })
    expect(await valuesOf(journal)).toEqual(numbered(2))
  })

  it('takes its reserve back once there is room, without a restart', async () => {
    const { fs, journal, conditions } = await fill()
    await journal.append('statements', 's2', utf8('value 2'))
    await journal.append('statements', 's3', utf8('value 3'))
    expect(await fs.look(RESERVE_FILE)).toBeNull()
    delete fs.faults.capacity
    await journal.recheck()
    expect(await fs.look(RESERVE_FILE)).toMatchObject({ size: RESERVE })
    expect(conditions).toEqual(['disk-full', 'well'])
  })

  it('keeps the part of a reserve that it has when there is no room for the rest', async () => {
    const { fs, journal } = await fill()
    await journal.close()
    fs.tamper(RESERVE_FILE, (bytes) => bytes.slice(0, RESERVE / 2))
    fs.faults.capacity = sizesOf(fs) + RESERVE / 2 + 10
    const again = (await open(fs)).journal
    expect(again.condition).toBe('disk-full')
    expect(await fs.look(RESERVE_FILE)).toMatchObject({ size: RESERVE / 2 })
    await again.append('statements', 's2', utf8('value 2'))
    expect(await valuesOf(again)).toEqual(numbered(2))
  })

  it('says at once when there is no room for a reserve', async () => {
    const { fs, journal } = await journalOf(1)
    await journal.close()
    await fs.remove('/vault/reserve')
    fs.faults.capacity = sizesOf(fs) + 100
    const conditions: JournalCondition[] = []
    await open(fs, { onCondition: (condition) => void conditions.push(condition) })
    expect(conditions).toEqual(['disk-full'])
  })
})

describe('a journal on a failing disk', () => {
  it.each([
    ['EIO', 'disk-failed'],
    ['ENOSPC', 'disk-failed'],
    ['EROFS', 'read-only'],
  ])('acknowledges nothing after a sync that failed with %s, whatever the disk says next', async (error, code) => {
    const { fs, journal } = await journalOf(1)
    fs.faults.syncError = error
    await expect(journal.append('statements', 's2', utf8('value 2'))).rejects.toMatchObject({ code })
    await expect(journal.append('statements', 's3', utf8('value 3'))).rejects.toMatchObject({ code })
    expect(journal.condition).toBe(code)
    const again = await open(fs.afterKill())
    expect((await valuesOf(again.journal)).slice(0, 1)).toEqual(numbered(1))
  })

  it('has on the medium all that it shows once it is opened again, although the system hides what a failed sync lost', async () => {
    const { fs, journal: first } = await journalOf(1)
    await first.close()
    const { journal } = await open(fs)
    fs.faults.syncError = 'EIO'
    await expect(journal.append('statements', 's2', utf8('value 2'))).rejects.toMatchObject({ code: 'disk-failed' })
    // The same system goes on: it shows the record, and believes that it is written.
    const disk = fs.afterKill()
    const again = (await open(disk)).journal
    const shown = await valuesOf(again)
    expect(shown).toEqual(numbered(2))
    await again.append('statements', 's3', utf8('value 3'))
    const after = await open(disk.afterPowerCut(0))
    expect(await valuesOf(after.journal)).toEqual(numbered(3))
    expect(after.problems).toEqual([])
  })

  it('is not opened when the disk does not take the last record once more', async () => {
    const { fs, journal } = await journalOf(1)
    await journal.close()
    fs.faults.syncError = 'EIO'
    await expect(open(fs)).rejects.toMatchObject({ code: 'EIO' })
  })

  it('says that it cannot be written, and writes nothing more', async () => {
    const { fs, journal } = await journalOf(1)
    fs.faults.writeError = 'EROFS'
    await expect(journal.append('statements', 's2', utf8('value 2'))).rejects.toMatchObject({ code: 'read-only' })
    delete fs.faults.writeError
    await expect(journal.append('statements', 's2', utf8('value 2'))).rejects.toMatchObject({ code: 'read-only' })
    expect(await valuesOf((await open(fs.afterKill())).journal)).toEqual(numbered(1))
  })

  it('writes whole records although each write takes only a few bytes', async () => {
    const { fs, journal } = await journalOf(0)
    fs.faults.mostPerWrite = 7
    await journal.append('statements', 's1', utf8('value 1'))
    await journal.close()
    const again = await open(fs)
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(1))
  })
})

describe('a journal that is not alone with its file', () => {
  it('writes nothing more once another program appended to it', async () => {
    const { fs, journal } = await journalOf(1)
    const other = (await open(fs)).journal
    await other.append('statements', 's2', utf8('value 2'))
    await expect(journal.append('statements', 's2', utf8('another 2'))).rejects.toMatchObject({ code: 'not-alone' })
    expect(journal.condition).toBe('not-alone')
    const again = await open(fs.afterKill())
    expect(again.problems).toEqual([])
    expect(await valuesOf(again.journal)).toEqual(numbered(2))
  })

  it('writes nothing more once another file was put in its place, as a backup is', async () => {
    const { fs, journal } = await journalOf(1)
    const old = Uint8Array.from(fs.contentOf(file))
    await journal.append('statements', 's2', utf8('value 2'))
    await fs.remove(file)
    const put = await fs.open(file, 'create')
    await put.write(old, 0)
    await expect(journal.append('statements', 's3', utf8('value 3'))).rejects.toMatchObject({ code: 'not-alone' })
    expect(fs.contentOf(file)).toEqual(old)
  })
})

describe('a journal of another version', () => {
  it.each([
    ['lockbox/journal/v2', 'newer-version'],
    ['lockbox/journal/v0', 'older-version'],
  ])('%s is refused as %s, and not a byte of its folder is changed', async (format, code) => {
    const fs = new MemoryDisk()
    await fs.makeDir('/vault')
    const frame = sealFrame(keys, { position: 0, previous: FIRST_PREVIOUS }, CREATED, utf8(format))
    const put = await fs.open(file, 'create')
    await put.write(concat(frame, utf8('of a later version')), 0)
    const before = fs.snapshot()
    await expect(open(fs)).rejects.toMatchObject({ code, message: expect.stringContaining('version 1') as string })
    expect(fs.snapshot()).toEqual(before)
  })

  it('is refused when one of its records has a later layout, and not a byte is changed', async () => {
    const { fs, journal } = await journalOf(2)
    await journal.append('statements', 's3', utf8('value 3'), { version: 2 })
    await journal.close()
    fs.tamper(file, (bytes) => concat(bytes, utf8('LBJR torn')))
    const before = fs.snapshot()
    await expect(open(fs)).rejects.toMatchObject({ code: 'newer-version' })
    expect(fs.snapshot()).toEqual(before)
  })
})

const CREATED = { table: 'journal', key: 'created', version: 1 }
