import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, type Digest, fromBase64Url, toBase64Url, type UnixMilliseconds } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { jcs } from '../jcs.ts'

const DAY_MS = 86_400_000
/** How long a broker is asked to keep what nobody fetched. */
export const KEPT_DAYS = 7
/** Subjects of all lanes: this, and one token. */
const SUBJECT_PREFIX = 'lockbox.'

/** The lengths that messages have before they are sealed; a broker sees which of these. */
export const RELAY_CLASSES = [1024, 4096, 16_384, 65_536] as const
/** Bytes before the body: length, when it was sent, kind. */
const HEAD_BYTES = 4 + 8 + 1
/** Most bytes of a body. */
export const MAX_RELAY_BODY = 65_536 - HEAD_BYTES

const BUCKETS = 256
const SALT_BYTES = 8
const HASH_BYTES = 3
const SUMMARY_BYTES = SALT_BYTES + BUCKETS * HASH_BYTES
const PREFIX_BYTES = 8
const HAVE_HEAD_BYTES = 1 + BUCKETS / 8
/** Most ids of one `have`. */
export const MOST_IN_HAVE = Math.floor((MAX_RELAY_BODY - HAVE_HEAD_BYTES) / PREFIX_BYTES)
/** Most blobs that one message asks for. */
export const MOST_BLOBS_WANTED = 256

export type RelayErrorCode = 'malformed'
/** What was sealed to this device is no message. Says nothing about what a pack or JSON in it holds. */
export class RelayError extends LockboxError<RelayErrorCode> {}

/** What one device says to another by relay (docs/formats/relay.md §2). Nothing in it is verified. */
export type RelayContent =
  | { readonly kind: 'pack'; readonly pack: Uint8Array }
  /** As {@link relaySummary} gives it. */
  | { readonly kind: 'summary'; readonly summary: Uint8Array }
  | {
      readonly kind: 'have'
      /** Whether this is an answer to a `have`, which is not answered by another. */
      readonly last: boolean
      /** First bytes of ids, ascending. */
      readonly buckets: readonly number[]
      /** The first 8 bytes of each id in these buckets, base64url. */
      readonly prefixes: ReadonlySet<string>
    }
  | { readonly kind: 'blobs-wanted'; readonly blobs: readonly Digest[] }
  /** As on the LAN (docs/formats/lan.md §3). */
  | { readonly kind: 'witness' | 'witnessed'; readonly json: Uint8Array }

/** A message that was opened. */
export interface RelayMessage {
  /** When, by the sender's clock. */
  readonly sent: UnixMilliseconds
  readonly content: RelayContent
}

const KINDS = ['pack', 'summary', 'have', 'blobs-wanted', 'witness', 'witnessed'] as const

/** The day of a lane. */
export function dayOf(time: UnixMilliseconds): number {
  return Math.floor(time / DAY_MS)
}

/** The days whose lanes are read at a time, today's first: clocks differ, and people are away. */
export function daysToRead(time: UnixMilliseconds): readonly number[] {
  const today = dayOf(time)
  return [today, today + 1, ...Array.from({ length: KEPT_DAYS }, (_, ago) => today - 1 - ago)].filter((day) => day >= 0)
}

/**
 * The subject under which one device leaves messages for another on a day (docs/formats/relay.md §1).
 *
 * @param pair - what only these two know, as `pairKey` gives it.
 */
export function laneSubject(pair: Uint8Array, lane: { from: Digest; to: Digest; day: number }): string {
  const { from, to, day } = lane
  const token = hmac(sha256, pair, jcs({ day, from, purpose: 'lockbox/relay-lane/v1', to }))
  return `${SUBJECT_PREFIX}${toBase64Url(token.subarray(0, 16))}`
}

/** Whether bytes can be a message at all: of one of the lengths that messages have. @param overhead - what sealing adds. */
export function hasRelayLength({ length }: Uint8Array, overhead: number): boolean {
  return RELAY_CLASSES.some((size) => length === size + overhead)
}

