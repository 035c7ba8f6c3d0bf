// @peculiar/x509 resolves its parts with tsyringe, which needs this polyfill before it.
import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import { type X509Certificate, X509CertificateGenerator } from '@peculiar/x509'

/** The certificate of `certificate.ts`. In a module of its own, which takes 0.1 s to load and is loaded when needed. */
export function selfSigned(keys: {
  readonly privateKey: webcrypto.CryptoKey
  readonly publicKey: webcrypto.CryptoKey
}): Promise<X509Certificate> {
  return X509CertificateGenerator.createSelfSigned({
    name: 'CN=lockbox',
    serialNumber: '01',
    notBefore: new Date(Date.UTC(2000, 0)),
    notAfter: new Date(Date.UTC(9999, 11, 31, 23, 59, 59)),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  })
}
