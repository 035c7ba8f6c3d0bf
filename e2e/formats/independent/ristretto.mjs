import { createHash } from 'node:crypto'
import { fromText } from './bytes.mjs'

// sharing.md §3 and §6, with ristretto255 of RFC 9496 §4: enough to check a custody proof.

const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const D = mod(-121665n * power(121666n, P - 2n))
const SQRT_M1 = power(2n, (P - 1n) / 4n)
const IDENTITY = [0n, 1n, 1n, 0n]

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
const isNegative = (value) => (value & 1n) === 1n
const absolute = (value) => (isNegative(value) ? mod(-value) : value)

/** 1 / sqrt(value), or null if there is none (RFC 9496 §4.2). */
function inverseRoot(value) {
  const cube = mod(value * value * value)
  let root = mod(cube * power(mod(cube * cube * value), (P - 5n) / 8n))
  const check = mod(value * root * root)
  const isFlipped = check === P - 1n
  if (isFlipped || check === mod(-SQRT_M1)) root = mod(root * SQRT_M1)
  return check === 1n || isFlipped ? absolute(root) : null
}

/** The point of a canonical encoding in extended coordinates, or null (RFC 9496 §4.3.1). */
function decode(bytes) {
  if (bytes?.length !== 32) return null
  const s = littleEndian(bytes)
  if (s >= P || isNegative(s)) return null
  const square = mod(s * s)
  const [less, more] = [mod(1n - square), mod(1n + square)]
  const v = mod(-D * less * less - more * more)
  const root = inverseRoot(mod(v * more * more))
  if (root === null) return null
  const denominator = mod(root * more)
  const x = absolute(mod(2n * s * denominator))
  const y = mod(less * root * denominator * v)
  const t = mod(x * y)
  return isNegative(t) || y === 0n ? null : [x, y, 1n, t]
}

function add([x, y, z, t], [x2, y2, z2, t2]) {
  const a = (y - x) * (y2 - x2)
  const b = (y + x) * (y2 + x2)
  const c = 2n * D * t * t2
  const d = 2n * z * z2
  const [e, f, g, h] = [mod(b - a), mod(d - c), mod(d + c), mod(b + a)]
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)]
}

function times(point, scalar) {
  let result = IDENTITY
  for (let rest = scalar, doubled = point; rest > 0n; rest >>= 1n, doubled = add(doubled, doubled))
    if (rest & 1n) result = add(result, doubled)
  return result
}

const GENERATOR = decode(Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex'))

/** RFC 9496 §4.3.3. */
const isEqual = ([x, y], [x2, y2]) => mod(x * y2) === mod(y * x2) || mod(y * y2) === mod(x * x2)

const decoded = new Map()

/** The point of base64url, or null if that is none or the identity. */
function pointOf(text) {
  if (!decoded.has(text)) {
    const point = decode(fromText(text))
    decoded.set(text, point === null || isEqual(point, IDENTITY) ? null : point)
  }
  return decoded.get(text)
}

const judged = new Map()

/**
 * sharing.md §6: whether a proof was made with the share of that index.
 *
 * @param commitments - points in base64url, as the deposit's header has them.
 * @param message - the bytes that the proof is over.
 */
export function isCustodyProof(commitments, custodians, index, message, proof) {
  // Several files of one history have the same proofs.
  const name = JSON.stringify([commitments, custodians, index, message.toString('hex'), proof])
  if (!judged.has(name)) judged.set(name, isProof(commitments, custodians, index, message, proof))
  return judged.get(name)
}

function isProof(commitments, custodians, index, message, proof) {
  const points = commitments.map(pointOf)
  const fits = points.length >= 2 && points.length <= custodians && custodians <= 15
  if (!fits || points.includes(null) || index < 1 || index > custodians) return false
  const share = points.reduceRight((sum, point) => add(times(sum, BigInt(index)), point), IDENTITY)
  const bytes = fromText(proof)
  const nonce = pointOf(bytes?.subarray(0, 32).toString('base64url'))
  const z = bytes?.length === 64 ? littleEndian(bytes.subarray(32)) : L
  if (nonce === null || z >= L) return false
  const hash = createHash('sha512').update('FROST-RISTRETTO255-SHA512-v1chal')
  hash.update(bytes.subarray(0, 32)).update(encode(share)).update(message)
  const c = littleEndian(hash.digest()) % L
  return isEqual(times(GENERATOR, z), add(nonce, times(share, c)))
}

/** RFC 9496 §4.3.2. */
function encode([x0, y0, z0, t0]) {
  const u1 = mod((z0 + y0) * (z0 - y0))
  const u2 = mod(x0 * y0)
  const root = inverseRoot(mod(u1 * u2 * u2)) ?? 0n
  const [den1, den2] = [mod(root * u1), mod(root * u2)]
  const inverse = mod(den1 * den2 * t0)
  const isRotated = isNegative(mod(t0 * inverse))
  // 1 / sqrt(a - d), a = -1.
  const magic = inverseRoot(mod(-1n - D))
  const x = isRotated ? mod(y0 * SQRT_M1) : x0
  let y = isRotated ? mod(x0 * SQRT_M1) : y0
  const denominator = isRotated ? mod(den1 * magic) : den2
  if (isNegative(mod(x * inverse))) y = mod(-y)
  const s = absolute(mod(denominator * (z0 - y)))
  return Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()
}
