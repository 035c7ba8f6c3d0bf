import { bytesField, lineField } from './statements/fields.ts'
import * as z from './zod.ts'

// What main asks of a security key, and what the window brings back. Main decides every step; the window only
// carries it to `navigator.credentials` and the answer back, so a broken window can refuse service and nothing else.

const challengeField = bytesField(32)
const credentialIdField = bytesField(16, 1023)
const transportsField = z.array(z.string().max(32)).max(8)

const descriptorField = z.strictObject({
  id: credentialIdField,
  type: z.literal('public-key'),
  transports: transportsField.optional(),
})

/** PublicKeyCredentialCreationOptionsJSON (WebAuthn Level 3 §5.1.8), as far as we use it. */
const creationOptionsSchema = z.strictObject({
  rp: z.strictObject({ id: z.string().max(253), name: z.string().max(64) }),
  user: z.strictObject({ id: bytesField(1, 64), name: z.string().max(128), displayName: z.string().max(128) }),
  challenge: challengeField,
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal('public-key'), alg: z.int() })).min(1),
  timeout: z.int().positive(),
  excludeCredentials: z.array(descriptorField).max(32),
  authenticatorSelection: z.strictObject({
    authenticatorAttachment: z.literal('cross-platform'),
    residentKey: z.literal('discouraged'),
    requireResidentKey: z.literal(false),
    userVerification: z.literal('required'),
  }),
  hints: z.array(z.literal('security-key')),
  attestation: z.enum(['direct', 'none']),
  extensions: z.strictObject({
    prf: z.strictObject({}),
    credProps: z.literal(true),
    credentialProtectionPolicy: z.literal('userVerificationRequired'),
    enforceCredentialProtectionPolicy: z.literal(false),
  }),
})

/**
 * PublicKeyCredentialRequestOptionsJSON (WebAuthn Level 3 §5.1.9), as far as we use it. The PRF salts are base64url;
 * the window turns challenge, ids and salts into buffers.
 */
const requestOptionsSchema = z.strictObject({
  challenge: challengeField,
  rpId: z.string().max(253),
  timeout: z.int().positive(),
  allowCredentials: z.array(descriptorField).min(1).max(32),
  userVerification: z.literal('required'),
  hints: z.array(z.literal('security-key')),
  extensions: z.strictObject({
    prf: z
      .strictObject({
        evalByCredential: z.record(credentialIdField, z.strictObject({ first: bytesField(32) })),
      })
      .optional(),
  }),
})

export type CreationOptions = z.infer<typeof creationOptionsSchema>
export type RequestOptions = z.infer<typeof requestOptionsSchema>

const id = bytesField(16)

/** What a touch is for: the window shows other words for each. */
const purposeSchema = z.enum(['unlock', 'sign', 'same-key', 'prove'])
export type Purpose = z.infer<typeof purposeSchema>

const ceremonyKindSchema = z.enum(['set-up', 'unlock', 'sign'])
export type CeremonyKind = z.infer<typeof ceremonyKindSchema>

const refusalCodes = [
  'no-prf',
  'no-algorithm',
  'no-secret',
  'secret-changed',
  'no-verification',
  'no-answer',
  'cannot-ask-pin',
  'synced',
  'same-key',
  'another-key',
  'unknown-key',
  'wrong-site',
  'not-verified',
  'unexpected-answer',
  'slot-altered',
  'vault-altered',
  'disk-full',
  'chain-moved',
  'read-only',
  'disk-failed',
  'not-alone',
  'newer-version',
  'older-version',
  'cancelled',
  'out-of-date',
  'failed',
] as const

/** Why a key or its answer was refused. Docs: docs/formats/vault.md §6. */
export const refusalCodeSchema = z.enum(refusalCodes)
export type RefusalCode = z.infer<typeof refusalCodeSchema>

