import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'vitest'

/**
 * Expects that somebody else's scanner finds TLS 1.3 there and nothing else, and a certificate that says nothing of whose it is.
 * It makes its own handshakes of old versions, which no library of today would.
 */
export async function expectTls13Alone(address: string): Promise<void> {
  const { stdout } = await promisify(execFile)('sslscan', ['--xml=-', '--no-colour', address])
  const found = (pattern: RegExp) => [...stdout.matchAll(pattern)].map(([, ...groups]) => groups.join(' '))
  expect(found(/<protocol type="(\w+)" version="([\d.]+)" enabled="1"/g)).toEqual(['tls 1.3'])
  const old = ['ssl 2', 'ssl 3', 'tls 1.0', 'tls 1.1', 'tls 1.2']
  expect(found(/<protocol type="(\w+)" version="([\d.]+)" enabled="0"/g)).toEqual(old)
  const ciphers = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
  expect(found(/<cipher .*cipher="(\w+)"/g).sort()).toEqual(ciphers)
  expect(found(/<group .*name="(\w+)/g).sort()).toEqual(['secp256r1', 'x25519'])
  expect(stdout).toContain('<renegotiation supported="0"')
  expect(stdout).toContain('vulnerable="0"')
  expect(found(/<(?:subject|issuer)><!\[CDATA\[(.*?)\]\]>/g)).toEqual(['lockbox', 'lockbox'])
}
