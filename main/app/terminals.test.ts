import { expect, it } from 'vitest'
import { type Digest, digest, utf8 } from '../../shared/bytes.ts'
import { MOST_RECORDINGS } from '../../shared/case/blobs.ts'
import { jcs } from '../../shared/jcs.ts'
import { systemTime } from '../sessions/time.ts'
import type { Shell } from '../terminal/pty.ts'
import { Recordings } from '../vault/recordings.ts'
import { MemoryDisk } from '../vault/testing/memory-disk.ts'
import type { Device } from './device.ts'
import { Notes } from './notes.ts'
import { Terminals } from './terminals.ts'
import type { Sessions } from './using.ts'

const CASE = digest(utf8('a case'))
const SIZE = { columns: 80, rows: 24 }

/** A shell that shows nothing and ends when it is told to. */
function quietShell(): Shell {
  let gone: () => void = () => undefined
  return {
    file: '/bin/test',
    onOutput: () => undefined,
    onExit: (listener) => {
      gone = listener
    },
    type: () => undefined,
    resize: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    hangUp: () => gone(),
    kill: async () => undefined,
  }
}

/** Recordings on a disk of their own, and of a device what is looked at. */
async function deviceWith() {
  const disk = new MemoryDisk()
  await disk.makeDir('/vault')
  const at = { dir: '/vault', vaultId: new Uint8Array(32), fs: disk }
  const recordings = new Recordings({ ...at, key: new Uint8Array(32).fill(1) })
  const notes = new Notes(() => systemTime.now())
  const device = {
    case: () => undefined,
    profile: { member: 'A' },
    store: { collection: () => ({ of: () => [] }) },
    standing: { maySign: true },
    vault: { recordings },
    notes,
  } as unknown as Device
  const environment = () => ({ variables: {}, secrets: [], grant: digest(utf8('a grant')) })
  const sessions = { environment, isUsable: () => true } as unknown as Sessions
  const startShell = async () => quietShell()
  const terminals = new Terminals({ time: systemTime, sessions, onShown: () => undefined, startShell })
  return { disk, recordings, notes, device, terminals }
}

it('takes no recording that is only being begun for one that a crash left', async () => {
  const { disk, recordings, device, terminals } = await deviceWith()
  let go: () => void = () => undefined
  disk.faults.slow = new Promise((resolve) => {
    go = () => resolve(undefined)
  })
  const opening = terminals.open(device, CASE, SIZE)
  await expect.poll(() => recordings.names()).toHaveLength(1)
  const [name] = await recordings.names()
  await terminals.turn(device)
  go()
  await opening
  expect(await recordings.names()).toEqual([name])
  await terminals.quit()
  expect(await recordings.read(name ?? '')).not.toBeNull()
})

it('lets no recording that cannot be read keep the others from their case, nor is it read in every turn', async () => {
  const names = ['0'.repeat(32), '1'.repeat(32)]
  const reads: string[] = []
  const removed: string[] = []
  const recordings = {
    names: async () => names.filter((name) => !removed.includes(name)),
    read: async (name: string) => {
      reads.push(name)
      if (name === names[0]) throw new Error('EIO')
      return null
    },
    setAside: async () => null,
    remove: async (name: string) => void removed.push(name),
  }
  const device = { standing: { maySign: true }, vault: { recordings } } as unknown as Device
  const sessions = { isUsable: () => true } as unknown as Sessions
  const terminals = new Terminals({ time: systemTime, sessions, onShown: () => undefined })
  await expect(terminals.turn(device)).rejects.toThrow('EIO')
  expect(removed).toEqual([names[1]])
  await terminals.turn(device)
  expect(reads).toEqual(names)
  await terminals.locked()
  await expect(terminals.turn(device)).rejects.toThrow('EIO')
})

it('counts what waits for a case against that case alone', async () => {
  const { recordings, device, terminals } = await deviceWith()
  const wait = async (request: Digest, count: number) => {
    for (let at = 0; at < count; at++)
      await (await recordings.begin(jcs({ grant: digest(utf8('a grant')), request }), recordings.newName())).close()
  }
  await wait(digest(utf8('another case')), MOST_RECORDINGS)
  await terminals.open(device, CASE, SIZE)
  await terminals.close(CASE)
  await wait(CASE, MOST_RECORDINGS - 1)
  await expect(terminals.open(device, CASE, SIZE)).rejects.toMatchObject({ code: 'too-many-recordings' })
})

it('says that a recording cannot be read, once, and keeps its file', async () => {
  const { disk, recordings, notes, device, terminals } = await deviceWith()
  const name = recordings.newName()
  const writer = await recordings.begin(utf8('about'), name)
  await writer.append(utf8('what was done'))
  await writer.close()
  const path = `/vault/recordings/${name}`
  const content = disk.contentOf(path)
  const file = await disk.open(path, 'create')
  await file.write(Uint8Array.of((content[20] ?? 0) ^ 1), 20)
  await terminals.turn(device)
  await terminals.turn(device)
  expect(notes.all().map(({ what }) => what)).toEqual([
    `The recording of a terminal cannot be read, and is in no case: recordings/${name}.unread`,
  ])
  expect(disk.contentOf(`${path}.unread`).length).toBe(content.length)
  expect(await recordings.names()).toEqual([])
})

it('keeps the file of one of which nothing but its beginning opens, and says so', async () => {
  const { disk, recordings, notes, device, terminals } = await deviceWith()
  const name = 'd'.repeat(32)
  const writer = await recordings.begin(jcs({ grant: CASE, request: CASE }), name)
  for (const text of ['one\n', 'two\n']) await writer.append(utf8(text))
  await writer.close()
  const path = `/vault/recordings/${name}`
  const content = disk.contentOf(path)
  const first = 4 + new DataView(content.buffer, content.byteOffset).getUint32(0)
  content[first + 30] = (content[first + 30] ?? 0) ^ 1
  await (await disk.open(path, 'create')).write(content, 0)
  await terminals.turn(device)
  expect(notes.all().map(({ what }) => what)).toEqual([
    `Nothing of the recording of a terminal could be read, and it is in no case: recordings/${name}.unread`,
  ])
  expect(disk.contentOf(`${path}.unread`)).toEqual(content)
})

it('looks at the disk no more once no recording is there, until one is begun', async () => {
  const { disk, recordings, device, terminals } = await deviceWith()
  let looked = 0
  const list = disk.list.bind(disk)
  disk.list = (path) => {
    looked++
    return list(path)
  }
  await terminals.turn(device)
  await terminals.turn(device)
  expect(looked).toBe(1)
  await terminals.open(device, CASE, SIZE)
  await terminals.close(CASE)
  expect(await recordings.names()).toHaveLength(1)
  const before = looked
  await terminals.turn(device)
  expect(looked).toBe(before + 1)
})
