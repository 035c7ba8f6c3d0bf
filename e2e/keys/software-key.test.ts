import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, fromUtf8, toBase64Url } from '../../shared/bytes.ts'
import { type AssertedJson, EDDSA, ES256, type KeyFaults, newKeyState, softwareKey } from './software-key.ts'

const origin = 'https://lockbox.localhost'
const rpID = 'lockbox.localhost'
const salt = (byte: number): string => toBase64Url(new Uint8Array(32).fill(byte))

/** The library's types do not know the extension as an input yet. */
const prfWanted = { credProps: true, prf: {} }

async function creation(exclude: readonly string[] = []) {
  return generateRegistrationOptions({
    rpName: 'Lockbox',
    rpID,
    userName: 'ana',
    attestationType: 'direct',
    excludeCredentials: exclude.map((id) => ({ id })),
    supportedAlgorithmIDs: [EDDSA, ES256],
    authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
    extensions: prfWanted,
  })
}

const assertion = async (ids: readonly string[], extensions: object = {}) => ({
  ...(await generateAuthenticationOptions({
    rpID,
    userVerification: 'required',
    allowCredentials: ids.map((id) => ({ id })),
  })),
  extensions,
})

async function enrolled(name = 'blue', algorithm = ES256, faults: KeyFaults = {}) {
  const key = softwareKey(newKeyState(name, { algorithm }))
  Object.assign(key.faults, faults)
  const options = await creation()
  const created = key.create(options, origin)
  const response: RegistrationResponseJSON = created
  const verify = (requireUserVerification = true) =>
    verifyRegistrationResponse({
      response,
      expectedChallenge: options.challenge,
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification,
    })
  return { key, created, verify }
}

/** The first secret of an answer as base64url; empty if none came. */
const secretIn = ({ clientExtensionResults }: AssertedJson): string =>
  toBase64Url(new Uint8Array(clientExtensionResults.prf?.results?.first ?? new ArrayBuffer()))

/** The name of the DOMException that an act ends in. */
function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return error instanceof DOMException ? error.name : 'not a DOMException'
  }
  return 'none'
}

describe.each([
  ['ES256', ES256],
  ['EdDSA', EDDSA],
])('a software key with %s', (_name, algorithm) => {
  it('makes a credential that a relying party accepts', async () => {
    const { created, verify } = await enrolled('blue', algorithm)
    const { verified, registrationInfo } = await verify()
    expect(verified).toBe(true)
    expect(registrationInfo).toMatchObject({
      fmt: 'none',
      userVerified: true,
      credentialDeviceType: 'singleDevice',
      credentialBackedUp: false,
      credential: { id: created.id },
      authenticatorExtensionResults: { 'hmac-secret': true },
    })
    expect(created.clientExtensionResults.prf).toEqual({ enabled: true })
  })

  it('makes assertions that a relying party accepts, with a counter that grows', async () => {
    const { key, created, verify } = await enrolled('blue', algorithm)
    const { registrationInfo } = await verify()
    if (!registrationInfo) throw new Error('not registered')
    const counters: number[] = []
    for (const extensions of [{}, { prf: { eval: { first: salt(1), second: salt(2) } } }]) {
      const options = await assertion([created.id], extensions)
      const response: AuthenticationResponseJSON = key.get(options, origin)
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: options.challenge,
        expectedOrigin: origin,
        expectedRPID: rpID,
        credential: registrationInfo.credential,
        requireUserVerification: true,
      })
      expect(verified).toBe(true)
      counters.push(authenticationInfo.newCounter)
    }
    expect(counters).toEqual([2, 3])
  })

  it('signs nothing that verifies under another challenge', async () => {
    const { key, created, verify } = await enrolled('blue', algorithm)
    const { registrationInfo } = await verify()
    if (!registrationInfo) throw new Error('not registered')
    const [one, two] = [await assertion([created.id]), await assertion([created.id])]
    const response = key.get(one, origin)
    const swapped = {
      ...response,
      response: { ...response.response, clientDataJSON: key.get(two, origin).response.clientDataJSON },
    }
    const { verified } = await verifyAuthenticationResponse({
      response: swapped,
      expectedChallenge: two.challenge,
      expectedOrigin: origin,
      expectedRPID: rpID,
      credential: registrationInfo.credential,
    })
    expect(verified).toBe(false)
  })

  it('gives a public key in SPKI form that is the one of the COSE form', async () => {
    const { created } = await enrolled('blue', algorithm)
    const spki = await crypto.subtle.importKey(
      'spki',
      Buffer.from(created.response.publicKey, 'base64url'),
      algorithm === EDDSA ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' },
      true,
      ['verify'],
    )
    const { x } = await crypto.subtle.exportKey('jwk', spki)
    const data = Buffer.from(created.response.authenticatorData, 'base64url').toString('hex')
    expect(data).toContain(Buffer.from(x ?? 'absent', 'base64url').toString('hex'))
  })
})

