import { jcs } from '../jcs.ts'
import * as z from '../zod.ts'
import { digestField, groupField, lineField, nameField, slugField, sortedSet, textField } from './fields.ts'

const uniqueMembers = (min: number, max: number) =>
  z
    .array(nameField)
    .min(min)
    .max(max)
    .refine((members) => new Set(members).size === members.length, 'expected each member once')

// The endpoint is plain text in a signed plan, so a person reads where the request will go. Plain http is for a
// sandbox on this machine alone.
const endpointField = z
  .string()
  .max(256)
  .regex(/^(https:\/\/[a-z0-9.-]+(:\d{1,5})?|http:\/\/127\.0\.0\.1:\d{1,5}(\/[a-z0-9-]+)?)$/)

const sessionPolicyField = z
  .string()
  .max(2048)
  .refine((text) => isJsonObject(text), 'expected a JSON object')

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) && jcs(value).length > 0
  } catch {
    return false
  }
}

const roleArnField = z
  .string()
  .max(256)
  .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[A-Za-z0-9+=,.@_/-]+$/)

const regionField = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/)

const externalIdField = z.string().regex(/^[A-Za-z0-9_+=,.@:/-]{2,256}$/)

/** What a plan says beside the common fields. */
export const planFields = {
  /** Stays the same over all versions of the plan. */
  plan: nameField,
  /** The version this one replaces; null for the first. */
  predecessor: digestField.nullable(),
  name: lineField(64),
  /** Which emergencies count, by the template's name, such as `identity-provider-down`. */
  emergencies: sortedSet(slugField, (slug) => slug, 16, 1),
  /** What to do, shown when asked for. */
  runbook: textField(8000),
  credential: z.strictObject({ credential: nameField, name: lineField(64), kind: z.literal('aws-access-key') }),
  access: z.strictObject({
    kind: z.literal('aws-sts'),
    roleArn: roleArnField,
    /** JSON text of the session policy, or null for all that the role may do. */
    sessionPolicy: sessionPolicyField.nullable(),
    /** Tried in this order. */
    regions: z
      .array(z.strictObject({ region: regionField, endpoint: endpointField }))
      .min(1)
      .max(8),
    /** What the role's trust policy asks for as `sts:ExternalId`; left out if it does not. */
    externalId: externalIdField.exactOptional(),
    /** Roles to assume on the way to `roleArn`, the first one first; left out if there are none. */
    chain: z
      .array(z.strictObject({ roleArn: roleArnField, externalId: externalIdField.exactOptional() }))
      .min(1)
      .max(3)
      .exactOptional(),
    /** Serial number of the user's virtual MFA device, whose seed is in the credential; left out if none is asked for. */
    mfa: z
      .string()
      .max(256)
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:mfa\/[A-Za-z0-9+=,.@_/-]+$/)
      .exactOptional(),
    /** Whether the way begins with GetSessionToken, so that an MFA code is used once; left out if not. */
    sessionToken: z.literal(true).exactOptional(),
    /** What is to be made for ending the session at its source and for replacing the key; left out if nothing is. */
    aftercare: z
      .strictObject({
        /** Where IAM is asked: one region serves a whole partition. */
        iam: z.strictObject({ region: regionField, endpoint: endpointField }),
        /** The role that may deny a session of `roleArn`; left out if nobody may. */
        revoker: roleArnField.exactOptional(),
        /** The role that may replace the key of this IAM user, whose key is the credential; left out if none may. */
        rotator: z
          .strictObject({ roleArn: roleArnField, user: z.string().regex(/^[A-Za-z0-9_+=,.@-]{1,64}$/) })
          .exactOptional(),
      })
      .refine(
        ({ revoker, rotator }) => revoker !== undefined || rotator !== undefined,
        'expected a revoker or a rotator',
      )
      .exactOptional(),
  }),
  /** Who may ask. */
  requesters: uniqueMembers(1, 100),
  /** Who holds a share and decides; index 1 is the first. */
  custodians: uniqueMembers(2, 15),
  quorum: z.strictObject({
    /** Approvals needed, and shares needed to reassemble: M of `custodians.length`. */
    count: z.int().min(2).max(15),
    /** At least `count` approvals from members of `group`. */
    groups: sortedSet(z.strictObject({ group: groupField, count: z.int().min(1).max(15) }), (rule) => rule.group, 8),
    /** Groups of which one denial is enough to stop a request. */
    veto: sortedSet(groupField, (group) => group, 8),
  }),
  /** Why everybody must approve, or why one absence may block: words, where the plan is that tight. */
  whyTight: textField(500),
  /** Seconds of access that may be asked for, ascending. */
  durations: z
    .array(z.int().min(900).max(43_200))
    .min(1)
    .max(8)
    .refine(
      (all) => all.every((value, at) => at === 0 || (all[at - 1] as number) < value),
      'expected ascending durations',
    ),
  /** Members whose devices may issue, the preferred one first. */
  issuers: uniqueMembers(1, 15),
  requesterMayIssue: z.boolean(),
  /** Whether another device's cosignature must acknowledge `issuing` before the credential is touched. */
  witness: z.enum(['required', 'waived']),
  /** Whether locking the requester's app ends a running session. */
  lockEndsSession: z.boolean(),
  obligations: z.strictObject({
    rotationHours: z.int().min(1).max(720),
    reviewHours: z.int().min(1).max(720),
    drillDays: z.int().min(1).max(366),
  }),
}
