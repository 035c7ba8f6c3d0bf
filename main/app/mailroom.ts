import type { UnixMilliseconds } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { openBox } from '../boxes.ts'
import { Inbox, type Letter } from '../mailbox/inbox.ts'
import type { MailDoor, MailDoorOptions } from '../mailbox/mail-door.ts'
import {
  isOneKey,
  loadMailFile,
  type MailFile,
  mailDir,
  newMailKey,
  proveMailKey,
  saveMailFile,
} from '../mailbox/mail-file.ts'
import type { Clock } from '../vault/clock.ts'
import { diskFs } from '../vault/files.ts'
import { wipe } from '../vault/sodium.ts'
import type { Device } from './device.ts'
import { mailContext } from './mailboxes.ts'
import { actedOn, memberOfDevice, peersOf, receiveFrom } from './meeting.ts'
import type { Carrier, Host } from './ports.ts'

/** Opens a locked app's ear; where it listens is the platform's to say. */
export type OpenMailDoor = (options: Omit<MailDoorOptions, 'host' | 'discover'>) => Promise<Pick<MailDoor, 'close'>>

/** Owners are not called more often than this, whatever comes in. */
const CALL_MS = 10_000
const CALLED = 'A break-glass request is waiting. Unlock to read it.'
/** Whoever holds a share may be waited for by those who asked; what came is not known before it is unlocked. */
const HOLDER_CALLED = 'A break-glass case is waiting for you. Unlock to go on with it.'
/** Ids remembered to which the owner was called already. */
const MOST_CALLS = 4096

/** What still waits for something else after so long is given up: it is a copy, and whoever brought it has it still. */
const KEPT_MS = 7 * 24 * 3_600_000

/** Why a box is nothing for this device, now or later. */
const UNREADABLE: readonly string[] = ['box-refused', 'box-malformed']

/** What a mailroom works with. */
export interface MailroomParts {
  readonly profileDir: string
  readonly host: Pick<Host, 'notify'>
  readonly clock: Clock
  /** Null where a locked app does not listen at all. */
  readonly openDoor: OpenMailDoor | null
  /** Whether the vault is locked at this moment: it may have been opened while its turn came. */
  readonly isLocked: () => boolean
  /** Whether a share waits in memory to be released. */
  readonly holdsShare: () => boolean
  readonly onChange: () => void
}

/**
 * A locked app still hears (docs/formats/mailbox.md): while the vault is locked it keeps what peers bring, sealed, and
 * calls its owner; once it is open, all of that goes through the same door as everything else.
 */
export class Mailroom {
  readonly #parts: MailroomParts
  readonly #dir: string
  #door: Pick<MailDoor, 'close'> | null = null
  #inbox: Inbox | null = null
  #failure: string | null = null
  #calledAt = Number.NEGATIVE_INFINITY
  /** When the first request came since all was read. */
  #heardAt: UnixMilliseconds | null = null
  #callLater: NodeJS.Timeout | null = null
  /** When what lay here was last given to an open device; what of it is still here waits for something else. */
  #readAt = 0
  readonly #calledTo = new Set<string>()
  #own: Pick<MailFile, 'key' | 'public' | 'port'> | null = null
  /** What the file was last made of; many things change that make no difference to it. */
  #followed = ''
  #queue: Promise<unknown> = Promise.resolve()

  constructor(parts: MailroomParts) {
    this.#parts = parts
    this.#dir = mailDir(parts.profileDir)
  }

