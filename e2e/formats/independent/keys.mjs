import { createPublicKey, verify } from 'node:crypto'
import { digest, fromText } from './bytes.mjs'

// statements.md §5.1 and §7, box.md §1: public keys and signatures.

const P = 2n ** 255n - 19n
const D = mod(-121665n * power(121666n, P - 2n))
const ROOT = power(2n, (P - 1n) / 4n)

function mod(value) {
  return ((value % P) + P) % P
}

function power(base, exponent) {
  let result = 1n
  for (let rest = exponent, square = base; rest > 0n; rest >>= 1n, square = (square * square) % P)
    if (rest & 1n) result = (result * square) % P
  return result
}

const littleEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)

/** The point of a canonical encoding, as [x, y]; null if there is none (RFC 8032 §5.1.3, strict). */
function decodePoint(bytes) {
  const number = littleEndian(bytes)
  const sign = number >> 255n
  const y = number & (2n ** 255n - 1n)
  if (y >= P) return null
  const square = mod((y * y - 1n) * power(mod(D * y * y + 1n), P - 2n))
  let x = power(square, (P + 3n) / 8n)
  if (mod(x * x) !== square) x = mod(x * ROOT)
  if (mod(x * x) !== square || (x === 0n && sign === 1n)) return null
  return [(x & 1n) === sign ? x : mod(-x), y]
}

/** Whether eight times the point is the neutral element. */
function isOfSmallOrder(point) {
  let [x, y] = point
  for (let time = 0; time < 3; time++) {
    const t = mod(D * x * x * y * y)
    const doubled = mod(2n * x * y * power(mod(1n + t), P - 2n))
    y = mod((y * y + x * x) * power(mod(1n - t), P - 2n))
    x = doubled
  }
  return x === 0n && y === 1n
}

const known = new Map()

/** Whether these 32 bytes are a canonical encoding of a point that is not of small order (statements.md §7). */
export function isEd25519Key(bytes) {
  const name = bytes.toString('hex')
  if (!known.has(name)) {
    const point = bytes.length === 32 ? decodePoint(bytes) : null
    known.set(name, point !== null && !isOfSmallOrder(point))
  }
  return known.get(name)
}

const judged = new Map()

/** statements.md §7: OpenSSL checks S and the equation without cofactor; both encodings are checked here. */
export function verifyEd25519(key, message, signature) {
  if (signature.length !== 64 || !isEd25519Key(key)) return false
  // Several files of one history have the same signatures.
  const name = `${key.toString('hex')} ${signature.toString('hex')} ${digest(message)}`
  if (!judged.has(name)) judged.set(name, isSignature(key, message, signature))
  return judged.get(name)
}

function isSignature(key, message, signature) {
  const point = decodePoint(signature.subarray(0, 32))
  if (point === null || isOfSmallOrder(point)) return false
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature)
}

/** The key of an uncompressed point of P-256, or null. */
function p256(point) {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  try {
    return point.length === 65 && point[0] === 4 ? createPublicKey({ key: jwk, format: 'jwk' }) : null
  } catch {
    return null
  }
}

export const isP256Point = (bytes) => p256(bytes) !== null

const ES256 = /^a501020326200121582(.{65})225820(.{64})$/
const EDDSA = /^a4010103272006215820(.{64})$/

/** A COSE key as the roster has it: `{bare, verify(message, signature)}`, or null if it is neither of the two forms. */
export function coseKey(bytes) {
  const hex = bytes.toString('hex')
  const [, x, y] = ES256.exec(hex) ?? []
  if (x?.startsWith('0') && y !== undefined) {
    const bare = Buffer.from(`04${x.slice(1)}${y}`, 'hex')
    const key = p256(bare)
    return key && { bare, verify: (message, signature) => verify('sha256', message, key, signature) }
  }
  const [, ed] = EDDSA.exec(hex) ?? []
  const bare = ed === undefined ? null : Buffer.from(ed, 'hex')
  if (bare === null || !isEd25519Key(bare)) return null
  return { bare, verify: (message, signature) => verifyEd25519(bare, message, signature) }
}

const LOW_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** box.md §1. */
export const isBoxKey = (bytes) =>
  bytes.length === 32 && littleEndian(bytes) < P && !LOW_ORDER.has(bytes.toString('hex'))

/** A key id: the digest of a key's bytes as they stand in the roster. @param text - base64url. */
export const keyId = (text) => digest(fromText(text))
