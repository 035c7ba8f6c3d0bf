import { OUTCOMES } from './case/outcome.ts'
import { bytesField, digestField, groupField, lineField, nameField, roleField } from './statements/fields.ts'
import { planFields } from './statements/plan.ts'
import { MAX_PAYLOAD_BYTES } from './statements/sizes.ts'
import { MOST_COLUMNS, MOST_ROWS } from './terminal/asciicast.ts'
import { timelineEntry } from './views/case-views.ts'
import { id, personRef, text } from './views/fields.ts'
import * as z from './zod.ts'

// What the calls between main and window carry; the calls themselves: ipc.ts.

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes')
/** A file as the window read or will save it. */
export const file = z.strictObject({ name: z.string().max(128), bytes })

/** Whether it came as a text that somebody pasted. */
export const pasted = z.literal(true).exactOptional()

/** Of an outlet, or a broker of the relay. */
export const entryId = bytesField(8)

const rowField = z.strictObject({ label: z.string().max(128), value: z.string().max(16_000) })

/** A statement ready to be signed with the hardware key: what is shown is what is signed. */
export const draftView = z.strictObject({
  /** Names the draft in `sign.start`; main forgets it after 10 minutes. */
  draft: bytesField(16),
  kind: z.string().max(32),
  /** One sentence: what the touch does. */
  sentence: z.string().max(4000),
  /** The statement it names and answers, such as the request of an approval: what that says, whole; or null. */
  subject: z.strictObject({ title: z.string().max(256), rows: z.array(rowField) }).nullable(),
  /** Every field that the statement's kind has of its own, as label and value, whole. */
  rows: z.array(rowField),
  /** The fields that all statements have: who signs where, and the place in the record. */
  place: z.array(rowField),
  /** The payload that is signed, in its canonical form (RFC 8785). */
  text: z.string().max(MAX_PAYLOAD_BYTES),
  /** The statement's id, which the hardware key signs. */
  id: digestField,
})
export type DraftView = z.infer<typeof draftView>

/** The draft's place in the record was taken before the touch began: what is to be read and signed instead. */
export const movedDraft = z.strictObject({ kind: z.literal('moved'), draft: draftView })
export type MovedDraft = z.infer<typeof movedDraft>

/** A join card as somebody gave it. */
export const cardView = z.strictObject({
  digest: digestField,
  name: z.string(),
  contact: z.string(),
  deviceName: z.string(),
  roles: z.array(roleField),
  groups: z.array(groupField),
  keys: z.array(z.string()),
  /** Null for this app's own card. */
  mine: z.boolean(),
})
export type CardView = z.infer<typeof cardView>

/** A plan template: everything but people, credential and role. */
export const templateView = z.strictObject({
  emergency: z.string(),
  name: z.string(),
  says: z.string(),
  runbook: z.string(),
  scope: z.string(),
  sessionPolicy: z.string(),
  durations: z.array(z.int()),
  need: z.int(),
  groups: z.array(z.strictObject({ group: z.string(), count: z.int() })),
  veto: z.array(z.string()),
  requesters: z.strictObject({ says: z.string(), group: z.string().nullable() }),
  regions: z.array(z.string()),
})
export type TemplateView = z.infer<typeof templateView>

/** What an admin fills in; common fields, ids and the predecessor are main's. */
export const planForm = z.strictObject({
  /** The plan version this one replaces, or null for a new plan. */
  replaces: digestField.nullable(),
  name: planFields.name,
  emergencies: planFields.emergencies,
  runbook: planFields.runbook,
  /** Null makes a new credential of this name. */
  credential: z.strictObject({ credential: nameField.nullable(), name: lineField(64) }),
  access: planFields.access,
  requesters: planFields.requesters,
  custodians: planFields.custodians,
  quorum: planFields.quorum,
  whyTight: planFields.whyTight,
  durations: planFields.durations,
  issuers: planFields.issuers,
  requesterMayIssue: planFields.requesterMayIssue,
  witness: planFields.witness,
  lockEndsSession: planFields.lockEndsSession,
})
export type PlanForm = z.infer<typeof planForm>

/** Which part of what AWS needs, in which tool's words. */
export const awsTemplate = z.strictObject({
  as: z.enum(['cloudformation', 'terraform']),
  of: z.enum(['account', 'alarms', 'organization']),
})
export type AwsTemplate = z.infer<typeof awsTemplate>

/** A key as it is deposited, or looked at before that. */
export const keyToDeposit = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('typed'),
    accessKeyId: lineField(128),
    secretAccessKey: bytes,
    mfaSeed: bytes.exactOptional(),
  }),
  z.strictObject({
    from: z.literal('file'),
    path: z.string().min(1).max(1024),
    wipe: z.boolean(),
    mfaSeed: bytes.exactOptional(),
  }),
])
export type KeyToDeposit = z.infer<typeof keyToDeposit>

export const memberForm = z.strictObject({
  card: digestField,
  roles: z.array(roleField).min(1).max(4),
  groups: z.array(groupField).max(16),
})

/** Longest report that crosses to the window, UTF-16 units. */
export const MAX_REPORT = 500_000
export const reportView = z.strictObject({
  verdict: z.enum(['verified', 'refuted', 'unreadable', 'incomplete']),
  text: z.string().max(MAX_REPORT),
})

/** Files of a trail that cross in one call. */
export const MOST_TRAIL_FILES = 200

/** What came of comparing AWS's record with a case. */
export const attached = z.strictObject({
  read: z.int(),
  kept: z.int(),
  leftOut: z.int(),
  differs: z.int(),
  grants: z.int(),
  seen: z.int(),
  unreached: z.int(),
  unasked: z.array(z.string()),
})

/** What is typed at once, UTF-16 units; more goes in several calls. */
export const MOST_TYPED = 16_384
export const terminalSize = z.strictObject({
  case: digestField,
  columns: z.int().min(1).max(MOST_COLUMNS),
  rows: z.int().min(1).max(MOST_ROWS),
})

export const packed = z.strictObject({ pack: bytes })

/** What came of a file, a code or a text. */
export const fileReceipt = z.strictObject({
  added: z.int(),
  known: z.int(),
  refused: z.int(),
  waiting: z.int(),
  /** What of joining was in it, by name: whose cards, and of what organization a list of people. */
  cards: z.array(text),
  draft: text.nullable(),
  /** Who alone speaks in it, and in which case, if that was accepted. */
  who: text.nullable(),
  case: id.nullable(),
})
export type FileReceipt = z.infer<typeof fileReceipt>
/** What came of something in which nothing was. */
export const NOTHING_TAKEN: FileReceipt = {
  added: 0,
  known: 0,
  refused: 0,
  waiting: 0,
  cards: [],
  draft: null,
  who: null,
  case: null,
}

export const sealedRow = z.strictObject({ position: z.int().min(0), sealed: bytes })
/** One line of the log, opened for the page that shows it. */
export const logEntry = z.strictObject({
  position: z.int(),
  table: z.string(),
  entry: timelineEntry.nullable(),
  /** The case it belongs to. */
  case: z.string().nullable(),
  /** What that case is; null if it is not on this device. */
  about: z
    .strictObject({ credential: text, requester: personRef, outcome: z.enum(OUTCOMES), forNobody: z.boolean() })
    .nullable(),
})
export type LogEntry = z.infer<typeof logEntry>
