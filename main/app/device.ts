import { setImmediate } from 'node:timers/promises'
import { type Digest, fromUtf8, utf8 } from '../../shared/bytes.ts'
import { blobsOf } from '../../shared/case/blobs.ts'
import { CaseBook } from '../../shared/case/case-book.ts'
import type { Me } from '../../shared/case/duties.ts'
import { type Opening, openingsOf } from '../../shared/case/openings.ts'
import type { Case } from '../../shared/case/types.ts'
import { type Organization, orgFrom, orgGrown } from '../../shared/org/org-from.ts'
import type { Collection } from '../../shared/statements/collection.ts'
import { memberOf } from '../../shared/statements/door.ts'
import { deviceId, keyId, type Member } from '../../shared/statements/member.ts'
import { type Names, namesIn } from '../../shared/views/people.ts'
import { signatureChecks } from '../checks.ts'
import type { Clock } from '../vault/clock.ts'
import type { HeldShares } from '../vault/held.ts'
import type { OpenVault, VaultSummary } from '../vault/types.ts'
import { Author, type Pen } from './author.ts'
import { glimpseOf } from './glimpse.ts'
import { Mailboxes } from './mailboxes.ts'
import type { Notes } from './notes.ts'
import { Offers } from './offers.ts'
import type { Host } from './ports.ts'
import type { Profile } from './profile.ts'
import { Shelf } from './shelf.ts'
import { Standing } from './standing.ts'
import { StatementStore } from './store.ts'
import { PIN } from './tables.ts'

/** How long cases are judged before others have their turn. */
const AT_ONCE_MS = 20

/** The blobs that members' devices may have, as they were found at one moment. */
interface BlobsThen {
  readonly org: Organization
  readonly cases: readonly Case[]
  /** Within one second time stands still, as for cases. */
  readonly second: number
  readonly of: Map<Member, ReadonlySet<Digest>>
}

/** What an open device is made of. */
export interface DeviceParts {
  readonly vault: OpenVault
  readonly summary: VaultSummary
  readonly held: HeldShares
  readonly profile: Profile
  readonly clock: Clock
  readonly host: Host
  readonly notes: Notes
  /** Told how many statements of how many were read so far. */
  readonly onProgress: (read: number, of: number) => void
}

/**
 * One unlocked app: its vault, its statements, and what they add up to. Lives from unlock to lock. Everything it
 * answers is computed from the statements and the pin; it keeps no other truth.
 */
export class Device {
  readonly vault: OpenVault
  readonly summary: VaultSummary
  readonly held: HeldShares
  readonly profile: Profile
  readonly clock: Clock
  readonly host: Host
  readonly notes: Notes
  readonly store: StatementStore
  readonly author: Author
  readonly offers: Offers
  readonly shelf: Shelf
  readonly mailboxes: Mailboxes
  /** The id of this device in statements. */
  readonly id: Digest
  readonly #listeners = new Set<() => void>()
  #standing: Standing | null = null
  #pin: Digest | null
  #org: { readonly of: Collection; readonly pin: Digest; readonly org: Organization | null } | null = null
  #book = new CaseBook()
  #openings: { readonly of: readonly Case[]; readonly all: readonly Opening[] } | null = null
  #blobs: BlobsThen | null = null
  #names: { readonly of: Organization['history']; readonly names: Names } | null = null
  readonly #heard = (id: Digest) => this.store.heard(id)

  private constructor(
    parts: DeviceParts,
    kept: Pick<Device, 'store' | 'shelf' | 'offers' | 'mailboxes'>,
    pin: Digest | null,
  ) {
    const { store } = kept
    this.vault = parts.vault
    this.summary = parts.summary
    this.held = parts.held
    this.profile = parts.profile
    this.clock = parts.clock
    this.host = parts.host
    this.notes = parts.notes
    this.store = store
    this.offers = kept.offers
    this.shelf = kept.shelf
    this.mailboxes = kept.mailboxes
    this.author = new Author(parts.vault, store, parts.clock, {
      ready: () => this.standing.ready(),
      check: () => this.standing.check(),
    })
    this.id = keyId(parts.summary.device.statement)
    this.#pin = pin
    store.onAccepted(() => this.changed())
  }

