import { describe, expect, it } from 'vitest'
import { digest, toBase64Url, utf8 } from '../../shared/bytes.ts'
import type { Collection } from '../../shared/statements/collection.ts'
import { deviceId, type Member } from '../../shared/statements/member.ts'
import { Blobs } from '../vault/blobs.ts'
import { MemoryDisk } from '../vault/testing/memory-disk.ts'
import type { Device } from './device.ts'
import { exchangeStoreOf } from './meeting.ts'
import type { Notary } from './notary.ts'
import { Shelf } from './shelf.ts'

const BOX = utf8('a sealed box')
const ID = digest(BOX)
const LEO = { device: digest(utf8('leo')), member: 'leo', name: 'Leo' }

const key = (byte: number) => new Uint8Array(32).fill(byte)
const MEMBER = { device: { keys: { statement: toBase64Url(key(3)) } } } as Member
const ME = deviceId(MEMBER)

/** What is otherwise of a device. */
interface Change {
  readonly statement?: object | undefined
  readonly changed?: () => void
  /** What the current case is made of. */
  readonly timeline?: readonly object[]
}

/** A device that is to have one box, and what the exchange sees of it. */
async function deviceOn(fs: MemoryDisk, change: Change = {}) {
  await fs.makeDir('/vault')
  const blobs = await Blobs.open({ dir: '/vault', vaultId: key(0), key: key(1), nameKey: key(2), fs })
  const shelf = await Shelf.load(blobs, { of: () => [] } as unknown as Collection)
  const device = {
    id: ME,
    store: { get: () => change.statement },
    shelf,
    org: () => ({ head: { roster: { members: [MEMBER] } } }),
    blobsOf: () => new Set([ID]),
    currentCases: () => [{ timeline: change.timeline ?? [] }],
    changed: change.changed ?? (() => undefined),
  } as unknown as Device
  return { shelf, store: exchangeStoreOf(device, {} as Notary) }
}

describe('a blob that is wanted', () => {
  it('is not asked for any more while it is being kept', async () => {
    const fs = new MemoryDisk()
    const { store } = await deviceOn(fs)
    expect(store.blobsWanted()).toEqual([ID])
    let go = (): void => undefined
    fs.faults.slow = new Promise((resolve) => (go = resolve))
    const taken = store.receiveBlob(BOX, LEO)
    expect(store.blobsWanted()).toEqual([])
    go()
    expect(await taken).toBe('new')
    expect(store.blobsWanted()).toEqual([])
  })

  it('can be looked at before it is kept, of which everybody hears; and is given to nobody before', async () => {
    const fs = new MemoryDisk()
    let heard = 0
    const { store, shelf } = await deviceOn(fs, { changed: () => void heard++ })
    let go = (): void => undefined
    fs.faults.slow = new Promise((resolve) => (go = resolve))
    const taken = store.receiveBlob(BOX, LEO)
    expect(heard).toBe(1)
    expect(await shelf.look(ID)).toEqual(BOX)
    expect([shelf.has(ID), await shelf.get(ID), store.blobsFor(ME)]).toEqual([false, null, []])
    go()
    await taken
    expect([heard, shelf.has(ID), await shelf.look(ID), store.blobsFor(ME)]).toEqual([2, true, BOX, [ID]])
  })

  it('is told apart from one that is here, of which nobody hears again, and from one that nobody wants', async () => {
    const fs = new MemoryDisk()
    let heard = 0
    const { store } = await deviceOn(fs, { changed: () => void heard++ })
    const both = await Promise.all([store.receiveBlob(BOX, LEO), store.receiveBlob(BOX, LEO)])
    expect([...both, await store.receiveBlob(BOX, LEO)]).toEqual(['new', 'known', 'known'])
    expect(await store.receiveBlob(utf8('another'), LEO)).toBe('unwanted')
    expect(heard).toBe(2)
  })

  it('is not written to the disk if it is a share that was released to this run’s worker, which nobody else can open', async () => {
    const fs = new MemoryDisk()
    let heard = 0
    const timeline = [{ kind: 'release', payload: { box: ID } }]
    const { store, shelf } = await deviceOn(fs, { timeline, changed: () => void heard++ })
    expect(await store.receiveBlob(BOX, LEO)).toBe('new')
    expect([heard, await shelf.look(ID), await shelf.get(ID), store.blobsWanted()]).toEqual([1, BOX, BOX, []])
    expect(await store.receiveBlob(BOX, LEO)).toBe('known')
    expect(await fs.list('/vault/blobs')).toEqual([])
    await shelf.keepOnly([])
    expect([await shelf.look(ID), store.blobsWanted()]).toEqual([null, [ID]])
  })

  it('is written to the disk all the same where too much would be in memory', async () => {
    const fs = new MemoryDisk()
    const { shelf } = await deviceOn(fs)
    const many = Array.from({ length: 70 }, (_, at) => utf8(`share ${at}`))
    for (const bytes of [...many, new Uint8Array(20_000)]) await shelf.lend(bytes)
    expect(await fs.list('/vault/blobs')).toHaveLength(7)
    for (const bytes of many) expect(await shelf.get(digest(bytes))).toEqual(bytes)
  })

  it('is asked for again if the disk did not keep it', async () => {
    const fs = new MemoryDisk()
    const { store } = await deviceOn(fs)
    fs.faults.syncError = 'EIO'
    await expect(store.receiveBlob(BOX, LEO)).rejects.toMatchObject({ code: 'disk-failed' })
    expect(store.blobsWanted()).toEqual([ID])
  })
})

describe('what travels right behind a statement', () => {
  it.each([
    ['the share of a release', { kind: 'release', payload: { box: ID } }, [ID]],
    ['the session of a handover', { kind: 'handover', payload: { sealed: ID } }, [ID]],
    ['no evidence, which may be large', { kind: 'evidence', payload: { parts: [ID] } }, []],
    ['nothing of a statement that is not here', undefined, []],
  ])('is %s', async (_, statement, blobs) => {
    expect((await deviceOn(new MemoryDisk(), { statement })).store.blobsWith(ID)).toEqual(blobs)
  })
})
