import { webcrypto } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { type Cbor, encodeCbor } from '../../../e2e/keys/cbor.ts'
import { concat, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import type { AuthenticationResponse, RegistrationResponse } from '../../../shared/ceremony.ts'
import { newKey } from '../testing/window.ts'
import { creationOptions } from './options.ts'
import { verifyAsserted, verifyCreated } from './verify.ts'

const KEYS = { key: null, others: [] }
const challenge = toBase64Url(new Uint8Array(32).fill(3))
const secretKey = new Uint8Array(32).fill(9)
const point = p256.getPublicKey(secretKey, false)
const coseKey = encodeCbor(
  new Map<number, Cbor>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, point.slice(1, 33)],
    [-3, point.slice(33)],
  ]),
)
const known = { credential: toBase64Url(new Uint8Array(32).fill(1)), publicKey: toBase64Url(coseKey), transports: [] }

interface Parts {
  rpId: string
  flags: number
  clientData: string
  id: string
  extensions: Uint8Array
  secretKey: Uint8Array
}

const GOOD: Parts = {
  rpId: 'lockbox.localhost',
  flags: 0x05,
  clientData: `{"type":"webauthn.get","challenge":"${challenge}","origin":"https://lockbox.localhost","crossOrigin":false}`,
  id: known.credential,
  extensions: new Uint8Array(),
  secretKey,
}

/** An assertion whose signature is good for whatever its parts say, so that only the changed part can be refused. */
function assertion(change: Partial<Parts> = {}): AuthenticationResponse {
  const parts = { ...GOOD, ...change }
  const authenticatorData = concat(sha256(utf8(parts.rpId)), Uint8Array.of(parts.flags, 0, 0, 0, 7), parts.extensions)
  const signed = concat(authenticatorData, sha256(utf8(parts.clientData)))
  return {
    id: parts.id,
    rawId: parts.id,
    type: 'public-key',
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64Url(utf8(parts.clientData)),
      authenticatorData: toBase64Url(authenticatorData),
      signature: toBase64Url(p256.sign(signed, parts.secretKey, { format: 'der', lowS: false })),
    },
  }
}

const checked = (response: AuthenticationResponse) => verifyAsserted(response, challenge, [known], KEYS)
const client = (from: string, to: string): Partial<Parts> => ({ clientData: GOOD.clientData.replace(from, to) })

describe('an assertion', () => {
  it('is accepted when all of it is right, and again when it is verified twice', async () => {
    const response = assertion()
    const first = await checked(response)
    expect(first).toMatchObject({ by: known, counter: 7 })
    expect(await checked(response)).toEqual(first)
  })

  it.each<[string, Partial<Parts>, string]>([
    ['challenge', client(challenge, toBase64Url(new Uint8Array(32))), 'not-verified'],
    ['origin', client('https://lockbox', 'https://other'), 'wrong-site'],
    ['scheme of the origin', client('https://', 'http://'), 'wrong-site'],
    ['type', client('webauthn.get', 'webauthn.create'), 'not-verified'],
    ['crossOrigin', client('false', 'true'), 'wrong-site'],
    ['absence of topOrigin', client('false}', 'false,"topOrigin":"https://evil.example"}'), 'not-verified'],
    ['rpIdHash', { rpId: 'localhost' }, 'wrong-site'],
    ['user presence', { flags: 0x04 }, 'not-verified'],
    ['user verification', { flags: 0x01 }, 'no-verification'],
    ['backup eligibility', { flags: 0x0d }, 'synced'],
    ['attested data', { flags: 0x45 }, 'not-verified'],
    ['extensions', { flags: 0x85, extensions: encodeCbor(new Map([['other', true]])) }, 'not-verified'],
    ['credential', { id: toBase64Url(new Uint8Array(32).fill(2)) }, 'unknown-key'],
    ['key', { secretKey: new Uint8Array(32).fill(8) }, 'not-verified'],
  ])('of which the %s alone differs is refused', async (_, change, code) => {
    await expect(checked(assertion(change))).rejects.toMatchObject({ code })
  })

  it('is refused for a credential of another algorithm', async () => {
    const eddsa = {
      ...known,
      publicKey: toBase64Url(
        encodeCbor(
          new Map<number, Cbor>([
            [1, 1],
            [3, -8],
            [-1, 6],
            [-2, point.slice(1, 33)],
          ]),
        ),
      ),
    }
    await expect(verifyAsserted(assertion(), challenge, [eddsa], KEYS)).rejects.toMatchObject({ code: 'not-verified' })
  })

  it('is refused when one byte of its signature differs', async () => {
    const response = assertion()
    const signature = fromBase64Url(response.response.signature)
    signature[10] = (signature[10] ?? 0) ^ 1
    const altered = { ...response, response: { ...response.response, signature: toBase64Url(signature) } }
    await expect(checked(altered)).rejects.toMatchObject({ code: 'not-verified' })
  })
})

const ORIGIN = 'https://lockbox.localhost'