  /** Reads back what the journal holds. */
  static async load(parts: DeviceParts): Promise<Device> {
    const { journal } = parts.vault
    const store = await StatementStore.load(journal, signatureChecks, parts.clock, parts.onProgress)
    store.failuresTo((error) =>
      parts.notes.failure(
        'Acting on a new entry',
        error,
        'The entry is recorded. Restart Lockbox; if it happens again, tell its makers.',
      ),
    )
    const offers = await Offers.load(journal, signatureChecks)
    const shelf = await Shelf.load(parts.vault.blobs, store.collection())
    let pin: Digest | null = null
    for await (const { value } of journal.records(PIN)) pin = fromUtf8(value)
    const mailboxes = await Mailboxes.load(journal)
    const device = new Device(parts, { store, shelf, offers, mailboxes }, pin)
    const organization = device.organizationId()
    if (organization !== null) store.pinOrganization(organization)
    const roster =
      device.org()?.head.roster ?? (pin === null ? undefined : store.collection().get('roster', pin)?.payload)
    device.#standing = await Standing.load({
      journal,
      store,
      own: device.id,
      hasOthers: store.chainOf(device.id).last !== null && (roster?.members.length ?? 0) > 1,
      problems: parts.vault.problems,
      onChange: () => device.changed(),
    })
    store.glimpseWith(() => glimpseOf(device))
    await device.#judgeAll()
    return device
  }

  /** Judges all cases for the first time, which may be very many, and lets others have their turn meanwhile. */
  async #judgeAll(): Promise<void> {
    const org = this.org()
    if (org === null) return
    let began = performance.now()
    for (const _ of this.#book.judging(org, this.clock().wall, this.#heard)) {
      if (performance.now() - began < AT_ONCE_MS) continue
      await setImmediate()
      began = performance.now()
    }
  }

  /** Whether this folder is all that this device ever wrote. */
  get standing(): Standing {
    if (this.#standing === null) throw new TypeError('a device that was not loaded')
    return this.#standing
  }

  /** The pin: the last roster this app acted on, or the genesis it endorsed. */
  get pin(): Digest | null {
    return this.#pin
  }

  /** The organization's id as soon as there is a pin, founded or not. */
  organizationId(): Digest | null {
    if (this.#pin === null) return null
    const roster = this.store.collection().get('roster', this.#pin)
    return roster === undefined || roster.payload.predecessor === null
      ? this.#pin
      : (roster.payload.organization ?? null)
  }

  /** The organization, or null before it is founded. */
  org(): Organization | null {
    const pin = this.#pin
    if (pin === null) return null
    const of = this.store.collection()
    if (this.#org?.of !== of || this.#org.pin !== pin) {
      const before = this.#org?.pin === pin ? this.#org.org : null
      this.#org = { of, pin, org: before === null ? orgFrom(of, pin) : orgGrown(before, of, pin) }
    }
    return this.#org.org
  }

  /** All cases, by this app's clock; where nothing came, judged at most once a second. */
  cases(): readonly Case[] {
    const org = this.org()
    if (org === null) return []
    return this.#book.cases(org, this.clock().wall, this.#heard)
  }

  /** How keys were opened, over all cases; the same list as long as no case changed. */
  openings(): readonly Opening[] {
    const [org, of] = [this.org(), this.cases()]
    if (org === null) return []
    if (this.#openings?.of !== of) this.#openings = { of, all: openingsOf(org, of) }
    return this.#openings.all
  }

  /** Those of them in which there may be something left to do; what is asked all the time takes these. */
  currentCases(): readonly Case[] {
    const org = this.org()
    return org === null ? [] : this.#book.current(org, this.clock().wall, this.#heard)
  }

  /** The newest of them, at most so many. */
  newestCases(most: number): readonly Case[] {
    const org = this.org()
    return org === null ? [] : this.#book.newest(org, most, this.clock().wall, this.#heard)
  }

  /** The case of that request, judged now. */
  case(id: Digest): Case | undefined {
    const org = this.org()
    return org === null ? undefined : this.#book.case(org, id, this.clock().wall, this.#heard)
  }

  /**
   * The sealed blobs that a member's device may have; see `blobsOf`. Peers ask with each blob and each wish, so it is found anew
   * only once something changed, or a second went by.
   */
  blobsOf(member: Member): ReadonlySet<Digest> {
    const org = this.org()
    if (org === null) return new Set()
    const cases = this.currentCases()
    const now = this.clock().wall
    const second = Math.floor(now / 1000)
    const { org: ofOrg, cases: ofCases, second: ofSecond } = this.#blobs ?? {}
    if (this.#blobs === null || ofOrg !== org || ofCases !== cases || ofSecond !== second)
      this.#blobs = { org, cases, second, of: new Map() }
    const known = this.#blobs.of.get(member)
    if (known !== undefined) return known
    const found = blobsOf(org, member, cases, now)
    this.#blobs.of.set(member, found)
    return found
  }

  /** This owner's entry in the head roster, with this very device; null if there is none. */
  me(): Member | null {
    const org = this.org()
    const member = org && memberOf(org.head.roster, this.profile.member)
    return member && deviceId(member) === this.id ? member : null
  }

  /** This app, as duties are judged: its owner, and this very device. */
  self(): Me {
    return { member: this.profile.member, device: this.id }
  }

  /** What people are called; in an organization the same function as long as its rosters are the same. */
  names(): Names {
    const org = this.org()
    if (org === null)
      return (member) => ({ member, name: member === this.profile.member ? this.profile.name : 'someone' })
    if (this.#names?.of !== org.history) this.#names = { of: org.history, names: namesIn(org) }
    return this.#names.names
  }

  /** How this device signs now: under the head roster, or under the genesis that it pinned. */
  pen(): Pen {
    const head = this.org()?.head.id ?? this.#pin
    return {
      organization: this.organizationId(),
      roster: head,
      member: this.profile.member,
      statementKey: this.summary.device.statement,
    }
  }

  /** Acts on a roster from now on; durable before it returns. */
  async movePin(roster: Digest): Promise<void> {
    if (roster === this.#pin) return
    await this.vault.journal.append(PIN, 'pin', utf8(roster))
    this.#pin = roster
    const organization = this.organizationId()
    if (organization !== null) this.store.pinOrganization(organization)
    this.changed()
  }

  /**
   * Removes statements from this device for good; see `StatementStore.prune`.
   *
   * @throws {JournalError} or an error of the disk; then nothing was removed.
   */
  async prune(ids: ReadonlySet<Digest>): Promise<void> {
    await this.store.prune(ids, (found) => [this.standing.recordIn(found)])
    await this.standing.moved()
    // Both only ever grow otherwise.
    this.#org = null
    this.#book = new CaseBook()
    this.changed()
  }

  /** Something is different: told to whoever shows or acts. */
  changed(): void {
    for (const listener of this.#listeners) listener()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
