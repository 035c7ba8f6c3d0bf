import { aftercareFields } from '../../../shared/statements/aftercare.ts'
import { bytesField, digestField, lineField, nameField } from '../../../shared/statements/fields.ts'
import { KINDS } from '../../../shared/statements/kinds.ts'
import { planFields } from '../../../shared/statements/plan.ts'
import { setUpLines } from '../../../shared/views/set-up-lines.ts'
import * as z from '../../../shared/zod.ts'

const depositHeader = KINDS.deposit.payload.shape.header
const request = KINDS.request.payload.shape

/** A deposit's header, see docs/formats; the ciphertext and the custodians' boxes are bound to it. */
export type DepositHeader = z.output<typeof depositHeader>

/** `deal`: one part, the credential. */
export const dealFacts = z.strictObject({
  job: z.literal('deal'),
  organization: digestField,
  plan: digestField,
  credential: nameField,
  generation: depositHeader.shape.generation,
  threshold: z.int().min(2).max(15),
  /** The depositor's device, which seals. */
  from: digestField,
  /** In the plan's order: index 1 first. */
  custodians: z
    .array(z.strictObject({ member: nameField, device: digestField, boxPublicKey: bytesField(32) }))
    .min(2)
    .max(15),
})
export type DealFacts = z.output<typeof dealFacts>

/** The answer to `deal`: parts are the ciphertext, then one box a custodian, index 1 first. */
export const dealtFacts = z.strictObject({ header: depositHeader })

/** `issue`: no parts. Answered at once by `readyFacts`. */
export const issueFacts = z.strictObject({ job: z.literal('issue') })
/** The one-time box key of this worker; its private half never leaves it. */
export const readyFacts = z.strictObject({ boxPublicKey: bytesField(32) })

/** A custodian's release; its box is the part of the same place. */
const release = z.strictObject({ member: nameField, device: digestField, index: z.int().min(1).max(15) })

const sharesFacts = {
  organization: digestField,
  /** The deposit's id. */
  deposit: digestField,
  /** The request's id. */
  request: digestField,
  /** The ready's id. */
  ready: digestField,
  /** This device, to which shares were released and which hands over. */
  issuer: digestField,
  header: depositHeader,
  /** The plan's M. */
  threshold: z.int().min(2).max(15),
  releases: z.array(release).min(1).max(15),
}

/** `check`: opens each box, checks the share and wipes it again; nothing is combined. Parts are the boxes. */
export const checkFacts = z.strictObject({ step: z.literal('check'), ...sharesFacts })
export type CheckFacts = Omit<z.output<typeof checkFacts>, 'step'>

/** `go`: says that `issuing` is recorded. Parts are the boxes, then the encrypted credential. */
export const goFacts = z.strictObject({
  step: z.literal('go'),
  ...sharesFacts,
  requester: z.strictObject({ member: nameField, device: digestField, recipient: request.recipient }),
  purpose: request.purpose,
  seconds: request.seconds,
  reference: request.reference,
  attempt: KINDS.ready.payload.shape.attempt,
  access: planFields.access,
})
export type GoFacts = Omit<z.output<typeof goFacts>, 'step'>

/** A share that cannot be used, and why: words for people. */
const badShare = z.strictObject({ member: nameField, index: z.int().min(1).max(15), why: z.string() })
export type BadShare = z.output<typeof badShare>

/** The answer to `check`, and to a `go` for which too few good shares came: the credential was not touched. */
const sharesAnswer = z.strictObject({
  is: z.literal('shares'),
  good: z.array(z.int()),
  bad: z.array(badShare),
  missing: z.int().min(0),
})
export type SharesAnswer = z.output<typeof sharesAnswer>

const attempted = z.strictObject({
  region: z.string(),
  endpoint: z.string(),
  outcome: z.string(),
  mayExist: z.boolean(),
  tookMs: z.number(),
})

