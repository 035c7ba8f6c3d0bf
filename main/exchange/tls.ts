import { constants, type JsonWebKey, type X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { concat, equalBytes, fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { pointOf, type TlsCredentials } from './certificate.ts'
import type { CloseReason, ExchangeIdentity, Peer, Via } from './exchange.ts'

/** What both ends of a connection insist on. */
export const TLS_OPTIONS = {
  requestCert: true,
  // Node would judge certificates by authorities and names. Ours have neither: admit() compares the key by hand.
  rejectUnauthorized: false,
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  // Finite-field groups, which OpenSSL offers as well, cost us far more than the stranger who asks for them.
  ecdhCurve: 'X25519:P-256',
  // A resumed session shows no certificate, so it would skip the comparison.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const

/** How a point begins that is written whole (SEC 1 §2.3.3). */
const UNCOMPRESSED = Uint8Array.of(4)

/** One context for all outgoing connections: parsing the key costs more than the rest of a handshake. */
export function clientContext(credentials: TlsCredentials): SecureContext {
  const { minVersion, maxVersion, ecdhCurve, secureOptions } = TLS_OPTIONS
  return createSecureContext({ ...credentials, minVersion, maxVersion, ecdhCurve, secureOptions })
}

/** Who is at the other end, or why that connection ends before a byte of it is read. */
export type Admission =
  | { readonly peer: Peer; readonly isLocked: boolean }
  | { readonly peer: null; readonly reason: CloseReason; readonly message: string }

const refusal = (reason: CloseReason, message: string): Admission => ({ peer: null, reason, message })

/**
 * Compares the key of a finished handshake with the head roster's TLS keys. Call it before anything listens for data:
 * nothing from strangers is parsed (DESIGN §7). That the other end holds the private key was shown by the handshake. A
 * locked app shows another key, which it told its peers while it was open (docs/formats/mailbox.md).
 *
 * @param certificate - this app's own, DER, by which it knows itself.
 */
export function admit(
  socket: TLSSocket,
  identity: Pick<ExchangeIdentity, 'tlsPublic' | 'device' | 'peers' | 'mailKeyOf'>,
  certificate: Uint8Array,
  { how }: Pick<Via, 'how'>,
): Admission {
  if (socket.getProtocol() !== 'TLSv1.3') return refusal('handshake-failed', 'expected TLS 1.3')
  if (socket.isSessionReused()) return refusal('resumed', 'the session was resumed, so no key was shown')
  const shown = shownBy(socket)
  const point = shown && pointIn(shown)
  if (shown === null || point === null) return refusal('no-certificate', 'the other end showed no P-256 certificate')
  if (point === identity.tlsPublic) {
    // Certificates are made anew at each start, and no two signatures of one key are alike.
    const isSelf = equalBytes(shown.raw, certificate)
    return isSelf
      ? refusal('own-key', 'this app reached itself')
      : refusal('twin', 'another app has the keys of this device')
  }
  const others = identity.peers().filter(({ device }) => device !== identity.device)
  const open = others.find(({ tls }) => tls === point)
  // A locked app waits to be found; whoever dials with its key is somebody else.
  const locked = how === 'incoming' ? undefined : others.find(({ device }) => identity.mailKeyOf(device) === point)
  const peer = open ?? locked
  if (peer === undefined) return refusal('unknown-key', 'the other end’s key does not stand in the roster')
  if (!isWritten(shown, point)) return refusal('no-certificate', 'the other end’s key is not written as Lockbox does')
  return { peer, isLocked: open === undefined }
}

// Node 20 gives it once only.
function shownBy(socket: TLSSocket): X509Certificate | null {
  try {
    return socket.getPeerX509Certificate() ?? null
  } catch {
    return null
  }
}

/**
 * The point of its P-256 key. OpenSSL takes twenty times as long to write the whole key, and strangers could have that done as often as
 * they dial: of whom it then finds in the roster, {@link isWritten} asks that too.
 */
function pointIn(certificate: X509Certificate): string | null {
  return ifReadable(() => {
    const { kty, crv, x, y }: JsonWebKey = certificate.publicKey.export({ format: 'jwk' })
    if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined) return null
    return toBase64Url(concat(UNCOMPRESSED, fromBase64Url(x), fromBase64Url(y)))
  })
}

/** Whether the certificate's key is written as ours are: by the curve's name, and as that very point. */
function isWritten(certificate: X509Certificate, point: string): boolean {
  const written = ifReadable(() => pointOf(certificate.publicKey.export({ type: 'spki', format: 'der' })))
  return written !== null && toBase64Url(written) === point
}

/** A key that OpenSSL cannot read is nobody's in the roster. */
function ifReadable<Read>(read: () => Read): Read | null {
  try {
    return read()
  } catch {
    return null
  }
}
