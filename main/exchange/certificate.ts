import { webcrypto, X509Certificate } from 'node:crypto'
import { concat, equalBytes, fromBase64Url, utf8 } from '../../shared/bytes.ts'
import { checkP256Key } from '../../shared/statements/keys.ts'
import { ExchangeError } from './exchange.ts'

// SubjectPublicKeyInfo of an uncompressed P-256 point (RFC 5480 §2), up to the point itself.
const SPKI_HEAD = Uint8Array.from(Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'))
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const BASE64 = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')

/** Key and certificate as node:tls takes them. */
export interface TlsCredentials {
  /** PEM; wipe it once the contexts are made. */
  readonly key: Buffer
  readonly cert: string
}

/** DER of the public key that a certificate holds, from the roster's point. */
export function spkiOf(point: string): Uint8Array {
  return concat(SPKI_HEAD, fromBase64Url(point))
}

/**
 * A self-signed certificate for the device's TLS key. The key is all that a peer looks at: names, dates and serial
 * number are the same for everybody, so that they tell nobody anything.
 *
 * @param privateKey - PKCS #8 DER; stays the caller's to wipe.
 * @param point - its public half, uncompressed, base64url.
 * @throws {ExchangeError} `bad-key` if these are not the two halves of one P-256 key.
 */
export async function makeCredentials(privateKey: Uint8Array, point: string): Promise<TlsCredentials> {
  const { subtle } = webcrypto
  // Loaded here and not at the top: the first picture of the window need not wait for it.
  const { selfSigned } = await import('./self-signed.ts')
  try {
    if (!checkP256Key(fromBase64Url(point))) throw new TypeError('expected an uncompressed point')
    const signing = await subtle.importKey('pkcs8', privateKey, ALGORITHM, false, ['sign'])
    const verifying = await subtle.importKey('spki', spkiOf(point), ALGORITHM, true, ['verify'])
    const certificate = await selfSigned({ privateKey: signing, publicKey: verifying })
    if (!(await certificate.verify({ publicKey: verifying, signatureOnly: true })))
      throw new TypeError('expected the two halves of one key')
    return { key: pem(privateKey), cert: certificate.toString('pem') }
  } catch {
    // No cause: what a library says about a private key stays here.
    throw new ExchangeError('bad-key', 'this device’s network key is not a P-256 key; set the device up again')
  }
}

/** The certificate alone, DER. */
export function derOf({ cert }: TlsCredentials): Uint8Array {
  return new Uint8Array(new X509Certificate(cert).raw)
}

/** PEM (RFC 7468) in bytes from end to end: a string could not be wiped. */
function pem(der: Uint8Array): Buffer {
  const body = Buffer.alloc(Math.ceil(der.length / 3) * 4, '=')
  for (let at = 0, out = 0; at < der.length; at += 3, out += 4) {
    const [a = 0, b = 0, c = 0] = der.subarray(at, at + 3)
    const sextets = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63]
    const used = Math.min(der.length - at, 3) + 1
    for (let index = 0; index < used; index++) body[out + index] = BASE64[sextets[index] as number] as number
  }
  const whole = Buffer.concat([utf8('-----BEGIN PRIVATE KEY-----\n'), body, utf8('\n-----END PRIVATE KEY-----\n')])
  body.fill(0)
  return whole
}

/** The point in DER of a public key, or null if it is not a P-256 key. */
export function pointOf(spki: Uint8Array): Uint8Array | null {
  const isOurs = spki.length === SPKI_HEAD.length + 65 && equalBytes(spki.subarray(0, SPKI_HEAD.length), SPKI_HEAD)
  return isOurs ? spki.subarray(SPKI_HEAD.length) : null
}
