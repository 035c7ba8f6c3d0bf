import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { concat } from '../../../shared/bytes.ts'
import { readFrames } from '../../../shared/outlets/testing/parsers.ts'

/** A receiver on loopback that can misbehave. */
export interface Receiver {
  readonly port: number
  /** Everything that came whole, in the order in which it came. */
  readonly messages: string[]
  /** How many connections, datagrams or calls there were. */
  readonly attempts: () => number
  /** Resolves when something is so; looked at after everything that comes. */
  until(so: () => boolean): Promise<void>
  close(): Promise<void>
}

/** How a stream is received from now on. */
export type Manner = 'reads' | 'stalls' | 'cuts' | 'closes' | 'talks'

class Watch {
  readonly #waiting = new Set<() => void>()

  look(): void {
    for (const one of this.#waiting) one()
  }

  until(so: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!so()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }
}

/** A receiver of octet-counted syslog, over TLS if it has a certificate. `manner` says how it behaves. */
export async function streamReceiver(
  manner: { now: Manner },
  certificate: { key: string; cert: string } | null = null,
  port = 0,
): Promise<Receiver> {
  const watch = new Watch()
  const messages: string[] = []
  // By the other end's port: under TLS there is a socket below, which alone can be reset and is there before a handshake.
  const sockets = new Map<number, Socket>()
  let attempts = 0
  const connected = (socket: Socket) => {
    attempts++
    socket.on('error', () => undefined)
    const cut = () => sockets.get(socket.remotePort ?? 0)?.resetAndDestroy()
    behave(socket, manner.now, cut, (message) => messages.push(message))
    socket.on('data', () => watch.look())
    watch.look()
  }
  const server: Server =
    certificate === null
      ? createServer({ allowHalfOpen: true }, connected)
      : createTls({ ...certificate, allowHalfOpen: true }, connected)
  server.on('connection', (socket: Socket) => sockets.set(socket.remotePort ?? 0, socket))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    attempts: () => attempts,
    until: (so) => watch.until(so),
    close: async () => {
      for (const socket of sockets.values()) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function behave(socket: Socket, manner: Manner, cut: () => unknown, take: (message: string) => void): void {
  let rest: Uint8Array = new Uint8Array()
  if (manner === 'closes') return void socket.end()
  if (manner === 'talks') socket.write(Buffer.alloc(1024 * 1024))
  if (manner === 'stalls') return void socket.pause()
  socket.on('data', (chunk: Uint8Array) => {
    if (manner === 'cuts') return void cut()
    const read = readFrames(concat(rest, chunk))
    rest = read.rest
    for (const message of read.messages) take(message)
  })
  socket.on('end', () => socket.end())
}

/** A receiver of datagrams. */
export async function udpReceiver(): Promise<Receiver> {
  const watch = new Watch()
  const messages: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (bytes) => {
    messages.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
    watch.look()
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    messages,
    attempts: () => messages.length,
    until: (so) => watch.until(so),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

/** A call of a webhook as it came. */
export interface Call {
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** A webhook that answers as told; what it acknowledges counts as received, line by line. */
export async function webhookReceiver(
  answer: (call: Call, response: ServerResponse) => boolean,
  certificate: { key: string; cert: string } | null = null,
  port = 0,
): Promise<Receiver & { readonly calls: Call[] }> {
  const watch = new Watch()
  const messages: string[] = []
  const calls: Call[] = []
  const called = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const call = { headers: request.headers, body: Buffer.concat(chunks) }
      calls.push(call)
      if (answer(call, response))
        messages.push(
          ...call.body
            .toString()
            .split('\n')
            .filter((line) => line !== ''),
        )
      watch.look()
    })
  }
  const server = certificate === null ? createHttp(called) : createHttps(certificate, called)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    calls,
    attempts: () => calls.length,
    until: (so) => watch.until(so),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
