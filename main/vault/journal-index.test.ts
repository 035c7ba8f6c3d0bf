import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../shared/bytes.ts'
import { Journal } from './journal.ts'
import {
  file,
  flipped,
  index,
  journalOf,
  keys,
  marker,
  named,
  numbered,
  open,
  piecesOf,
  RESERVE,
  swapped,
  valuesOf,
} from './testing/journals.ts'
import { MemoryDisk } from './testing/memory-disk.ts'

// A journal of `count` statements has `count` + 1 records.

const aside = `${index}.new`

/** A disk with a journal that was closed, and so has an index of all of it. */
async function closedOf(count: number): Promise<MemoryDisk> {
  const { fs, journal } = await journalOf(count)
  await journal.close()
  return fs
}

/** What is found in the journal of a disk, and how many records an index vouched for. */
async function foundOn(fs: MemoryDisk, more: { rules?: string } = {}) {
  const { journal, problems } = await open(fs.afterKill(), more)
  return { vouched: journal.vouched, problems: named(problems), values: await valuesOf(journal), size: journal.size }
}

/** The same without an index. */
async function foundWithout(fs: MemoryDisk) {
  const bare = fs.afterKill()
  await bare.remove(index)
  return foundOn(bare)
}

/** A file of one disk in the place of that of another. */
const put = (path: string, from: MemoryDisk, to: MemoryDisk) => to.tamper(path, () => from.contentOf(path))

