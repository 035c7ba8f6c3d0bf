import type { TLSSocket } from 'node:tls'
import { createFrameDecoder, type Frame, type FrameError } from '../../shared/carriers/frame.ts'
import { type CloseReason, ConnectionError } from './exchange.ts'
import type { ExchangeLimits, Monotonic } from './limits.ts'
import { decodeMessage, encodeMessage, FRAME_LIMITS, type Message } from './messages.ts'
import type { PeerPace } from './pace.ts'

/** Above so many bytes that the peer has not read, nothing that can wait is written. */
const WRITE_MARK = 256 * 1024
/** Messages and bytes read and not yet handled, above which reading stops. */
const READ_MARK_MESSAGES = 256
const READ_MARK_BYTES = 1024 * 1024
/** Statements, or blobs, that are handed over at once, if they came together: the disk keeps them together. */
const MOST_TOGETHER = 64
const TOGETHER: ReadonlySet<Message['type']> = new Set<Message['type']>(['statement', 'blob'])
/** How long a peer may take to read why the connection ends. */
const FAREWELL_MS = 1000

/** Who listens to a connection. */
export interface ConnectionListener {
  /**
   * In the order sent: one message, or several of one type, statements or blobs, that came together. The next come when
   * these are handled. What it throws closes the connection.
   */
  onMessages(messages: readonly [Message, ...Message[]]): Promise<void>
  /** There is room again to write what can wait. */
  onDrained(): void
  /** Once. */
  onClosed(reason: CloseReason, message: string): void
}

type Pace = Pick<PeerPace, 'bytes' | 'messages'>

/** A message, or the fault behind which nothing is read. */
interface Incoming {
  readonly what: Message | ConnectionError
  readonly bytes: number
}

/**
 * Messages over an admitted TLS connection. Bounded: what is held while reading, how fast it is read, and how much
 * the peer may leave unread. Every fault ends in `onClosed` with a reason; nothing is thrown across the event loop.
 */
export class Connection {
  readonly #socket: TLSSocket
  readonly #limits: ExchangeLimits
  readonly #listener: ConnectionListener
  readonly #monotonic: Monotonic
  readonly #pace: Pace
  readonly #decoder = createFrameDecoder(FRAME_LIMITS)
  readonly #inbox: Incoming[] = []
  #inboxBytes = 0
  #handling = false
  #throttled = false
  #closed = false
  #heardAt: number
  #bytesReceived = 0
  /** Resolves when the socket is gone. */
  readonly ended: Promise<void>

