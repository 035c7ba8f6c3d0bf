import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const NOT_BEFORE = new Date(Date.now() - 3_600_000)
const NOT_AFTER = new Date(Date.now() + 86_400_000)

/** A CA that only tests trust. */
export interface Ca {
  readonly pem: string
  /** A certificate of 127.0.0.1 and localhost, or of another name; expired, if so wished. */
  issue(name?: string, notAfter?: Date): Promise<{ key: string; cert: string }>
}

/** Makes a CA with a fresh key. */
export async function newCa(): Promise<Ca> {
  const keys = await newKeys()
  const root = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test CA',
    keys,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  return {
    pem: root.toString('pem'),
    issue: async (name = 'localhost', notAfter = NOT_AFTER) => {
      const own = await newKeys()
      const leaf = await X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        notBefore: new Date(Date.now() - 2 * 86_400_000),
        notAfter,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new SubjectAlternativeNameExtension([
            { type: 'dns', value: name },
            ...(name === 'localhost' ? [{ type: 'ip' as const, value: '127.0.0.1' }] : []),
          ]),
        ],
      })
      return { key: await pemOf(own.privateKey), cert: leaf.toString('pem') }
    },
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`
}
