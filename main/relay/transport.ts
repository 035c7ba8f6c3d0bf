import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import type { Transport } from '@nats-io/nats-core/internal'
import * as z from '../../shared/zod.ts'
import { TokenBucket } from '../exchange/limits.ts'
import { type BoundsFault, BROKER_BOUNDS, faultOf } from './bounds.ts'
import { LinkFailure } from './failure.ts'

/** Where a server is, and how long it is wanted. */
export interface ServerEnd {
  readonly host: string
  readonly port: number
  /** How the server must prove itself; null for plain NATS. */
  readonly tls: TlsOptions | null
  /** Ends the connection, also one that is only being made. */
  readonly signal: AbortSignal
}

const NEWLINE = 0x0a
const INFO = /^INFO[ \t]+(?<json>\{.*\})[ \t]*\r\n$/i

/** What a server says of TLS, first of all. */
const greeting = z.looseObject({ tls_required: z.boolean().optional(), tls_available: z.boolean().optional() })

/**
 * One connection to one server, for the NATS client: holds no more of what the server sends, or does not read, than our
 * bounds allow. In place of the client's own, which takes all listeners from its sockets: an error that a socket tells
 * nobody ends the app.
 */
export class BoundedTransport implements Transport {
  /** What it calls itself before the server. */
  readonly lang = 'lockbox'
  readonly version = '1'
  closeError?: Error
  readonly #end: ServerEnd
  readonly #bucket = new TokenBucket(BROKER_BOUNDS.bytesBurst, BROKER_BOUNDS.bytesPerSecond, () => performance.now())
  readonly #over = new AbortController()
  /** That of TCP, and that of TLS over it. */
  readonly #sockets: Socket[] = []
  /** The client reads it as well. */
  #firstLine: Uint8Array = new Uint8Array()
  /** What was written costs until the network took it. */
  #unread = 0
  #isConnected = false
  #tellClosed: (why: Error | undefined) => void = () => undefined
  readonly #closed = new Promise<Error | undefined>((resolve) => {
    this.#tellClosed = resolve
  })

  constructor(end: ServerEnd) {
    this.#end = end
    end.signal.addEventListener('abort', () => this.#leave(), { once: true })
  }

  get isClosed(): boolean {
    return this.#over.signal.aborted
  }

  /** Until the client may speak. @throws {LinkFailure}, or what a socket says. */
  async connect(): Promise<void> {
    const { host, port, tls, signal } = this.#end
    try {
      signal.throwIfAborted()
      const socket = this.#use(connectTcp({ host, port, noDelay: true }))
      await this.#until(socket, 'connect')
      const { tls_required, tls_available } = await this.#greeted(socket)
      if (tls === null && tls_required === true) throw new LinkFailure('it takes no connection without TLS')
      if (tls !== null) {
        if (tls_required !== true && tls_available !== true) throw new LinkFailure('it does not offer TLS')
        // Whoever is on the way may have said it.
        if (socket.readableLength > 0) throw faultOf('before-tls')
        const secure = this.#use(connectTls({ ...tls, socket, servername: isIP(host) === 0 ? host : '' }))
        await this.#until(secure, 'secureConnect')
      }
      this.#over.signal.throwIfAborted()
      this.#isConnected = true
    } catch (error) {
      const why = this.isClosed ? (this.closeError ?? new LinkFailure('the connection was cut')) : error
      this.#leave(why)
      throw why
    }
  }

  /** What the server sends, from its first line on. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    const firstLine = this.#firstLine
    const socket: AsyncIterable<Uint8Array> | undefined = this.#sockets.at(-1)
    if (socket === undefined) return
    try {
      yield firstLine
      for await (const chunk of socket) {
        if (this.#bucket.spend(chunk.length) > 0) this.leaveFor('flood')
        if (this.isClosed) return
        yield chunk
      }
    } catch (error) {
      // Said by closed; whoever reads would print it.
      this.#leave(error)
    }
  }

  send(frame: Uint8Array): void {
    const socket = this.#sockets.at(-1)
    if (this.isClosed || socket === undefined) return
    const cost = frame.length + BROKER_BOUNDS.unreadWrite
    if (this.#unread + cost > BROKER_BOUNDS.unreadBytes) {
      this.leaveFor('unread')
      return
    }
    this.#unread += cost
    // What fails is told as an error of the socket too.
    socket.write(frame, () => {
      this.#unread -= cost
    })
  }

  /** Leaves the server because of what it did. */
  leaveFor(fault: BoundsFault): void {
    this.#leave(faultOf(fault))
  }

  isEncrypted(): boolean {
    return this.#end.tls !== null
  }

  async close(why?: Error): Promise<void> {
    this.#leave(why)
  }

  disconnect(): void {
    this.#leave()
  }

  discard(): void {
    this.#leave()
  }

  /** Settles when a connection that was made is over, with the reason if something went wrong. */
  closed(): Promise<Error | undefined> {
    return this.#closed
  }

  #use(socket: Socket): Socket {
    this.#sockets.push(socket)
    socket.on('error', (error) => this.#leave(error))
    // TLS says why it closes the connection below it.
    socket.on('close', () => {
      if (socket === this.#sockets.at(-1)) this.#leave()
    })
    return socket
  }

  async #until(socket: Socket, event: string): Promise<void> {
    await once(socket, event, { signal: this.#over.signal })
  }

  /** Reads the first line and nothing more: what follows may be TLS. */
  async #greeted(socket: Socket): Promise<z.infer<typeof greeting>> {
    const read: Uint8Array[] = []
    let length = 0
    let isWhole = false
    while (!isWhole) {
      const chunk = socket.read() as Buffer | null
      if (chunk === null) {
        await this.#until(socket, 'readable')
        continue
      }
      const end = chunk.indexOf(NEWLINE) + 1
      isWhole = end > 0
      if (isWhole && end < chunk.length) socket.unshift(chunk.subarray(end))
      read.push(isWhole ? chunk.subarray(0, end) : chunk)
      length += read.at(-1)?.length ?? 0
      if (length > BROKER_BOUNDS.lineBytes) throw faultOf('too-large')
    }
    const line = Buffer.concat(read)
    this.#firstLine = line
    try {
      return greeting.parse(JSON.parse(INFO.exec(line.toString())?.groups?.['json'] ?? ''))
    } catch {
      throw faultOf('not-nats')
    }
  }

  #leave(why?: unknown): void {
    if (this.isClosed) return
    if (why instanceof Error) this.closeError = why
    this.#over.abort()
    for (const socket of this.#sockets) socket.destroy()
    if (this.#isConnected) this.#tellClosed(this.closeError)
  }
}
