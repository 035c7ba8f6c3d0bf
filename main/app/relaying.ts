import { type Digest, fromBase64Url, toBase64Url, type UnixMilliseconds } from '../../shared/bytes.ts'
import type { BrokerForm } from '../../shared/carriers/broker.ts'
import type { VerifiedStatement } from '../../shared/statements/door.ts'
import { deviceId } from '../../shared/statements/member.ts'
import type { BrokerView } from '../../shared/views/relay.ts'
import { ExchangeError, type WitnessAnswer, type WitnessRequest } from '../exchange/exchange.ts'
import { checkBroker } from '../relay/address.ts'
import type { About, RelayPeer, RelayWorld } from '../relay/ports.ts'
import {
  type BrokerPlace,
  type BrokerSettings,
  loadBrokers,
  removeBroker,
  saveBroker,
  saveBrokerPlace,
} from '../relay/records.ts'
import { RELAY_OPTIONS, Relay, type RelayOptions } from '../relay/relay.ts'
import { randomBytes } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import { actedOn, exchangeStoreOf, receiveFrom } from './meeting.ts'
import type { Notary } from './notary.ts'
import type { Carrier, Elsewhere } from './ports.ts'
import { blobsIn } from './shelf.ts'

/** The most brokers of one device: each gets every message. */
const MOST = 4
/** As many devices are asked for one cosignature. */
const MOST_WITNESSES = 16

/**
 * The relay of an open device (docs/formats/relay.md): off until its owner names a broker, and while the device belongs to
 * no organization. What comes by it goes through the same doors as what comes over the LAN.
 */