/** The answer to a `go` that ended with a session: one part, the sealed handover. */
const issuedAnswer = z.strictObject({
  is: z.literal('issued'),
  accessKeyId: lineField(128),
  /** What singles the session out at AWS; null if AWS did not say. */
  userId: z.string().nullable(),
  expires: z.int(),
  skewMs: z.int().nullable(),
  region: z.string(),
  endpoint: z.string(),
  attempted: z.array(attempted),
  bad: z.array(badShare),
})
export type IssuedAnswer = z.output<typeof issuedAnswer>

/** The answer to a `go` that ended without one; fields as a `failed` statement wants them. */
export const failedAnswer = z.strictObject({
  is: z.literal('failed'),
  code: z.string(),
  message: z.string(),
  mayExist: z.boolean(),
  skewMs: z.int().nullable(),
  attempted: z.array(attempted),
  bad: z.array(badShare),
})
export type FailedAnswer = z.output<typeof failedAnswer>

export const issueAnswer = z.discriminatedUnion('is', [sharesAnswer, issuedAnswer, failedAnswer])

const receiver = z.strictObject({ device: digestField, boxPublicKey: bytesField(32) })
/** A device that a narrow session is sealed to. */
export type Receiver = z.output<typeof receiver>

/**
 * `aftercare`: the one thing that may follow an `issued` answer, if the plan has any; no parts. It says that the grant is
 * recorded, and to whom the narrow sessions are sealed. What nobody receives is not made.
 */
export const afterFacts = z.strictObject({
  step: z.literal('aftercare'),
  /** The issuing device's member, whom AWS records as the source of what the sessions do. */
  member: nameField,
  /** The custodians' devices. */
  revoker: z.array(receiver).max(15),
  /** Admins' devices. */
  rotator: z.array(receiver).max(100),
  /** X25519, of the issuing device's main process, for this once: it holds the revoker from now on, without a touch. */
  holder: bytesField(32),
})
export type AfterFacts = Omit<z.output<typeof afterFacts>, 'step'>

const sealedTo = { expires: z.int(), devices: z.array(digestField).min(1) }

/**
 * The answer to `aftercare`: parts are the revoker's boxes in the order of `devices`, then the rotator's, and then, if there
 * is a revoker, the holder's box of it, which no statement names.
 */
export const afterAnswer = z.strictObject({
  is: z.literal('aftercare'),
  revoker: z.strictObject({ userId: aftercareFields.revoker.unwrap().shape.userId, ...sealedTo }).nullable(),
  rotator: z.strictObject(sealedTo).nullable(),
  /** As the statement has it. */
  lacks: aftercareFields.lacks,
  /** As {@link Unheld} of the issuer. */
  unheld: z.array(z.strictObject({ what: z.enum(['revoker', 'rotator', 'step']), region: attempted.shape.region })),
})
export type AfterAnswer = z.output<typeof afterAnswer>

const planned = planFields.access.shape
const iamEndpoint = planned.aftercare.unwrap().shape.iam
const keyIdField = lineField(128)

/** `rotate`: one part, the rotator as it was sealed. Answered by `startedFacts`; steps follow. */
export const rotateFacts = z.strictObject({
  job: z.literal('rotate'),
  /** Where IAM is asked. */
  iam: iamEndpoint,
  /** Where a new key is tried. */
  regions: planned.regions,
  /** After so long the worker wipes what it has, and ends. */
  holdMs: z.int().min(1),
})
export type RotateFacts = Omit<z.output<typeof rotateFacts>, 'job'>

/** The answer to `rotate`. */
export const startedFacts = z.strictObject({ is: z.literal('started') })

/** How far a key is replaced, as it is kept from one turn to the next; see `Progress` in `aws/rotation.ts`. */
export const progressFields = z.strictObject({
  // What was kept before `last` was: nothing that came since counts as ours.
  asked: z.strictObject({ at: z.number(), last: z.number().default(0), before: z.array(keyIdField) }).nullable(),
  sawOld: z.boolean().default(false),
  made: keyIdField.nullable(),
  isTested: z.boolean(),
  isRetested: z.boolean(),
})