/** Something people should know although the ceremony went on. */
export const noticeSchema = z.strictObject({
  /** `journal`: it lost something, and takes nothing until somebody accepts that; `journal-tail`: it mended itself. */
  code: z.enum(['counter-drop', 'journal', 'journal-tail', 'vault-altered', 'vault-copy']),
  message: z.string().max(1000),
})
export type Notice = z.infer<typeof noticeSchema>

const asked = {
  /** Names the running ceremony; each answer carries it back. */
  ceremony: id,
  task: ceremonyKindSchema,
  purpose: purposeSchema,
  /** The key to touch, as its owner named it; null when any of the vault's keys will do. */
  key: lineField(64).nullable(),
  progress: z.strictObject({ at: z.int().min(1), of: z.int().min(1) }),
}

/** What the window is to do next. */
export const stepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create'), ...asked, options: creationOptionsSchema }),
  z.strictObject({ kind: z.literal('get'), ...asked, options: requestOptionsSchema }),
  z.strictObject({
    kind: z.literal('refused'),
    ceremony: id,
    code: refusalCodeSchema,
    /** Where `failed` says too little: the code of the error behind it; the window has words for it. */
    because: z.string().max(64).nullable(),
    /** What happened, what it means, what to do. */
    message: z.string().max(1000),
    /** Whether `{kind: 'again'}` repeats the step; otherwise the ceremony is over. */
    mayRetry: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('done'), ceremony: id, task: ceremonyKindSchema, notices: z.array(noticeSchema) }),
])
export type Step = z.infer<typeof stepSchema>
export type AskStep = Extract<Step, { kind: 'create' | 'get' }>

const base64 = (max: number) => bytesField(1, max)

/**
 * RegistrationResponseJSON (WebAuthn Level 3 §5.1). Strict on purpose: a window that forgot to take PRF outputs out of
 * `clientExtensionResults` is refused, so that no secret is ever carried as text.
 */
const registrationResponseSchema = z.strictObject({
  id: credentialIdField,
  rawId: credentialIdField,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['cross-platform', 'platform']).optional(),
  response: z.strictObject({
    clientDataJSON: base64(4096),
    attestationObject: base64(32_768),
    authenticatorData: base64(16_384).optional(),
    transports: transportsField.optional(),
    publicKey: base64(4096).optional(),
    publicKeyAlgorithm: z.int().optional(),
  }),
  clientExtensionResults: z.strictObject({
    prf: z.strictObject({ enabled: z.boolean().optional() }).optional(),
    credProps: z.strictObject({ rk: z.boolean().optional() }).optional(),
  }),
})

/** AuthenticationResponseJSON (WebAuthn Level 3 §5.1) without extension results: the PRF output travels as bytes. */
const authenticationResponseSchema = z.strictObject({
  id: credentialIdField,
  rawId: credentialIdField,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['cross-platform', 'platform']).optional(),
  response: z.strictObject({
    clientDataJSON: base64(4096),
    authenticatorData: base64(4096),
    signature: base64(1024),
    userHandle: base64(64).optional(),
  }),
  clientExtensionResults: z.strictObject({}),
})
export type RegistrationResponse = z.infer<typeof registrationResponseSchema>
export type AuthenticationResponse = z.infer<typeof authenticationResponseSchema>

/** What the window brings back for a step. */
export const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('created'), response: registrationResponseSchema }),
  z.strictObject({
    kind: z.literal('asserted'),
    response: authenticationResponseSchema,
    /** The PRF output `results.first`, or null when the key gave none. Main wipes it after use; so must the window. */
    secret: z.instanceof(Uint8Array).nullable(),
  }),
  /** `navigator.credentials` rejected: the name of its DOMException. */
  z.strictObject({ kind: z.literal('failed'), name: z.string().max(64) }),
  /** After a refusal that may be retried: the same step once more. */
  z.strictObject({ kind: z.literal('again') }),
  /** The person gave up; the ceremony ends and leaves nothing behind. */
  z.strictObject({ kind: z.literal('cancel') }),
])
export type Answer = z.infer<typeof answerSchema>
