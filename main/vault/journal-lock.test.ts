import { setImmediate } from 'node:timers/promises'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../shared/bytes.ts'
import type { Journal } from './journal.ts'
import { file, journalOf, marker, named, numbered, open, RESERVE, valuesOf } from './testing/journals.ts'
import type { MemoryDisk } from './testing/memory-disk.ts'
import { personWithVault, restarted, unlockWith } from './testing/vaults.ts'
import { touch } from './testing/window.ts'

/** Every key that sealed or opened anything, as it is now. */
const { used } = vi.hoisted(() => {
  // Files share their modules: what others loaded is loaded again here, over the stand-ins, and after them without.
  vi.resetModules()
  return { used: new Set<Uint8Array>() }
})
afterAll(() => {
  vi.doUnmock('./sodium.ts')
  vi.doUnmock('./slots.ts')
  vi.resetModules()
})
vi.mock(import('./sodium.ts'), async (load) => {
  const sodium = await load()
  const noted =
    <Args extends readonly unknown[], Result>(act: (key: Uint8Array, ...args: Args) => Result) =>
    (key: Uint8Array, ...args: Args) => {
      used.add(key)
      return act(key, ...args)
    }
  return { ...sodium, sealRecord: noted(sodium.sealRecord), openRecord: noted(sodium.openRecord) }
})

const append = (journal: Journal, at: number, deferrable = false) =>
  journal.append('statements', `s${at}`, utf8(`value ${at}`), { deferrable })

// And each vault key that a touch gave.
vi.mock(import('./slots.ts'), async (load) => {
  const slots = await load()
  const unwrapWithKey: typeof slots.unwrapWithKey = (...given) => {
    const vaultKey = slots.unwrapWithKey(...given)
    used.add(vaultKey)
    return vaultKey
  }
  return { ...slots, unwrapWithKey }
})

/** The disk answers nothing before what is returned is called. */
function hang(fs: MemoryDisk): () => void {
  let go = () => undefined as void
  fs.faults.slow = new Promise((resolve) => (go = resolve))
  return go
}

/** Lets what is under way go on by so many small steps. */
async function steps(count: number): Promise<void> {
  for (let at = 0; at < count; at++) await Promise.resolve()
}

describe('a vault that is locked while its disk hangs', () => {
  it('has wiped every key before it waits, and keeps all that it was given before', async () => {
    const before = await personWithVault()
    before.vault.open().journal.indexWith(() => new Uint8Array())
    await before.vault.lock('button')
    const person = await restarted(before)
    used.clear()
    await unlockWith(person, person.desk)
    const { journal, blobs } = person.vault.open()
    await append(journal, 1)
    await blobs.put(utf8('a box'))
    const go = hang(person.fs)
    const first = append(journal, 2)
    await steps(20)
    const others = [append(journal, 3), append(journal, 4)]
    // Of the slot, the device, the journal, its marker and its index, and the blobs.
    expect(used.size).toBeGreaterThanOrEqual(6)
    const locking = person.vault.lock('screen')
    expect([...used].filter((key) => key.some((byte) => byte !== 0))).toEqual([])
    go()
    expect(await Promise.all([first, ...others])).toHaveLength(3)
    await locking
    const again = await restarted(person)
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'done', notices: [] })
    expect(await valuesOf(again.vault.open().journal)).toEqual(numbered(4))
  })
})

describe('a vault that is unlocked again while the disk still hangs', () => {
  /** One that was locked with a record on its way to the disk. */
  async function lockedMeanwhile() {
    const person = await personWithVault()
    await append(person.vault.open().journal, 1)
    const go = hang(person.fs)
    const kept = append(person.vault.open().journal, 2)
    await steps(20)
    return { person, go, kept, locking: person.vault.lock('screen'), files: person.fs.openFiles }
  }

  it('opens nothing before the journal is closed that has the file, and then goes on behind what that one kept', async () => {
    const { person, go, kept, locking, files } = await lockedMeanwhile()
    const again = person.vault.lock('button')
    let isAgain = false
    void again.then(() => (isAgain = true))
    const step = await person.vault.unlock()
    if (step.kind !== 'get') throw new Error('expected a question')
    used.clear()
    const unlocking = person.vault.answer(step.ceremony, touch(person.desk, step))
    await vi.waitFor(() => expect([...used]).not.toEqual([]))
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    expect([person.vault.status(), person.fs.openFiles, isAgain]).toEqual(['locked', files, false])
    go()
    await Promise.all([kept, locking, again])
    expect(await unlocking).toMatchObject({ kind: 'done', notices: [] })
    await append(person.vault.open().journal, 3)
    expect(person.vault.disk().condition).toBe('well')
    expect(await valuesOf(person.vault.open().journal)).toEqual(numbered(3))
    await person.vault.lock('button')
    expect(person.fs.openFiles).toBe(0)
  })

  it('and locked once more has wiped the key of that touch before it waits', async () => {
    const { person, go, kept, locking } = await lockedMeanwhile()
    const step = await person.vault.unlock()
    if (step.kind !== 'get') throw new Error('expected a question')
    used.clear()
    const unlocking = person.vault.answer(step.ceremony, touch(person.desk, step))
    const awake = () => [...used].filter((key) => key.some((byte) => byte !== 0))
    await vi.waitFor(() => expect(awake()).toHaveLength(1))
    const again = person.vault.lock('screen')
    await vi.waitFor(() => expect(awake()).toEqual([]))
    go()
    await Promise.all([kept, locking, again])
    expect(await unlocking).toMatchObject({ code: 'out-of-date' })
    expect([person.vault.status(), person.fs.openFiles]).toEqual(['locked', 0])
  })
})

