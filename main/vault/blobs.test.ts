import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { Blobs } from './blobs.ts'
import type { VaultFile } from './files.ts'
import { MemoryDisk } from './testing/memory-disk.ts'

const options = {
  dir: '/vault',
  vaultId: new Uint8Array(32),
  key: new Uint8Array(32).fill(1),
  nameKey: new Uint8Array(32).fill(2),
}
const opened = async (fs = new MemoryDisk()) => {
  await fs.makeDir('/vault')
  return { fs, blobs: await Blobs.open({ ...options, fs }) }
}
const box = utf8('a sealed box')

async function onlyFile(fs: MemoryDisk): Promise<string> {
  return `/vault/blobs/${(await fs.list('/vault/blobs'))?.[0]}`
}

describe('blobs', () => {
  it('come back as they were put, by their SHA-256, also after a restart', async () => {
    const { fs, blobs } = await opened()
    expect(await blobs.put(box)).toBe(digest(box))
    expect(await (await opened(fs.afterPowerCut(0))).blobs.get(digest(box))).toEqual(box)
  })

  it('lie in a directory that is itself on the medium before any is put', async () => {
    const fs = new MemoryDisk()
    const done: string[] = []
    const [makeDir, syncDir] = [fs.makeDir.bind(fs), fs.syncDir.bind(fs)]
    fs.makeDir = (path) => makeDir(path).then(() => void done.push(`made ${path}`))
    fs.syncDir = (path) => syncDir(path).then(() => void done.push(`synced ${path}`))
    await opened(fs)
    expect(done.slice(-2)).toEqual(['made /vault/blobs', 'synced /vault'])
  })

  it('are null when they were never put', async () => {
    expect(await (await opened()).blobs.get(digest(box))).toBeNull()
  })

  it('show neither their hash nor their content on the disk', async () => {
    const { fs, blobs } = await opened()
    await blobs.put(box)
    const path = await onlyFile(fs)
    expect(path).not.toContain(digest(box))
    expect(path).not.toContain(Buffer.from(digest(box), 'base64url').toString('hex'))
    expect(Buffer.from(fs.contentOf(path)).toString('latin1')).not.toContain('sealed box')
  })

  it('are refused when they were altered', async () => {
    const { fs, blobs } = await opened()
    await blobs.put(box)
    fs.tamper(await onlyFile(fs), (bytes) => bytes.map((byte, at) => (at === 30 ? byte ^ 1 : byte)))
    await expect(blobs.get(digest(box))).rejects.toMatchObject({ code: 'altered' })
  })

  it('are refused when one was put in the place of another', async () => {
    const { fs, blobs } = await opened()
    await blobs.put(box)
    const path = await onlyFile(fs)
    const other = await opened()
    await other.blobs.put(utf8('another box'))
    const foreign = other.fs.contentOf(await onlyFile(other.fs))
    fs.tamper(path, () => foreign)
    await expect(blobs.get(digest(box))).rejects.toMatchObject({ code: 'altered' })
  })

  it('are gone when deleted', async () => {
    const { fs, blobs } = await opened()
    await blobs.put(box)
    await blobs.delete(digest(box))
    expect(await blobs.get(digest(box))).toBeNull()
    expect(await fs.list('/vault/blobs')).toEqual([])
  })

  it('are deleted unless they are still wanted', async () => {
    const { blobs } = await opened()
    const [kept, old] = [await blobs.put(box), await blobs.put(utf8('retired'))]
    expect(await blobs.keepOnly([kept])).toBe(1)
    expect(await blobs.get(kept)).toEqual(box)
    expect(await blobs.get(old)).toBeNull()
  })

  it('are whole, absent or known to be cut short after a kill at any byte, and then whole once they are put again', async () => {
    for (let bytes = 0; bytes <= box.length + 40; bytes++) {
      const { fs, blobs } = await opened()
      fs.faults.dieAfterBytes = bytes
      await blobs.put(box).catch(() => undefined)
      const { blobs: again } = await opened(fs.afterKill())
      const found = await again.get(digest(box)).catch(({ code }: { code: string }) => code)
      expect(found === null || found === 'altered' || found.length === box.length).toBe(true)
      await again.put(box)
      expect(await again.get(digest(box))).toEqual(box)
    }
  })

  it('that are put at once are kept together: a sync each, and one of the directory', async () => {
    const { fs, blobs } = await opened()
    const all = ['a', 'b', 'c', 'a'].map(utf8)
    const before = fs.dirSyncs
    expect(await Promise.all(all.map((blob) => blobs.put(blob)))).toEqual(all.map((blob) => digest(blob)))
    expect([fs.syncs, fs.dirSyncs - before]).toEqual([3, 1])
    const again = (await opened(fs.afterPowerCut(0))).blobs
    for (const blob of all) expect(await again.get(digest(blob))).toEqual(blob)
  })

  it('are synced while their directory is, and count once both are', async () => {
    const { fs, blobs } = await opened()
    let go = (): void => undefined
    const both: string[] = []
    const syncDir = fs.syncDir.bind(fs)
    fs.syncDir = async (path) => {
      both.push('directory')
      await syncDir(path)
    }
    const open = fs.open.bind(fs) as (path: string, mode: 'new') => Promise<VaultFile | null>
    fs.open = (async (path: string, mode: 'new') => {
      const found = await open(path, mode)
      return found && { ...found, sync: () => new Promise<void>((resolve) => (go = () => resolve(found.sync()))) }
    }) as typeof fs.open
    const put = blobs.put(box)
    let isKept = false
    void put.then(() => (isKept = true))
    await vi.waitFor(() => expect(both).toEqual(['directory']))
    await setImmediate()
    expect(isKept).toBe(false)
    go()
    expect(await put).toBe(digest(box))
  })

  it('that are there are not lost while they are put again, however far that comes', async () => {
    for (let bytes = 0; bytes <= box.length + 40; bytes++) {
      const { fs, blobs } = await opened()
      await blobs.put(box)
      fs.faults.dieAfterBytes = bytes
      await blobs.put(box).catch(() => undefined)
      expect(await (await opened(fs.afterKill())).blobs.get(digest(box))).toEqual(box)
    }
  })

  it('that are put at once are refused each for itself', async () => {
    const { fs, blobs } = await opened()
    fs.faults.capacity = 200
    const [large, small] = [blobs.put(new Uint8Array(300)), blobs.put(box)]
    await expect(large).rejects.toMatchObject({ code: 'disk-full' })
    expect(await small).toBe(digest(box))
    expect(await fs.list('/vault/blobs')).toHaveLength(1)
    expect(await blobs.get(digest(box))).toEqual(box)
  })

  it('say that the disk is full, and leave no piece behind', async () => {
    const { fs, blobs } = await opened()
    fs.faults.capacity = 20
    await expect(blobs.put(box)).rejects.toMatchObject({ code: 'disk-full' })
    expect(await fs.list('/vault/blobs')).toEqual([])
  })

  it('stay closed once the vault is locked', async () => {
    const { blobs } = await opened()
    blobs.close()
    await expect(blobs.put(box)).rejects.toMatchObject({ code: 'closed' })
    await expect(blobs.get(digest(box))).rejects.toMatchObject({ code: 'closed' })
  })
})
