import { cp, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { endlessLog } from '../large/log.ts'
import { returnTo, writeProfile } from '../large/profile.ts'
import type { LocalApp } from './local-app.ts'
import type { Party } from './party.ts'

// What a long log shows before it was read: its newest cases, for looking at, and nothing that depends on the rest. The log is
// short here, and reading it is held up.

const COUNT = 1330
const MOST_SHOWN = 40

let made = ''
let dir = ''
beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'lockbox-early-'))
  await writeProfile(join(made, 'written'), COUNT)
}, 120_000)
beforeEach(async () => {
  dir = join(made, `copy-${Math.random()}`)
  await cp(join(made, 'written'), dir, { recursive: true })
})
afterAll(() => rm(made, { recursive: true, force: true }))

const journalPath = () => join(dir, 'Ana', 'vault', 'journal')

interface Held {
  readonly party: Party<LocalApp>
  /** What came of the unlocking. */
  readonly unlocked: Promise<string>
  /** Settles when it is about to read all of its log, and waits. */
  readonly held: Promise<void>
  readonly release: () => void
}

/** An app of which a touch has just unlocked the vault, and whose log is not read yet. */
async function unlocking(earlyFrom = 10, aheadMs = () => 0): Promise<Held> {
  const party = await returnTo(dir, COUNT, { earlyFrom, aheadMs })
  let release = () => undefined as void
  const released = new Promise<void>((resolve) => (release = resolve))
  const held = new Promise<void>((resolve) => {
    party.running.fs.hold = () => {
      resolve()
      return released
    }
  })
  const unlocked = party.unlock().then(
    () => 'open',
    () => 'refused',
  )
  return { party, unlocked, held, release }
}

const isReading = (now: Snapshot) => now.stage === 'reading' && now
const isOpen = (now: Snapshot) => now.stage === 'member' && now
const early = (held: Held) => held.party.until('the newest cases', isReading)
/** Opens it all. */
async function opened({ party, unlocked, release }: Held): Promise<Snapshot> {
  release()
  expect(await unlocked).toBe('open')
  return party.until('the whole log', isOpen)
}

/** What of a case does not depend on who is connected, on whom it is shown to, and on what others vouch for. */
function substance({ mine: _mine, seats, timeline, ...rest }: CaseView) {
  return {
    ...rest,
    seats: seats.map(({ state: _state, contact: _contact, groups: _groups, ...said }) => said),
    timeline: timeline.map(({ proof: _proof, came: _came, ...entry }) => entry),
  }
}