describe('the index of a journal', () => {
  it('vouches for every record when the journal was closed, and gives back the same', async () => {
    const fs = await closedOf(5)
    expect(await foundOn(fs)).toEqual({ ...(await foundWithout(fs)), vouched: 6 })
    expect((await foundOn(fs)).values).toEqual(numbered(5))
  })

  it('vouches for no record that came after it', async () => {
    const fs = await closedOf(3)
    const { journal } = await open(fs)
    for (const at of [4, 5]) await journal.append('statements', `s${at}`, utf8(`value ${at}`))
    // Killed: the index is as old as the last closing.
    expect(await foundOn(fs)).toEqual({ vouched: 4, problems: [], values: numbered(5), size: 6 })
  })

  it('is made anew as the journal grows', async () => {
    const fs = new MemoryDisk()
    const { journal } = await Journal.open({
      dir: '/vault',
      ...keys,
      fs,
      reserveLength: RESERVE,
      create: true,
      indexEvery: 3,
    })
    journal.indexWith(() => new Uint8Array())
    for (let at = 1; at <= 4; at++) await journal.append('statements', `s${at}`, utf8(`value ${at}`))
    expect(await foundOn(fs)).toEqual({ vouched: 3, problems: [], values: numbered(4), size: 5 })
  })

  it('is not used under other rules', async () => {
    expect(await foundOn(await closedOf(3), { rules: 'others' })).toMatchObject({ vouched: 0, values: numbered(3) })
  })

  it('is not used where the journal is older than it', async () => {
    const fs = await closedOf(3)
    const old = fs.afterKill()
    const { journal } = await open(fs)
    await journal.append('statements', 's4', utf8('value 4'))
    await journal.close()
    for (const path of [file, marker]) put(path, old, fs)
    expect(await foundOn(fs)).toEqual({ vouched: 0, problems: [], values: numbered(3), size: 4 })
  })

  it('is not used where it is of another journal of the same length, of this vault or of another', async () => {
    const [fs, other] = [await closedOf(3), await closedOf(3)]
    put(index, other, fs)
    expect(await foundOn(fs)).toMatchObject({ vouched: 0, problems: [], values: numbered(3) })
    const strange = new MemoryDisk()
    const options = { ...keys, vaultId: new Uint8Array(32).fill(9), dir: '/vault', fs: strange, reserveLength: RESERVE }
    const { journal } = await Journal.open({ ...options, create: true })
    journal.indexWith(() => new Uint8Array())
    await journal.close()
    put(index, strange, fs)
    expect(await foundOn(fs)).toMatchObject({ vouched: 0, problems: [], values: numbered(3) })
  })

  it('is not used with any bit of it changed, or cut off anywhere (property)', async () => {
    const fs = await closedOf(4)
    const bytes = fs.contentOf(index)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.boolean(), async (at, cuts) => {
        const spoilt = fs.afterKill()
        spoilt.tamper(index, () => (cuts ? bytes.slice(0, at) : flipped(bytes, at)))
        expect(await foundOn(spoilt)).toEqual({ vouched: 0, problems: [], values: numbered(4), size: 5 })
      }),
      { numRuns: 150 },
    )
  })

  it('hides no damage: what is found is what is found without it (property)', async () => {
    const pieces = await piecesOf((await journalOf(6)).journal)
    const places = fc.nat({ max: pieces.length - 1 })
    const damages = fc.oneof(
      fc.tuple(places, fc.nat()).map(
        ([one, bit]) =>
          (all: Uint8Array[]) =>
            all.map((piece, at) => (at === one ? flipped(piece, bit % piece.length) : piece)),
      ),
      fc.tuple(places, places).map(
        ([a, b]) =>
          (all: Uint8Array[]) =>
            swapped(all, a, b),
      ),
      places.map((one) => (all: Uint8Array[]) => all.filter((_, at) => at !== one)),
      places.map((from) => (all: Uint8Array[]) => all.slice(0, from)),
      places.map((one) => (all: Uint8Array[]) => [...all, all[one] as Uint8Array]),
      fc.nat({ max: 40 }).map((length) => (all: Uint8Array[]) => [...all, new Uint8Array(length)]),
    )
    await fc.assert(
      fc.asyncProperty(damages, fc.integer({ min: 0, max: 4 }), async (damage, appended) => {
        const { fs, journal } = await journalOf(6 - appended)
        await journal.close()
        // Some of the records came after the index.
        const { journal: again } = await open(fs)
        for (let at = 7 - appended; at <= 6; at++) await again.append('statements', `s${at}`, utf8(`value ${at}`))
        const damaged = fs.afterKill()
        const current = await piecesOf(again)
        damaged.tamper(file, () => concat(...damage(current)))
        const { vouched, ...found } = await foundOn(damaged)
        const { vouched: _, ...without } = await foundWithout(damaged)
        expect(found).toEqual(without)
        expect(found.problems.length > 0 && vouched > 0).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('does not go on after a journal was written anew', async () => {
    const fs = await closedOf(4)
    const { journal } = await open(fs)
    await journal.rewrite({
      instead: ({ position }) => (position === 2 ? { table: 'statements', key: 's2', value: utf8('value 9') } : null),
      after: () => [],
    })
    const found = await foundOn(fs)
    expect(found).toMatchObject({ vouched: 0, problems: [], values: ['value 1', 'value 9', 'value 3', 'value 4'] })
    await journal.close()
    expect(await foundOn(fs)).toEqual({ ...found, vouched: found.size })
  })

  it('is not made of a journal that lost something, nor where the app has nothing to vouch for', async () => {
    const fs = await closedOf(4)
    const pieces = await piecesOf((await open(fs)).journal)
    const damaged = fs.afterKill()
    damaged.tamper(file, () => concat(...pieces.filter((_, at) => at !== 2)))
    const { journal, problems } = await open(damaged)
    await journal.accept(problems)
    await journal.append('statements', 's5', utf8('value 5'))
    await journal.close()
    expect(await foundOn(damaged)).toMatchObject({ vouched: 0, problems: [['removed', 2, 2]] })

    const silent = new MemoryDisk()
    const { journal: other } = await Journal.open({
      dir: '/vault',
      ...keys,
      fs: silent,
      reserveLength: RESERVE,
      create: true,
    })
    other.indexWith(() => null)
    await other.close()
    expect((await foundOn(silent)).vouched).toBe(0)
  })

  it('takes no room where the disk has none for it, nor after a kill', async () => {
    const fs = await closedOf(3)
    const { journal } = await open(fs)
    await journal.append('statements', 's4', utf8('value 4'))
    const full = fs.contentOf(index).length
    fs.faults.capacity = [...fs.snapshot().values()].reduce((sum, hex) => sum + hex.length / 2, 0) + full / 2
    await journal.close()
    expect(await fs.look(aside)).toBeNull()
    expect(await foundOn(fs)).toMatchObject({ vouched: 4, values: numbered(4) })

    const killed = await closedOf(3)
    await (await killed.open(aside, 'create')).write(utf8('half'), 0)
    expect((await open(killed)).journal.vouched).toBe(4)
    expect(await killed.look(aside)).toBeNull()
  })

  it('costs no record wherever the app dies while it writes it (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 900 }), async (bytes) => {
        const fs = await closedOf(3)
        const { journal } = await open(fs)
        await journal.append('statements', 's4', utf8('value 4'))
        fs.faults.dieAfterBytes = bytes
        await journal.close()
        const { vouched, ...found } = await foundOn(fs)
        expect(found).toEqual({ problems: [], values: numbered(4), size: 5 })
        expect([4, 5]).toContain(vouched)
      }),
      { numRuns: 60 },
    )
  })
})