describe('the secret of a software key', () => {
  it('is the same for one salt, and another for each salt, credential and key', async () => {
    const blue = await enrolled('blue')
    const second = blue.key.create(await creation(), origin)
    const safe = await enrolled('safe')
    const secretOf = async (key: typeof blue.key, id: string, first: string) =>
      secretIn(key.get(await assertion([id], { prf: { eval: { first } } }), origin))
    const one = await secretOf(blue.key, blue.created.id, salt(1))
    expect(fromBase64Url(one)).toHaveLength(32)
    expect(await secretOf(blue.key, blue.created.id, salt(1))).toBe(one)
    const all = [
      one,
      await secretOf(blue.key, blue.created.id, salt(2)),
      await secretOf(blue.key, second.id, salt(1)),
      await secretOf(safe.key, safe.created.id, salt(1)),
    ]
    expect(new Set(all).size).toBe(4)
  })

  it('takes the salt meant for the credential before the salt for all', async () => {
    const { key, created } = await enrolled()
    const both = { prf: { eval: { first: salt(1) }, evalByCredential: { [created.id]: { first: salt(2) } } } }
    const only = { prf: { eval: { first: salt(2) } } }
    const [a, b] = [
      key.get(await assertion([created.id], both), origin),
      key.get(await assertion([created.id], only), origin),
    ]
    expect(secretIn(a)).toBe(secretIn(b))
  })

  it('leaves an encrypted copy in the signed data, as real keys do', async () => {
    const { key, created } = await enrolled()
    const lengthOf = async (extensions: object) =>
      fromBase64Url(key.get(await assertion([created.id], extensions), origin).response.authenticatorData).length
    const name = 1 + 1 + 'hmac-secret'.length
    expect(await lengthOf({})).toBe(37)
    expect(await lengthOf({ prf: { eval: { first: salt(1) } } })).toBe(37 + name + 2 + 48)
    expect(await lengthOf({ prf: { eval: { first: salt(1), second: salt(2) } } })).toBe(37 + name + 2 + 80)
  })

  it('survives a restart with the state that the test kept', async () => {
    const { key, created } = await enrolled()
    const options = await assertion([created.id], { prf: { eval: { first: salt(1) } } })
    const before = key.get(options, origin)
    const restarted = softwareKey(JSON.parse(JSON.stringify(key.state)) as typeof key.state)
    const after = restarted.get(options, origin)
    expect(secretIn(after)).toBe(secretIn(before))
    expect(restarted.state.signCount).toBe(key.state.signCount + 1)
  })
})

it('writes client data byte for byte as browsers do', async () => {
  const { key, created } = await enrolled()
  const options = await assertion([created.id])
  expect(fromUtf8(fromBase64Url(key.get(options, origin).response.clientDataJSON))).toBe(
    `{"type":"webauthn.get","challenge":"${options.challenge}","origin":"https://lockbox.localhost","crossOrigin":false}`,
  )
})

describe('a software key refuses', () => {
  it('a second credential where one of its own is excluded', async () => {
    const { key, created } = await enrolled()
    const again = await creation([created.id])
    expect(refusal(() => key.create(again, origin))).toBe('InvalidStateError')
    expect((await enrolled('safe')).key.create(again, origin).id).not.toBe(created.id)
  })

  it('credentials that are not on it', async () => {
    const { key } = await enrolled()
    const other = await enrolled('safe')
    const options = await assertion([other.created.id])
    expect(refusal(() => key.get(options, origin))).toBe('NotAllowedError')
  })

  it('a relying party that the origin may not name', async () => {
    const { key, created } = await enrolled()
    const options = await assertion([created.id])
    expect(refusal(() => key.get(options, 'https://lockbox.internal'))).toBe('SecurityError')
  })

  it('algorithms that it does not have', async () => {
    const { key } = await enrolled('blue', EDDSA)
    const options = { ...(await creation()), pubKeyCredParams: [{ alg: ES256 }] }
    expect(refusal(() => key.create(options, origin))).toBe('NotSupportedError')
  })
})

describe('a fault that is switched on', () => {
  it('noPrf: says so when made, and gives no secret', async () => {
    const { key, created } = await enrolled('blue', ES256, { noPrf: true })
    expect(created.clientExtensionResults.prf).toEqual({ enabled: false })
    const answer = key.get(await assertion([created.id], { prf: { eval: { first: salt(1) } } }), origin)
    expect(answer.clientExtensionResults.prf?.results).toBeUndefined()
  })

  it('unverified: UV is 0, which a relying party that requires it refuses', async () => {
    const { verify } = await enrolled('blue', ES256, { unverified: true })
    await expect(verify()).rejects.toThrow('User verification')
    expect((await verify(false)).registrationInfo?.userVerified).toBe(false)
  })

  it('synced: the credential is one that its maker copies', async () => {
    const { verify } = await enrolled('blue', ES256, { synced: true })
    expect((await verify()).registrationInfo).toMatchObject({
      credentialDeviceType: 'multiDevice',
      credentialBackedUp: true,
    })
  })

  it('u2f: refuses where a person must be verified', async () => {
    const key = softwareKey(newKeyState('old'))
    key.faults.u2f = true
    const options = await creation()
    expect(refusal(() => key.create(options, origin))).toBe('NotAllowedError')
  })
})
