import { ristretto255, ristretto255_FROST } from '@noble/curves/ed25519.js'
import { equalBytes } from '../bytes.ts'
import { SecretsError } from './errors.ts'
import { lendRandom, type Random } from './random.ts'

/** Bytes of a scalar: the secret, a share. */
export const SCALAR_LENGTH = 32
/** Bytes of a point: a commitment, a verifying share. */
const POINT_LENGTH = 32
/** Most custodians of one generation. */
const MAX_MEMBERS = 15

/** M of N, 2 ≤ threshold ≤ members ≤ 15: what the plan says, never what a dealing says of itself. */
export type Threshold = { readonly threshold: number; readonly members: number }

/** What everybody may know of a dealing: the commitments to the polynomial's coefficients; the first is s·G. */
export type PublicDealing = Threshold & { readonly commitments: readonly Uint8Array[] }

/** One custodian's part: the index (1..N) and a canonical scalar of 32 bytes, little-endian. */
export type Share = { readonly index: number; readonly share: Uint8Array }

/** What a dealer holds for a moment. The secret and the shares are the caller's to wipe: {@link wipeDealing}. */
export type Dealing = { readonly secret: Uint8Array; readonly commitments: Uint8Array[]; readonly shares: Share[] }

/**
 * Deals a fresh random scalar: Feldman's verifiable sharing as in RFC 9591, appendix C. Format: docs/formats/sharing.md.
 *
 * @returns the secret scalar (32 bytes), M commitments, and the N shares in the order of their index.
 * @throws {SecretsError} `threshold-refused`.
 */
export function deal({ threshold, members }: Threshold, random: Random): Dealing {
  checkThreshold({ threshold, members })
  return lendRandom(random, (lent) => {
    const secret = ristretto255_FROST.utils.randomScalar(lent)
    try {
      const dealt = ristretto255_FROST.trustedDealer({ min: threshold, max: members }, undefined, secret, lent)
      const shares = Array.from({ length: members }, (_, at) => shareOf(dealt.secretShares, at + 1))
      return { secret, commitments: dealt.public.commitments, shares }
    } catch (error) {
      secret.fill(0)
      throw error
    }
  })
}

/** Overwrites the secret and every share of a dealing with zeros. */
export function wipeDealing(dealing: Dealing): void {
  dealing.secret.fill(0)
  for (const { share } of dealing.shares) share.fill(0)
}

/**
 * Checks what the library does not: that there are exactly M commitments, so that the polynomial has the degree the plan
 * asks for and not a lower one that fewer people could solve; each a canonical point other than the identity.
 *
 * @throws {SecretsError} `share-wrong-degree`, `commitments-malformed`.
 */
export function checkCommitments(commitments: readonly Uint8Array[], threshold: number): void {
  if (commitments.length !== threshold)
    throw new SecretsError(
      'share-wrong-degree',
      `expected ${threshold} commitments for a threshold of ${threshold}, got ${commitments.length}`,
    )
  parseCommitments(commitments)
}

/**
 * The public counterpart of a share, recomputed from the commitments: Σ Cⱼ·indexʲ, which is share·G.
 *
 * @returns a canonical point, 32 bytes.
 * @throws {SecretsError} `share-wrong-index` outside 1..15, `commitments-malformed` (also if the point is the identity).
 */
export function verifyingShare(commitments: readonly Uint8Array[], index: number): Uint8Array {
  checkIndex(index, MAX_MEMBERS)
  const point = sumAt(parseCommitments(commitments), index)
  if (point.is0()) throw new SecretsError('commitments-malformed', `the commitments give index ${index} an empty share`)
  return point.toBytes()
}

/**
 * Checks one share against the dealing: threshold, degree, commitments, index, and share·G as the commitments say.
 * Whose index it is, the caller knows from the deposit.
 *
 * @throws {SecretsError} `threshold-refused`, `share-wrong-degree`, `commitments-malformed`; with `index` set:
 *   `share-wrong-index`, `share-invalid`.
 */
export function verifyShare({ index, share, ...dealing }: Share & PublicDealing): void {
  checkDealing(dealing)
  checkIndex(index, dealing.members)
  const expected = sumAt(parseCommitments(dealing.commitments), index)
  try {
    // As `validateSecret` of the library does, which reads every commitment anew for each share. Zero is refused by `multiply`.
    const { Point } = ristretto255
    if (!Point.BASE.multiply(Point.Fn.fromBytes(share)).equals(expected)) throw new TypeError('another point')
  } catch (cause) {
    throw new SecretsError('share-invalid', `the share of index ${index} does not fit the commitments`, {
      index,
      cause,
    })
  }
}

