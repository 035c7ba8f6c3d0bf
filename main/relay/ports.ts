import type { Digest } from '../../shared/bytes.ts'
import type { ExchangeStore, PeerName } from '../exchange/exchange.ts'
import type { Clock } from '../vault/clock.ts'

/** Another device of the head roster, to which messages are sealed. */
export interface RelayPeer extends PeerName {
  /** Its public mailbox key: X25519, base64url. */
  readonly mailbox: string
}

/** What the relay has to know of an accepted statement. */
export interface About {
  /** The device that wrote it. */
  readonly author: Digest
  readonly kind: string
  /** When its author says that it was written. */
  readonly time: number
  /** The blobs that it names. */
  readonly blobs: readonly Digest[]
}

/** Who this device is by relay, and what it works with. */
export interface RelayIdentity {
  readonly organization: Digest
  readonly device: Digest
  /** This device's mailbox key; wiped when the relay is closed. */
  readonly key: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }
  /** The other devices of the head roster at this moment. */
  peers(): readonly RelayPeer[]
}

/** What the relay asks of the app. It keeps nothing itself. */
export interface RelayWorld {
  readonly store: Pick<
    ExchangeStore,
    | 'ids'
    | 'has'
    | 'envelope'
    | 'receive'
    | 'blobsFor'
    | 'blobsWanted'
    | 'blob'
    | 'receiveBlob'
    | 'ownNote'
    | 'receiveNote'
    | 'witness'
  >
  about(id: Digest): About | undefined
  /** Whether a device is connected over the LAN: then nothing of it needs the relay. */
  isConnected(device: Digest): boolean
  readonly clock: Clock
}