/**
 * The bytes that are sealed, padded to the least of {@link RELAY_CLASSES}.
 *
 * @throws {TypeError} for a body that is too long: our own code made it.
 */
export function encodeRelay({ sent, content }: RelayMessage): Uint8Array<ArrayBuffer> {
  const body = bodyOf(content)
  const size = RELAY_CLASSES.find((one) => one >= HEAD_BYTES + body.length)
  if (size === undefined) throw new TypeError(`expected a body of at most ${MAX_RELAY_BODY} bytes, got ${body.length}`)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, HEAD_BYTES - 4 + body.length)
  view.setBigUint64(4, BigInt(sent))
  view.setUint8(12, KINDS.indexOf(content.kind) + 1)
  bytes.set(body, HEAD_BYTES)
  return bytes
}

/** Reads what {@link encodeRelay} wrote. @throws {RelayError} `malformed`. */
export function decodeRelay(bytes: Uint8Array): RelayMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!RELAY_CLASSES.some((size) => size === bytes.length)) throw malformed('a length that messages have')
  const end = 4 + view.getUint32(0)
  const isLeast = RELAY_CLASSES.every((size) => size >= bytes.length || size < end)
  if (end < HEAD_BYTES || end > bytes.length || !isLeast) throw malformed('the length that it says')
  if (bytes.subarray(end).some((byte) => byte !== 0)) throw malformed('zeros behind its end')
  const sent = view.getBigUint64(4)
  if (sent > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('a time')
  return { sent: Number(sent), content: contentOf(view.getUint8(12), bytes.slice(HEAD_BYTES, end)) }
}

function bodyOf(content: RelayContent): Uint8Array {
  switch (content.kind) {
    case 'pack':
      return content.pack
    case 'summary':
      return content.summary
    case 'have': {
      const buckets = new Uint8Array(BUCKETS / 8)
      for (const bucket of content.buckets)
        buckets[bucket >> 3] = (buckets[bucket >> 3] as number) | (1 << (bucket & 7))
      const prefixes = [...content.prefixes].map(fromBase64Url).toSorted(compare)
      return concat(Uint8Array.of(content.last ? 1 : 0), buckets, ...prefixes)
    }
    case 'blobs-wanted':
      return concat(...content.blobs.map(fromBase64Url))
    case 'witness':
    case 'witnessed':
      return content.json
  }
}

function contentOf(code: number, body: Uint8Array): RelayContent {
  const kind = KINDS[code - 1]
  switch (kind) {
    case 'pack':
      return { kind, pack: body }
    case 'summary':
      if (body.length !== SUMMARY_BYTES) throw malformed(`${SUMMARY_BYTES} bytes of a summary`)
      return { kind, summary: body }
    case 'have':
      return haveIn(body)
    case 'blobs-wanted': {
      const blobs = piecesOf(body, 32)
      if (blobs.length === 0 || blobs.length > MOST_BLOBS_WANTED) throw malformed('some ids of blobs')
      return { kind, blobs: blobs.map(toBase64Url) }
    }
    case 'witness':
    case 'witnessed':
      return { kind, json: body }
    default:
      throw malformed('a kind that is known')
  }
}

function haveIn(body: Uint8Array): RelayContent {
  const [last, buckets] = [body[0], body.subarray(1, HAVE_HEAD_BYTES)]
  if (body.length < HAVE_HEAD_BYTES || last === undefined || last > 1) throw malformed('the head of a list of ids')
  const isIn = (bucket: number) => (((buckets[bucket >> 3] as number) >> (bucket & 7)) & 1) === 1
  const prefixes = piecesOf(body.subarray(HAVE_HEAD_BYTES), PREFIX_BYTES)
  for (const [at, one] of prefixes.entries()) {
    const before = prefixes[at - 1]
    if (!isIn(one[0] as number) || (before !== undefined && compare(before, one) >= 0))
      throw malformed('ids in order, of the buckets that it names')
  }
  return {
    kind: 'have',
    last: last === 1,
    buckets: Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter(isIn),
    prefixes: new Set(prefixes.map(toBase64Url)),
  }
}