/**
 * Gives back the secret from exactly M shares, each checked first, so that a bad one is named and not mixed in.
 *
 * @param shares - M of them, in any order; they stay the caller's to wipe.
 * @returns the secret scalar (32 bytes) with s·G equal to commitment 0; the caller's to wipe.
 * @throws {SecretsError} as {@link verifyShare}; `share-count`; `share-wrong-index` for an index that comes twice.
 */
export function combine(shares: readonly Share[], dealing: PublicDealing): Uint8Array {
  checkDealing(dealing)
  const { threshold, commitments } = dealing
  if (shares.length !== threshold)
    throw new SecretsError('share-count', `expected exactly ${threshold} shares, got ${shares.length}`)
  const seen = new Set<number>()
  for (const share of shares) {
    verifyShare({ ...share, ...dealing })
    if (seen.has(share.index))
      throw new SecretsError('share-wrong-index', `the share of index ${share.index} came twice`, {
        index: share.index,
      })
    seen.add(share.index)
  }
  const secret = ristretto255_FROST.combineSecret(
    shares.map(({ index, share }) => ({
      identifier: ristretto255_FROST.Identifier.fromNumber(index),
      signingShare: share,
    })),
    signersOf(dealing),
  )
  return checkedSecret(secret, commitments)
}

/**
 * Checks M and N.
 *
 * @throws {SecretsError} `threshold-refused` unless 2 ≤ threshold ≤ members ≤ 15, both whole.
 */
function checkThreshold({ threshold, members }: Threshold): void {
  const whole = Number.isSafeInteger(threshold) && Number.isSafeInteger(members)
  if (!whole || threshold < 2 || threshold > members || members > MAX_MEMBERS)
    throw new SecretsError(
      'threshold-refused',
      `expected a threshold of at least 2 among at most ${MAX_MEMBERS} members, got ${threshold} of ${members}`,
    )
}

/**
 * Checks all of a dealing that is public.
 *
 * @throws {SecretsError} `threshold-refused`, `share-wrong-degree`, `commitments-malformed`.
 */
export function checkDealing(dealing: PublicDealing): void {
  checkThreshold(dealing)
  checkCommitments(dealing.commitments, dealing.threshold)
}

/**
 * Checks that an index is one of 1..N.
 *
 * @throws {SecretsError} `share-wrong-index`.
 */
export function checkIndex(index: number, members: number): void {
  if (!Number.isSafeInteger(index) || index < 1 || index > members)
    throw new SecretsError('share-wrong-index', `expected an index of 1 to ${members}, got ${index}`, { index })
}

function signersOf({ threshold, members }: Threshold): { min: number; max: number } {
  return { min: threshold, max: members }
}

function shareOf(shares: Readonly<Record<string, { signingShare: Uint8Array }>>, index: number): Share {
  const dealt = shares[ristretto255_FROST.Identifier.fromNumber(index)]
  if (dealt === undefined) throw new TypeError(`the library dealt no share to index ${index}`)
  return { index, share: dealt.signingShare }
}

type Point = InstanceType<typeof ristretto255.Point>

/** The commitments that were read last, as bytes and as points: all shares of an attempt are checked against the same ones. */
let readLast: { readonly bytes: readonly Uint8Array[]; readonly points: readonly Point[] } | null = null

function parseCommitments(commitments: readonly Uint8Array[]): readonly Point[] {
  const { bytes, points } = readLast ?? { bytes: [], points: [] }
  const areSame = bytes.length === commitments.length && bytes.every((one, at) => isSame(one, commitments[at]))
  if (areSame) return points
  const read = { bytes: commitments.map((one) => Uint8Array.from(one)), points: commitments.map(parseCommitment) }
  readLast = read
  return read.points
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && equalBytes(one, other)
}

function parseCommitment(bytes: Uint8Array, at: number): Point {
  try {
    if (bytes.length !== POINT_LENGTH) throw new TypeError('wrong length')
    const point = ristretto255.Point.fromBytes(bytes)
    if (point.is0()) throw new TypeError('identity')
    return point
  } catch (cause) {
    throw new SecretsError('commitments-malformed', `commitment ${at} is not a canonical point`, { cause })
  }
}

/** Σ Cⱼ·indexʲ by Horner's rule; all of it is public, so variable time is fine. */
function sumAt(points: readonly Point[], index: number): Point {
  return points.reduceRight((sum, point) => sum.multiplyUnsafe(BigInt(index)).add(point), ristretto255.Point.ZERO)
}

function checkedSecret(secret: Uint8Array, commitments: readonly Uint8Array[]): Uint8Array {
  try {
    const { Point } = ristretto255
    const point = Point.BASE.multiply(Point.Fn.fromBytes(secret)).toBytes()
    if (commitments[0] !== undefined && equalBytes(point, commitments[0])) return secret
    throw new SecretsError('share-invalid', 'the combined secret does not fit commitment 0')
  } catch (error) {
    secret.fill(0)
    throw error
  }
}
