import * as z from '../zod.ts'
import { aboutGrant, aftercareFields, revokedFields, rotatedFields } from './aftercare.ts'
import { evidenceFields, isPlainRecording } from './evidence.ts'
import {
  bytesField,
  commonFields,
  differenceField,
  digestField,
  ledgerHeadField,
  lineField,
  nameField,
  slugField,
  textField,
  timeField,
} from './fields.ts'
import { boxKeyField, memberField } from './member.ts'
import { plainly } from './plain.ts'
import { planFields } from './plan.ts'
import { reviewFields } from './review.ts'

/** The widest rule-set number this app acts on; a roster's `protocol` above it makes cases read-only (DESIGN §3). */
export const SUPPORTED_PROTOCOL = 1

const { organization, roster, ...common } = commonFields

const rosterPayload = z.strictObject({
  ...common,
  organization: organization.optional(),
  roster: roster.optional(),
  /** The roster this one follows; null in genesis. */
  predecessor: digestField.nullable(),
  protocol: z.int().min(1).max(1000),
  name: lineField(64),
  nonce: bytesField(32),
  members: z.array(memberField).min(1).max(100),
})

const planPayload = z.strictObject({ ...commonFields, ...planFields })

const depositPayload = z.strictObject({
  ...commonFields,
  /** What the ciphertext and the custodians' boxes are bound to; see docs/formats/statements.md, deposit. */
  header: z.strictObject({
    organization: digestField,
    plan: digestField,
    credential: nameField,
    generation: z.int().min(1).max(1_000_000),
    /** The long-lived key's public id, so that no key exists that nothing names. */
    accessKeyId: lineField(128),
    commitments: z.array(bytesField(32)).min(2).max(15),
    custodians: z.array(nameField).min(2).max(15),
    nonce: bytesField(16),
  }),
  /** SHA-256 of the encrypted credential. */
  ciphertext: digestField,
  /** SHA-256 of each custodian's box, in the order of `header.custodians` (index 1 first). */
  boxes: z.array(digestField).min(2).max(15),
})

const endorsementPayload = z.strictObject({ ...commonFields, of: digestField })

const custodyPayload = z.strictObject({
  ...commonFields,
  deposit: digestField,
  index: z.int().min(1).max(15),
  /** The deposit's id; in a drill the request's. */
  nonce: digestField,
  /** Schnorr signature with the share, 64 bytes; see docs/formats/sharing.md. */
  proof: bytesField(64),
})

const requestPayload = z.strictObject({
  ...commonFields,
  plan: digestField,
  purpose: z.enum(['access', 'drill', 'rotation']),
  emergency: slugField,
  what: textField(2000, 1),
  reference: lineField(128, 0),
  /** How long access is asked for; one of the plan's durations. */
  seconds: z.int().min(1).max(43_200),
  /** X25519: the session is sealed to it; made for this request alone. */
  recipient: boxKeyField,
})

const decisionPayload = z.strictObject({
  ...commonFields,
  request: digestField,
  verdict: z.enum(['approve', 'deny']),
  reason: textField(1000),
})

const withdrawalPayload = z.strictObject({ ...commonFields, request: digestField, reason: textField(1000) })

const readyPayload = z.strictObject({
  ...commonFields,
  request: digestField,
  attempt: z.int().min(1).max(100),
  deposit: digestField,
  /** X25519, one-time: shares are sealed to it. */
  box: boxKeyField,
  expires: timeField,
  /** Attempt k+1 names ready k, and how it ended: its `failed`, or null for "silent". */
  after: z.strictObject({ ready: digestField, failed: digestField.nullable() }).nullable(),
  preflight: z.strictObject({
    /** Endpoints that answered, in the plan's order. */
    reachable: z.array(lineField(256)).max(16),
    /** AWS's clock minus this device's, milliseconds; null if nothing answered. */
    skewMs: differenceField.nullable(),
  }),
})

const releasePayload = z.strictObject({
  ...commonFields,
  request: digestField,
  ready: digestField,
  deposit: digestField,
  index: z.int().min(1).max(15),
  /** SHA-256 of the share sealed to the ready's box key. */
  box: digestField,
})

const issuingPayload = z.strictObject({
  ...commonFields,
  request: digestField,
  ready: digestField,
  attempt: z.int().min(1).max(100),
  sessionName: plainly(z.string().regex(/^[A-Za-z0-9_=,.@-]{2,64}$/), '[A-Za-z0-9_=,.@-]{2,64}'),
})

const failedPayload = z.strictObject({
  ...commonFields,
  request: digestField,
  ready: digestField,
  code: slugField,
  message: lineField(500),
  /** Whether a session may exist all the same: an answer got lost. */
  mayExist: z.boolean(),
  /** Custodians whose share failed its checks. */
  badShares: z.array(nameField).max(15),
})

