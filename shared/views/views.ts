import { noticeSchema } from '../ceremony.ts'
import { z } from '../zod.ts'

// What the window is shown: made by main from statements and its own state, names already resolved, no secret in it.
// The window parses it on arrival like everything else that crosses.

const id = z.string().max(64)
const text = z.string().max(8000)
const ms = z.number()

/** A person wherever one is mentioned. */
export const personRef = z.strictObject({ member: id, name: text })
export type PersonRef = z.infer<typeof personRef>

const consent = z.strictObject({ by: z.array(personRef), need: z.int(), met: z.boolean(), mine: z.boolean() })

export const keyView = z.strictObject({ name: text, model: text, attested: z.boolean() })

export const personView = z.strictObject({
  member: id,
  name: text,
  contact: text,
  roles: z.array(z.enum(['admin', 'approver', 'auditor', 'commander'])),
  groups: z.array(text),
  deviceName: text,
  keys: z.array(keyView),
  me: z.boolean(),
  /** Null for this very app. */
  reach: z.strictObject({ connected: z.boolean(), since: ms.nullable(), clockDifferenceMs: ms.nullable() }).nullable(),
})
export type PersonView = z.infer<typeof personView>

/** A roster that waits for endorsements: the genesis, or a change. */
export const rosterDraftView = z.strictObject({
  id,
  genesis: z.boolean(),
  name: text,
  by: personRef,
  /** The 12 words, or null while they are being computed. */
  words: z.array(text).nullable(),
  people: z.array(personView),
  /** For the genesis both are the founders' consent. */
  before: consent,
  after: consent,
  /** Whether this app's own keys stand in it unchanged. */
  mineUnchanged: z.boolean(),
  /** People added, removed or changed against the head, in words. */
  changes: z.array(text),
})
export type RosterDraftView = z.infer<typeof rosterDraftView>

export const planView = z.strictObject({
  id,
  plan: id,
  name: text,
  state: z.enum(['effective', 'draft', 'replaced', 'impossible']),
  problems: z.array(text),
  consent,
  by: personRef,
  emergencies: z.array(text),
  runbook: text,
  credential: z.strictObject({ credential: id, name: text }),
  roleArn: text,
  sessionPolicy: text.nullable(),
  regions: z.array(z.strictObject({ region: text, endpoint: text })),
  requesters: z.array(personRef),
  custodians: z.array(personRef),
  issuers: z.array(personRef),
  requesterMayIssue: z.boolean(),
  need: z.int(),
  groups: z.array(z.strictObject({ group: text, count: z.int() })),
  veto: z.array(text),
  /** "3 of 5 custodians, at least 1 from security". */
  rule: text,
  whyTight: text,
  durations: z.array(z.int()),
  witness: z.enum(['required', 'waived']),
  lockEndsSession: z.boolean(),
  acceptedBy: z.array(personRef),
  /** Whether this person may ask under it, now. */
  mayAsk: z.boolean(),
  /** Whether this person is a custodian who has not yet accepted this version. */
  mustAccept: z.boolean(),
})
export type PlanView = z.infer<typeof planView>

export const generationView = z.strictObject({
  id,
  credential: id,
  plan: id,
  generation: z.int(),
  accessKeyId: text,
  by: personRef,
  state: z.enum(['dealt', 'held', 'proven', 'retired']),
  problems: z.array(text),
  seats: z.array(
    z.strictObject({
      person: personRef,
      index: z.int(),
      accepted: z.boolean(),
      lastProof: ms.nullable(),
      me: z.boolean(),
    }),
  ),
  /** What this app's owner still has to do with it: accept the share, once its box is here. */
  mine: z.enum(['none', 'waiting-for-box', 'accept', 'accepted', 'bad-share']),
})
export type GenerationView = z.infer<typeof generationView>

export const seatView = z.strictObject({
  person: personRef,
  contact: text,
  groups: z.array(text),
  state: z.enum(['asked', 'unreachable', 'approved', 'denied', 'released', 'own-request']),
  at: ms.nullable(),
  reason: text,
})
export type SeatView = z.infer<typeof seatView>

export const timelineEntry = z.strictObject({
  id,
  at: ms,
  kind: z.string().max(32),
  person: personRef,
  /** What it says, as a sentence. */
  says: text,
  /** "approved with 'blue key', PIN or fingerprint checked", or the device alone. */
  proof: text,
  refused: text.nullable(),
})
export type TimelineEntry = z.infer<typeof timelineEntry>

