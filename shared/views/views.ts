import { noticeSchema } from '../ceremony.ts'
import * as z from '../zod.ts'
import { refusedView } from './arrival.ts'
import { caseView } from './case-views.ts'
import { evidenceView, noteView, peerView, standingView } from './device-views.ts'
import { id, ms, personRef, text } from './fields.ts'
import { outletView } from './outlets.ts'
import { keyView, personView, rosterDraftView } from './people-views.ts'
import { generationView, planView } from './plan-views.ts'
import { brokerView } from './relay.ts'
import { sessionView } from './session-views.ts'

// What the window is shown: made by main from statements and its own state, names already resolved, no secret in it.
// The window parses it on arrival like everything else that crosses.

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
    /** While it is locked, how many notes and opened files wait behind the lock; not what they say. */
    waiting: z.int(),
    /** What the locked app hears: whether it listens, why it could not, how much came, and since when its owner is called. */
    mail: z.strictObject({ hears: z.boolean(), failure: text.nullable(), count: z.int(), urgentSince: ms.nullable() }),
    /** While it is locked, until when a share waits in memory to be released after unlocking; null if none does. */
    shareUntil: ms.nullable(),
    notices: z.array(noticeSchema),
    idleMinutes: z.int(),
    /** How long the log is kept on this device. */
    retention: z.enum(['12-months', '6-years']),
    lockedBecause: z.enum(['start', 'button', 'idle', 'screen', 'suspend', 'quit']).nullable(),
  }),
  me: z.strictObject({ member: id, name: text, roles: z.array(text), groups: z.array(text) }).nullable(),
  /**
   * `reading`: unlocked, and the newest cases can be looked at while the rest of the log is read. `alone`: a vault without an
   * organization. `founding`: genesis lacks endorsements. `member`: in a roster.
   */
  stage: z.enum(['set-up', 'locked', 'reading', 'alone', 'founding', 'member']),
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
    /** How many of these its owner removed from this device. */
    removed: z.int(),
    cosignedBy: z.array(personRef),
    lastCosigned: ms.nullable(),
    refused: z.int(),
    /** The newest of them, the last one first. */
    refusals: z.array(refusedView),
    /** What this device's log lost, in words, and its owner accepted. */
    losses: z.array(z.string()),
    /** What speaks against the logs and chains of other devices, with what to do. */
    evidence: z.array(evidenceView),
  }),
  /** Ways out of the log to other systems; none while the vault is locked, and none works then. */
  outlets: z.array(outletView),
  /** Brokers of the relay: off while there is none; none is used, nor shown, while the vault is locked. */
  relay: z.array(brokerView),
  /** Null while the vault is locked. */
  standing: standingView.nullable(),
  /** None while the vault is locked: they may name people, cases and files. */
  notes: z.array(noteView),
  /** The file that a person opened with Lockbox; null while the vault is locked. Each one has another number. */
  opened: z.strictObject({ number: z.int(), name: text }).nullable(),
  /**
   * How far the log was read, in its stage; else null. First its records are compared with what is known of them, then they are
   * read. Until then `cases` are some of the newest, and nothing follows from one that is not among them.
   */
  reading: z.strictObject({ doing: z.enum(['comparing', 'reading']), read: z.int(), of: z.int() }).nullable(),
})
export type Snapshot = z.infer<typeof snapshotSchema>