/** `turn`: takes the next step. No parts. Before a key is created it is answered by `keepFacts`, then by `turnAnswer`. */
export const turnFacts = z.strictObject({
  step: z.literal('turn'),
  record: z.strictObject({
    old: keyIdField,
    named: z.array(keyIdField),
    sound: z.array(keyIdField),
    next: z.array(keyIdField),
    isHeld: z.boolean(),
    isOldNeeded: z.boolean(),
    deletesAt: z.number().nullable(),
  }),
  progress: progressFields,
})
export type TurnFacts = Omit<z.output<typeof turnFacts>, 'step'>

/** What is to be durable before the worker goes on; main says `kept` then. */
export const keepFacts = z.strictObject({ is: z.literal('keep'), progress: progressFields })
export const keptFacts = z.strictObject({ step: z.literal('kept') })

const STUCK = [
  'old-not-listed',
  'no-room',
  'room-taken',
  'new-key-off',
  'unknown-key-used',
  'wrong-user',
  'wrong-secret',
] as const

/** What came of a turn, without any secret. */
export const turnAnswer = z.strictObject({
  is: z.literal('turned'),
  outcome: z.discriminatedUnion('is', [
    z.strictObject({ is: z.enum(['created', 'discarded']), accessKeyId: keyIdField }),
    z.strictObject({ is: z.enum(['tested', 'deactivated', 'retested', 'deleted', 'reactivated', 'done']) }),
    z.strictObject({ is: z.literal('waits'), for: z.enum(['custody', 'delay', 'propagation', 'key']) }),
    z.strictObject({ is: z.literal('stuck'), why: z.enum(STUCK), words: z.string() }),
    z.strictObject({ is: z.enum(['unreached', 'refused']), words: z.string() }),
  ]),
  progress: progressFields,
  alarms: z.array(keyIdField),
  unusable: keyIdField.nullable(),
  /** Public id of the key whose secret this worker has; null if it has none. */
  holds: keyIdField.nullable(),
  /** See `Seen` in `aws/rotating.ts`. */
  seen: z.strictObject({ at: z.number(), isOldOn: z.boolean() }).nullable(),
})
export type TurnAnswer = z.output<typeof turnAnswer>

/** `deal`, of the key that this worker has created: no parts. Answered as the job `deal` is. */
export const dealNewFacts = z.strictObject({ ...dealFacts.omit({ job: true }).shape, step: z.literal('deal') })
export type DealNewFacts = Omit<z.output<typeof dealNewFacts>, 'step'>

const role = planned.roleArn

/** `check-set-up`: one part, a key that may be deposited. */
export const checkSetUpFacts = z.strictObject({
  job: z.literal('check-set-up'),
  /** See `Setup` in `aws/setup/facts.ts`. */
  setup: z.strictObject({
    roles: z.array(
      z.strictObject({
        arn: role,
        seconds: planFields.durations.element,
        externalId: planned.externalId.unwrap().nullable(),
        policies: z.array(planned.sessionPolicy.unwrap()),
      }),
    ),
    behind: z.array(z.strictObject({ arn: role, over: role })),
    regions: planned.regions,
    iam: iamEndpoint,
    mfa: planned.mfa.unwrap().nullable(),
    revoker: role.nullable(),
    rotator: role.nullable(),
    user: lineField(64).nullable(),
    sessionToken: z.boolean(),
    others: z.array(planFields.name),
  }),
})
export type CheckSetUpFacts = z.output<typeof checkSetUpFacts>

/** The answer to `check-set-up`. */
export const checkedFacts = z.strictObject({ is: z.literal('checked'), lines: setUpLines })

/** Any job's answer if the job could not be done for a reason that is no business of the case. */
export const refusedFacts = z.strictObject({ is: z.literal('refused'), code: z.string(), message: z.string() })
