import * as z from '../zod.ts'
import { consent, id, ms, personRef, text } from './fields.ts'

/** That a key was opened, and by whose device. */
const openingView = z.strictObject({ case: id, purpose: z.enum(['access', 'drill']), at: ms, by: personRef })
export type OpeningView = z.infer<typeof openingView>

/** A plan version, its people named. */
export const planView = z.strictObject({
  id,
  plan: id,
  /** The version before, by id; null for the first. */
  replaces: id.nullable(),
  name: text,
  state: z.enum(['effective', 'draft', 'replaced', 'impossible']),
  /** What decides whether it can be met at 3 a.m., in words; `wrong` ones keep it from taking effect. */
  checks: z.array(z.strictObject({ level: z.enum(['good', 'attention', 'wrong']), says: text })),
  /** The generation that serves it; null if none does, and the checks say why. */
  key: id.nullable(),
  consent,
  by: personRef,
  emergencies: z.array(text),
  runbook: text,
  credential: z.strictObject({ credential: id, name: text }),
  roleArn: text,
  sessionPolicy: text.nullable(),
  regions: z.array(z.strictObject({ region: text, endpoint: text })),
  externalId: text.nullable(),
  /** Roles on the way to `roleArn`. */
  chain: z.array(z.strictObject({ roleArn: text, externalId: text.nullable() })),
  /** Serial number of the MFA device; null if no code is given. */
  mfa: text.nullable(),
  sessionToken: z.boolean(),
  /** What ends a session at its source and replaces the key afterwards; null if nothing does. */
  aftercare: z
    .strictObject({
      iam: z.strictObject({ region: text, endpoint: text }),
      revoker: text.nullable(),
      rotator: z.strictObject({ roleArn: text, user: text }).nullable(),
    })
    .nullable(),
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
  obligations: z.strictObject({ rotationHours: z.int(), reviewHours: z.int(), drillDays: z.int() }),
  acceptedBy: z.array(personRef),
  /** When its next drill is due; null unless it is in effect and a held key serves it. */
  drill: z
    .strictObject({
      /** What it is counted from; null if no device but its dealer's ever opened a key of the credential. */
      last: openingView.nullable(),
      /** By the calendar. */
      due: ms,
      /** Not empty: why it is due at once. */
      why: z.array(text),
      state: z.enum(['well', 'due', 'overdue']),
    })
    .nullable(),
  /** Whether this person may ask under it, now. */
  mayAsk: z.boolean(),
  /** Whether this person is a custodian who has not yet accepted this version. */
  mustAccept: z.boolean(),
})
export type PlanView = z.infer<typeof planView>

/** One key of a credential, and each custodian's seat. */
export const generationView = z.strictObject({
  id,
  credential: id,
  plan: id,
  generation: z.int(),
  /** How many shares it takes. */
  need: z.int(),
  accessKeyId: text,
  by: personRef,
  state: z.enum(['dealt', 'held', 'proven', 'retired']),
  /** Whether one more holder may be gone and it still opens. */
  hasSpare: z.boolean(),
  /** The last opening by another device than the one that dealt it; null: nothing shows that its shares open it. */
  opened: openingView.nullable(),
  /** The last by the device that dealt it, which shows nothing of that. */
  openedByDealer: openingView.nullable(),
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
  /** How it is with the share of this app's owner: `accept` once its box is here; `lost`: accepted, and not here any more. */
  mine: z.enum(['none', 'waiting-for-box', 'accept', 'accepted', 'lost']),
})
export type GenerationView = z.infer<typeof generationView>
