import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type TLSSocket } from 'node:tls'
import { makeCredentials, type TlsCredentials } from '../../../main/exchange/certificate.ts'
import { person } from '../../../main/exchange/testing/people.ts'

/** What happens with a message at the other end before it is acknowledged. */
type Receive = (message: Buffer) => void

/** TLS 1.3 on the loopback address, both ends with a P-256 key, and nothing over it but messages and acknowledgements. */
export class BareTls {
  readonly #server: Server
  readonly #options: TlsCredentials

  private constructor(server: Server, options: TlsCredentials) {
    this.#server = server
    this.#options = options
  }

  static async listen(receive: Receive): Promise<BareTls> {
    const { peer, tlsPrivateKey } = person('bare')
    const options = await makeCredentials(tlsPrivateKey, peer.tls)
    const server = createServer({ ...options, ...BOTH, requestCert: true, noDelay: true }, (socket) =>
      acknowledge(socket, receive),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new BareTls(server, options)
  }

  async connect(): Promise<BareConnection> {
    const { port } = this.#server.address() as AddressInfo
    const socket = connect({ ...this.#options, ...BOTH, host: '127.0.0.1', port })
    socket.setNoDelay(true)
    await once(socket, 'secureConnect')
    return new BareConnection(socket)
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

  async close(): Promise<void> {
    this.#socket.end()
    await once(this.#socket, 'close')
  }
}

const BOTH = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', rejectUnauthorized: false } as const

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
    receive(held.subarray(4))
    socket.write('.')
  })
}
