import type { Digest } from '../../shared/bytes.ts'
import { whyNoDecision } from '../../shared/case/duties.ts'
import { LockboxError } from '../../shared/errors.ts'
import { deviceId } from '../../shared/statements/member.ts'
import { evidenceWords } from '../../shared/views/evidence.ts'
import { KeptViews } from '../../shared/views/kept-views.ts'
import { Outlets } from '../outlets/outlets.ts'
import type { Vault } from '../vault/types.ts'
import type { BesideVault } from './beside-vault.ts'
import { SetUpChecks } from './checking.ts'
import type { Device } from './device.ts'
import { Drafts } from './drafts.ts'
import { Issuing } from './issuing.ts'
import { actedOn, exchangeStoreOf, identityOf } from './meeting.ts'
import { Meetings } from './meetings.ts'
import { Notary } from './notary.ts'
import type { Carrier } from './ports.ts'
import { Readings } from './readings.ts'
import { Relaying } from './relaying.ts'
import { releaseShares } from './releasing.ts'
import { Rounds } from './rounds.ts'
import type { Inside } from './snapshot.ts'
import { wordsOf } from './words.ts'

const TICK_MS = 1000
/** How often a full disk is looked at again. */
const DISK_MS = 5000
/** How often is looked whether time alone has changed what is shown. */
const SHOWN_MS = 5000

/** What a desk is made of. */
export interface DeskParts {
  readonly device: Device
  readonly vault: Vault
  readonly carrier: Carrier
  readonly beside: BesideVault
  readonly onChange: () => void
  /** Time passed that may have changed what is shown. */
  readonly onTime: () => void
}

/** What is read from the vault first. */
interface LoadedParts {
  readonly notary: Notary
  readonly outlets: Outlets
  readonly relaying: Relaying
}

/**
 * Everything that works while the vault is open: the device with its statements, drafts, checkpoints, the carrier, and
 * what the app does by itself (pins, releases, attempts, sessions) after every change and once a second.
 */
export class Desk {
  readonly device: Device
  readonly drafts: Drafts
  readonly notary: Notary
  readonly carrier: Carrier
  readonly readings: Readings
  readonly checks: SetUpChecks
  readonly outlets: Outlets
  readonly relaying: Relaying
  readonly #vault: Vault
  readonly #beside: BesideVault
  readonly #issuing: Issuing
  readonly #meetings: Meetings
  readonly #rounds: Rounds
  readonly #words = new Map<Digest, readonly string[] | null>()
  readonly #kept = new KeptViews()
  readonly #stops: (() => void)[] = []
  readonly #onChange: () => void
  readonly #onTime: () => void
  /** Requests that came since the last round. */
  readonly #asked = new Set<Digest>()
  #meeting: Digest | null = null
  #closed = false
  #closing: Promise<void> | null = null

  private constructor(parts: DeskParts & LoadedParts) {
    this.device = parts.device
    this.notary = parts.notary
    this.carrier = parts.carrier
    this.outlets = parts.outlets
    this.relaying = parts.relaying
    this.drafts = new Drafts(parts.device, parts.vault)
    this.readings = new Readings(parts.device)
    this.checks = new SetUpChecks(parts.device)
    this.#vault = parts.vault
    this.#beside = parts.beside
    this.#onChange = parts.onChange
    this.#onTime = parts.onTime
    const ways = { carrier: parts.carrier, elsewhere: parts.relaying }
    this.#issuing = new Issuing(parts.device, parts.notary, ways, parts.beside.revokers)
    this.#meetings = new Meetings(parts.device, parts.notary, parts.carrier, parts.relaying)
    this.#rounds = new Rounds(() => this.#round())
  }

  /** Sets up what works while this device is open, and begins. */
  static async open(parts: DeskParts): Promise<Desk> {
    const notary = await Notary.load(parts.device)
    const desk = new Desk({
      ...parts,
      notary,
      relaying: await Relaying.load({ ...parts, notary }),
      outlets: await Outlets.load(parts.device, parts.onChange),
    })
    desk.#begin()
    return desk
  }

  #begin(): void {
    const changed = () => {
      this.#onChange()
      this.#rounds.ask()
    }
    // Before this app itself looks at what has changed: others wait for it.
    const announce = this.device.store.onAccepted(({ id }) => this.carrier.announce([id]), 'first')
    const follow = this.device.store.onAccepted((statement) => {
      this.relaying.accepted(statement)
      this.#tellFork(statement.payload.device)
      if (statement.kind === 'request') this.#asked.add(statement.id)
    })
    const timers = [
      setInterval(() => {
        void this.#heed()
        this.#rounds.ask()
      }, TICK_MS),
      setInterval(() => void this.#vault.recheckDisk(), DISK_MS),
      setInterval(this.#onTime, SHOWN_MS),
    ]
    const met = () => this.device.standing.look(this.carrier.peers(), this.carrier.state().twin)
    this.#stops.push(
      this.device.onChange(changed),
      this.carrier.onChange(changed),
      announce,
      follow,
      this.carrier.onChange(met),
      () => {
        for (const timer of timers) clearInterval(timer)
      },
    )
    for (const member of actedOn(this.device)?.members ?? []) this.#tellFork(deviceId(member))
    this.outlets.start()
    this.#rounds.ask()
  }

