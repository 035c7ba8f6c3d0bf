import type { Readable, Writable } from 'node:stream'
import * as z from '../../../shared/zod.ts'
import { ShellError } from '../errors.ts'

/** An event of the DevTools protocol; `sessionId` is null for the browser itself. */
export interface CdpEvent {
  readonly method: string
  readonly params: unknown
  readonly sessionId: string | null
}

/** A reply that is an error, as the browser worded it. */
export class CdpError extends Error {}

const message = z.looseObject({
  id: z.int().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ message: z.string() }).optional(),
  sessionId: z.string().optional(),
})

interface Pending {
  resolve(result: unknown): void
  reject(error: Error): void
}

/**
 * The DevTools protocol over the two pipes of `--remote-debugging-pipe`: JSON texts, each ended by a zero byte. No
 * socket, so nobody else on the machine can speak it.
 */
export class CdpConnection {
  readonly #out: Writable
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Set<(event: CdpEvent) => void>()
  #parts: Buffer[] = []
  #lastId = 0
  #isClosed = false
  /** Resolves when the browser closed its end. */
  readonly closed: Promise<void>

  constructor(out: Writable, input: Readable) {
    this.#out = out
    // The other end may go at any time; `closed` tells it, and pending calls are rejected there.
    out.on('error', () => {})
    input.on('error', () => {})
    input.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.closed = new Promise((resolve) => {
      input.once('close', () => {
        this.#close()
        resolve()
      })
    })
  }

  /**
   * Calls a method of the protocol, for the browser or for one attached target.
   *
   * @throws {CdpError} with the browser's words; {ShellError} `closed` when the browser is gone.
   */
  send(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    sessionId: string | null = null,
  ): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new ShellError('closed', 'the browser is closed'))
    const id = ++this.#lastId
    const text = JSON.stringify({ id, method, params, ...(sessionId === null ? {} : { sessionId }) })
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#out.write(`${text}\0`)
    })
  }

  /** Calls back on every event; returns the way to stop it. */
  onEvent(listener: (event: CdpEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #receive(chunk: Buffer): void {
    let from = 0
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, from)) {
      this.#parts.push(chunk.subarray(from, end))
      const text = Buffer.concat(this.#parts).toString('utf8')
      this.#parts = []
      from = end + 1
      this.#handle(text)
    }
    if (from < chunk.length) this.#parts.push(chunk.subarray(from))
  }

  #handle(text: string): void {
    const { id, method, params, result, error, sessionId } = message.parse(JSON.parse(text))
    if (method !== undefined) {
      for (const listener of this.#listeners) listener({ method, params, sessionId: sessionId ?? null })
      return
    }
    const waiting = id === undefined ? undefined : this.#pending.get(id)
    if (id === undefined || !waiting) return
    this.#pending.delete(id)
    if (error) waiting.reject(new CdpError(error.message))
    else waiting.resolve(result)
  }

  #close(): void {
    this.#isClosed = true
    for (const waiting of this.#pending.values()) waiting.reject(new ShellError('closed', 'the browser is closed'))
    this.#pending.clear()
  }
}
