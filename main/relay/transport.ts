import type { ConnectionOptions, NatsConnection, ServerInfo } from '@nats-io/nats-core'
import { NatsConnectionImpl, setTransportFactory } from '@nats-io/nats-core/internal'
import { NodeTransport, nodeResolveHost } from '@nats-io/transport-node/lib/node_transport.js'
import { ServerBytes } from './bounds.ts'
import { LinkFailure } from './failure.ts'

/** How a connection learns that its server was left because of what it sent. */
export interface BoundedOptions extends ConnectionOptions {
  readonly onFault: (fault: LinkFailure) => void
}

const SAYS = {
  'too-large': 'it sent more at once than any message of ours has',
  flood: 'it sent more than anybody can read',
} as const

/** The client's own transport, whose server cannot make it hold more than our bounds. */
class BoundedTransport extends NodeTransport {
  readonly #bytes = new ServerBytes(() => performance.now())
  #onFault: (fault: LinkFailure) => void = () => undefined

  override connect(...[where, options]: Parameters<NodeTransport['connect']>): Promise<void> {
    // The client hands on options that it does not know.
    this.#onFault = (options as Partial<BoundedOptions>).onFault ?? this.#onFault
    return super.connect(where, options)
  }

  /** The first line, which comes before TLS. */
  override peekInfo(): Promise<ServerInfo> {
    this.#watch()
    return super.peekInfo()
  }

  override setupHandlers(): void {
    this.#watch()
    super.setupHandlers()
  }

  #watch(): void {
    this.socket.on('data', (chunk: Uint8Array) => {
      const fault = this.#bytes.push(chunk)
      if (fault === null) return
      const failure = new LinkFailure(SAYS[fault], true)
      this.#onFault(failure)
      this.socket?.destroy(failure)
    })
  }
}

/** Connects once to one server, bounded. @throws as the client does. */
export function connectBounded(options: BoundedOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new BoundedTransport(), dnsResolveFn: nodeResolveHost })
  return NatsConnectionImpl.connect(options)
}
