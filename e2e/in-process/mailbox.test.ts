import { appendFile, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { mailFor } from '../../main/app/mailboxes.ts'
import { exchangeStoreOf, peersOf } from '../../main/app/meeting.ts'
import { StatementStore } from '../../main/app/store.ts'
import { LanCarrier } from '../../main/exchange/carrier.ts'
import { idOf } from '../../main/exchange/testing/people.ts'
import { Inbox } from '../../main/mailbox/inbox.ts'
import { MailDoor } from '../../main/mailbox/mail-door.ts'
import { diskFs } from '../../main/vault/files.ts'
import { parse } from '../../shared/statements/envelope.ts'
import type { LocalOptions } from './local-app.ts'
import { approves, asks, caseOf } from './people.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { Switchboard } from './switchboard.ts'
import type { LocalParty } from './world.ts'

// A locked app hears of a request, keeps it unread, calls its owner, and has it after the next unlock although whoever
// asked is gone by then. All over the LAN of this computer, with the addresses that people typed.

const HERE = { host: '127.0.0.1', discover: false }

const switchboard = new Switchboard()
let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty
let isLan = false
let asked = 0
const called: string[] = []

beforeAll(async () => {
  const apps: Partial<LocalOptions> = {
    carrier: (typed) => (isLan ? new LanCarrier(typed, HERE) : switchboard.carrier()),
    openMailDoor: (given) => MailDoor.open({ ...given, ...HERE }),
    notified: (body) => called.push(body),
  }
  four = await newFour({ apps })
  for (const party of four.parties) await party.quit()
  isLan = true
  ;[ana, raj, mia, leo] = four.parties
}, 120_000)
afterAll(() => four.world.close())

beforeEach(async () => {
  for (const party of [ana, raj]) await party.quit()
  await ana.revive()
  await raj.revive()
  await raj.call.exchange.addAddress({ address: await addressOf(ana) })
  // Both ends: an app tells of its mailbox once it knows of the connection.
  await ana.until('Raj', (now) => peerOf(now, 'Raj')?.connected)
  await raj.until('Ana', (now) => peerOf(now, 'Ana')?.connected)
  called.length = 0
})

type Now = Awaited<ReturnType<LocalParty['snapshot']>>
const peerOf = (now: Now, name: string) => now.exchange.peers.find(({ person }) => person.name === name)
const deviceOf = (party: LocalParty) => party.running.app.desk().device.id
const addressOf = (party: LocalParty) => party.until('its address', ({ exchange }) => exchange.addresses[0])
const lock = async (party: LocalParty) => {
  await party.call.vault.lock()
  await party.until('that it listens while locked', ({ vault }) => vault.mail.hears)
}
/** Until the request of that reference lies there: its owner is called before, and may be for what Raj had already. */
const mail = async (party: LocalParty, reference: string) => {
  const id = Buffer.from(caseOf(await ana.snapshot(), reference)?.id ?? '', 'base64url')
  const lies = () =>
    readFile(join(party.profileDir, 'mail/inbox')).then(
      (bytes) => bytes.includes(id),
      () => false,
    )
  await expect.poll(lies, { timeout: 30_000 }).toBe(true)
  expect(id).toHaveLength(32)
}
const withRequest = async (party: LocalParty, reference: string) => {
  await party.until('the request', (now) => caseOf(now, reference))
  return party.snapshot()
}
const ask = async () => {
  const reference = `INC-${++asked}`
  await asks({ plan: four.plan, reference })(ana, await ana.snapshot())
  return reference
}

test('a request reaches a locked app, calls its owner, and is read after unlocking, though whoever asked is gone', async () => {
  await lock(raj)
  const there = await ana.until('Raj’s locked app', (now) => peerOf(now, 'Raj')?.mailbox && peerOf(now, 'Raj'))
  expect(there).toMatchObject({ connected: false, mailbox: { waiting: 0 } })
  expect((await ana.snapshot()).people.find(({ name }) => name === 'Raj')?.reach).toMatchObject({
    presence: 'locked',
    why: null,
  })
  const before = Date.now()
  const reference = await ask()
  const told = await raj.until('mail', ({ vault }) => vault.mail.urgentSince !== null && vault)
  expect(told.status).toBe('locked')
  expect(told.mail.urgentSince).toBeGreaterThanOrEqual(before)
  expect(called).toEqual(['A break-glass request is waiting. Unlock to read it.'])
  await ana.until('that it is kept', (now) => peerOf(now, 'Raj')?.mailbox?.waiting === 0)
  const sealed = await readFile(join(raj.profileDir, 'mail/inbox'))
  const [one] = (await ana.snapshot()).cases
  expect(one?.reference).toBe(reference)
  for (const secret of [reference, one?.what ?? '?', 'Ana']) expect(sealed.includes(Buffer.from(secret))).toBe(false)

  const seats = caseOf(await ana.snapshot(), reference)?.seats
  expect(seats?.find(({ person }) => person.name === 'Raj')?.state).toBe('alerted')

  await ana.quit()
  await raj.unlock()
  const heard = await raj.snapshot()
  expect(caseOf(heard, reference)?.mine.mayDecide).toBe(true)
  expect(heard.vault.mail).toMatchObject({ hears: false, count: 0, urgentSince: null })
  await expect(stat(join(raj.profileDir, 'mail/inbox'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('what a crash left of the mail is passed over, and what came before and after it is read', async () => {
  await lock(raj)
  const first = await ask()
  await mail(raj, first)
  await raj.quit()
  // A box that no sound app makes, as a member may leave one: it must not keep back what lies behind it.
  const inbox = await Inbox.open(diskFs, join(raj.profileDir, 'mail'))
  const [one] = inbox.letters
  if (one === undefined) throw new Error('the request is there')
  await inbox.add({ ...one, id: idOf('no box'), box: new Uint8Array(48) })
  await inbox.close()
  await appendFile(join(raj.profileDir, 'mail/inbox'), Buffer.from('torn'))
  await raj.start()
  await raj.until('that it listens again after a restart', ({ vault }) => vault.mail.hears && vault.mail.count > 0)
  const kept = (await raj.snapshot()).vault.mail.count
  const second = await ask()
  // What Ana's app says may still be of the first.
  await raj.until('that the second is kept', ({ vault }) => vault.mail.count > kept)
  await ana.until('that all is kept', (now) => {
    const mailbox = peerOf(now, 'Raj')?.mailbox
    return mailbox && mailbox.told > 0 && mailbox.waiting === 0
  })
  await ana.quit()
  await raj.unlock()
  const heard = await raj.snapshot()
  expect([first, second].map((reference) => caseOf(heard, reference)?.mine.mayDecide)).toEqual([true, true])
  expect(heard.notes.filter(({ what }) => what.includes('could not be read'))).toHaveLength(1)
  await expect(stat(join(raj.profileDir, 'mail/inbox'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('of what several devices left of the same the first that can be read is read, and no other is opened', async () => {
  await lock(raj)
  const reference = await ask()
  await mail(raj, reference)
  await ana.quit()
  await raj.quit()
  const inbox = await Inbox.open(diskFs, join(raj.profileDir, 'mail'))
  const letters = [...inbox.letters]
  // Were it opened it would be told that it cannot be read.
  for (const letter of letters) await inbox.add({ ...letter, from: idOf('another'), box: new Uint8Array(48) })
  await inbox.close()
  await raj.revive()
  const heard = await raj.snapshot()
  expect(caseOf(heard, reference)?.mine.mayDecide).toBe(true)
  expect(heard.notes.filter(({ what }) => what.includes('could not be read'))).toEqual([])
  await expect(stat(join(raj.profileDir, 'mail/inbox'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('whoever approved and is locked is called once their share could be released, and it goes out after unlocking without a touch', async () => {
  for (const party of [mia, leo]) {
    await party.revive()
    await party.call.exchange.addAddress({ address: await addressOf(ana) })
  }
  // What waited for Raj before would call as well.
  for (const { id, mine } of (await raj.snapshot()).cases)
    if (mine.mayDecide && mine.decided === null)
      await raj.sign(raj.call.cases.decide({ request: id, verdict: 'deny', reason: '' }))
  const reference = await ask()
  await approves(reference)(raj, await withRequest(raj, reference))
  await raj.until('that it is approved', (now) => caseOf(now, reference)?.mine.holdsShareUntil)
  called.length = 0
  await raj.running.app.lock('idle')
  await raj.until('that it listens while locked', ({ vault }) => vault.mail.hears)
  // Mia’s device is ready as soon as one approval is missing: word of that waits there, and calls nobody.
  await ana.until('that an attempt waits', (now) => caseOf(now, reference)?.attempt)
  await ana.until('that Raj’s app keeps all of it', (now) => {
    const mailbox = peerOf(now, 'Raj')?.mailbox
    return mailbox && mailbox.told > 2 && mailbox.waiting === 0
  })
  const locked = (await raj.snapshot()).vault
  expect(locked.shareUntil).toBeGreaterThan(Date.now() + 55 * 60_000)
  expect(called).toEqual([])

  await approves(reference)(leo, await withRequest(leo, reference))
  await ana.until('Leo’s share', (now) => caseOf(now, reference)?.attempt?.released === 1)
  await vi.waitFor(() => expect(called).toHaveLength(1), 10_000)
  expect(called).toEqual(['A break-glass case is waiting for you. Unlock to go on with it.'])
  const held = await ana.until(
    'who has to unlock',
    (now) => caseOf(now, reference)?.next.includes('unlock') && caseOf(now, reference),
  )
  expect([held.state, held.next]).toEqual([
    'approved',
    'A locked Lockbox releases no share. Raj approved and has to unlock: call them.',
  ])
  await raj.unlock()
  await ana.until('Raj’s share', (now) => caseOf(now, reference)?.attempt?.released === 2)
  expect((await raj.snapshot()).vault.shareUntil).toBeNull()
  for (const party of [mia, leo]) await party.quit()
})

test('an app whose folder has no mail key is gone while it is locked', async () => {
  await rm(join(mia.profileDir, 'mail'), { recursive: true })
  await mia.start()
  expect((await mia.snapshot()).vault.mail).toMatchObject({ hears: false, failure: null })
})

test('what a case stands on goes along: its rosters, its plan, and who endorsed them; the request first', async () => {
  await ask()
  const { device } = ana.running.app.desk()
  const [one, org] = [device.currentCases()[0], device.org()]
  if (one === undefined || org === null) throw new Error('there is a case')
  const told = new Set<string>()
  const sent: string[] = []
  for (;;) {
    const mail = await mailFor(device, deviceOf(raj), told)
    if (mail.length === 0) break
    sent.push(...mail.map(({ id, urgent }) => `${urgent ? 'urgent ' : ''}${id}`))
    for (const { id } of mail) told.add(id)
  }
  const { plan, roster } = one.request.payload
  const endorsements = [plan, roster].flatMap((of) => org.collection.endorsementsOf(of).map(({ id }) => id))
  expect(sent[0]).toMatch(/^urgent /)
  expect(sent).toContain(`urgent ${one.id}`)
  expect(endorsements.length).toBeGreaterThan(2)
  expect(sent).toEqual(expect.arrayContaining([plan, roster, ...endorsements]))
})

const inboxOf = (party: LocalParty) => join(party.profileDir, 'mail/inbox')
const lettersOf = async (party: LocalParty) => (await Inbox.open(diskFs, join(party.profileDir, 'mail'))).letters
/** Unlocks it, while some of what it got as letters waits for something. */
const unlockWaiting = async (party: LocalParty, isWaiting: (id: string) => boolean) => {
  const receive = Reflect.get(StatementStore.prototype, 'receive')
  const waits = vi.spyOn(StatementStore.prototype, 'receive').mockImplementation(function (
    this: StatementStore,
    ...given
  ) {
    return given[1].by === 'mail' && isWaiting(parse(given[0]).id)
      ? Promise.resolve({ verdict: 'waiting' })
      : receive.apply(this, given)
  })
  await party.unlock()
  waits.mockRestore()
}

test('what waits for something else stays, and that alone, without calling anybody again, until it can be read', async () => {
  await lock(raj)
  const reference = await ask()
  await mail(raj, reference)
  await vi.waitFor(async () => expect((await lettersOf(raj)).length).toBeGreaterThan(1))
  const request = caseOf(await ana.snapshot(), reference)?.id
  await ana.quit()
  await unlockWaiting(raj, (id) => id === request)
  expect(caseOf(await raj.snapshot(), reference)).toBeUndefined()
  expect((await lettersOf(raj)).map(({ id }) => id)).toEqual([request])
  called.length = 0
  await lock(raj)
  expect((await raj.snapshot()).vault.mail).toMatchObject({ count: 0, urgentSince: null })
  await raj.unlock()
  expect(caseOf(await raj.snapshot(), reference)?.mine.mayDecide).toBe(true)
  expect(called).toEqual([])
  await expect(stat(inboxOf(raj))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('what still waits seven days after it came is given up', async () => {
  await lock(raj)
  const reference = await ask()
  await mail(raj, reference)
  await ana.quit()
  await unlockWaiting(raj, () => true)
  const [first, ...others] = await lettersOf(raj)
  if (first === undefined) throw new Error('the request lies there')
  const old = await Inbox.open(diskFs, join(raj.profileDir, 'mail'))
  await old.keepOnly(() => false)
  const day = 86_400_000
  await old.add({ ...first, at: Date.now() - 7 * day - 1000 })
  for (const letter of [first, ...others])
    await old.add({ ...letter, id: idOf(letter.id), at: Date.now() - 7 * day + 60_000 })
  await old.close()
  await lock(raj)
  await unlockWaiting(raj, () => true)
  expect((await lettersOf(raj)).map(({ id }) => id)).toEqual([first, ...others].map(({ id }) => idOf(id)))
})

test('a key of somebody else is not taken for a device that names it as its own', async () => {
  const { device, notary } = ana.running.app.desk()
  const [store, rajs] = [exchangeStoreOf(device, notary), raj.running.app.desk().device]
  const [own, claimant] = [rajs.mailboxes.own, peersOf(device).find(({ name }) => name === 'Mia')]
  if (own === null || claimant === undefined) throw new Error('Raj has a mail key, and Mia is a member')
  const before = device.mailboxes.keyOf(claimant.device)
  expect(before).not.toBe(own.key)
  await store.receiveMailKey(own, claimant)
  expect(device.mailboxes.keyOf(claimant.device)).toBe(before)
  expect(device.mailboxes.keyOf(rajs.id)).toBe(own.key)
  expect((await ana.snapshot()).notes.map(({ what }) => what)).toContain('Mia’s device names a key that is not its own')
})