describe('a journal that is closed', () => {
  it('twice is closed when its file is', async () => {
    const { fs, journal } = await journalOf(1)
    const go = hang(fs)
    const kept = append(journal, 2)
    await steps(20)
    const closing = [journal.close(), journal.close()]
    let left = closing.length
    for (const one of closing) void one.then(() => left--)
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    expect(left).toBe(2)
    go()
    await Promise.all([kept, ...closing])
    expect(fs.openFiles).toBe(0)
  })

  it.each(Array.from({ length: 30 }, (_, at) => at))(
    'after %i steps keeps what it acknowledges, and nothing that it refuses',
    async (count) => {
      const { fs, journal } = await journalOf(1)
      const large = new Uint8Array(300 * 1024)
      const given = [2, 3].map((at) => append(journal, at))
      const later = steps(5).then(() => append(journal, 4))
      const big = [1, 2].map((at) => journal.append('large', `l${at}`, large))
      await steps(count)
      const closing = journal.close()
      const settled = await Promise.allSettled([...given, ...big, later])
      await closing
      const { journal: again, problems } = await open(fs)
      expect(named(problems)).toEqual([])
      const refused = settled.filter((one) => one.status === 'rejected')
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'closed' })
      // What was asked for before is there; only what came after it may be refused.
      expect(refused.length).toBeLessThanOrEqual(count < 5 ? 1 : 0)
      expect(again.count('statements', 'large')).toBe(1 + settled.length - refused.length)
    },
  )

  it('while the disk has no room for what comes first refuses what can wait and was sealed for the place behind it', async () => {
    const { fs, journal } = await journalOf(1)
    fs.faults.capacity = 0
    const go = hang(fs)
    const first = append(journal, 2, true)
    await steps(20)
    const second = append(journal, 3, true)
    const closing = journal.close()
    go()
    await expect(first).rejects.toMatchObject({ code: 'disk-full' })
    await expect(second).rejects.toMatchObject({ code: 'closed' })
    await closing
    delete fs.faults.capacity
    const again = await open(fs)
    expect([named(again.problems), await valuesOf(again.journal)]).toEqual([[], numbered(1)])
  })

  it.each([
    ['what cannot wait', 'NNN', 0],
    ['both', 'NDNND', 0],
    ['both, what can wait first', 'DNDN', 0],
    ['what can wait', 'DDD', RESERVE],
  ])('on a full disk has the reserve for what cannot wait, and for nothing else (%s)', async (_what, kinds, left) => {
    for (let count = 0; count <= 60; count += 2) {
      const { fs, journal } = await journalOf(0)
      fs.faults.capacity = fs.contentOf(file).length + fs.contentOf(marker).length + RESERVE + 10
      const given = kinds.split('').map((kind, at) => append(journal, at + 1, kind === 'D'))
      await steps(count)
      const closing = journal.close()
      const settled = await Promise.allSettled(given)
      await closing
      expect([count, settled.map(({ status }) => (status === 'fulfilled' ? 'N' : 'D')).join('')]).toEqual([
        count,
        kinds,
      ])
      expect((await fs.look('/vault/reserve'))?.size ?? 0).toBe(left)
      const again = await open(fs)
      expect(named(again.problems)).toEqual([])
      const kept = kinds.split('').flatMap((kind, at) => (kind === 'N' ? [`value ${at + 1}`] : []))
      expect(await valuesOf(again.journal)).toEqual(kept)
    }
  })

  it('in the midst of being written anew is whole, the old or the new', async () => {
    const found = new Set<string>()
    for (let count = 0; count <= 200; count += count < 100 ? 1 : 50) {
      const { fs, journal } = await journalOf(3)
      const rewriting = journal.rewrite({
        instead: ({ key }) => (key === 's2' ? { table: 'stub', key, value: utf8('gone') } : null),
        after: () => [],
      })
      const behind = append(journal, 4)
      await steps(count)
      const closing = journal.close()
      const [rewritten, appended] = await Promise.allSettled([rewriting, behind])
      await closing
      const { journal: again, problems } = await open(fs)
      expect(named(problems)).toEqual([])
      const kept = rewritten.status === 'fulfilled' ? ['value 1', 'value 3'] : numbered(3)
      expect(await valuesOf(again)).toEqual([...kept, ...(appended.status === 'fulfilled' ? ['value 4'] : [])])
      found.add(`${rewritten.status}, ${appended.status}`)
    }
    // Cut off, what waited behind it is kept; done while it was closed, what waited was sealed for another place.
    expect([...found]).toEqual(['rejected, fulfilled', 'fulfilled, rejected', 'fulfilled, fulfilled'])
  })
})
