import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import type { ExchangeIdentity, ExchangeStore, WitnessAnswer, WitnessRequest } from '../exchange/exchange.ts'
import type { ShellWorker } from '../shell/shell.ts'

/** A peer as a carrier sees it. */
export interface CarrierPeer {
  readonly device: Digest
  readonly connected: boolean
  /** In words: the address, and how it was come by. Empty while it is not connected. */
  readonly via: string
  /** When it was connected, or when that ended; null for a device that was not met yet. */
  readonly since: UnixMilliseconds | null
  /** Why it is not connected, in words; null while it is. */
  readonly why: string | null
  /** Whether the peer has handed over everything that it has and that was missing here. */
  readonly reconciled: boolean
  /** The peer's clock minus ours, milliseconds. */
  readonly clockDifferenceMs: number | null
}

/** A locked app that is there, and keeps sealed what it should hear of. */
export interface CarrierMailbox {
  readonly device: Digest
  readonly via: string
  readonly since: UnixMilliseconds
  /** Statements that it keeps, and those that it has not confirmed. */
  readonly told: number
  readonly waiting: number
}

export interface CarrierState {
  readonly state: 'off' | 'on' | 'failed'
  /** In words, for people. */
  readonly says: string
  readonly port: number | null
  /** Where others may reach this device, `host:port`. */
  readonly addresses: readonly string[]
  /** Addresses that were typed in. */
  readonly typed: readonly string[]
  /** Connections refused because nobody in the roster has that certificate. */
  readonly strangers: number
  /** Where another app with the very keys of this device was met, if one was: a copy of its folder is at work. */
  readonly twin: string | null
}

/** A way to ask a device to cosign. */
export interface WitnessWay {
  /** @throws {ExchangeError} if that device cannot be asked, or does not answer in time. */
  requestWitness(device: Digest, request: WitnessRequest): Promise<WitnessAnswer>
}

/** How devices are asked that are not connected. */
export interface Elsewhere extends WitnessWay {
  /**
   * Those that may be there, the likeliest first; whether one is, shows when it answers.
   *
   * @param alsoConnected - whether those as well that seem to be connected. Without, they are left out.
   */
  witnesses(alsoConnected?: boolean): readonly Digest[]
}

/** A way statements travel between running apps (DESIGN §7). Never trusted; it only moves bytes. */
export interface Carrier extends WitnessWay {
  start(identity: ExchangeIdentity, store: ExchangeStore): Promise<void>
  stop(): Promise<void>
  /** Pushes new statements to connected peers at once. */
  announce(ids: readonly Digest[]): void
  /** Blobs or notes changed: offer and ask again. */
  refresh(): void
  /** The head roster changed: connections to keys that are no longer in it are dropped. */
  refreshPeers(): void
  addAddress(address: string): void
  removeAddress(address: string): void
  peers(): readonly CarrierPeer[]
  mailboxes(): readonly CarrierMailbox[]
  state(): CarrierState
  onChange(listener: () => void): () => void
}

/** What the app asks of a shell beside the window itself. */
export interface Host {
  readonly shell: 'browser' | 'electron'
  /** Where the shell cannot ask for a key's PIN: the command that starts browser mode, which can. Else null. */
  readonly browserModeCommand: string | null
  /** What starts the program that hands a session to the AWS CLI, ready for its options; null where it would find no door. */
  readonly handoutCommand: string | null
  startWorker(): ShellWorker
  notify(title: string, body: string): Promise<void>
  writeClipboard(text: string): Promise<void>
  clearClipboard(): Promise<boolean>
  /** Lets the window use a camera, or no more. */
  permitCamera(permitted: boolean): Promise<void>
  /** What the window shows now as a PDF. */
  printPdf(): Promise<Uint8Array>
  /** False if the person cancelled. */
  saveFile(suggestedName: string, bytes: Uint8Array): Promise<boolean>
}
