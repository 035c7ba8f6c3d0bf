import { connect, type SecureContext, type TLSSocket } from 'node:tls'
import { parseAddress } from './addresses.ts'
import { codeOf } from './connection.ts'
import { ConnectionError } from './exchange.ts'
import { withZone } from './interfaces.ts'
import { TLS_OPTIONS } from './tls.ts'

/**
 * Connects and shakes hands. Nothing is known of the other end yet; see `admit`.
 *
 * @param signal - Gives the attempt up.
 * @throws {ConnectionError} `unreachable`, `handshake-failed` or `handshake-timeout`.
 */
export function dial(
  address: string,
  context: SecureContext,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { host, port } = parseAddress(address)
  return new Promise((resolve, reject) => {
    // No server name: what people typed would go over the network in the clear.
    const socket = connect({ ...TLS_OPTIONS, host: withZone(host), port, secureContext: context, servername: '' })
    let isConnected = false
    const fail = (reason: 'unreachable' | 'handshake-failed' | 'handshake-timeout' | 'stopped', why: string) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      reject(new ConnectionError(reason, why))
    }
    const onAbort = () => fail('stopped', 'the attempt was given up')
    const timer = setTimeout(() => fail('handshake-timeout', `no answer within ${timeoutMs} ms`), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.setNoDelay(true)
    socket.setKeepAlive(true)
    socket.once('connect', () => {
      isConnected = true
    })
    // Stays for good: after the handshake a Connection has its own listener beside it.
    socket.on('error', (error) => fail(isConnected ? 'handshake-failed' : 'unreachable', codeOf(error)))
    socket.once('close', () => fail('handshake-failed', 'the other end closed the connection'))
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve(socket)
    })
  })
}
