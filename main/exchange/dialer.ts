import { setMaxListeners } from 'node:events'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { Digest } from '../../shared/bytes.ts'
import type { AddressBook } from './address-book.ts'
import { codeOf } from './connection.ts'
import { dial } from './dial.ts'
import { type CloseReason, ConnectionError, type Via } from './exchange.ts'

/** Who takes over what was dialed. */
export interface DialerListener {
  isConnected(device: Digest): boolean
  /** A finished handshake. Why it was refused, or null if it is taken over. */
  onSocket(socket: TLSSocket, via: Via): CloseReason | null
  onFault(message: string): void
}

/** Works through the address book: dials what is due. */
export class Dialer {
  readonly #book: AddressBook
  readonly #context: SecureContext
  readonly #timeoutMs: number
  readonly #listener: DialerListener
  readonly #gaveUp = new AbortController()

  constructor(book: AddressBook, context: SecureContext, timeoutMs: number, listener: DialerListener) {
    this.#book = book
    this.#context = context
    this.#timeoutMs = timeoutMs
    this.#listener = listener
    // Every attempt under way listens for it; the address book bounds how many these are.
    setMaxListeners(0, this.#gaveUp.signal)
  }

  /** Dials every address whose time has come. */
  dialDue(): void {
    if (this.#gaveUp.signal.aborted) return
    for (const address of this.#book.due((device) => this.#listener.isConnected(device))) void this.#dial(address)
  }

  /** Gives up all attempts, for good. */
  stop(): void {
    this.#gaveUp.abort()
  }

  async #dial(address: string): Promise<void> {
    this.#book.onConnecting(address)
    try {
      const socket = await dial(address, this.#context, this.#timeoutMs, this.#gaveUp.signal)
      const refused = this.#listener.onSocket(socket, { how: this.#book.howOf(address) ?? 'typed', address })
      if (refused !== null) this.#book.onEnded(address, refused, false)
    } catch (error) {
      const reason = error instanceof ConnectionError ? error.code : 'internal'
      this.#book.onEnded(address, reason, false)
      if (reason === 'internal') this.#listener.onFault(`could not dial (${codeOf(error)})`)
    }
  }
}
