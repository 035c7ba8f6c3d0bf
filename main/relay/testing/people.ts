import { type Digest, digest, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import type { BrokerForm } from '../../../shared/carriers/broker.ts'
import { generateBoxKey } from '../../../shared/secrets/box-key.ts'
import { seeded } from '../../../shared/secrets/testing/setup.ts'
import { MemoryStore } from '../../exchange/testing/memory-store.ts'
import { ORGANIZATION } from '../../exchange/testing/people.ts'
import { systemClock } from '../../vault/clock.ts'
import type { About, RelayPeer } from '../ports.ts'
import type { BrokerPlace } from '../records.ts'
import { Relay, type RelayOptions } from '../relay.ts'

/** What a broker is dealt with by in tests. */
export const HASTE: RelayOptions['pace'] = {
  firstRetryMs: 20,
  longestRetryMs: 100,
  coolingMs: 50,
  longestCoolingMs: 100,
  lookMs: 60_000,
}

/** A device of the tests: a name says everything of it. */
export interface Device {
  readonly peer: RelayPeer
  readonly key: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }
}

const NOBODYS: BrokerForm = { url: 'tls://broker.example:4222', ca: null, credentials: { as: 'nobody' } }

/** The same device for the same name. */
export function device(name: string): Device {
  const key = generateBoxKey(seeded(`mailbox of ${name}`))
  const id = digest(utf8(`device of ${name}`))
  return { key, peer: { device: id, member: name, name, mailbox: toBase64Url(key.publicKey) } }
}

/** A store whose "statements" are texts `author: words`, each of them written now. */
export class RelayStore extends MemoryStore {
  readonly #ages = new Map<Digest, number>()

  about(id: Digest): About | undefined {
    const bytes = this.envelope(id)
    if (bytes === undefined) return undefined
    const [author = '', words = ''] = Buffer.from(bytes).toString().split(': ')
    return {
      author: device(author).peer.device,
      kind: words.startsWith('read') ? 'read' : 'request',
      time: Date.now() - (this.#ages.get(id) ?? 0),
      blobs: this.named.get(id) ?? [],
    }
  }

  /** Puts one in that was written long ago. */
  addOld(text: string): Digest {
    const [id = ''] = this.add(text)
    this.#ages.set(id, 2 * 3_600_000)
    return id
  }
}

/** A device with its store and its relay. */
export class RelayApp {
  readonly own: Device
  readonly store = new RelayStore()
  readonly places = new Map<string, BrokerPlace>()
  connected: readonly Digest[] = []
  #others: readonly Device[]
  #relay: Relay | null = null
  ahead = 0

  constructor(name: string, others: readonly string[]) {
    this.own = device(name)
    this.#others = others.map(device)
  }

  get relay(): Relay {
    if (this.#relay === null) throw new TypeError('not open')
    return this.#relay
  }

  /** Unlocks it: it uses these brokers. */
  open(
    brokers: readonly { readonly id: string; readonly form?: BrokerForm; readonly open: RelayOptions['open'] }[],
  ): void {
    const { peer, key } = this.own
    const { store } = this
    const opens = new Map(brokers.map(({ id, open }) => [id, open]))
    this.#relay = new Relay(
      {
        organization: ORGANIZATION,
        device: peer.device,
        key: { ...key, privateKey: Uint8Array.from(key.privateKey) },
        peers: () => this.#others.map((other) => other.peer),
      },
      {
        store: Object.assign(store, {
          receive: async (...given: Parameters<MemoryStore['receive']>) => {
            const receipt = await MemoryStore.prototype.receive.call(store, ...given)
            if (receipt === 'new') this.relay.accepted([...store.ids()].at(-1) ?? '')
            return receipt
          },
        }),
        about: (id) => store.about(id),
        isConnected: (id) => this.connected.includes(id),
        clock: () => ({ ...systemClock(), wall: Date.now() + this.ahead }),
      },
      () => undefined,
      {
        pace: HASTE,
        open: (settings, ...given) => {
          const open = opens.get((settings as { id?: string }).id ?? '')
          if (open === undefined) throw new TypeError('no such broker')
          return open(settings, ...given)
        },
      },
    )
    for (const { id, form = NOBODYS } of brokers)
      this.#relay.use({ ...form, id }, this.places.get(id) ?? null, async (place) => void this.places.set(id, place))
  }

  /** Somebody at this device writes something. */
  write(words: string): Digest {
    const [id = ''] = this.store.add(`${this.own.peer.name}: ${words}`)
    this.relay.accepted(id)
    return id
  }

  async close(): Promise<void> {
    await this.#relay?.close()
    this.#relay = null
  }
}