describe('a log that is still being read', () => {
  test('shows its newest cases as it shows them later, and says how far it is', async () => {
    const held = await unlocking()
    const before = await early(held)
    expect(before.cases).toHaveLength(MOST_SHOWN)
    expect(before.reading).toMatchObject({ doing: 'comparing', read: 0 })
    expect([before.log.entries, before.organization?.name]).toEqual([COUNT, expect.any(String)])
    const after = await opened(held)
    expect(after.reading).toBeNull()
    expect(before.cases.map(substance)).toEqual(after.cases.slice(0, MOST_SHOWN).map(substance))
    await held.party.quit()
  })

  test('lets nobody decide, sign, search, export or be met before everything is read', async () => {
    const held = await unlocking()
    const { cases, standing, exchange, people, sessions } = await early(held)
    const { call, running } = held.party
    const [one] = cases
    expect(cases.flatMap(({ mine }) => [mine.mayDecide, mine.mayWithdraw, mine.needsTouch])).not.toContain(true)
    expect([standing, exchange.state, people, sessions]).toEqual([null, 'off', [], []])
    const request = one?.id ?? ''
    const asked = [
      () => call.cases.decide({ request, verdict: 'approve', reason: '' }),
      () => call.cases.withdraw({ request, reason: '' }),
      () => call.log.rows({ from: 0, most: 10 }),
      () => call.log.proof({ id: request }),
      () => call.exchange.writeFile({ request: null }),
      () => call.exchange.writeCode({ request, of: 'case' }),
      () => call.people.cards(),
      () => call.vault.goOn(),
    ]
    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code: 'still-reading' })
    expect(running.app.isOpen).toBe(false)
    await opened(held)
    await expect(call.log.rows({ from: 0, most: 10 })).resolves.toMatchObject({ total: expect.any(Number) as number })
    await held.party.quit()
  })

  test('shows nothing any more once it is locked, and ends reading', async () => {
    const held = await unlocking()
    await early(held)
    const locking = held.party.call.vault.lock()
    const now = await held.party.until('the lock', ({ stage }) => stage === 'locked')
    expect(now).toBe(true)
    held.release()
    await locking
    expect(await held.unlocked).toBe('refused')
    expect(await held.party.snapshot()).toMatchObject({ stage: 'locked', cases: [], reading: null })
    await held.party.unlock()
    await held.party.until('the whole log', isOpen)
    await held.party.quit()
  })

  test('shows nothing any more after ten idle minutes, though its disk does not answer', async () => {
    let aheadMs = 0
    const held = await unlocking(10, () => aheadMs)
    await early(held)
    aheadMs = 10 * 60_000
    const locking = held.party.running.app.checkIdle()
    const because = await held.party.until('the lock', ({ stage, vault }) => stage === 'locked' && vault.lockedBecause)
    expect(because).toBe('idle')
    held.release()
    await locking
    expect(await held.unlocked).toBe('refused')
    await held.party.quit()
  })

  test('is read again from the beginning when the app was killed meanwhile', async () => {
    const first = await unlocking()
    const before = await early(first)
    await first.party.kill()
    const second = await unlocking()
    expect((await early(second)).cases.map(substance)).toEqual(before.cases.map(substance))
    expect((await opened(second)).log.entries).toBe(COUNT)
    await second.party.quit()
  })

  test('shows with them what came after its index was made, as the door lets it in', async () => {
    const first = await unlocking()
    await opened(first)
    const { store } = first.party.running.app.desk().device
    const { statements } = await endlessLog()
    let at = 0
    // A whole case more.
    for (const { envelope } of statements) {
      if (at++ < COUNT) continue
      await store.receive(envelope, { by: 'lan', device: null })
      if (at === COUNT + 60) break
    }
    await first.party.kill()
    const second = await unlocking()
    const before = await early(second)
    expect(before.log.entries).toBe(COUNT + 60)
    const after = await opened(second)
    const ids = after.cases.map(({ id }) => id)
    expect(before.cases.map(({ id }) => id).slice(0, MOST_SHOWN)).toEqual(ids.slice(0, MOST_SHOWN))
    for (const one of before.cases.slice(0, MOST_SHOWN))
      expect(substance(one)).toEqual(substance(after.cases[ids.indexOf(one.id)] as CaseView))
    await second.party.quit()
  })

  test('is not shown early where there is little of it', async () => {
    const held = await unlocking(COUNT * 2)
    await held.held
    expect((await held.party.snapshot()).stage).toBe('locked')
    await opened(held)
    await held.party.quit()
  })
})

describe('damage', () => {
  test('in an old record is found while the newest cases are shown, and told as ever', async () => {
    await flip(await placeOf(100))
    const held = await unlocking()
    expect((await early(held)).cases).toHaveLength(MOST_SHOWN)
    const after = await opened(held)
    expect(after.vault.notices.map(({ code }) => code)).toContain('journal')
    expect(held.party.running.app.desk().device.vault.problems).toMatchObject([{ kind: 'altered', from: 100, to: 100 }])
    const { store, vault } = held.party.running.app.desk().device
    expect(store.ledger.size).toBe(COUNT - 1)
    await expect(vault.journal.append('pin', 'pin', new Uint8Array(32))).rejects.toMatchObject({ code: 'damaged' })
    await held.party.quit()
  })

  test.each(['a record that would be shown', 'the index'])('in %s shows nothing early, and is told', async (which) => {
    const isIndex = which === 'the index'
    // The founding is always shown, and nearly everything of the last case.
    if (isIndex) await flip(400, join(dir, 'Ana', 'vault', 'journal.index'))
    else await flip(await placeOf(COUNT - 5))
    const held = await unlocking()
    await held.held
    expect((await held.party.snapshot()).stage).toBe('locked')
    await opened(held)
    const { problems } = held.party.running.app.desk().device.vault
    expect(problems.map(({ kind }) => kind)).toEqual(isIndex ? [] : ['altered'])
    await held.party.quit()
  })
})

/** Where in the file the record of that position begins. */
async function placeOf(position: number): Promise<number> {
  const bytes = await readFile(journalPath())
  let at = 0
  for (let count = 0; count < position; count++) at += 46 + bytes.readUInt16BE(at + 8) + bytes.readUInt32BE(at + 10)
  return at
}

/** Changes one bit of what a record says. */
async function flip(at: number, path = journalPath()): Promise<void> {
  const bytes = await readFile(path)
  const place = at + 200
  bytes[place] = (bytes[place] ?? 0) ^ 1
  await writeFile(path, bytes)
  const file = await open(path)
  await file.sync()
  await file.close()
}
