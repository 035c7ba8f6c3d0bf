import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { BOX_OVERHEAD } from '../../shared/secrets/box.ts'
import { idOf } from '../exchange/testing/people.ts'
import { Inbox } from '../mailbox/inbox.ts'
import type { MailDoorOptions } from '../mailbox/mail-door.ts'
import { mailDir, newMailKey, saveMailFile } from '../mailbox/mail-file.ts'
import { diskFs } from '../vault/files.ts'
import { Mailroom } from './mailroom.ts'

afterEach(() => vi.useRealTimers())

/** The mailroom of a profile that has a mail file, with a door that a test opens and speaks through. */
async function mailroom(isLocked = true, holdsShare = false) {
  const profileDir = await mkdtemp(join(tmpdir(), 'mailroom-'))
  onTestFinished(() => rm(profileDir, { recursive: true }))
  const [device, organization] = [idOf('mia'), idOf('organization')]
  await saveMailFile(diskFs, mailDir(profileDir), { ...newMailKey(), device, organization, peers: [], port: null })
  const notify = vi.fn<() => Promise<void>>(async () => undefined)
  const doors: Omit<MailDoorOptions, 'host' | 'discover'>[] = []
  const room = new Mailroom({
    profileDir,
    host: { notify },
    clock: () => ({ wall: Date.now(), monotonic: Date.now() }),
    openDoor: async (options) => {
      doors.push(options)
      return { close: async () => undefined }
    },
    isLocked: () => isLocked,
    holdsShare: () => holdsShare,
    onChange: () => undefined,
  })
  return { profileDir, room, notify, doors }
}

const urgent = (text: string) => ({ id: idOf(text), urgent: true })

describe('the owner of a locked app', () => {
  it('is called to each request once, and to several in a row once more when they are over', async () => {
    const { room, notify, doors } = await mailroom()
    await room.locked()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    for (const text of ['first', 'first', 'second', 'third', 'second']) doors[0]?.onMail(urgent(text))
    doors[0]?.onMail({ id: idOf('a decision'), urgent: false })
    expect(notify).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(60_000)
    expect(notify).toHaveBeenCalledTimes(2)
  })

  it('is told of a case, not of a request, where a share is held, for it may be that which is waited for', async () => {
    const { room, notify, doors } = await mailroom(true, true)
    await room.locked()
    doors[0]?.onMail(urgent('first'))
    expect(notify).toHaveBeenCalledWith('Lockbox', 'A break-glass case is waiting for you. Unlock to go on with it.')
  })

  it('is not called any more once it listens no longer', async () => {
    const { room, notify, doors } = await mailroom()
    await room.locked()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    for (const text of ['first', 'second']) doors[0]?.onMail(urgent(text))
    await room.stop()
    vi.advanceTimersByTime(60_000)
    expect(notify).toHaveBeenCalledTimes(1)
  })

  it('is called to what came before the app was started again', async () => {
    const { profileDir, room, notify } = await mailroom()
    const inbox = await Inbox.open(diskFs, mailDir(profileDir))
    const letter = { at: Date.now(), from: idOf('raj'), box: new Uint8Array(BOX_OVERHEAD) }
    await inbox.add({ ...letter, ...urgent('request') })
    await inbox.close()
    await room.locked()
    expect(notify).toHaveBeenCalledTimes(1)
    expect(room.view()).toMatchObject({ hears: true, count: 1, urgentSince: letter.at })
  })

  it('reads that nothing is kept when the disk keeps nothing, until it listens anew', async () => {
    const { room, doors } = await mailroom()
    await room.locked()
    doors[0]?.onFailure('the disk does not keep what comes (ENOSPC)')
    expect(room.view()).toMatchObject({ hears: true, failure: 'the disk does not keep what comes (ENOSPC)' })
    expect(room.view().urgentSince).toBeNull()
    doors[0]?.onMail(urgent('request'))
    expect(room.view().urgentSince).toBeGreaterThan(Date.now() - 60_000)
    await room.stop()
    await room.locked()
    expect(room.view()).toMatchObject({ hears: true, failure: null })
  })
})

it('does not begin to listen when the vault was opened meanwhile', async () => {
  const { room, doors } = await mailroom(false)
  await room.locked()
  expect(doors).toEqual([])
  expect(room.view()).toMatchObject({ hears: false, failure: null })
})
