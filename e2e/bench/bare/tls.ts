import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type TLSSocket } from 'node:tls'
import { makeCredentials, type TlsCredentials } from '../../../main/exchange/certificate.ts'
import { person } from '../../../main/exchange/testing/people.ts'

/** What happens with a message at the other end before it is acknowledged, or answered with what that gives. */
type Receive = (message: Buffer) => Uint8Array | void

/** TLS 1.3 on the loopback address, both ends with a P-256 key, and nothing over it but messages and what answers them. */
export class BareTls {
  readonly #server: Server
  readonly #dial: Dial

  private constructor(server: Server, dial: Dial) {
    this.#server = server
    this.#dial = dial
  }

  static async listen(receive: Receive): Promise<BareTls> {
    const options = await credentials()
    const server = createServer({ ...options, ...BOTH, requestCert: true, noDelay: true }, (socket) =>
      acknowledge(socket, receive),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new BareTls(server, diallerWith(options))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  connect(): Promise<BareConnection> {
    return this.#dial(this.port)
  }

  async close(): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** One open connection. */
export class BareConnection {
  readonly #socket: TLSSocket

  constructor(socket: TLSSocket) {
    this.#socket = socket
  }

  /** Resolves when the other end has acknowledged it. */
  async send(message: Uint8Array): Promise<void> {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(message.length)
    this.#socket.write(length)
    this.#socket.write(message)
    await once(this.#socket, 'data')
  }

  /** Resolves when so many bytes have come, for which an empty message asks. */
  async fetch(bytes: number): Promise<void> {
    let missing = bytes
    await new Promise<void>((resolve) => {
      this.#socket.on('data', (chunk: Buffer) => {
        missing -= chunk.length
        if (missing <= 0) resolve()
      })
      this.#socket.write(Buffer.alloc(4))
    })
  }

  async close(): Promise<void> {
    this.#socket.end()
    await once(this.#socket, 'close')
  }
}

const BOTH = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', rejectUnauthorized: false } as const

/** Connects to the port of a {@link BareTls}, which may be in another process. */
type Dial = (port: number) => Promise<BareConnection>

/** For a process that only dials. */
export async function bareDialler(): Promise<Dial> {
  return diallerWith(await credentials())
}

function diallerWith(options: TlsCredentials): Dial {
  return async (port) => {
    const socket = connect({ ...options, ...BOTH, host: '127.0.0.1', port })
    socket.setNoDelay(true)
    await once(socket, 'secureConnect')
    return new BareConnection(socket)
  }
}

async function credentials(): Promise<TlsCredentials> {
  const { peer, tlsPrivateKey } = person('bare')
  return makeCredentials(tlsPrivateKey, peer.tls)
}

function acknowledge(socket: TLSSocket, receive: Receive): void {
  let held = Buffer.alloc(0)
  const chunks: Buffer[] = []
  let missing = 0
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    missing -= chunk.length
    if (missing > 0) return
    held = Buffer.concat(chunks)
    const length = held.length < 4 ? 4 : 4 + held.readUInt32BE()
    missing = length - held.length
    if (missing > 0) return
    chunks.length = 0
    socket.write(receive(held.subarray(4)) ?? '.')
  })
}
