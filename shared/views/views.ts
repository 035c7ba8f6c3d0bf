import { OUTCOMES } from '../case/outcome.ts'
import { noticeSchema } from '../ceremony.ts'
import { CLASSIFICATIONS } from '../statements/review.ts'
import * as z from '../zod.ts'
import { cameView, refusedView } from './arrival.ts'
import { evidenceView, noteView, peerView, standingView } from './device-views.ts'
import { id, ms, personRef, text } from './fields.ts'
import { outletView } from './outlets.ts'
import { keyView, personView, rosterDraftView } from './people-views.ts'
import { generationView, planView } from './plan-views.ts'
import { brokerView } from './relay.ts'
import { sessionView } from './session-views.ts'
import { timesView } from './times.ts'
import { recordingView, trailView } from './trail-views.ts'

// What the window is shown: made by main from statements and its own state, names already resolved, no secret in it.
// The window parses it on arrival like everything else that crosses.

const seatView = z.strictObject({
  person: personRef,
  contact: text,
  groups: z.array(text),
  /** Whether this person's denial alone stops the request. */
  veto: z.boolean(),
  /** `alerted`: its app is locked, so that its owner is called and has to unlock first. */
  state: z.enum(['asked', 'alerted', 'unreachable', 'approved', 'denied', 'released', 'own-request']),
  at: ms.nullable(),
  reason: text,
  /** What of this person's words does not count, or contradicts the others, as sentences without a full stop; usually empty. */
  aside: text,
  /** What they gave as the reason of the word that contradicts. */
  asideReason: text,
})
export type SeatView = z.infer<typeof seatView>

export const timelineEntry = z.strictObject({
  id,
  at: ms,
  kind: z.string().max(32),
  person: personRef,
  /** What it says, as a sentence. */
  says: text,
  /** "with “blue key” (did not prove its model), user verified, in checkpoints of 3 other devices (…)": see `proofWords`. */
  proof: text,
  /** How it first came to this device; null if it was said here, or that was not kept. */
  came: cameView.nullable(),
  refused: text.nullable(),
})
export type TimelineEntry = z.infer<typeof timelineEntry>

const reviewView = z.strictObject({
  id,
  person: personRef,
  at: ms,
  classification: z.enum(CLASSIFICATIONS),
  /** In the order in which they are asked, in words. */
  answers: z.array(z.strictObject({ question: text, answer: text, text })),
  /** Whether those keys are no longer in the organization. */
  left: z.boolean(),
})
export type ReviewView = z.infer<typeof reviewView>

/** How far the key that a case used is replaced. */
const rotationStand = z.strictObject({
  /** Public id of the key that was used. */
  accessKeyId: text,
  at: z.enum(['begin', 'make', 'deposit', 'custody', 'switch', 'delete']),
  /** What this owner's touch may do now. */
  may: z.enum(['begin', 'deposit']).nullable(),
  /** Where it stands; what is to be done; what stands in the way. Empty if nothing. */
  says: text,
  todo: text,
  trouble: text,
  begun: z.strictObject({ person: personRef, at: ms }).nullable(),
  /**
   * Another device that may be at it too: since when, and until when it can go on, as far as the record tells. `key`: whether it
   * deposited none, the new key that this app has in view, or another.
   */
  also: z.strictObject({ person: personRef, at: ms, until: ms, key: z.enum(['none', 'ours', 'other']) }).nullable(),
  /** Whose devices have what may replace it now. */
  by: z.array(personRef),
  /**
   * Where nobody has it: whether this owner may ask for it, why not, who may, the case that is about to bring it, and a rotation
   * that was asked for and is not approved.
   */
  asks: z
    .strictObject({
      may: z.boolean(),
      why: text.nullable(),
      who: z.array(personRef),
      onItsWay: id.nullable(),
      asked: id.nullable(),
    })
    .nullable(),
  /** Custodians who hold the new key. */
  custody: z.strictObject({ have: z.int(), of: z.int() }).nullable(),
  /** Since when the used key is off, and when it may be deleted, as this app knows. */
  offAt: ms.nullable(),
  deletesAt: ms.nullable(),
  /** When what replaces it here is over. */
  ends: ms.nullable(),
  /** Keys of the user that nobody accounts for. */
  alarms: z.array(text),
})

