import type { Digest } from '../../shared/bytes.ts'
import type { Answer, Notice, Step } from '../../shared/ceremony.ts'
import { ToldPicture } from '../../shared/views/following.ts'
import { looksSame, type PictureChange } from '../../shared/views/picture-change.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { ProcessCredentials } from '../handout/wire.ts'
import type { Clock } from '../vault/clock.ts'
import type { LockReason, OpenVault, Vault } from '../vault/types.ts'
import { AppError } from './app-error.ts'
import { type BesideParts, BesideVault } from './beside-vault.ts'
import { Desk } from './desk.ts'
import { type Display, loadDisplay, saveDisplay } from './display.ts'
import { LogReading } from './log-reading.ts'
import { Mailroom, type OpenMailDoor } from './mailroom.ts'
import { Notes } from './notes.ts'
import { OpenedFile } from './opened-file.ts'
import { openDevice } from './opening.ts'
import { Pictures } from './pictures.ts'
import type { Carrier } from './ports.ts'
import { snapshotOf } from './snapshot.ts'

/** What an app is made of; tests and the in-process drill bring their own carrier, clock and host. */
export interface AppParts extends BesideParts {
  readonly profileDir: string
  readonly vault: Vault
  readonly clock: Clock
  /** A carrier for one unlocked period. */
  readonly newCarrier: (typed: readonly string[]) => Carrier
  /** How a locked app listens; null if it does not. */
  readonly openMailDoor: OpenMailDoor | null
  /** Brings a picture to the window: what makes it out of the one that the window has, or null while it has asked for none. */
  readonly push: (snapshot: Snapshot, change: PictureChange | null) => void
  /** Told of a picture that could not be drawn or pushed. */
  readonly onFault?: (channel: string, error: unknown) => void
  /** From how many records on a log is worth showing before all of it was read; 3,000. */
  readonly earlyFrom?: number
}

/** Who this person is, as asked at first start. */
export interface SetUp {
  readonly person: string
  readonly contact: string
  readonly deviceName: string
  readonly labels: readonly [string, string]
}

/**
 * One running app: the vault, what works while it is open, and the snapshot that the window shows. Knows no window and
 * no shell; see `handlers.ts` for the calls that a window may make.
 */
