import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeCredentials, pointOf, spkiOf } from './certificate.ts'
import { person } from './testing/people.ts'

describe('the certificate', () => {
  it('is self-signed by the device’s TLS key', async () => {
    const { tlsPrivateKey, peer } = person('alice')
    const certificate = new X509Certificate((await makeCredentials(tlsPrivateKey, peer.tls)).cert)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
    expect(Buffer.from(pointOf(spki) ?? []).toString('base64url')).toBe(peer.tls)
    expect(Buffer.from(spkiOf(peer.tls))).toEqual(spki)
  })

  it('tells nothing but the key: names, dates and number are everybody’s', async () => {
    const certificates = await Promise.all(
      ['alice', 'bob'].map(async (name) => {
        const { tlsPrivateKey, peer } = person(name)
        const { subject, issuer, validFrom, validTo, serialNumber, subjectAltName } = new X509Certificate(
          (await makeCredentials(tlsPrivateKey, peer.tls)).cert,
        )
        return { subject, issuer, validFrom, validTo, serialNumber, subjectAltName }
      }),
    )
    expect(certificates[0]).toEqual(certificates[1])
    expect(certificates[0]).toMatchObject({ subject: 'CN=lockbox', issuer: 'CN=lockbox', subjectAltName: undefined })
  })

  it('comes with the key in PEM as other programs write it, whatever its length', async () => {
    const { tlsPrivateKey, peer } = person('alice')
    const { key } = await makeCredentials(tlsPrivateKey, peer.tls)
    const again = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' })
    expect(again).toEqual(Buffer.from(tlsPrivateKey))
    const body = key.toString().split('\n')[1]
    expect(body).toBe(Buffer.from(tlsPrivateKey).toString('base64'))
  })

  it('is not made of two halves that do not belong together', async () => {
    const { tlsPrivateKey } = person('alice')
    await expect(makeCredentials(tlsPrivateKey, person('bob').peer.tls)).rejects.toMatchObject({ code: 'bad-key' })
  })

  it.each([
    ['bytes that are no key', Buffer.from('no key')],
    ['nothing', Buffer.alloc(0)],
  ])('is not made of %s', async (_what, bytes) => {
    await expect(makeCredentials(bytes, person('bob').peer.tls)).rejects.toMatchObject({ code: 'bad-key' })
  })

  it('of another kind of key has no point', () => {
    expect(pointOf(new Uint8Array(44))).toBeNull()
    expect(pointOf(new Uint8Array(91))).toBeNull()
  })
})