export type RotationStand = z.infer<typeof rotationStand>

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
  /** Who waits for what this device said and is not connected with it, and how it goes there; empty where nobody does. */
  toCarry: text,
  purpose: z.enum(['access', 'drill', 'rotation']),
  /** Whether what it issues is for nobody: a rotation's, unless somebody says that it was handed over. */
  forNobody: z.boolean(),
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
      /** The generation that was used. */
      deposit: id,
      accessKeyId: text,
      expires: ms,
      skewMs: ms,
      confirmed: z.boolean(),
      endedAt: ms.nullable(),
    })
    .nullable(),
  /** Sessions of this case, surplus ones too, that are to end before their time and may still live. */
  endings: z.array(
    z.strictObject({
      grant: id,
      since: ms,
      /** When it dies by itself, by this device's clock. */
      dies: ms,
      /** Whether that is past, and only the margin is waited for that every clock is given. */
      expired: z.boolean(),
      /** Whether somebody says that AWS has the deny, and that may be believed. */
      denied: z.boolean(),
      /** Whether somebody says so, and nobody's order or the requester's word bears it out. */
      claimed: z.boolean(),
      /** Whether AWS is said to have refused it at its own end, and only somebody’s clock, which is ahead, makes that later. */
      late: z.boolean(),
      /** That it ended, by the word of whoever had it alone; null if nobody says so. */
      says: text.nullable(),
      /** What this device does about it at AWS; null if it has nothing that may deny it. */
      here: text.nullable(),
    }),
  ),
  /** How the key that was used is replaced, where the plan names a role that may; null if nothing is left to do. */
  rotation: rotationStand.nullable(),
  /** Of a rotation: the cases whose used key is to be replaced with what it is for. */
  replaces: z.array(z.strictObject({ id, requester: personRef, askedAt: ms, reference: text })),
  /** Of a rotation: who has what it is for without it, and which other case is about to bring that. */
  already: z.strictObject({ by: z.array(personRef), onItsWay: id.nullable() }),
  outcome: z.enum(OUTCOMES),
  /** Claims of several devices' clocks. */
  times: timesView,
  findings: z.array(text),
  obligations: z.array(
    z.strictObject({
      code: text,
      says: text,
      since: ms,
      due: ms,
      /** Who may do it, where that is not for everybody to say. */
      by: z.array(personRef),
    }),
  ),
  /** Whether nothing is owed any more. */
  closed: z.boolean(),
  /** What it was, by all reviews that count. */
  classification: z.enum(CLASSIFICATIONS).nullable(),
  /** Those that count, oldest first by claimed time. */
  reviews: z.array(reviewView),
  /** What members found in AWS's record; null where AWS was asked for nothing. */
  trail: trailView.nullable(),
  /** Recorded terminals, the newest first. */
  recordings: z.array(recordingView),
  timeline: z.array(timelineEntry),
  /** How many more of its statements stand in the log alone. */
  untold: z.int(),
  refused: z.int(),
  /** What this app's owner may do now. `null` reasons mean "may". */
  mine: z.strictObject({
    /** Approve, and deny. */
    mayDecide: z.boolean(),
    /** Also while a device is at it, which stops if the denial comes there before it uses the credential. */
    mayDeny: z.boolean(),
    /** The groups for which this person's denial alone stops the request. */
    veto: z.array(text),
    whyNot: text.nullable(),
    mayWithdraw: z.boolean(),
    /** Sessions that this person may order to end now, whether anybody may have what denies them at AWS, and whether it is sure that they ended. */
    mayRevoke: z.array(z.strictObject({ grant: id, deniable: z.boolean(), confirmed: z.boolean() })),
    mayReview: z.boolean(),
    /** Why a review that is owed is not for this person to write now; null if it is, or none is owed. */
    whyNoReview: text.nullable(),
    decided: z.enum(['approve', 'deny']).nullable(),
    /** Until when this app holds the owner's share for release; null if it holds none. */
    holdsShareUntil: ms.nullable(),
    /** The share must be fetched out of its box by another touch before it can be released. */
    needsTouch: z.boolean(),
    /** What its owner has to accept before their approval brings a share: the plan, or the deposit; null if nothing. */
    withheld: z.strictObject({ why: z.enum(['plan-not-accepted', 'share-not-proven']), of: id, says: text }).nullable(),
  }),
})
export type CaseView = z.infer<typeof caseView>

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
