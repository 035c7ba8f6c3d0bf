import { equalBytes } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs } from '../../shared/jcs.ts'
import { openBox } from '../../shared/secrets/box.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { Inbox, type Letter } from '../mailbox/inbox.ts'
import type { MailDoor, MailDoorOptions } from '../mailbox/mail-door.ts'
import { loadMailFile, type MailFile, mailDir, newMailKey, proveMailKey, saveMailFile } from '../mailbox/mail-file.ts'
import type { Clock } from '../vault/clock.ts'
import { diskFs } from '../vault/files.ts'
import { wipe } from '../vault/sodium.ts'
import type { Device } from './device.ts'
import { mailContext } from './mailboxes.ts'
import { actedOn, memberOfDevice, peersOf } from './meeting.ts'
import type { Carrier, Host } from './ports.ts'

/** Opens a locked app's ear; where it listens is the platform's to say. */
export type OpenMailDoor = (options: Omit<MailDoorOptions, 'host' | 'discover'>) => Promise<Pick<MailDoor, 'close'>>

/** Owners are not called more often than this, whatever comes in. */
const CALL_MS = 10_000

/** What a mailroom works with. */
export interface MailroomParts {
  readonly profileDir: string
  readonly host: Pick<Host, 'notify'>
  readonly clock: Clock
  /** Null where a locked app does not listen at all. */
  readonly openDoor: OpenMailDoor | null
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
  readonly #calledTo = new Set<string>()
  /** The file as it was written last. */
  #written: Uint8Array | null = null
  #own: Pick<MailFile, 'key' | 'public' | 'port'> | null = null
  #queue: Promise<unknown> = Promise.resolve()

  constructor(parts: MailroomParts) {
    this.#parts = parts
    this.#dir = mailDir(parts.profileDir)
  }

  /** What a locked screen may say of it. */
  view(): Snapshot['vault']['mail'] {
    const { count, urgentSince } = this.#inbox?.state ?? { count: 0, urgentSince: null }
    return { hears: this.#door !== null, failure: this.#failure, count, urgentSince }
  }

  /** The vault is locked: begins to listen, if there is anybody to listen to. Never throws. */
  locked(): Promise<void> {
    return this.#inTurn(async () => {
      const { openDoor, onChange } = this.#parts
      const file = await loadMailFile(diskFs, this.#dir)
      if (file === null || openDoor === null || this.#door !== null) return
      const inbox = await Inbox.open(diskFs, this.#dir)
      this.#inbox = inbox
      this.#door = await openDoor({ file, inbox, onKept: (mail) => this.#kept(mail), log: () => undefined })
      onChange()
    })
  }

  /** Stops listening: the vault is being opened, or the app ends. Never throws. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      const [door, inbox] = [this.#door, this.#inbox]
      this.#door = null
      this.#failure = null
      await door?.close()
      await inbox?.close()
    })
  }

  /** Gives everything that came to the open device, through its door; then nothing of it is kept here. Never throws. */
  deliver(device: Device): Promise<void> {
    return this.#inTurn(async () => {
      const inbox = await Inbox.open(diskFs, this.#dir)
      this.#inbox = null
      this.#calledTo.clear()
      const key = device.vault.mailboxKey()
      try {
        for (const letter of inbox.letters) await take(device, key, letter)
      } finally {
        wipe(key)
      }
      await inbox.clear()
      ;[this.#own, this.#written] = [null, null]
    })
  }

  /** Keeps for the time when it is locked whose apps may bring something, and where this one listens now. Never throws. */
  follow(device: Device, carrier: Carrier): Promise<void> {
    // As it is now: while it stops it has none any more, and others know this one.
    const { port } = carrier.state()
    return this.#inTurn(async () => {
      const organization = device.organizationId()
      if (organization === null || this.#parts.openDoor === null || actedOn(device) === null) return
      const own = this.#own ?? (await this.#ownKey(device))
      this.#own = { ...own, port: port ?? own.port }
      const peers = peersOf(device)
        .filter((peer) => peer.device !== device.id)
        .map(({ device: id, tls }) => ({ device: id, tls }))
      const file: MailFile = { ...this.#own, device: device.id, organization, peers }
      const bytes = jcs(file)
      if (this.#written === null || !equalBytes(bytes, this.#written)) await saveMailFile(diskFs, this.#dir, file)
      this.#written = bytes
      if (device.mailboxes.own?.key !== file.public)
        device.mailboxes.own = { key: file.public, proof: proveMailKey(file) }
    })
  }

  async #ownKey(device: Device): Promise<Pick<MailFile, 'key' | 'public' | 'port'>> {
    const found = await loadMailFile(diskFs, this.#dir)
    if (found === null || found.device !== device.id) return { ...newMailKey(), port: null }
    return { key: found.key, public: found.public, port: found.port }
  }

  #kept({ id, urgent }: { readonly id: string; readonly urgent: boolean }): void {
    const { host, clock, onChange } = this.#parts
    const now = clock().monotonic
    if (urgent && !this.#calledTo.has(id) && now - this.#calledAt >= CALL_MS) {
      this.#calledAt = now
      this.#calledTo.add(id)
      void host.notify('Lockbox', 'A break-glass request is waiting. Unlock to read it.').catch(() => undefined)
    }
    onChange()
  }

  // Whatever fails here must not keep anybody from locking or unlocking.
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work).catch((error: unknown) => {
      this.#failure = error instanceof LockboxError ? error.message : 'the reason is not known'
      this.#parts.onChange()
    })
    this.#queue = turn
    return turn
  }
}

async function take(device: Device, key: Uint8Array, { from, box }: Letter): Promise<void> {
  const name = memberOfDevice(device, from)?.name ?? 'somebody'
  try {
    const envelope = await openBox(key, mailContext(device.organizationId(), from, device.id), box)
    await device.store.receive(envelope, `${name}, while this app was locked`)
  } catch (error) {
    if (!(error instanceof LockboxError) || error.code !== 'box-refused') throw error
    device.notes.add(
      'attention',
      `Something that ${name}’s device left here while this app was locked could not be read`,
      'It was not sealed to this device, or it was altered. It changed nothing here.',
      'If it happens again, ask its owner to restart Lockbox, and tell an auditor.',
    )
  }
}
