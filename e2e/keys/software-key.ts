import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, fromBase64Url, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { attestedCredential, authData, derive, sign, spki } from './authenticator-data.ts'
import { type Cbor, encodeCbor } from './cbor.ts'
import {
  type AssertedJson,
  type CreatedJson,
  type CreateOptions,
  ES256,
  type GetOptions,
  type HeldCredential,
  type KeyFaults,
  type KeyState,
  type PrfValues,
} from './types.ts'

export * from './types.ts'

/**
 * A FIDO2 security key in software, for tests only: it answers as a browser with a real key would, in the JSON forms
 * of WebAuthn, and its state survives restarts because the test holds it. Everything comes from the seed, so a failing
 * test repeats. What it cannot show: dialogs, PINs, timing, and faults of real firmware.
 */

/** One key in someone's hand: each call is one touch of it. */
export interface SoftwareKey {
  readonly state: KeyState
  readonly faults: KeyFaults
  /**
   * `navigator.credentials.create`.
   *
   * @throws {DOMException} `InvalidStateError` if an excluded credential is on this key, `NotSupportedError` if no
   *   algorithm fits, `NotAllowedError` if it cannot verify a person who must be, `SecurityError` for a foreign RP id.
   */
  create(options: CreateOptions, origin: string): CreatedJson
  /**
   * `navigator.credentials.get`.
   *
   * @throws {DOMException} `NotAllowedError` if no allowed credential is on this key or as above.
   */
  get(options: GetOptions, origin: string): AssertedJson
}

/** A new, empty key: the same name and seed give the same key. */
export function newKeyState(name: string, options: { seed?: string; algorithm?: number } = {}): KeyState {
  const seed = toBase64Url(sha256(utf8(`lockbox software key/${options.seed ?? name}`)))
  return { name, seed, algorithm: options.algorithm ?? ES256, signCount: 0, faults: {}, credentials: [] }
}

/** A key over a state, which it changes in place. */
export function softwareKey(state: KeyState): SoftwareKey {
  return {
    state,
    faults: state.faults,
    create: (options, origin) => create(state, options, origin),
    get: (options, origin) => get(state, options, origin),
  }
}

function create(state: KeyState, options: CreateOptions, origin: string): CreatedJson {
  const rpId = relyingParty(options.rp.id, origin)
  const selection = options.authenticatorSelection
  const verified = verifies(state, selection?.userVerification)
  if (!options.pubKeyCredParams.some(({ alg }) => alg === state.algorithm)) {
    throw new DOMException('no algorithm of the list is one of this key', 'NotSupportedError')
  }
  if (options.excludeCredentials?.some(({ id }) => holds(state, rpId, id))) {
    throw new DOMException('the key already holds a credential of the list', 'InvalidStateError')
  }
  const credential: HeldCredential = {
    id: toBase64Url(derive(state, `credential/${state.credentials.length}`)),
    rpId,
    algorithm: state.algorithm,
    userHandle: options.user.id,
    resident: selection?.residentKey === 'required' || selection?.residentKey === 'preferred',
  }
  state.credentials.push(credential)
  const wantsPrf = Object.hasOwn(options.extensions ?? {}, 'prf')
  const enabled = wantsPrf && hasPrf(state)
  const outputs = enabled ? new Map<string, Cbor>([['hmac-secret', true]]) : null
  const authenticatorData = authData(state, rpId, verified, attestedCredential(state, credential), outputs)
  const attestation = new Map<string, Cbor>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authenticatorData],
  ])
  return {
    ...envelope(credential),
    clientExtensionResults: { credProps: { rk: credential.resident }, ...(wantsPrf ? { prf: { enabled } } : {}) },
    response: {
      clientDataJSON: clientData('webauthn.create', options.challenge, origin),
      attestationObject: toBase64Url(encodeCbor(attestation)),
      authenticatorData: toBase64Url(authenticatorData),
      transports: ['usb'],
      publicKeyAlgorithm: credential.algorithm,
      publicKey: toBase64Url(spki(state, credential)),
    },
  }
}