export class App {
  readonly vault: Vault
  readonly beside: BesideVault
  readonly openedFile = new OpenedFile(() => this.#changed())
  readonly #parts: AppParts
  readonly #notes: Notes
  readonly #mailroom: Mailroom
  /** The log that is being read, until there is a desk. */
  readonly #reading: LogReading
  #display: Display
  #desk: Desk | null = null
  #opening: Promise<void> = Promise.resolve()
  #closing: Promise<void> = Promise.resolve()
  #saving: Promise<void> = Promise.resolve()
  #notices: readonly Notice[] = []
  #lockedBecause: Snapshot['vault']['lockedBecause'] = 'start'
  #number = 0
  readonly #told = new ToldPicture()
  readonly #pictures = new Pictures<Snapshot>({
    draw: () => this.snapshot(),
    underWay: () => this.#desk?.underWay ?? null,
    show: (snapshot) => {
      void this.#rememberOrganization()
      this.#parts.push(snapshot, this.#told.change(snapshot))
    },
    isSame: looksSame,
    onFault: (error) => this.#parts.onFault?.('app.changed', error),
  })

  private constructor(parts: AppParts, display: Display) {
    this.#parts = parts
    this.#display = display
    this.vault = parts.vault
    this.#notes = new Notes(parts.clock)
    this.#notes.onChange = () => this.#changed()
    this.#mailroom = new Mailroom({
      profileDir: parts.profileDir,
      host: parts.host,
      clock: parts.clock,
      openDoor: parts.openMailDoor,
      isLocked: () => parts.vault.status() === 'locked',
      holdsShare: () => parts.vault.held.lastUntil !== null,
      onChange: () => this.#changed(),
    })
    this.beside = new BesideVault(parts)
    this.beside.onChange = () => this.#desk?.device.changed()
    this.beside.sessions.onStuckClipboard = () =>
      this.#notes.add(
        'danger',
        'What you copied may still be on the clipboard',
        'The window does not let Lockbox clear it. Programs on this computer can read the session until it ends.',
        'Copy any other text over it.',
      )
    this.#reading = new LogReading({
      clock: parts.clock,
      earlyFrom: parts.earlyFrom ?? null,
      onChange: () => this.#changed(),
    })
    this.vault.onReading({
      onGlimpse: async (early) => {
        if (this.#desk === null) await this.#reading.begin(early)
      },
      onProgress: (read, of) => this.#reading.progressed('comparing', read, of),
    })
    this.vault.onOpen((vault, notices) => {
      this.#notices = notices
      this.#opening = this.#open(vault).catch(async (error: unknown) => {
        await this.#closeAgain(vault)
        throw error
      })
    })
    this.vault.onDisk(() => this.#changed())
    this.vault.onLock((reason) => {
      this.#closing = this.#locked(reason)
    })
  }

  static async start(parts: AppParts): Promise<App> {
    const app = new App(parts, await loadDisplay(parts.profileDir))
    if (parts.vault.status() === 'locked') await app.#mailroom.locked()
    return app
  }

  /** What works while the vault is open. @throws {AppError} `locked`; `still-reading` while its log is being read. */
  desk(): Desk {
    if (this.#desk === null && this.#reading.shown !== null)
      throw new AppError(
        'still-reading',
        'Older entries of the log are still being read. What they say may matter, so nothing is done before; try again then.',
      )
    if (this.#desk === null) throw new AppError('locked', 'Lockbox is locked. Unlock it with your key first.')
    return this.#desk
  }

  /** Whether there is a desk. */
  get isOpen(): boolean {
    return this.#desk !== null
  }

  get display(): Display {
    return this.#display
  }

  /** First start: remembers the names, and begins with the keys. */
  async setUp({ person, contact, deviceName, labels }: SetUp): Promise<Step> {
    await this.changeDisplay({ name: person, contact, deviceName })
    return this.vault.setUp({ person, labels: [...labels], canAskPin: this.#parts.host.browserModeCommand === null })
  }

  /** Passes an answer on; a ceremony that opened the vault is done when everything is loaded. */
  async answer(ceremony: string, answer: Answer): Promise<Step> {
    const step = await this.vault.answer(ceremony, answer).finally(() => {
      // A vault that did not open has nothing to show.
      if (this.vault.status() !== 'open') this.#reading.end()
    })
    if (step.kind === 'refused' && !step.mayRetry) this.#desk?.device.author.freeChain()
    // Told once: a vault that was locked while it was being read must not fail the next unlock as well.
    const opening = this.#opening
    this.#opening = Promise.resolve()
    await opening.finally(() => {
      this.#reading.end()
      this.#changed()
    })
    return step
  }

  async changeDisplay(change: Partial<Display>): Promise<void> {
    this.#display = { ...this.#display, ...change }
    // One after the other: two at once would take each other's file away.
    this.#saving = this.#saving.catch(() => undefined).then(() => saveDisplay(this.#parts.profileDir, this.#display))
    await this.#saving
    this.#changed()
  }

  /** Goes on after a damaged journal was named and its owner decided to; recorded in the journal itself. */
  async acceptDamage(): Promise<void> {
    const { journal, problems } = this.vault.open()
    await journal.accept(problems)
    this.#notices = this.#notices.filter(({ code }) => code !== 'journal')
    this.#changed()
  }

  /** Lets the window use a camera while codes are scanned, and no longer. */
  permitCamera(permitted: boolean): Promise<void> {
    return this.#parts.host.permitCamera(permitted)
  }

  /** Lets the person choose where to save a file. */
  save(name: string, bytes: Uint8Array): Promise<boolean> {
    return this.#parts.host.saveFile(name, bytes)
  }

  /**
   * Lets the person choose where to save what the window shows as a PDF; false if they cancelled.
   *
   * @param record - puts on record what leaves, before it does: no record, no file.
   * @throws {AppError} `locked` if it was locked meanwhile: then nothing of it leaves.
   */
  async savePdf(name: string, record: (bytes: Uint8Array) => Promise<void>): Promise<boolean> {
    const bytes = await this.#parts.host.printPdf()
    this.desk()
    await record(bytes)
    return this.save(name, bytes)
  }

  /**
   * Hands a session to a program of this computer, while the vault is open.
   *
   * @throws {AppError} `locked`, `still-reading`, and those of `Sessions.handOut`.
   */
  handOut(of: Digest | null): ProcessCredentials {
    this.desk()
    return this.beside.sessions.handOut(of)
  }

  dismiss(note: string): void {
    this.#notes.dismiss(note)
  }

  /** The whole picture, for a window that has none, or another than it was told of. */
  tellWhole(): Snapshot {
    return this.#told.whole(this.snapshot())
  }

  snapshot(): Snapshot {
    const { vault, clock, host } = this.#parts
    const outside = {
      number: ++this.#number,
      now: clock().wall,
      shell: host.shell,
      browserModeCommand: host.browserModeCommand,
      vault,
      display: this.#display,
      notices: this.#notices,
      lockedBecause: this.#lockedBecause,
      notes: [...this.#notes.all()],
      opened: this.openedFile.view(),
      mail: this.#mailroom.view(),
    }
    return snapshotOf(outside, this.#desk?.inside() ?? null, this.#reading.shown)
  }

  /** Locks at once, and resolves when everything that worked with the vault has ended, which may take as long as the disk does. */
  async lock(reason: LockReason): Promise<void> {
    this.beside.lookups.stopAll()
    if (this.#reading.lock()) {
      this.#lockedBecause = reason
      this.#changed()
    }
    // First what it still has for the disk is on its way there, then the keys go; nothing is waited for before.
    const closing = this.#desk?.close()
    await Promise.all([closing, this.vault.lock(reason)])
    await this.#closing
  }

  /** Locks if nobody did anything for too long. Called from time to time. */
  async checkIdle(): Promise<void> {
    const leftMs = await this.vault.checkIdle()
    // A vault whose log is still being compared has nothing to lock yet, but something of it is shown.
    if (leftMs === 0 && this.#reading.shown !== null) await this.lock('idle')
  }

  /** Ends the app: sessions are wiped, the vault is locked. @returns whether nothing of a session is on the clipboard. */
  async quit(): Promise<boolean> {
    this.#desk?.checks.stop()
    const isCleared = await this.beside.close()
    await this.lock('quit')
    await this.#mailroom.stop()
    this.#pictures.close()
    return isCleared
  }

  async #open(opened: OpenVault): Promise<void> {
    const { vault, clock, host } = this.#parts
    // Whoever unlocks an open app once more gets one desk: two would meet each other as copies of one device.
    const before = this.#desk
    this.#desk = null
    // What a lock just before began has ended first: else it would begin to listen beside an open app.
    await Promise.all([before?.close(), this.#closing.catch(() => undefined)])
    // Locked meanwhile, it listens.
    if (!this.#isStill(opened)) return
    await this.#mailroom.stop()
    const device = await openDevice(opened, {
      vault,
      clock,
      host,
      notes: this.#notes,
      display: this.#display,
      remember: (change) => this.changeDisplay(change),
      onProgress: (read, of) => this.#reading.progressed('reading', read, of),
    })
    await this.#mailroom.deliver(device)
    if (!this.#isStill(opened)) return device.standing.close()
    const carrier = this.#parts.newCarrier(this.#display.addresses)
    const follow = () => this.#mailroom.follow(device, carrier)
    // Before anybody is met, so that all are told by which key this device is known while it is locked.
    await follow()
    device.onChange(() => void follow())
    carrier.onChange(() => void follow())
    const desk = await Desk.open({
      device,
      vault,
      carrier,
      beside: this.beside,
      onChange: () => this.#changed(),
      onTime: () => this.#pictures.timePassed(),
    })
    // Locked while all this was read: nothing of it is shown, also not in the place of what was opened since.
    if (!this.#isStill(opened)) return desk.close()
    this.#desk = desk
    this.#reading.end()
    this.#lockedBecause = null
    this.#changed()
  }

  /** Whether the vault is open, and was not locked and opened anew since. */
  #isStill(opened: OpenVault): boolean {
    return this.vault.status() === 'open' && this.vault.open() === opened
  }

  /** A vault of which no desk could be made does not stay open behind a lock screen: it is as before, and listens again. */
  async #closeAgain(opened: OpenVault): Promise<void> {
    if (this.#desk !== null || !this.#isStill(opened)) return
    const because = this.#lockedBecause ?? 'start'
    // A share that outlived an idle lock outlives a failed opening too: its case may be waiting for it.
    const locking = this.vault.lock(because === 'idle' ? 'idle' : 'button')
    this.#lockedBecause = because
    await locking
    await this.#closing
  }

  async #rememberOrganization(): Promise<void> {
    const organization = this.#desk?.device.org()?.head.roster.name
    if (organization === undefined || organization === this.#display.organization) return
    await this.changeDisplay({ organization }).catch((error: unknown) =>
      this.#notes.failure('Keeping the name of the organization', error, 'The unlock screen shows it next time.'),
    )
  }

  async #locked(reason: LockReason): Promise<void> {
    const desk = this.#desk
    this.#desk = null
    this.#reading.end()
    this.#lockedBecause = reason
    this.#changed()
    await Promise.all([desk?.close(), this.beside.locked(reason)])
    if (reason !== 'quit') await this.#mailroom.locked()
    this.#changed()
  }

  #changed(): void {
    this.#pictures.changed()
  }
}
