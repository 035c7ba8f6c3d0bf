import type { ConnectionOptions, NatsConnection } from '@nats-io/nats-core'
import { NatsConnectionImpl, Parser, ProtocolHandler, setTransportFactory } from '@nats-io/nats-core/internal'
import { type BoundsFault, BROKER_BOUNDS } from './bounds.ts'
import { LinkFailure } from './failure.ts'
import { BoundedTransport, type ServerEnd } from './transport.ts'

/** The client's own reader of what a server sends, bounded by what it holds: so nothing can be out of step with it. */
class BoundedParser extends Parser {
  readonly #leaveFor: (fault: BoundsFault) => void

  constructor(protocol: BoundedProtocol, leaveFor: (fault: BoundsFault) => void) {
    super(protocol)
    this.#leaveFor = leaveFor
  }

  /** Never throws: the client would print what the server sent, and read no more without a word. */
  override parse(chunk: Uint8Array): void {
    try {
      super.parse(chunk)
    } catch (error) {
      this.#leaveFor(error instanceof TooLarge ? 'too-large' : 'not-nats')
    }
    // What there is so far of a line that has not ended.
    if ((this.argBuf?.length ?? 0) > BROKER_BOUNDS.lineBytes) this.#leaveFor('too-large')
  }

  /** Of the line that announces a message. */
  override processMsgArgs(line: Uint8Array): void {
    super.processMsgArgs(line)
    if (this.ma.size > BROKER_BOUNDS.messageBytes) throw new TooLarge()
  }
}

class TooLarge extends Error {}

/** The client, with the part of it that speaks NATS. */
type Client = NatsConnection & Pick<NatsConnectionImpl, 'options' | 'protocol'>

/** The client's part that speaks NATS, over a {@link BoundedTransport}, once. */
class BoundedProtocol extends ProtocolHandler {
  readonly #end: ServerEnd
  #transport: BoundedTransport | null = null

  constructor(client: Client, end: ServerEnd) {
    super(client.options, client)
    this.#end = end
  }

  override dial(...given: Parameters<ProtocolHandler['dial']>): Promise<void> {
    const transport = new BoundedTransport(this.#end)
    this.#transport = transport
    // Asked for before anything else is done.
    setTransportFactory({ factory: () => transport })
    return super.dial(...given)
  }

  override resetOutbound(): void {
    super.resetOutbound()
    this.parser = new BoundedParser(this, (fault) => this.#transport?.leaveFor(fault))
  }

  /** There is one connection, and nobody else to connect to. */
  override disconnected(error?: Error): Promise<void> {
    return this.close(error)
  }

  /** Why the connection is over; null while it is not. What a server does comes before what it says. */
  whyOver(): Error | null {
    if (this.#transport?.isClosed !== true) return null
    return this.#transport.closeError ?? this.lastError ?? new LinkFailure('the connection was cut')
  }
}

/** A connection of the client, and why it is over, null while it is not. */
export interface Connection {
  readonly client: NatsConnection
  readonly whyOver: () => Error | null
}

/** Connects once to one server, bounded. @throws as the client does. */
export async function connectBounded(end: ServerEnd, options: ConnectionOptions): Promise<Connection> {
  // Its types say that only its own connect makes one; that has no room for a protocol of ours.
  const client = Reflect.construct(NatsConnectionImpl, [options]) as Client
  const protocol = new BoundedProtocol(client, end)
  client.protocol = protocol
  try {
    await protocol.dialLoop()
  } catch (error) {
    throw protocol.whyOver() ?? error
  }
  return { client, whyOver: () => protocol.whyOver() }
}