  /**
   * Reads nothing until {@link start}.
   *
   * @param pace - what may be read of this peer, over all its connections.
   */
  constructor(
    socket: TLSSocket,
    limits: ExchangeLimits,
    monotonic: Monotonic,
    pace: Pace,
    listener: ConnectionListener,
  ) {
    this.#socket = socket
    this.#limits = limits
    this.#listener = listener
    this.#monotonic = monotonic
    this.#pace = pace
    this.#heardAt = monotonic()
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  /** Starts to read. The peer must have been admitted before. */
  start(): void {
    const socket = this.#socket
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('drain', () => this.#ifOpen(() => this.#listener.onDrained()))
    socket.on('end', () => this.#onEnd())
    // What was read before the end still counts, so the end waits its turn.
    socket.on('error', (error: Error) => this.#put(broken(codeOf(error))))
    socket.on('close', () => this.#put(broken('closed')))
  }

  get isOpen(): boolean {
    return !this.#closed
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** Milliseconds since the peer was heard; 0 while it is we who do not read. */
  get silentMs(): number {
    return this.#throttled || this.#handling ? 0 : this.#monotonic() - this.#heardAt
  }

  /** Whether there is room to write what can wait. */
  get hasRoom(): boolean {
    return !this.#closed && this.#socket.writableLength < WRITE_MARK
  }

  /** Writes a message; nothing happens once the connection is closed. A peer that does not read is given up. */
  send(message: Message): void {
    if (this.#closed) return
    this.#socket.write(encodeMessage(message))
    if (this.#socket.writableLength > this.#limits.unreadBytes)
      this.close('slow', 'the peer does not read what it is sent')
  }

  /** Ends the connection, telling the peer why. */
  close(reason: CloseReason, message: string): void {
    if (this.#closed) return
    const isHopeless = reason === 'slow' || reason === 'silent'
    if (!isHopeless) this.#socket.end(encodeMessage({ type: 'bye', reason }))
    this.#finish(reason, message, isHopeless ? 0 : FAREWELL_MS)
  }

  /** Ends the connection over something that was wrong with it. */
  fail(error: unknown): void {
    const { code, message } = asConnectionError(error)
    this.close(code, message)
  }

  #onData(chunk: Buffer): void {
    if (this.#closed) return
    this.#heardAt = this.#monotonic()
    this.#bytesReceived += chunk.length
    const { frames, fault } = this.#decoder.push(chunk)
    const waitMs = Math.max(this.#pace.bytes.spend(chunk.length), this.#pace.messages.spend(frames.length))
    for (const frame of frames) this.#put(decoded(frame), frame.payload.length)
    if (fault !== null) this.#put(frameFault(fault))
    if (waitMs > 0) this.#throttle(waitMs)
  }

  #put(what: Message | ConnectionError, bytes = 0): void {
    if (this.#closed) return
    this.#inbox.push({ what, bytes })
    this.#inboxBytes += bytes
    if (this.#isFull()) this.#socket.pause()
    if (!this.#handling) void this.#handle()
  }

  #isFull(): boolean {
    return this.#inbox.length >= READ_MARK_MESSAGES || this.#inboxBytes >= READ_MARK_BYTES
  }

  #throttle(waitMs: number): void {
    this.#throttled = true
    this.#socket.pause()
    setTimeout(() => {
      this.#throttled = false
      this.#heardAt = this.#monotonic()
      this.#resume()
    }, waitMs)
  }

  #resume(): void {
    if (!this.#closed && !this.#throttled && !this.#isFull()) this.#socket.resume()
  }

  async #handle(): Promise<void> {
    this.#handling = true
    try {
      for (let next = this.#inbox.shift(); next !== undefined && !this.#closed; next = this.#inbox.shift()) {
        this.#inboxBytes -= next.bytes
        if (next.what instanceof ConnectionError) throw next.what
        await this.#listener.onMessages([next.what, ...this.#othersWith(next.what)])
        this.#resume()
      }
    } catch (error) {
      this.fail(error)
    } finally {
      this.#handling = false
    }
  }

  /** What came right behind a message and is handed over with it. */
  #othersWith(first: Message): Message[] {
    const others: Message[] = []
    while (TOGETHER.has(first.type) && others.length + 1 < MOST_TOGETHER) {
      const [next] = this.#inbox
      if (next === undefined || next.what instanceof ConnectionError || next.what.type !== first.type) break
      this.#inbox.shift()
      this.#inboxBytes -= next.bytes
      others.push(next.what)
    }
    return others
  }

  #onEnd(): void {
    const fault = this.#decoder.end()
    this.#put(
      fault === null ? new ConnectionError('closed-by-peer', 'the peer closed the connection') : frameFault(fault),
    )
  }

  #ifOpen(act: () => void): void {
    if (!this.#closed) act()
  }

  #finish(reason: CloseReason, message: string, farewellMs = 0): void {
    if (this.#closed) return
    this.#closed = true
    this.#inbox.length = 0
    this.#inboxBytes = 0
    const socket = this.#socket
    if (farewellMs === 0) socket.destroy()
    else {
      // Read on and throw away, else the peer's unread bytes would turn our farewell into a reset.
      socket.resume()
      const timer = setTimeout(() => socket.destroy(), farewellMs)
      socket.once('close', () => clearTimeout(timer))
    }
    this.#listener.onClosed(reason, message)
  }
}

function decoded(frame: Frame): Message | ConnectionError {
  try {
    return decodeMessage(frame)
  } catch (error) {
    return asConnectionError(error)
  }
}

function frameFault(fault: FrameError): ConnectionError {
  // A peer that was killed leaves half a frame: no misdeed.
  const reasons = { truncated: 'closed-by-peer', 'too-large': 'too-large', 'unknown-type': 'malformed' } as const
  return new ConnectionError(reasons[fault.code], fault.message, { cause: fault })
}

function broken(code: string): ConnectionError {
  return new ConnectionError('closed-by-peer', `the connection broke (${code})`)
}

function asConnectionError(error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error
  return new ConnectionError('internal', `the app could not handle a message (${codeOf(error)})`, { cause: error })
}

/** What may be shown of a foreign error: its code or class, never its text. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
