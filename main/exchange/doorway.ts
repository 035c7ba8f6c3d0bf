import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import { formatAddress } from './addresses.ts'
import type { TlsCredentials } from './certificate.ts'
import { codeOf } from './connection.ts'
import { type CloseReason, ExchangeError } from './exchange.ts'
import type { ExchangeLimits, Monotonic } from './limits.ts'
import { Sources } from './sources.ts'
import { TLS_OPTIONS } from './tls.ts'

/** What comes in. */
export interface DoorwayListener {
  /** A finished handshake with whomever. Nothing was read of it, and nothing listens to it yet. Returns whether it is let in. */
  onSocket(socket: TLSSocket, address: string): boolean
  onRefused(address: string, reason: CloseReason, message: string): void
}

interface Handshake {
  readonly raw: Socket
  readonly source: string
  readonly timer: NodeJS.Timeout
}

/** Listens for TLS connections, and bounds what strangers cost: handshakes at once, their duration, their rate. */
export class Doorway {
  readonly #limits: ExchangeLimits
  readonly #listener: DoorwayListener
  readonly #front: Server
  readonly #tls: TlsServer
  /** By the other end's address and port. */
  readonly #handshakes = new Map<string, Handshake>()
  readonly #sources: Sources

  constructor(credentials: TlsCredentials, limits: ExchangeLimits, monotonic: Monotonic, listener: DoorwayListener) {
    this.#limits = limits
    this.#sources = new Sources(limits, monotonic)
    this.#listener = listener
    this.#tls = createTlsServer({ ...TLS_OPTIONS, ...credentials })
    this.#tls.on('secureConnection', (socket) => this.#onSecure(socket))
    this.#tls.on('tlsClientError', (error, socket) => this.#onTlsError(error, socket))
    // Sockets are counted here, before a byte of TLS is looked at.
    this.#front = createServer({ noDelay: true, keepAlive: true }, (raw) => this.#onRaw(raw))
  }

  /**
   * Starts to listen.
   *
   * @param port - 0 for any.
   * @param host - null for all addresses, IPv6 too where there is any.
   * @returns The port.
   * @throws {ExchangeError} `port-in-use` or `listen-failed`.
   */
  async listen(port: number, host: string | null): Promise<number> {
    try {
      await listening(this.#front, port, host ?? '::')
    } catch (error) {
      if (host !== null || !isNoIpv6(error)) throw listenError(error, port)
      await listening(this.#front, port, '0.0.0.0').catch((again: unknown) => {
        throw listenError(again, port)
      })
    }
    // From here on such an error concerns one connection (no file descriptors left), not the listening.
    this.#front.on('error', (error) => this.#listener.onRefused('', 'internal', `could not accept (${codeOf(error)})`))
    const address = this.#front.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Stops listening; handshakes are broken off, finished connections are the caller's. */
  close(): void {
    this.#front.close()
    for (const key of this.#handshakes.keys()) this.#release(key)?.raw.destroy()
  }

  #onRaw(raw: Socket): void {
    raw.on('error', () => raw.destroy())
    const { remoteAddress: host, remotePort: port } = raw
    if (host === undefined || port === undefined) return void raw.destroy()
    const address = formatAddress({ host, port })
    const source = this.#sources.of(host)
    if (!this.#mayEnter(source)) {
      raw.destroy()
      return this.#listener.onRefused(address, 'too-many-connections', 'too many new connections at the moment')
    }
    this.#makeRoom()
    const timer = setTimeout(() => this.#onLate(address), this.#limits.handshakeMs)
    this.#handshakes.set(address, { raw, source, timer })
    raw.once('close', () => this.#onGone(address))
    // Not before its first byte: to hold who says nothing must not cost as much as a handshake.
    raw.once('readable', () => raw.readableLength > 0 && this.#tls.emit('connection', raw))
  }

  #mayEnter(source: string): boolean {
    const fromSource = [...this.#handshakes.values()].filter((one) => one.source === source).length
    return fromSource < this.#limits.handshakesPerAddress && this.#sources.take(source)
  }

  /**
   * The oldest gives way: a peer's handshake is over in moments, and strangers who begin many and finish none would keep all
   * others out for as long as theirs may take.
   */
  #makeRoom(): void {
    const [oldest] = this.#handshakes.keys()
    if (oldest === undefined || this.#handshakes.size < this.#limits.handshakes) return
    this.#release(oldest)?.raw.destroy()
    this.#listener.onRefused(oldest, 'too-many-connections', 'too many handshakes at once; this was the oldest')
  }

  #onSecure(socket: TLSSocket): void {
    const { remoteAddress: host, remotePort: port } = socket
    const address = host === undefined || port === undefined ? null : formatAddress({ host, port })
    const handshake = address === null ? undefined : this.#release(address)
    if (address === null || handshake === undefined) return void socket.destroy()
    socket.once('close', () => handshake.raw.destroy())
    this.#sources.onJudged(handshake.source, this.#listener.onSocket(socket, address))
  }

  #onTlsError(error: Error, socket: TLSSocket): void {
    const { remoteAddress: host, remotePort: port } = socket
    socket.destroy()
    if (host === undefined || port === undefined) return
    const address = formatAddress({ host, port })
    this.#release(address)?.raw.destroy()
    this.#listener.onRefused(address, 'handshake-failed', `the handshake failed (${codeOf(error)})`)
  }

  #onLate(address: string): void {
    this.#release(address)?.raw.destroy()
    this.#listener.onRefused(address, 'handshake-timeout', 'the handshake took too long')
  }

  #onGone(address: string): void {
    if (this.#release(address) !== undefined)
      this.#listener.onRefused(address, 'handshake-failed', 'it went before the handshake was over')
  }

  #release(address: string): Handshake | undefined {
    const handshake = this.#handshakes.get(address)
    this.#handshakes.delete(address)
    if (handshake !== undefined) clearTimeout(handshake.timer)
    return handshake
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function isNoIpv6(error: unknown): boolean {
  return ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'].includes(codeOf(error))
}

function listenError(error: unknown, port: number): ExchangeError {
  if (codeOf(error) === 'EADDRINUSE')
    return new ExchangeError('port-in-use', `another program uses port ${port}; close it or choose another port`)
  return new ExchangeError('listen-failed', `this computer does not let the app listen (${codeOf(error)})`)
}