/** A registration as the window brings it, and the challenge it answers. */
function registration(): { response: RegistrationResponse; challenge: string } {
  const options = creationOptions('Alice', [], 'direct')
  const { clientExtensionResults: _, ...response } = newKey('new').create(options, ORIGIN)
  return { response: { ...response, clientExtensionResults: { prf: { enabled: true } } }, challenge: options.challenge }
}

const registered = (response: RegistrationResponse, asked: string, roots: readonly string[] = []) =>
  verifyCreated(response, asked, KEYS, roots)

describe('a new credential', () => {
  it('is accepted with its id, key, transports and model', async () => {
    const { response, challenge } = registration()
    expect(await registered(response, challenge)).toMatchObject({
      credential: response.id,
      transports: ['usb'],
      proof: 'none',
      attestation: null,
    })
  })

  it('is refused under another id than its attested one', async () => {
    const { response, challenge } = registration()
    const id = toBase64Url(new Uint8Array(32))
    await expect(registered({ ...response, id, rawId: id }, challenge)).rejects.toMatchObject({ code: 'not-verified' })
  })

  it('is refused when it was made in a frame of another site', async () => {
    const { response, challenge } = registration()
    const text = fromUtf8(fromBase64Url(response.response.clientDataJSON)).replace(
      '"crossOrigin":false',
      '"crossOrigin":true',
    )
    const framed = { ...response, response: { ...response.response, clientDataJSON: toBase64Url(utf8(text)) } }
    await expect(registered(framed, challenge)).rejects.toMatchObject({ code: 'wrong-site' })
  })

  it('is refused without a promise to keep a secret', async () => {
    const { response, challenge } = registration()
    await expect(registered({ ...response, clientExtensionResults: {} }, challenge)).rejects.toMatchObject({
      code: 'no-prf',
    })
  })

  it('is refused when its attestation is garbage', async () => {
    const { response, challenge } = registration()
    const garbage = { ...response, response: { ...response.response, attestationObject: toBase64Url(utf8('garbage')) } }
    await expect(registered(garbage, challenge)).rejects.toMatchObject({ code: 'not-verified' })
  })
})

describe('a model', () => {
  it('counts as attested only if its chain ends in a root we were given', async () => {
    const { response, challenge, root, otherRoot } = await attestedRegistration()
    expect(await registered(response, challenge, [root])).toMatchObject({
      proof: 'attested',
      attestation: response.response.attestationObject,
    })
    expect(await registered(response, challenge, [otherRoot])).toMatchObject({
      proof: 'none',
      attestation: response.response.attestationObject,
    })
    expect(await registered(response, challenge)).toMatchObject({ proof: 'none' })
  })
})

const cborMap = (...entries: Uint8Array[][]) => concat(Uint8Array.of(0xa0 | entries.length), ...entries.flat())

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A registration with a "packed" attestation by a maker whose root is `root` (WebAuthn §8.2.1). */
async function attestedRegistration() {
  // Only now: the library wants a polyfill that ours, loaded above, brings along.
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto as Crypto)
  const maker = async (name: string) => {
    const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify'])
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name,
      keys: keys,
      signingAlgorithm: ECDSA,
      extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
    })
    return { keys, certificate }
  }
  const [root, other] = [await maker('C=SE, O=Maker, CN=Root'), await maker('C=SE, O=Other, CN=Root')]
  const leafKeys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify'])
  const leaf = await x509.X509CertificateGenerator.create({
    subject: 'C=SE, O=Maker, OU=Authenticator Attestation, CN=Key',
    issuer: root.certificate.subject,
    publicKey: leafKeys.publicKey,
    signingKey: root.keys.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [new x509.BasicConstraintsExtension(false, undefined, true)],
  })
  const { response, challenge } = registration()
  const authData = fromBase64Url(response.response.authenticatorData ?? '')
  const signed = concat(authData, sha256(fromBase64Url(response.response.clientDataJSON)))
  const raw = new Uint8Array(await webcrypto.subtle.sign(ECDSA, leafKeys.privateKey, signed))
  const sig = Uint8Array.from(p256.Signature.fromBytes(raw, 'compact').toBytes('der'))
  const x5c = concat(Uint8Array.of(0x81), encodeCbor(new Uint8Array(leaf.rawData)))
  const attStmt = cborMap(
    [encodeCbor('alg'), encodeCbor(-7)],
    [encodeCbor('sig'), encodeCbor(sig)],
    [encodeCbor('x5c'), x5c],
  )
  const object = cborMap(
    [encodeCbor('fmt'), encodeCbor('packed')],
    [encodeCbor('attStmt'), attStmt],
    [encodeCbor('authData'), encodeCbor(authData)],
  )
  const attested = { ...response, response: { ...response.response, attestationObject: toBase64Url(object) } }
  return {
    response: attested,
    challenge,
    root: root.certificate.toString('pem'),
    otherRoot: other.certificate.toString('pem'),
  }
}