export const caseView = z.strictObject({
  id,
  state: z.enum([
    'impossible',
    'asked',
    'blocked',
    'withdrawn',
    'expired',
    'approved',
    'issuing',
    'granted',
    'ending',
    'ended',
  ]),
  /** The state as one plain sentence: the first line of every screen. */
  headline: text,
  /** What happens next, and what people can do. */
  next: text,
  purpose: z.enum(['access', 'drill', 'rotation']),
  requester: personRef,
  plan: z.strictObject({ id, name: text }),
  credential: text,
  account: text,
  emergency: text,
  what: text,
  reference: text,
  seconds: z.int(),
  askedAt: ms,
  expires: ms,
  quorum: z.strictObject({ have: z.int(), need: z.int(), still: text, met: z.boolean() }).nullable(),
  seats: z.array(seatView),
  attempt: z.strictObject({ number: z.int(), issuer: personRef, expires: ms, released: z.int() }).nullable(),
  grant: z
    .strictObject({
      id,
      issuer: personRef,
      accessKeyId: text,
      expires: ms,
      skewMs: ms,
      confirmed: z.boolean(),
      endedAt: ms.nullable(),
    })
    .nullable(),
  findings: z.array(text),
  obligations: z.array(z.strictObject({ code: text, says: text, due: ms })),
  timeline: z.array(timelineEntry),
  refused: z.int(),
  /** What this app's owner may do now. `null` reasons mean "may". */
  mine: z.strictObject({
    mayDecide: z.boolean(),
    whyNot: text.nullable(),
    mayWithdraw: z.boolean(),
    decided: z.enum(['approve', 'deny']).nullable(),
    /** Until when this app holds the owner's share for release; null if it holds none. */
    holdsShareUntil: ms.nullable(),
    /** The share must be fetched out of its box by another touch before it can be released. */
    needsTouch: z.boolean(),
  }),
})
export type CaseView = z.infer<typeof caseView>

export const sessionView = z.strictObject({
  case: id,
  accessKeyId: text,
  account: text,
  role: text,
  region: text,
  /** Whether the credentials are in this app's memory. */
  here: z.boolean(),
  /** Milliseconds left when the snapshot was made; the window counts down from it by its own monotonic clock. */
  leftMs: ms,
  /** AWS's expiration, by this device's clock. */
  ends: ms,
  state: z.enum(['live', 'ending', 'ended', 'cannot-confirm']),
  says: text,
  /** Until when the clipboard will be cleared; null if nothing of ours is in it. */
  clipboardUntil: ms.nullable(),
})
export type SessionView = z.infer<typeof sessionView>

export const peerView = z.strictObject({
  person: personRef,
  device: id,
  connected: z.boolean(),
  via: text,
  since: ms.nullable(),
})

export const noteView = z.strictObject({
  id,
  level: z.enum(['info', 'attention', 'danger']),
  /** What happened, what it means, what to do. */
  what: text,
  means: text,
  todo: text,
  at: ms,
})
export type NoteView = z.infer<typeof noteView>

/** Everything the window shows, at one moment. */
export const snapshotSchema = z.strictObject({
  /** Counts up; a lower number that comes late is dropped. */
  number: z.int(),
  now: ms,
  shell: z.enum(['browser', 'electron']),
  /** Where this shell cannot ask for a key's PIN: the command that starts browser mode, which can. Else null. */
  browserModeCommand: text.nullable(),
  vault: z.strictObject({
    status: z.enum(['none', 'locked', 'open', 'damaged']),
    /** Why it is `damaged`; the window has the words for the code. */
    trouble: z.strictObject({ code: text, detail: text }).nullable(),
    disk: z.strictObject({
      condition: z.enum(['well', 'disk-full', 'read-only', 'disk-failed', 'not-alone']),
      detail: text,
      /** Since when the disk has been busy with one call, if it takes long. */
      slowSince: ms.nullable(),
    }),
    keys: z.array(keyView),
    deviceName: text,
    personName: text,
    organizationName: text,
    waiting: z.int(),
    notices: z.array(noticeSchema),
    idleMinutes: z.int(),
    lockedBecause: z.enum(['start', 'button', 'idle', 'screen', 'suspend', 'quit']).nullable(),
  }),
  me: z.strictObject({ member: id, name: text, roles: z.array(text), groups: z.array(text) }).nullable(),
  /** `alone`: a vault without an organization. `founding`: genesis lacks endorsements. `member`: in a roster. */
  stage: z.enum(['set-up', 'locked', 'alone', 'founding', 'member']),
  organization: z
    .strictObject({
      id,
      name: text,
      roster: id,
      version: z.int(),
      words: z.array(text).nullable(),
      supported: z.boolean(),
      split: text.nullable(),
    })
    .nullable(),
  drafts: z.array(rosterDraftView),
  people: z.array(personView),
  plans: z.array(planView),
  generations: z.array(generationView),
  cases: z.array(caseView),
  sessions: z.array(sessionView),
  exchange: z.strictObject({
    state: z.enum(['off', 'on', 'failed']),
    says: text,
    port: z.int().nullable(),
    addresses: z.array(text),
    typed: z.array(text),
    peers: z.array(peerView),
    strangers: z.int(),
  }),
  log: z.strictObject({
    entries: z.int(),
    cosignedBy: z.array(personRef),
    lastCosigned: ms.nullable(),
    refused: z.int(),
  }),
  notes: z.array(noteView),
})
export type Snapshot = z.infer<typeof snapshotSchema>