  /** Ends everything: at once what is signed and sent, then what waits for others or for the disk. */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    this.#closed = true
    for (const stop of this.#stops) stop()
    this.drafts.clear()
    this.checks.stop()
    this.device.standing.close()
    await Promise.all([
      this.#issuing.close(),
      this.carrier.stop(),
      this.relaying.close(),
      this.#meetings.close(),
      this.outlets.close(),
    ])
    await this.#rounds.close()
    // The last round may have begun to meet the others after they were left: a locked app with an open app's keys.
    await this.carrier.stop()
  }

  /** A device that signed two histories was put back from a backup, or runs twice; whatever it does, others are told. */
  #tellFork(device: Digest): void {
    const { fork } = this.device.store.chainOf(device)
    if (fork === null || device === this.device.id) return
    const member = actedOn(this.device)?.members.find((one) => deviceId(one) === device)
    if (member === undefined) return
    const { what, means, todo } = evidenceWords({ about: 'equivocation', number: fork.number }, member.name)
    this.device.notes.add('danger', what, means, todo)
  }

  // Once a round: where a whole log pours in, judging its cases after each request would take longer than all the rest.
  #notify(): void {
    const asked = [...this.#asked]
    this.#asked.clear()
    for (const request of asked) {
      const one = this.device.case(request)
      // Without content: whoever passes the screen learns no more than that something waits.
      if (one !== undefined && whyNoDecision(one, this.device.profile.member, 'approve') === null)
        void this.device.host.notify('Lockbox', 'A break-glass request is waiting for you.').catch(() => undefined)
    }
  }

  /** What this app is doing by itself at this moment, until it is done; null if nothing. */
  get underWay(): Promise<void> | null {
    return this.#rounds.underWay
  }

  /** What the window is shown of it. */
  inside(): Inside {
    return {
      device: this.device,
      notary: this.notary,
      outlets: this.outlets,
      relaying: this.relaying,
      beside: this.#beside,
      carrier: this.carrier.state(),
      peers: this.carrier.peers(),
      mailboxes: this.carrier.mailboxes(),
      words: (roster) => this.#wordsOf(roster),
      kept: this.#kept,
    }
  }

  /** Beside the rounds too, of which each call may hang: a session that is to end lives until AWS has the deny. */
  #heed(): Promise<void> {
    return this.#try('Ending a session at AWS', async () => this.#beside.revokers.heed(this.device))
  }

  async #round(): Promise<void> {
    const { sessions, revokers, rotations, terminals } = this.#beside
    await this.#heed()
    await this.#try('Telling you of a request', async () => this.#notify())
    await this.#try('Following the roster', () => this.#followHead())
    await this.#try('Meeting the others', () => this.#meet())
    await this.#try('Using the relay', () => this.relaying.turn())
    await this.#try('Starting a worker', () => this.#issuing.foresee())
    // Whoever may not sign does nothing that has to be recorded; sessions that are here stay with their owner.
    if (this.device.standing.maySign) {
      await this.#try('Releasing a share', () => releaseShares(this.device))
      await this.#try('Issuing', () => this.#issuing.turn())
    }
    if (this.device.standing.maySign) await this.#try('Replacing the used key', () => rotations.turn(this.device))
    this.#meetings.turn()
    await this.#try('Keeping what others’ logs show', () => this.notary.turn(this.carrier))
    for (const record of revokers.records(this.device)) await this.#try('Recording what AWS denies', record)
    await this.#try('Keeping the session', () => sessions.turn(this.device, this.carrier.peers()))
    await this.#try('Attaching a recorded terminal', () => terminals.turn(this.device))
  }

  /** One thing that fails must not keep the others from being done. */
  async #try(doing: string, act: () => Promise<void>): Promise<void> {
    if (this.#closed) return
    try {
      await act()
    } catch (error) {
      // What was under way when the vault locked goes on after the next unlock.
      if (this.#closed) return
      const todo =
        error instanceof LockboxError
          ? 'It is tried again by itself.'
          : 'Restart Lockbox; if it happens again, tell its makers.'
      this.device.notes.failure(doing, error, todo)
    }
  }

  async #followHead(): Promise<void> {
    const head = this.device.org()?.head.id
    if (head === undefined || head === this.device.pin || !this.device.standing.mayFollow) return
    await this.device.movePin(head)
    this.carrier.refreshPeers()
  }

  async #meet(): Promise<void> {
    const identity = identityOf(this.device)
    if (identity === null || this.#meeting === identity.organization) return this.carrier.refresh()
    if (this.#meeting !== null) await this.carrier.stop()
    this.#meeting = null
    try {
      await this.carrier.start(identity, exchangeStoreOf(this.device, this.notary))
      this.#meeting = identity.organization
    } finally {
      // A carrier says what happens on it, but not that it is there, or why it is not.
      this.#onChange()
    }
  }

  // About half a second each, in slices: never while a snapshot waits for it.
  #wordsOf(roster: Digest): readonly string[] | null {
    const known = this.#words.get(roster)
    if (known !== undefined) return known
    this.#words.set(roster, null)
    void wordsOf(roster).then((words) => {
      this.#words.set(roster, words)
      this.#onChange()
    })
    return null
  }
}
