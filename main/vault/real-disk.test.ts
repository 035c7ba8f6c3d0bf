import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { mountOver, mountSmallDisk } from '../../e2e/mounts.ts'
import { utf8 } from '../../shared/bytes.ts'
import { diskFs } from './files.ts'
import { Journal } from './journal.ts'
import { valuesOf } from './testing/journals.ts'
import { watchedFs } from './watched-fs.ts'

// The same as with a disk in memory (journal-disk.test.ts), as far as a machine lets us have such disks.

const KEY = new Uint8Array(32).fill(7)
const RESERVE = 256 * 1024
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockbox-disk-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function open(create = false) {
  const fs = watchedFs(diskFs, () => undefined)
  return (
    await Journal.open({
      dir: join(dir, 'vault'),
      vaultId: KEY,
      key: KEY,
      headKey: KEY,
      indexKey: new Uint8Array(32).fill(4),
      rules: 'these',
      fs,
      create,
      reserveLength: RESERVE,
    })
  ).journal
}

/** Fills the disk to its last byte. */
async function fill(): Promise<void> {
  const file = join(dir, 'filler')
  for (let size = 64 * 1024; size >= 1; size = size >> 1)
    while (await writeFile(file, Buffer.alloc(size), { flag: 'a' }).then(() => true, isFull)) continue
}

function isFull(error: unknown): boolean {
  expect(error).toMatchObject({ code: 'ENOSPC' })
  return false
}

it('a full disk: what peers push is refused, our own record is kept from the reserve, and nothing is lost', async () => {
  const disk = mountSmallDisk(dir, '2m')
  if (disk === null) return
  try {
    await (await open(true)).close()
    const journal = await open()
    await fill()
    const value = new Uint8Array(8192).fill(1)
    await expect(journal.append('statement', 'pushed', value, { deferrable: true })).rejects.toMatchObject({
      code: 'disk-full',
    })
    await journal.append('statements', 'own', utf8('our own'))
    for (let at = 0; at < 8; at++) await journal.append('filling', `${at}`, value)
    expect(journal.condition).toBe('disk-full')
    await journal.close()
    const again = await open()
    expect(await valuesOf(again)).toEqual(['our own'])
    await rm(join(dir, 'filler'))
    await again.recheck()
    expect(again.condition).toBe('well')
    expect((await stat(join(dir, 'vault', 'reserve'))).size).toBe(RESERVE)
    await again.close()
  } finally {
    disk.unmount()
  }
}, 60_000)

it('a full disk can be opened, and its reserve is not given away for that', async () => {
  const disk = mountSmallDisk(dir, '2m')
  if (disk === null) return
  try {
    await (await open(true)).close()
    await fill()
    const journal = await open()
    await journal.append('statements', 'own', utf8('our own'))
    expect(await valuesOf(journal)).toEqual(['our own'])
    await journal.close()
  } finally {
    disk.unmount()
  }
}, 60_000)

it('a disk that became read-only: the journal is not opened, by name, and nothing in it is changed', async () => {
  await mkdir(join(dir, 'vault'), { mode: 0o700 })
  const disk = mountOver(join(dir, 'vault'))
  if (disk === null) return
  try {
    const journal = await open(true)
    await journal.append('statements', 'own', utf8('our own'))
    await journal.close()
    const before = await content()
    expect(disk.makeReadOnly()).toBe(true)
    await expect(open()).rejects.toMatchObject({ code: 'read-only' })
    expect(await content()).toEqual(before)
    disk.makeWritable()
    const again = await open()
    expect(await valuesOf(again)).toEqual(['our own'])
    await again.close()
  } finally {
    disk.unmount()
  }
})

async function content(): Promise<Map<string, Buffer>> {
  const names = await readdir(join(dir, 'vault'))
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(dir, 'vault', name))] as const)),
  )
}
