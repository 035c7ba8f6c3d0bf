import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { utf8 } from '../../../shared/bytes.ts'
import type { OutletEvent } from '../../../shared/outlets/event.ts'
import { DATAGRAM_BYTES } from '../../../shared/outlets/syslog.ts'
import type { Address } from '../../exchange/addresses.ts'
import { DeliveryFailure } from '../failure.ts'
import type { Patience, Transport } from './transport.ts'

/**
 * Syslog over UDP (RFC 5426): a datagram a message, and nobody ever says that one arrived. "Delivered" means sent, and
 * that nothing came back to say that nobody listens.
 */
export function udpTransport(
  { host, port }: Address,
  messageOf: (event: OutletEvent, most: number) => string,
  { lingerMs }: Patience,
): Transport {
  return {
    // A receiver's buffer of 200 KiB holds a hundred of the longest.
    most: 32,
    async deliver(events, signal) {
      const { address, family } = await lookup(host)
      signal.throwIfAborted()
      const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
      const failed = new Promise<never>((_, reject) => socket.once('error', reject))
      // Whoever no longer waits for it must not be killed by it.
      failed.catch(() => undefined)
      try {
        await Promise.race([failed, connected(socket, port, address)])
        for (const event of events)
          await Promise.race([failed, send(socket, fitting(messageOf(event, DATAGRAM_BYTES)))])
        await Promise.race([failed, delay(lingerMs, undefined, { signal })])
      } finally {
        socket.close()
      }
    },
  }
}

// Node's types leave out that a way that is not there (no network, no route) is told to the callback, and to nobody else.
const connected = (socket: Socket, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) =>
    socket.connect(port, address, (error?: Error | null) => (error instanceof Error ? reject(error) : resolve())),
  )

const send = (socket: Socket, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => socket.send(bytes, (error) => (error === null ? resolve() : reject(error))))

/** CEF has its longest part last, and like any message loses its end (RFC 5424 §6.1). */
function fitting(message: string): Uint8Array {
  const bytes = utf8(message)
  if (bytes.length > 65_507) throw new DeliveryFailure('a message is too long for the network')
  return bytes
}
