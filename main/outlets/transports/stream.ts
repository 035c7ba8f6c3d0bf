import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { OutletEvent } from '../../../shared/outlets/event.ts'
import { octetCounted } from '../../../shared/outlets/syslog.ts'
import type { Address } from '../../exchange/addresses.ts'
import { within } from '../../within.ts'
import { DeliveryFailure } from '../failure.ts'
import type { Patience, Transport } from './transport.ts'
import { trustOf } from './trust.ts'

/** What a receiver of syslog may say, which is nothing, before it is taken for something else. */
const MOST_HEARD = 64 * 1024

/**
 * Syslog over TCP (RFC 6587, octet counting) or TLS (RFC 5425). Neither has an acknowledgement, so each batch has a
 * connection of its own, and counts as delivered when the receiver, having read to our end, closes its own side in turn: a
 * receiver that died with bytes unread, or was cut off, cannot do that.
 *
 * @param tls - how the receiver proves itself; null for plain TCP.
 */
export function streamTransport(
  address: Address,
  tls: { readonly ca: string | null } | null,
  messageOf: (event: OutletEvent) => string,
  patience: Patience,
): Transport {
  return {
    most: 200,
    async deliver(events, signal) {
      const bytes = octetCounted(events.map((event) => messageOf(event)))
      await within(signal, patience.timeoutMs, (both) => {
        const socket = tls === null ? connectTcp(address) : connectTls({ ...address, ...trustOf(tls.ca) })
        return exchange(socket, tls === null ? 'connect' : 'secureConnect', bytes, both, patience.lingerMs)
      })
    },
  }
}

function exchange(
  socket: Socket,
  ready: 'connect' | 'secureConnect',
  bytes: Uint8Array,
  signal: AbortSignal,
  lingerMs: number,
): Promise<void> {
  let heard = 0
  let isOver = false
  return new Promise<void>((resolve, reject) => {
    const fail = (why: unknown) => reject(why)
    const onAbort = () => fail(new DeliveryFailure('no answer in time', 'slow'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('error', fail)
    socket.once('close', () => fail(new DeliveryFailure('the connection was cut')))
    socket.on('data', (chunk: Uint8Array) => {
      heard += chunk.length
      if (heard > MOST_HEARD) fail(new DeliveryFailure('the other end is no receiver of syslog'))
    })
    socket.once('end', () =>
      isOver ? resolve() : fail(new DeliveryFailure('the receiver closed before it had everything')),
    )
    socket.once(ready, () => {
      socket.write(bytes, () => {
        // A receiver that closes by itself, without reading, must not pass for one that read to our end.
        void delay(lingerMs).then(() => {
          isOver = true
          socket.end()
        })
      })
    })
  }).finally(() => socket.destroy())
}