  /** What a locked screen may say of it. */
  view(): Snapshot['vault']['mail'] {
    const { count, urgentSince } = this.#inbox?.stateSince(this.#readAt) ?? { count: 0, urgentSince: null }
    // A request for which there was no room waits all the same.
    return { hears: this.#door !== null, failure: this.#failure, count, urgentSince: urgentSince ?? this.#heardAt }
  }

  /** The vault is locked: begins to listen, if there is anybody to listen to. Never throws. */
  locked(): Promise<void> {
    return this.#inTurn(async () => {
      const { openDoor, onChange } = this.#parts
      this.#failure = null
      const file = await loadMailFile(diskFs, this.#dir)
      if (file === null || openDoor === null || this.#door !== null || !this.#parts.isLocked()) return
      const inbox = await Inbox.open(diskFs, this.#dir)
      this.#inbox = inbox
      // What came before this start, and may never have been told.
      if (inbox.stateSince(this.#readAt).urgentSince !== null) this.#call()
      this.#door = await openDoor({
        file,
        inbox,
        onMail: (mail) => this.#heard(mail),
        onFailure: (failure) => this.#failed(failure),
        log: () => undefined,
      })
      onChange()
    })
  }

  /** Stops listening: the vault is being opened, or the app ends. Never throws. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      const [door, inbox] = [this.#door, this.#inbox]
      this.#door = null
      this.#failure = null
      if (this.#callLater !== null) clearTimeout(this.#callLater)
      this.#callLater = null
      await door?.close()
      await inbox?.close()
    })
  }

  /** Gives everything that came to the open device, through its door; what was read is kept here no longer. Never throws. */
  deliver(device: Device): Promise<void> {
    return this.#inTurn(async () => {
      const key = device.vault.mailboxKey()
      const inbox = await Inbox.open(diskFs, this.#dir)
      this.#inbox = null
      this.#calledTo.clear()
      this.#heardAt = null
      this.#own = null
      this.#followed = ''
      const now = this.#parts.clock().wall
      this.#readAt = now
      const left = new Set<Letter>()
      try {
        // Everybody leaves the same here; opening a copy of what is known by now takes time and brings nothing.
        for (const letter of inbox.letters)
          if (!device.store.has(letter.id) && !(await take(device, key, letter))) left.add(letter)
      } finally {
        wipe(key)
      }
      // A roster that came with it may have let in what waited. What is still not here is tried again at the next unlock.
      await inbox.keepOnly((letter) => left.has(letter) && !device.store.has(letter.id) && letter.at > now - KEPT_MS)
    })
  }

  /** Keeps for the time when it is locked whose apps may bring something, and where this one listens now. Never throws. */
  follow(device: Device, carrier: Carrier): Promise<void> {
    // As it is now: while it stops it has none any more, and others know this one.
    const { port } = carrier.state()
    const followed = `${device.pen().roster} ${port}`
    if (followed === this.#followed) return this.#queue.then(() => undefined)
    this.#followed = followed
    return this.#inTurn(async () => {
      const organization = device.organizationId()
      if (organization === null || this.#parts.openDoor === null || actedOn(device) === null) return
      const own = this.#own ?? (await this.#ownKey(device))
      this.#own = { ...own, port: port ?? own.port }
      const peers = peersOf(device)
        .filter((peer) => peer.device !== device.id)
        .map(({ device: id, tls }) => ({ device: id, tls }))
      const file: MailFile = { ...this.#own, device: device.id, organization, peers }
      await saveMailFile(diskFs, this.#dir, file)
      if (device.mailboxes.own?.key !== file.public)
        device.mailboxes.own = { key: file.public, proof: proveMailKey(file) }
    })
  }

  async #ownKey(device: Device): Promise<Pick<MailFile, 'key' | 'public' | 'port'>> {
    const found = await loadMailFile(diskFs, this.#dir)
    const isSound = found !== null && found.device === device.id && isOneKey(found)
    return isSound ? { key: found.key, public: found.public, port: found.port } : { ...newMailKey(), port: null }
  }

  #heard({ id, urgent }: { readonly id: string; readonly urgent: boolean }): void {
    if (urgent && !this.#calledTo.has(id)) {
      this.#heardAt ??= this.#parts.clock().wall
      if (this.#calledTo.size < MOST_CALLS) this.#calledTo.add(id)
      this.#call()
    }
    this.#parts.onChange()
  }

  /** Calls the owner; soon, if that was done a moment ago. */
  #call(): void {
    const { host, clock } = this.#parts
    const wait = this.#calledAt + CALL_MS - clock().monotonic
    if (wait > 0) {
      this.#callLater ??= setTimeout(() => {
        this.#callLater = null
        this.#call()
      }, wait)
      return
    }
    this.#calledAt = clock().monotonic
    void host.notify('Lockbox', this.#parts.holdsShare() ? HOLDER_CALLED : CALLED).catch(() => undefined)
  }

  /** What comes is not kept: its owner should know that nothing can be relied on here. */
  #failed(failure: string): void {
    this.#failure = failure
    this.#parts.onChange()
  }

  // Whatever fails here must not keep anybody from locking or unlocking.
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work).catch((error: unknown) => {
      this.#followed = ''
      this.#failure = error instanceof LockboxError ? error.message : 'the reason is not known'
      this.#parts.onChange()
    })
    this.#queue = turn
    return turn
  }
}

/** Gives one letter to the store. False if it has to be tried again. */
async function take(device: Device, key: Uint8Array, { from, box }: Letter): Promise<boolean> {
  const name = memberOfDevice(device, from)?.name ?? 'somebody'
  try {
    const envelope = await openBox(key, mailContext(device.organizationId(), from, device.id), box)
    return (await receiveFrom(device, envelope, { by: 'mail', device: from }, name)) !== 'waiting'
  } catch (error) {
    if (!(error instanceof LockboxError) || !UNREADABLE.includes(String(error.code))) {
      device.notes.failure(
        'Taking in what came while this app was locked',
        error,
        'It is tried again at the next unlock.',
      )
      return false
    }
    device.notes.add(
      'attention',
      `Something that ${name}’s device left here while this app was locked could not be read`,
      'It was not sealed to this device, or it was altered. It changed nothing here.',
      'If it happens again, ask its owner to restart Lockbox, and tell an auditor.',
    )
    return true
  }
}