const grantPayload = z.strictObject({
  ...commonFields,
  request: digestField,
  attempt: z.int().min(1).max(100),
  accessKeyId: lineField(128),
  /** AWS's own expiration, by AWS's clock. */
  expires: timeField,
  /** AWS's clock minus the issuer's, milliseconds. */
  skewMs: differenceField,
  endpoint: lineField(256),
  /** The device whose cosignature acknowledged `issuing`, or null where the plan waives it. */
  witness: digestField.nullable(),
  basis: z.strictObject({
    roster: digestField,
    plan: digestField,
    deposit: digestField,
    request: digestField,
    decisions: z.array(digestField).min(1).max(15),
    ready: digestField,
    releases: z.array(digestField).min(2).max(15),
    issuing: digestField,
  }),
})

const handoverPayload = z.strictObject({
  ...commonFields,
  request: digestField,
  grant: digestField,
  /** SHA-256 of the session sealed to the request's recipient key. */
  sealed: digestField,
})

const endedPayload = z.strictObject({
  ...commonFields,
  request: digestField,
  grant: digestField,
  how: z.enum(['timer', 'done', 'lost', 'revoked']),
  /** What is known of the end: AWS refused a call, or nothing yet. */
  confirmation: z.enum(['aws-refused', 'none']),
  /** Whether this device wiped the session from its memory. */
  wiped: z.boolean(),
  at: timeField,
})

const aftercarePayload = z.strictObject({ ...commonFields, ...aboutGrant, ...aftercareFields })

const revokePayload = z.strictObject({ ...commonFields, ...aboutGrant, reason: textField(1000) })

const revokedPayload = z.strictObject({ ...commonFields, ...aboutGrant, ...revokedFields })

const rotatingPayload = z.strictObject({ ...commonFields, ...aboutGrant, deposit: digestField })

const rotatedPayload = z.strictObject({ ...commonFields, ...aboutGrant, ...rotatedFields })

const evidencePayload = z
  .strictObject({ ...commonFields, ...evidenceFields })
  .refine(isPlainRecording, { message: 'expected a recording of one grant that says nothing of AWS’s record' })

// What was read or exported is named by `case`, not `request`: such a statement is about a case and no part of it.
const exportedPayload = z.strictObject({
  ...commonFields,
  /** One case, a span of time, or with all three null the whole log. */
  scope: z.strictObject({ case: digestField.nullable(), from: timeField.nullable(), until: timeField.nullable() }),
  /** What the file is: `bundle`, or another form that a later app knows. */
  format: slugField,
  /** Where it went: `file`, or another place that a later app knows. */
  to: slugField,
  /** How many entries of the ledger are in it. */
  entries: z.int().min(0),
  /** The head of the author's ledger under which it was made. */
  head: ledgerHeadField,
  /** Of the bytes that were handed over. */
  sha256: digestField,
})

const readPayload = z.strictObject({
  ...commonFields,
  /** What was looked at: `log`, `case`, `search`, or what a later app knows. */
  what: slugField,
  /** The case whose record was read, or null. */
  case: digestField.nullable(),
})

const prunedPayload = z.strictObject({
  ...commonFields,
  /** Whatever was heard of from then on stays. */
  before: timeField,
  /** Which entries of the author's ledger, `to` not included; ascending, none touching the next. */
  ranges: z
    .array(z.strictObject({ from: z.int().min(0), to: z.int().min(1) }))
    .min(1)
    .max(1000)
    .refine((ranges) => ranges.every(({ from, to }, at) => from < to && from > (ranges[at - 1]?.to ?? -1)), {
      message: 'expected ranges in ascending order, none empty and none touching the next',
    }),
})

const reviewPayload = z.strictObject({ ...commonFields, ...reviewFields })

/** Every kind of statement with its payload, and whether the member's hardware key signs it too. */
export const KINDS = {
  roster: { payload: rosterPayload, hardware: true },
  plan: { payload: planPayload, hardware: true },
  deposit: { payload: depositPayload, hardware: true },
  endorsement: { payload: endorsementPayload, hardware: true },
  custody: { payload: custodyPayload, hardware: false },
  request: { payload: requestPayload, hardware: true },
  decision: { payload: decisionPayload, hardware: true },
  withdrawal: { payload: withdrawalPayload, hardware: false },
  ready: { payload: readyPayload, hardware: false },
  release: { payload: releasePayload, hardware: false },
  issuing: { payload: issuingPayload, hardware: false },
  failed: { payload: failedPayload, hardware: false },
  grant: { payload: grantPayload, hardware: false },
  handover: { payload: handoverPayload, hardware: false },
  ended: { payload: endedPayload, hardware: false },
  aftercare: { payload: aftercarePayload, hardware: false },
  revoke: { payload: revokePayload, hardware: true },
  revoked: { payload: revokedPayload, hardware: false },
  rotating: { payload: rotatingPayload, hardware: true },
  rotated: { payload: rotatedPayload, hardware: false },
  evidence: { payload: evidencePayload, hardware: false },
  exported: { payload: exportedPayload, hardware: false },
  read: { payload: readPayload, hardware: false },
  pruned: { payload: prunedPayload, hardware: true },
  review: { payload: reviewPayload, hardware: true },
} as const

export type Kind = keyof typeof KINDS
export type PayloadOf<K extends Kind> = z.infer<(typeof KINDS)[K]['payload']>
export type Roster = PayloadOf<'roster'>
export type Plan = PayloadOf<'plan'>
export type Deposit = PayloadOf<'deposit'>
