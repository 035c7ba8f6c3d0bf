import { randomBytes } from 'node:crypto'
import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { digest, fromBase64Url } from '../../shared/bytes.ts'
import {
  dayOf,
  daysToRead,
  decodeRelay,
  encodeRelay,
  hasRelayLength,
  laneSubject,
  type RelayContent,
  RelayError,
  type RelayMessage,
} from '../../shared/carriers/relay.ts'
import { jcs } from '../../shared/jcs.ts'
import { BOX_OVERHEAD, openBoxFrom, sealBoxFrom } from '../../shared/secrets/box.ts'
import { SecretsError } from '../../shared/secrets/errors.ts'
import { pairKey } from '../../shared/secrets/pair.ts'
import type { Lane, Lanes } from './broker.ts'
import type { RelayIdentity, RelayPeer } from './ports.ts'

/**
 * Boxes that were read, by lane's sender and SHA-256: several brokers bring the same, and a hostile one brings it again. What it
 * brings in another's lane is nothing there, and must not keep it from being read in its own.
 */
const REMEMBERED = 4096

/** Seals and opens messages, and knows in which lanes they lie (docs/formats/relay.md §1, §2). Sends nothing. */
export class Post {
  readonly #identity: RelayIdentity
  /** By device and its mailbox key. */
  readonly #pairs = new Map<string, Uint8Array>()
  readonly #seen = new Set<string>()
  #lanes: (Lanes & { readonly of: string }) | null = null

  constructor(identity: RelayIdentity) {
    this.#identity = identity
  }

  /** Where a message for a device is left today, and its bytes there. */
  async seal(
    to: RelayPeer,
    content: RelayContent,
    now: UnixMilliseconds,
  ): Promise<{ readonly subject: string; readonly box: Uint8Array }> {
    const { device, key } = this.#identity
    const subject = laneSubject(this.#pair(to), { from: device, to: to.device, day: dayOf(now) })
    const plaintext = encodeRelay({ sent: now, content })
    const box = await sealBoxFrom(
      key.privateKey,
      fromBase64Url(to.mailbox),
      this.#context(device, to.device),
      plaintext,
    )
    return { subject, box }
  }

  /**
   * Opens what lay in a lane.
   *
   * @returns `known` for a box that was opened before, `unreadable` for what is no message of that device to this one.
   */
  async open(from: RelayPeer, box: Uint8Array): Promise<RelayMessage | 'known' | 'unreadable'> {
    if (!hasRelayLength(box, BOX_OVERHEAD)) return 'unreadable'
    if (this.#seen.has(nameOf(from, box))) return 'known'
    const { device, key } = this.#identity
    try {
      const context = this.#context(from.device, device)
      return decodeRelay(await openBoxFrom(fromBase64Url(from.mailbox), key.privateKey, context, box))
    } catch (error) {
      if (error instanceof SecretsError || error instanceof RelayError) return 'unreadable'
      throw error
    }
  }

  /** What a box of a lane held is taken in: it need not be opened again. */
  remember(from: RelayPeer, box: Uint8Array): void {
    this.#seen.add(nameOf(from, box))
    for (const oldest of this.#seen) {
      if (this.#seen.size <= REMEMBERED) break
      this.#seen.delete(oldest)
    }
  }

  /** The lanes to this device; the same object while neither people nor day changed. */
  lanes(now: UnixMilliseconds): Lanes {
    const peers = this.#identity.peers()
    const whose = digest(jcs(peers.map(({ device, mailbox }) => ({ device, mailbox }))))
    const of = `${whose} ${dayOf(now)}`
    if (this.#lanes?.of === of) return this.#lanes
    const today = dayOf(now)
    const all = daysToRead(now).flatMap((day) => peers.map((peer) => ({ day, lane: this.#laneFrom(peer, day) })))
    const live = all.filter(({ day }) => Math.abs(day - today) <= 1).map(({ lane }) => lane.subject)
    this.#lanes = { of, all: all.map(({ lane }) => lane), live, peers: whose }
    return this.#lanes
  }

  /** Wipes every key. */
  close(): void {
    for (const pair of this.#pairs.values()) pair.fill(0)
    this.#pairs.clear()
    this.#identity.key.privateKey.fill(0)
  }

  #laneFrom(peer: RelayPeer, day: number): Lane {
    const lane = { from: peer.device, to: this.#identity.device, day }
    return { subject: laneSubject(this.#pair(peer), lane), from: peer.device }
  }

  #pair({ device, mailbox }: RelayPeer): Uint8Array {
    const name = `${device} ${mailbox}`
    const known = this.#pairs.get(name)
    if (known !== undefined) return known
    const { organization, key } = this.#identity
    const pair = pairKey(organization, key, fromBase64Url(mailbox))
    this.#pairs.set(name, pair)
    return pair
  }

  #context(from: Digest, to: Digest) {
    const { organization } = this.#identity
    return { purpose: 'relay', organization, deposit: null, request: null, ready: null, from, to, index: null } as const
  }
}

function nameOf({ device }: RelayPeer, box: Uint8Array): string {
  return `${device} ${digest(box)}`
}

/** A salt for a summary. */
export function newSalt(): Uint8Array {
  return Uint8Array.from(randomBytes(8))
}
