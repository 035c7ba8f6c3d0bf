import { OUTCOMES } from '../case/outcome.ts'
import { CLASSIFICATIONS } from '../statements/review.ts'
import * as z from '../zod.ts'
import { cameView } from './arrival.ts'
import { id, ms, personRef, text } from './fields.ts'
import { timesView } from './times.ts'
import { recordingView, trailView } from './trail-views.ts'

// A case as the window is shown it: see `views.ts`. What fills it in is `cases.ts`.

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
