import { expect, it } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { systemTime } from '../sessions/time.ts'
import type { Shell } from '../terminal/pty.ts'
import { Recordings } from '../vault/recordings.ts'
import { MemoryDisk } from '../vault/testing/memory-disk.ts'
import type { Device } from './device.ts'
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

it('takes no recording that is only being begun for one that a crash left', async () => {
  const disk = new MemoryDisk()
  await disk.makeDir('/vault')
  const recordings = new Recordings({
    dir: '/vault',
    vaultId: new Uint8Array(32),
    key: new Uint8Array(32).fill(1),
    fs: disk,
  })
  // Of a device what is looked at.
  const device = {
    case: () => undefined,
    profile: { member: 'A' },
    store: { collection: () => ({ of: () => [] }) },
    standing: { maySign: true },
    vault: { recordings },
  } as unknown as Device
  const environment = () => ({ variables: {}, secrets: [], grant: digest(utf8('a grant')) })
  const sessions = { environment, isUsable: () => true } as unknown as Sessions
  const terminals = new Terminals({
    time: systemTime,
    sessions,
    onShown: () => undefined,
    startShell: async () => quietShell(),
  })
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
