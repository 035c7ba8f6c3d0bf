import { encodeFrame } from '../../../shared/carriers/frame.ts'
import { jcs } from '../../../shared/jcs.ts'
import type { CloseReason } from '../exchange.ts'
import {
  encodeMessage,
  FRAME,
  FRAME_LIMITS,
  MAX_IDS,
  MAX_WANTED,
  type MailboxHint,
  type Message,
  VERSIONS,
} from '../messages.ts'
import { SUMMARY_BYTES } from '../reconcile.ts'
import { idOf, ORGANIZATION } from './people.ts'

/** What a member's app may say that is not so, one lie at a time, and what comes of it. */
export interface Lie {
  readonly about: string
  readonly bytes: Uint8Array
  /** Why the connection ends; null: it stays, and the lie changes nothing. */
  readonly ends: CloseReason | null
}

type Fields = Readonly<Record<string, unknown>>

/** Messages in JSON, each with values that fit. */
export const JSON_MESSAGES: Readonly<
  Record<'hello' | 'witness' | 'witnessed' | 'ping' | 'pong' | 'bye' | 'mailbox', Fields>
> = {
  hello: {
    clock: 1,
    connected: false,
    connection: 0,
    organization: ORGANIZATION,
    run: Buffer.alloc(16, 1).toString('base64url'),
    versions: [...VERSIONS],
  },
  witness: { from: 0, id: 0, note: 'n', proof: [idOf('h')] },
  witnessed: { cosigned: 'n', id: 0 },
  ping: { sent: 1 },
  pong: { clock: 1, sent: 1 },
  bye: { reason: 'stopped' },
  mailbox: mailbox(1),
}

/** Where, and by which key, an app would be found while it is locked; each number is another key and port. */
function mailbox(at: number): MailboxHint {
  const key = Buffer.alloc(65, 4)
  key.writeUInt16BE(at, 1)
  return { key: key.toString('base64url'), port: at, proof: Buffer.alloc(64).toString('base64url') }
}

const OF_NO_TYPE: readonly unknown[] = [null, true, -1, 0.5, 1e300, '', 'ü', [], {}, [null], 'x'.repeat(300)]

/** For each field values that no message may have there; the few that it may have are left out. */
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  'hello.connected': (value) => value === true,
  'witness.note': (value) => typeof value === 'string' && value !== '',
  'witness.proof': (value) => Array.isArray(value) && value.length === 0,
  'witnessed.cosigned': (value) => typeof value === 'string' && value !== '',
}

/** Every field of a message in JSON missing, and of every type and range that it may not be of; and one field too many. */
export function liesInJson(type: keyof typeof JSON_MESSAGES): Lie[] {
  const fields = JSON_MESSAGES[type]
  const lie = (about: string, said: Fields): Lie => {
    const payload = Buffer.from(JSON.stringify(sorted(said)))
    const ends = payload.length > (FRAME_LIMITS.get(FRAME[type]) ?? 0) ? 'too-large' : 'malformed'
    return { about: `${type} ${about}`, bytes: encodeFrame(FRAME[type], payload), ends }
  }
  const wrong = Object.keys(fields).flatMap((field) => [
    lie(`without ${field}`, Object.fromEntries(Object.entries(fields).filter(([key]) => key !== field))),
    ...OF_NO_TYPE.filter((value) => FITS[`${type}.${field}`]?.(value) !== true).map((value) =>
      lie(`whose ${field} is ${JSON.stringify(value).slice(0, 12)}`, { ...fields, [field]: value }),
    ),
  ])
  const spaced = JSON.stringify(sorted(fields)).replace(':', ': ')
  const text = new TextDecoder().decode(jcs(fields))
  return [
    ...wrong,
    lie('with one field more', { ...fields, zeal: 1 }),
    ...(type === 'witnessed' ? [lie('that both gives and refuses', { ...fields, refused: 'fork' })] : []),
    { about: `${type} that is not canonical`, bytes: raw(type, spaced), ends: 'malformed' },
    { about: `${type} with a byte order mark`, bytes: raw(type, `\ufeff${text}`), ends: 'malformed' },
    { about: `${type} that is cut off`, bytes: raw(type, text.slice(0, -1)), ends: 'malformed' },
    { about: `${type} that is no JSON`, bytes: raw(type, 'GET /'), ends: 'malformed' },
    { about: `${type} that is empty`, bytes: raw(type, ''), ends: 'malformed' },
  ]
}

const raw = (type: keyof typeof FRAME, payload: string | Uint8Array) =>
  encodeFrame(FRAME[type], Buffer.from(payload as string))
const sorted = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))
const message = (about: string, said: Message, ends: CloseReason | null = null): Lie => ({
  about,
  bytes: encodeMessage(said),
  ends,
})
const times = (count: number, bytes: (at: number) => Uint8Array) =>
  Buffer.concat(Array.from({ length: count }, (_, at) => bytes(at)))

/** A header that promises more than its type may have; nothing follows. */
const TOO_LARGE: readonly Lie[] = Object.entries(FRAME).map(([name, type]) => {
  const header = Buffer.alloc(5)
  header.writeUInt32BE((FRAME_LIMITS.get(type) ?? 0) + 1)
  header.writeUInt8(type, 4)
  return { about: `${name} one byte longer than it may be`, bytes: header, ends: 'too-large' }
})

const unknown = (count: number, of: string) => Array.from({ length: count }, (_, at) => idOf(`${of} ${at}`))
const HALF_AN_ID = Buffer.alloc(33)
const IN_BYTES = ['have', 'want', 'blobsWanted'] as const

