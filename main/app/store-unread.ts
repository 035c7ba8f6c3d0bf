import { concat, type Digest, fromBase64Url, fromUtf8, toBase64Url } from '../../shared/bytes.ts'
import { leafHash } from '../../shared/ledger/merkle.ts'
import { TYPE_PREFIX } from '../../shared/statements/encoding.ts'
import { digestField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import { sha256 } from '../sha256.ts'
import { lineFrom } from '../text.ts'
import type { JournalRecord } from '../vault/journal.ts'
import { readHeard } from './arrivals.ts'
import type { Stub } from './stub.ts'

const outerField = z.object({ payload: z.string(), payloadType: z.string() })
const placeField = z.object({ device: digestField, previous: digestField.nullable(), sequence: z.int().min(0) })
const consentField = z.object({ of: digestField })
/** The most that is shown of why, in UTF-16 units. */
const MOST_SAID = 300
/** How the types of a roster and of a consent begin, be they of a version that is not known here. */
const ROSTER = `${TYPE_PREFIX}roster`
const ENDORSEMENT = `${TYPE_PREFIX}endorsement`

/**
 * What is known of a record that this version of the door does not let in, though it is in the journal. It counts for nothing;
 * but its leaf stays in the ledger, and its place in its device's chain is not given out again.
 */
export interface Unread {
  /** The hash of its leaf in this device's ledger. */
  readonly leaf: Stub['leaf']
  /** Where it stands in its device's chain; null if even that cannot be read. */
  readonly place: Pick<Stub, 'device' | 'previous' | 'sequence'> | null
  /** What it says that it is, the `payloadType` of its envelope; null if that cannot be read. */
  readonly type: string | null
  /** What it consents to, if it is a consent; null if it names nothing. */
  readonly of: Digest | null
  /** Why the door does not let it in. */
  readonly because: string
}

/** What is left of a record of table `statement`. Never throws. */
export function unreadOf({ value }: JournalRecord, because: string): Unread {
  const envelope = envelopeIn(value)
  return { leaf: toBase64Url(leafHash(envelope, sha256)), because, ...saidIn(envelope) }
}

function envelopeIn(value: Uint8Array): Uint8Array {
  try {
    return readHeard(value).envelope
  } catch {
    return value
  }
}

function saidIn(envelope: Uint8Array): Pick<Unread, 'place' | 'type' | 'of'> {
  let type: string | null = null
  try {
    const outer = outerField.parse(JSON.parse(fromUtf8(envelope)))
    type = outer.payloadType
    const payload: unknown = JSON.parse(fromUtf8(fromBase64Url(outer.payload)))
    const place = placeField.safeParse(payload).data ?? null
    return { place, type, of: consentField.safeParse(payload).data?.of ?? null }
  } catch {
    return { place: null, type, of: null }
  }
}

/** What is told of all of them, and by what a decision to go on without them is known. */
export interface UnreadTold {
  readonly entries: number
  /** Why the door does not let the first one in. */
  readonly because: string
  /**
   * Whether their owner may go on without them: not where one may be a list of people or a consent to one, without which
   * this device would act on another list, nor where one may stand in a place of this device's own chain that nobody knows.
   */
  readonly mayGoOn: boolean
  /** SHA-256 of their ids, in the order of the ledger: docs/formats/journal.md §2.2. */
  readonly digest: Uint8Array
}

/**
 * What is told of these; null if there are none.
 *
 * @param kindOf - of what kind a statement is; undefined if it is not here.
 */
export function tellUnread(
  unread: ReadonlyMap<Digest, Unread>,
  kindOf: (id: Digest) => string | undefined,
): UnreadTold | null {
  const [first] = unread.values()
  if (first === undefined) return null
  return {
    entries: unread.size,
    because: lineFrom(first.because, MOST_SAID),
    mayGoOn: [...unread.values()].every((one) => one.place !== null && !mayDecidePeople(one, unread, kindOf)),
    digest: sha256(concat(...[...unread.keys()].map(fromBase64Url))),
  }
}

/** Whether it may say who is in the organization: a roster, or a consent to what is, or may be, one. */
function mayDecidePeople(
  { type, of }: Unread,
  unread: ReadonlyMap<Digest, Unread>,
  kindOf: (id: Digest) => string | undefined,
): boolean {
  if (mayBeRoster(type)) return true
  if (type?.startsWith(ENDORSEMENT) !== true) return false
  if (of === null) return true
  const kind = kindOf(of)
  return kind === undefined ? mayBeRoster(unread.get(of)?.type ?? null) : kind === 'roster'
}

const mayBeRoster = (type: string | null): boolean => type?.startsWith(ROSTER) ?? true
