import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { toBase64Url } from '../../shared/bytes.ts'
import { pointOf, type TlsCredentials } from './certificate.ts'
import type { CloseReason, ExchangeIdentity, Peer } from './exchange.ts'

/** What both ends of a connection insist on. */
export const TLS_OPTIONS = {
  requestCert: true,
  // Node would judge certificates by authorities and names. Ours have neither: admit() compares the key by hand.
  rejectUnauthorized: false,
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  // A resumed session shows no certificate, so it would skip the comparison.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const

/** One context for all outgoing connections: parsing the key costs more than the rest of a handshake. */
export function clientContext(credentials: TlsCredentials): SecureContext {
  const { minVersion, maxVersion, secureOptions } = TLS_OPTIONS
  return createSecureContext({ ...credentials, minVersion, maxVersion, secureOptions })
}

/** Who is at the other end, or why that connection ends before a byte of it is read. */
export type Admission =
  | { readonly peer: Peer }
  | { readonly peer: null; readonly reason: CloseReason; readonly message: string }

const refusal = (reason: CloseReason, message: string): Admission => ({ peer: null, reason, message })

/**
 * Compares the key of a finished handshake with the head roster's TLS keys. Call it before anything listens for data:
 * nothing from strangers is parsed (DESIGN §7). That the other end holds the private key was shown by the handshake.
 */
export function admit(
  socket: TLSSocket,
  identity: Pick<ExchangeIdentity, 'tlsPublic' | 'device' | 'peers'>,
): Admission {
  if (socket.getProtocol() !== 'TLSv1.3') return refusal('handshake-failed', 'expected TLS 1.3')
  if (socket.isSessionReused()) return refusal('resumed', 'the session was resumed, so no key was shown')
  const point = peerPoint(socket)
  if (point === null) return refusal('no-certificate', 'the other end showed no P-256 certificate')
  if (point === identity.tlsPublic) return refusal('own-key', 'this app reached itself')
  const peer = identity.peers().find(({ tls, device }) => tls === point && device !== identity.device)
  return peer === undefined ? refusal('unknown-key', 'the other end’s key does not stand in the roster') : { peer }
}

function peerPoint(socket: TLSSocket): string | null {
  try {
    const spki = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
    const point = spki === undefined ? null : pointOf(spki)
    return point === null ? null : toBase64Url(point)
  } catch {
    // A key that OpenSSL cannot read is nobody's in the roster.
    return null
  }
}