export class Relaying implements Elsewhere {
  readonly #device: Device
  readonly #notary: Notary
  readonly #carrier: Pick<Carrier, 'peers'>
  readonly #onChange: () => void
  readonly #options: RelayOptions
  readonly #brokers: Map<string, { readonly settings: BrokerSettings; readonly place: BrokerPlace | null }>
  #relay: { readonly organization: Digest; readonly relay: Relay } | null = null
  /** One turn after the other: two at once would make two relays, of which one is never closed. */
  #turning: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(
    parts: Pick<RelayingParts, 'device' | 'notary' | 'carrier' | 'onChange'>,
    options: RelayOptions,
    brokers: readonly { readonly settings: BrokerSettings; readonly place: BrokerPlace | null }[],
  ) {
    this.#device = parts.device
    this.#notary = parts.notary
    this.#carrier = parts.carrier
    this.#onChange = parts.onChange
    this.#options = options
    this.#brokers = new Map(brokers.map((one) => [one.settings.id, one]))
  }

  /** Reads which brokers were named; nobody is connected to before {@link Relaying.turn}. */
  static async load(parts: RelayingParts, options: RelayOptions = RELAY_OPTIONS): Promise<Relaying> {
    return new Relaying(parts, options, await loadBrokers(parts.device.vault.journal))
  }

  /** Begins once there is an organization and a broker; called after each change. */
  turn(): Promise<void> {
    const turn = this.#turning.then(() => this.#turn())
    // Told to whoever asked for it.
    this.#turning = turn.catch(() => undefined)
    return turn
  }

  async #turn(): Promise<void> {
    const organization = this.#device.organizationId()
    if (this.#closed || this.#brokers.size === 0 || organization === null || actedOn(this.#device) === null) return
    if (this.#relay?.organization === organization) return
    await this.#relay?.relay.close()
    // Locked meanwhile: the mailbox key is gone.
    if (this.#closed) return
    const { journal } = this.#device.vault
    const relay = new Relay(this.#identity(organization), this.#world(), this.#onChange, this.#options)
    this.#relay = { organization, relay }
    for (const { settings, place } of this.#brokers.values())
      relay.use(settings, place, (at) => saveBrokerPlace(journal, settings.id, at))
  }

  /** A statement was accepted, however it came. */
  accepted({ id }: VerifiedStatement): void {
    this.#relay?.relay.accepted(id)
  }

  /**
   * Names one more broker, and begins to use it.
   *
   * @throws {BrokerError} `bad-broker`, `bad-credentials`; {@link OutletError} `bad-certificate`; {@link AppError} `too-many-brokers`.
   */
  async add(form: BrokerForm): Promise<{ id: string }> {
    if (this.#brokers.size >= MOST)
      throw new AppError('too-many-brokers', `This device uses ${MOST} brokers already. Remove one first.`)
    const { journal } = this.#device.vault
    const settings = { ...checkBroker(form), id: toBase64Url(randomBytes(8)) }
    await saveBroker(journal, settings)
    // Locked while it was written: then it is used from the next unlock on, like all others.
    if (this.#closed) return { id: settings.id }
    this.#brokers.set(settings.id, { settings, place: null })
    if (this.#relay === null) await this.turn()
    else this.#relay.relay.use(settings, null, (place) => saveBrokerPlace(journal, settings.id, place))
    this.#onChange()
    return { id: settings.id }
  }

  /** @throws {AppError} `not-found`. */
  async remove(id: string): Promise<void> {
    this.#mustHave(id)
    await removeBroker(this.#device.vault.journal, id)
    this.#brokers.delete(id)
    await this.#relay?.relay.leave(id)
    this.#onChange()
  }

  /** Tries at once; how it went stands in the broker's view. @throws {AppError} `not-found`. */
  tryNow(id: string): void {
    this.#mustHave(id)
    this.#relay?.relay.tryNow(id)
  }

  /** When the newest message that came from a device was written, as that says; null if none came since unlocking. */
  lastHeard(device: Digest): UnixMilliseconds | null {
    return this.#relay?.relay.lastHeard(device) ?? null
  }

  /** Devices that were heard of by relay within the hour, those first that were heard of last. */
  witnesses(alsoConnected = false): readonly Digest[] {
    const recent = this.#relay?.relay.recent() ?? []
    return recent.filter((device) => alsoConnected || !this.#isConnected(device)).slice(0, MOST_WITNESSES)
  }

  async requestWitness(device: Digest, request: WitnessRequest): Promise<WitnessAnswer> {
    if (this.#relay === null) throw new ExchangeError('not-connected', 'there is no relay')
    return this.#relay.relay.requestWitness(device, request)
  }

  /** How each broker stands, in the order in which they were added. */
  views(): BrokerView[] {
    const states = new Map(this.#relay?.relay.brokers().map((one) => [one.settings.id, one]))
    return [...this.#brokers.values()].map(({ settings }) => {
      const {
        state = 'waiting',
        since = 0,
        trouble = null,
        kept = 0,
        read = 0,
        waiting = 0,
        dropped = 0,
        unreadable = 0,
      } = states.get(settings.id) ?? {}
      return {
        id: settings.id,
        url: settings.url,
        as: settings.credentials.as,
        pinned: settings.ca !== null,
        state,
        since,
        trouble: states.has(settings.id) ? trouble : 'this device belongs to no organization yet',
        kept,
        read,
        waiting,
        dropped,
        unreadable,
      }
    })
  }

  /** Leaves all brokers before the vault's keys go. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#turning
    await this.#relay?.relay.close()
  }

  #mustHave(id: string): void {
    if (!this.#brokers.has(id)) throw new AppError('not-found', 'There is no such broker any more.')
  }

  #isConnected(device: Digest): boolean {
    return this.#carrier.peers().some((peer) => peer.device === device && peer.connected)
  }

  #identity(organization: Digest) {
    const { vault, summary, id } = this.#device
    return {
      organization,
      device: id,
      key: { privateKey: vault.mailboxKey(), publicKey: fromBase64Url(summary.device.mailbox) },
      peers: () => this.#peers(),
    }
  }

  #peers(): RelayPeer[] {
    const members = actedOn(this.#device)?.members ?? []
    return members
      .filter((member) => deviceId(member) !== this.#device.id)
      .map((member) => ({
        device: deviceId(member),
        member: member.member,
        name: member.name,
        mailbox: member.device.keys.mailbox,
      }))
  }

  #world(): RelayWorld {
    const device = this.#device
    return {
      store: {
        ...exchangeStoreOf(device, this.#notary),
        receive: (envelope, from) => receiveFrom(device, envelope, { by: 'relay', device: from.device }, from.name),
        // A broker may have kept the question, or bring it again.
        witness: (request, from) => this.#notary.cosign(request, from, false),
      },
      about: (id) => aboutOf(device, id),
      isConnected: (id) => this.#isConnected(id),
      clock: device.clock,
    }
  }
}

/** What the relay of a device works with. */
export interface RelayingParts {
  readonly device: Device
  readonly notary: Notary
  readonly carrier: Pick<Carrier, 'peers'>
  readonly onChange: () => void
}

function aboutOf(device: Device, id: Digest): About | undefined {
  const statement = device.store.get(id)
  if (statement === undefined) return undefined
  const { kind, payload } = statement
  return { author: payload.device, kind, time: payload.time, blobs: blobsIn(statement) }
}