function piecesOf(bytes: Uint8Array, size: number): Uint8Array[] {
  if (bytes.length % size !== 0) throw malformed(`pieces of ${size} bytes`)
  return Array.from({ length: bytes.length / size }, (_, at) => bytes.slice(at * size, (at + 1) * size))
}

/** How an id stands in a `have`. */
export function idPrefix(id: Digest): string {
  return toBase64Url(fromBase64Url(id).subarray(0, PREFIX_BYTES))
}

/** Ids by their first byte, each bucket ascending. */
function bucketsOf(ids: readonly Digest[]): Uint8Array[][] {
  const buckets = Array.from({ length: BUCKETS }, (): Uint8Array[] => [])
  for (const id of ids) {
    const bytes = fromBase64Url(id)
    buckets[bytes[0] as number]?.push(bytes)
  }
  for (const bucket of buckets) bucket.sort(compare)
  return buckets
}

/**
 * What a set of ids comes to, so that another can be compared with it.
 *
 * @param salt - 8 random bytes, new each time: hashes that agree by chance do so once.
 */
export function relaySummary(ids: readonly Digest[], salt: Uint8Array): Uint8Array<ArrayBuffer> {
  if (salt.length !== SALT_BYTES) throw new TypeError(`expected a salt of ${SALT_BYTES} bytes`)
  const hashes = bucketsOf(ids).map((bucket) => sha256(concat(salt, ...bucket)).subarray(0, HASH_BYTES))
  return concat(salt, ...hashes)
}

/** The buckets in which a set of ids differs from what another's summary says. */
export function bucketsThatDiffer(ids: readonly Digest[], summary: Uint8Array): number[] {
  const own = relaySummary(ids, summary.subarray(0, SALT_BYTES))
  return Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter((bucket) => {
    const at = SALT_BYTES + bucket * HASH_BYTES
    return compare(own.subarray(at, at + HASH_BYTES), summary.subarray(at, at + HASH_BYTES)) !== 0
  })
}

/** The own ids in some buckets, for a `have`: as many of the buckets, from the first, as one message holds. */
export function relayHave(ids: readonly Digest[], among: readonly number[], last: boolean): RelayContent {
  const all = bucketsOf(ids)
  const buckets: number[] = []
  const prefixes = new Set<string>()
  for (const bucket of among) {
    const added = (all[bucket] ?? []).map((bytes) => toBase64Url(bytes.subarray(0, PREFIX_BYTES)))
    if (prefixes.size + added.length > MOST_IN_HAVE) break
    buckets.push(bucket)
    for (const prefix of added) prefixes.add(prefix)
  }
  return { kind: 'have', last, buckets, prefixes }
}

/** Our ids in the buckets of another's `have` that it does not list, in the order given; and whether it lists one that is not ours. */
export function comparedWith(
  ids: readonly Digest[],
  { buckets, prefixes }: Extract<RelayContent, { kind: 'have' }>,
): { readonly lacking: readonly Digest[]; readonly hasMore: boolean } {
  const among = new Set(buckets)
  const ours = ids.filter((id) => among.has(fromBase64Url(id)[0] as number)).map((id) => [id, idPrefix(id)] as const)
  const known = new Set(ours.map(([, prefix]) => prefix))
  return {
    lacking: ours.filter(([, prefix]) => !prefixes.has(prefix)).map(([id]) => id),
    hasMore: [...prefixes].some((prefix) => !known.has(prefix)),
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index])
  return at < 0 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1)
}

function malformed(expected: string): RelayError {
  return new RelayError('malformed', `expected ${expected} in a message that came by relay`)
}
