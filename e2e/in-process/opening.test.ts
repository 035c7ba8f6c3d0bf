import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Desk } from '../../main/app/desk.ts'
import { Mailroom } from '../../main/app/mailroom.ts'
import { Notary } from '../../main/app/notary.ts'
import type { Carrier } from '../../main/app/ports.ts'
import type { OpenVault } from '../../main/vault/types.ts'
import { utf8 } from '../../shared/bytes.ts'
import { flipRecord } from './damage.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { Switchboard } from './switchboard.ts'
import type { LocalParty } from './world.ts'

// Openings that do not come to their end, or come to it too late, and locks that have to wait for the disk.

const switchboard = new Switchboard()
let four: LocalSetting
let raj: LocalParty
let doors = 0
const carriers: Carrier[] = []

beforeAll(async () => {
  const openMailDoor = async () => {
    doors++
    return { close: async () => void doors-- }
  }
  const carrier = () => {
    const one = switchboard.carrier()
    carriers.push(one)
    return one
  }
  four = await newFour({ apps: { openMailDoor, carrier } })
  for (const party of four.parties) await party.quit()
  raj = four.parties[1]
}, 120_000)
afterAll(() => four.world.close())
afterEach(async () => {
  vi.restoreAllMocks()
  await raj.quit()
})

describe('an opening that is overtaken by a lock and another unlocking', () => {
  /** What an opening is held up at, the first time. */
  const holds: Readonly<Record<string, (wait: () => Promise<void>) => void>> = {
    'before it would meet anybody': (wait) => vi.spyOn(Mailroom.prototype, 'deliver').mockImplementationOnce(wait),
    'with all set up': (wait) => {
      const open = Desk.open.bind(Desk)
      vi.spyOn(Desk, 'open').mockImplementationOnce(async (parts) => {
        const desk = await open(parts)
        await wait()
        return desk
      })
    },
  }
  test.each(Object.entries(holds))('%s does not take its place', async (when, hold) => {
    await raj.start()
    let go = () => undefined as void
    const gate = new Promise<void>((resolve) => (go = resolve))
    const waits = vi.fn<() => Promise<void>>(() => gate)
    hold(waits)
    carriers.length = 0
    const first = raj.unlock()
    await vi.waitFor(() => expect(waits).toHaveBeenCalled())
    await raj.call.vault.lock()
    await raj.unlock()
    const { app } = raj.running
    const desk = app.desk()
    const met = carriers.at(-1)
    go()
    await first
    expect(app.desk()).toBe(desk)
    expect(desk.carrier).toBe(met)
    // Nobody is met by the one that came late.
    const areOn = () => carriers.map((carrier) => carrier.state().state === 'on')
    await vi.waitFor(() => expect(areOn()).toEqual(carriers.map((carrier) => carrier === met)))
    expect(carriers).toHaveLength(when.startsWith('before') ? 1 : 2)
  })
})

describe('a lock while the disk hangs', () => {
  test('wipes and hides everything at once, and ends when the disk answers', async () => {
    await raj.revive()
    const { app, fs } = raj.running
    const { device } = app.desk()
    const { journal, ...opened } = app.vault.open()
    const { privateKey } = opened.tls()
    let go = () => undefined as void
    const gate = new Promise<void>((resolve) => (go = resolve))
    fs.stall = () => gate
    // What the app does by itself, and waits for.
    const round = vi.spyOn(Notary.prototype, 'turn').mockImplementationOnce(async () => {
      await journal.append('pin', 'pin', utf8(device.pin ?? ''))
    })
    await vi.waitFor(() => expect(round).toHaveBeenCalled(), 5000)
    let hasEnded = false
    const locking = raj.call.vault.lock().then(() => (hasEnded = true))
    await raj.until('the lock', ({ stage, cases, people }) => stage === 'locked' && [...cases, ...people].length === 0)
    expect(privateKey).toEqual(new Uint8Array(privateKey.length))
    expect(() => opened.signStatement(utf8('x'))).toThrow(expect.objectContaining({ code: 'locked' }))
    expect(hasEnded).toBe(false)
    const before = journal.size
    go()
    await locking
    // Asked for before the lock, it was kept.
    expect(journal.size).toBe(before + 1)
    await raj.unlock()
    expect((await raj.snapshot()).vault.notices).toEqual([])
  })
})

describe('an opening that fails', () => {
  // The folder is lost with it: the last of these tests.
  test('leaves nothing open behind the lock screen, and the app hears again', async () => {
    await raj.revive()
    await flipRecord(raj, 'profile')
    await raj.start()
    expect(doors).toBe(1)
    const opened: OpenVault[] = []
    raj.running.app.vault.onOpen((vault) => opened.push(vault))
    await expect(raj.unlock()).rejects.toMatchObject({ code: 'profile-lost' })
    const { vault, stage } = await raj.snapshot()
    expect({ vault, stage, doors }).toMatchObject({
      stage: 'locked',
      vault: { status: 'locked', lockedBecause: 'start', mail: { hears: true } },
      doors: 1,
    })
    expect(opened).toHaveLength(1)
    for (const one of opened) expect(() => one.tls()).toThrow(expect.objectContaining({ code: 'locked' }))
  })
})
