import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Base64Url, concat, type Digest, digest, toBase64Url, utf8 } from '../bytes.ts'
import { keyId, type Member } from '../statements/member.ts'

/** 32 bytes that a label says everything about, so that a failing test fails again. */
export function seedOf(label: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(sha256(utf8(`lockbox test ${label}`)))
}

/** The id (16 bytes) of a member, plan or credential of that name. */
export function nameOf(label: string): Base64Url {
  return toBase64Url(seedOf(`name ${label}`).subarray(0, 16))
}

/** Some digest, told apart by its label. */
export function digestOf(label: string): Digest {
  return digest(utf8(label))
}

/** The `sign` credential of one FIDO2 key of a test person. */
export interface TestKey {
  readonly algorithm: 'ES256' | 'EdDSA'
  readonly seed: Uint8Array
  /** COSE key, base64url: as in the roster. */
  readonly publicKey: Base64Url
  readonly credential: Base64Url
}

/** Somebody with one device and two security keys, all made from the name. */
export interface Person {
  readonly name: string
  readonly member: Base64Url
  readonly device: Digest
  readonly deviceSeed: Uint8Array
  readonly keys: readonly [TestKey, TestKey]
  /** The entry in a roster, without roles and groups. */
  readonly entry: Omit<Member, 'roles' | 'groups'>
}

const people = new Map<string, Person>()

/**
 * The person of that name. After a slash stands a new set of keys of the same person, such as `bob/new phone`;
 * a name with `!` at its end has EdDSA security keys.
 */
export function person(name: string): Person {
  const known = people.get(name)
  if (known !== undefined) return known
  const made = makePerson(name)
  people.set(name, made)
  return made
}

function makePerson(name: string): Person {
  const [owner = name] = name.split('/')
  const deviceSeed = seedOf(`${name} statement`)
  const statement = toBase64Url(ed25519.getPublicKey(deviceSeed))
  const algorithm = name.endsWith('!') ? 'EdDSA' : 'ES256'
  const keys = [testKey(`${name} key 1`, algorithm), testKey(`${name} key 2`, algorithm)] as const
  const member = nameOf(`member ${owner}`)
  return {
    name,
    member,
    device: keyId(statement),
    deviceSeed,
    keys,
    entry: {
      member,
      name: owner,
      contact: '',
      device: {
        name: `${owner} laptop`,
        keys: {
          statement,
          checkpoint: toBase64Url(ed25519.getPublicKey(seedOf(`${name} checkpoint`))),
          tls: toBase64Url(p256.getPublicKey(seedOf(`${name} tls`), false)),
          box: toBase64Url(x25519.getPublicKey(seedOf(`${name} box`))),
          mailbox: toBase64Url(x25519.getPublicKey(seedOf(`${name} mailbox`))),
        },
      },
      authenticators: keys.map((key, at) => ({
        name: `${owner} key ${at + 1}`,
        credential: key.credential,
        publicKey: key.publicKey,
        model: '00000000000000000000000000000000',
        attestation: null,
      })),
    },
  }
}

/** A security key's `sign` credential from a label. */
export function testKey(label: string, algorithm: TestKey['algorithm'] = 'ES256'): TestKey {
  const seed = seedOf(label)
  const publicKey = algorithm === 'ES256' ? coseP256(seed) : coseEd25519(seed)
  return {
    algorithm,
    seed,
    publicKey: toBase64Url(publicKey),
    credential: toBase64Url(seedOf(`${label} credential`)),
  }
}

// RFC 9053 §2.1: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}, in CTAP2 canonical CBOR.
function coseP256(seed: Uint8Array): Uint8Array {
  const point = p256.getPublicKey(seed, false)
  return concat(
    Uint8Array.of(0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32),
    point.subarray(1, 33),
    Uint8Array.of(0x22, 0x58, 32),
    point.subarray(33),
  )
}

// RFC 9053 §2.2: {1: 1 (OKP), 3: -8 (EdDSA), -1: 6 (Ed25519), -2: key}.
function coseEd25519(seed: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32), ed25519.getPublicKey(seed))
}

/** An X25519 public key from a label. */
export function boxKey(label: string): Base64Url {
  return toBase64Url(x25519.getPublicKey(seedOf(label)))
}