/** What is said in bytes, and what is well said and not so. `kept` is a statement that the app has. */
export function liesInBytes(kept: string): Lie[] {
  const keptId = idOf(kept)
  return [
    ...TOO_LARGE,
    ...[0, 17, 200, 255].map(
      (type): Lie => ({
        about: `a frame of type ${type}`,
        bytes: encodeFrame(type, Buffer.alloc(1)),
        ends: 'malformed',
      }),
    ),
    ...IN_BYTES.map(
      (type): Lie => ({ about: `${type} of half an id`, bytes: raw(type, HALF_AN_ID), ends: 'malformed' }),
    ),
    ...[0, SUMMARY_BYTES - 1].map(
      (length): Lie => ({
        about: `a summary of ${length} bytes`,
        bytes: raw('summary', Buffer.alloc(length)),
        ends: 'malformed',
      }),
    ),
    ...[0, 31, 32].map(
      (length): Lie => ({
        about: `a statement of ${length} bytes`,
        bytes: raw('statement', Buffer.alloc(length)),
        ends: 'malformed',
      }),
    ),
    { about: 'a note that is not UTF-8', bytes: raw('note', Buffer.from([0xff])), ends: 'malformed' },
    { about: 'a second hello', bytes: raw('hello', jcs(JSON_MESSAGES.hello)), ends: 'malformed' },
    message('a bye', { type: 'bye', reason: 'flood' }, 'closed-by-peer'),
    message('a bye that claims another connection', { type: 'bye', reason: 'duplicate' }, 'duplicate'),
    message('a statement under the id of another', statement('lie', idOf('other')), 'malformed'),
    // Well said, and not so.
    message('a summary of what it does not have', { type: 'summary', summary: Buffer.alloc(SUMMARY_BYTES, 7) }),
    message('that it has what it will not give', { type: 'have', ids: unknown(MAX_IDS, 'never') }),
    message('that it has what is here', { type: 'have', ids: [keptId, keptId] }),
    message('that that was all', { type: 'have', ids: [] }),
    message('that it wants what nobody has', { type: 'want', ids: unknown(MAX_WANTED, 'nobody') }),
    message('that it wants nothing', { type: 'want', ids: [] }),
    message('that it wants blobs that it may not have', { type: 'blobsWanted', ids: unknown(MAX_IDS, 'blob') }),
    message('a statement that is refused', statement('refused: a lie')),
    message('a statement that is here, over another’s id', statement(kept, keptId)),
    message('a blob that nobody wants', { type: 'blob', blob: Buffer.from('a lie') }),
    message('an empty blob', { type: 'blob', blob: Buffer.alloc(0) }),
    message('a cosignature that nobody asked for', { type: 'witnessed', witnessed: { id: 0, cosigned: 'a lie' } }),
    message('a refusal that nobody asked for', { type: 'witnessed', witnessed: { id: 0, refused: 'fork', last: 'n' } }),
    message('an answer to a ping that was never sent', { type: 'pong', clock: 4e12, sent: 4e12 }),
    message('that it is found while locked where nobody listens', { type: 'mailbox', mailbox: mailbox(1) }),
    // Only a locked app takes mail, and keeps it.
    message('mail', { type: 'mail', id: keptId, urgent: true, box: Buffer.alloc(100) }, 'malformed'),
    message('that it keeps mail', { type: 'mailed', id: keptId }, 'malformed'),
    ...[0, 32, 80].map(
      (length): Lie => ({
        about: `mail of ${length} bytes`,
        bytes: raw('mail', Buffer.alloc(length)),
        ends: 'malformed',
      }),
    ),
    { about: 'that it keeps less than an id', bytes: raw('mailed', Buffer.alloc(31)), ends: 'malformed' },
    // Again and again. The first of those that nobody invited: the others find little left of what it may say.
    {
      about: 'one mailbox after the other',
      bytes: times(3000, (at) => encodeMessage({ type: 'mailbox', mailbox: mailbox(2 + at) })),
      ends: 'flood',
    },
    { about: 'one statement again and again', bytes: again({ ...statement(kept, keptId) }, 3000), ends: 'flood' },
    {
      about: 'summaries without end',
      bytes: again({ type: 'summary', summary: Buffer.alloc(SUMMARY_BYTES) }, 200),
      ends: 'flood',
    },
    { about: 'pings without end', bytes: again({ type: 'ping', sent: 1 }, 3000), ends: 'flood' },
    {
      about: 'wishes for blobs without end',
      bytes: again({ type: 'blobsWanted', ids: [keptId] }, 3000),
      ends: 'flood',
    },
    {
      about: 'wishes without end for what nobody has',
      bytes: times(3000, (at) => encodeMessage({ type: 'want', ids: [keptId, ...unknown(2, `made up ${at}`)] })),
      ends: 'flood',
    },
    {
      about: 'witness requests without end',
      bytes: times(2000, (id) => encodeMessage({ type: 'witness', witness: { from: 0, id, note: 'n', proof: [] } })),
      ends: 'flood',
    },
    { about: 'one note again and again', bytes: again({ type: 'note', note: 'a lie' }, 3000), ends: null },
  ]
}

const again = (said: Message, count: number) => times(count, () => encodeMessage(said))

function statement(text: string, id = idOf(text)): Message {
  return { type: 'statement', id, envelope: Buffer.from(text) }
}
