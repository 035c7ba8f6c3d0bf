import { X509Certificate } from 'node:crypto'
import * as tls from 'node:tls'
import { OutletError } from '../failure.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * How the other end must prove itself. Said outright, since an environment variable can turn Node's own check off.
 *
 * @param ca - PEM of the only CAs that count, or null for those that this machine trusts.
 */
export function trustOf(ca: string | null) {
  return { ca: ca ?? machineCas(), rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const
}

let known: readonly string[] | null = null

/** Mozilla's list, which comes with Node, and the system's where this Node can read it (22.15). */
function machineCas(): string[] {
  // Newer than the oldest Node that this app runs on, whose types know nothing of it.
  const { getCACertificates } = tls as { getCACertificates?: (which: 'system') => string[] }
  known ??= [...tls.rootCertificates, ...(getCACertificates?.('system') ?? [])]
  return [...known]
}

/**
 * The certificates of a PEM text, and nothing else of it.
 *
 * @throws {OutletError} `bad-certificate` if there is none, or one that cannot be read.
 */
export function parseCas(pem: string): string {
  const found = pem.match(CERTIFICATE) ?? []
  try {
    if (found.length === 0) throw new TypeError('no certificate')
    for (const one of found) void new X509Certificate(one)
  } catch (cause) {
    throw new OutletError('bad-certificate', 'expected the certificate of a CA as PEM', { cause })
  }
  return `${found.join('\n')}\n`
}