function get(state: KeyState, options: GetOptions, origin: string): AssertedJson {
  const rpId = relyingParty(options.rpId, origin)
  const verified = verifies(state, options.userVerification)
  const credential = choose(state, rpId, options.allowCredentials ?? [])
  const inputs = prfInputs(options.extensions, credential.id)
  const results = inputs && verified && hasPrf(state) ? prfResults(state, credential, inputs) : null
  const authenticatorData = authData(state, rpId, verified, null, results && hmacSecretOutput(state, results))
  const clientDataJSON = clientData('webauthn.get', options.challenge, origin)
  const signed = concat(authenticatorData, sha256(fromBase64Url(clientDataJSON)))
  return {
    ...envelope(credential),
    clientExtensionResults: inputs ? { prf: results ? { results } : {} } : {},
    response: {
      clientDataJSON,
      authenticatorData: toBase64Url(authenticatorData),
      signature: toBase64Url(sign(state, credential, signed)),
      ...(credential.resident ? { userHandle: credential.userHandle } : {}),
    },
  }
}

function relyingParty(rpId: string | undefined, origin: string): string {
  const { hostname, protocol } = new URL(origin)
  const id = rpId ?? hostname
  if (protocol !== 'https:' || (hostname !== id && !hostname.endsWith(`.${id}`))) {
    throw new DOMException(`"${id}" is not a relying party that ${origin} may use`, 'SecurityError')
  }
  return id
}

function verifies(state: KeyState, wanted: string | undefined): boolean {
  if (state.faults.u2f && wanted === 'required') {
    throw new DOMException('the key cannot verify a person', 'NotAllowedError')
  }
  return !state.faults.u2f && !state.faults.unverified
}

function hasPrf(state: KeyState): boolean {
  return !state.faults.noPrf && !state.faults.u2f
}

function holds(state: KeyState, rpId: string, id: string): HeldCredential | undefined {
  return state.credentials.find((held) => held.id === id && held.rpId === rpId)
}

function choose(state: KeyState, rpId: string, allowed: readonly { readonly id: string }[]): HeldCredential {
  const found =
    allowed.length > 0
      ? allowed.map(({ id }) => holds(state, rpId, id)).find((held) => held !== undefined)
      : state.credentials.findLast((held) => held.resident && held.rpId === rpId)
  if (!found) throw new DOMException('the key holds no credential of the list', 'NotAllowedError')
  return found
}

/** Exactly the bytes that Chromium writes; WebAuthn §5.8.1.1 fixes their order so that they can be compared. */
function clientData(type: 'webauthn.create' | 'webauthn.get', challenge: string, origin: string): string {
  return toBase64Url(utf8(`{"type":"${type}","challenge":"${challenge}","origin":"${origin}","crossOrigin":false}`))
}

/** The secret that the key keeps for verified use of one credential; WebAuthn §10.1.4 turns it into the PRF. */
function prfResults(state: KeyState, credential: HeldCredential, inputs: PrfValues<string>): PrfValues<ArrayBuffer> {
  const secret = derive(state, `hmac-secret with verification/${credential.id}`)
  const value = (salt: string): ArrayBuffer =>
    concat(hmac(sha256, secret, sha256(concat(utf8('WebAuthn PRF\0'), fromBase64Url(salt))))).buffer
  return inputs.second === undefined
    ? { first: value(inputs.first) }
    : { first: value(inputs.first), second: value(inputs.second) }
}

/** A real key puts the outputs, encrypted to the browser (PIN protocol 2: 16 bytes of IV), into the signed data. */
function hmacSecretOutput(state: KeyState, results: PrfValues<ArrayBuffer>): ReadonlyMap<string, Cbor> {
  const blocks = [0, 1, 2, 3].map((block) => derive(state, `ciphertext/${state.signCount}/${block}`))
  return new Map([['hmac-secret', concat(...blocks).subarray(0, results.second === undefined ? 48 : 80)]])
}

function prfInputs(extensions: object | undefined, credentialId: string): PrfValues<string> | null {
  const prf = member(extensions, 'prf')
  const chosen = member(member(prf, 'evalByCredential'), credentialId) ?? member(prf, 'eval')
  if (chosen === undefined) return null
  const [first, second] = [saltOf(member(chosen, 'first')), saltOf(member(chosen, 'second'))]
  if (first === undefined) throw new TypeError('prf needs a first salt')
  return second === undefined ? { first } : { first, second }
}

function saltOf(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return toBase64Url(value)
  if (value instanceof ArrayBuffer) return toBase64Url(new Uint8Array(value))
  return typeof value === 'string' ? value : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function envelope(credential: HeldCredential) {
  return {
    id: credential.id,
    rawId: credential.id,
    type: 'public-key' as const,
    authenticatorAttachment: 'cross-platform' as const,
  }
}
