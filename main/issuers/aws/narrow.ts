import { jcs, parseJcs } from '../../../shared/jcs.ts'
import * as z from '../../../shared/zod.ts'
import { IssuerError } from '../issuer.ts'
import { sessionFields } from './session.ts'

const revokerSchema = z.strictObject({
  ...sessionFields,
  /** The emergency role, whose inline policies it may put, read and delete. */
  roleName: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  /** `aws:userid` of the session that it is to end. */
  userId: z.string().regex(/^\w{1,128}:[\w+=,.@-]{2,64}$/),
})
const rotatorSchema = z.strictObject({
  ...sessionFields,
  /** The IAM user whose access keys it may replace. */
  user: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  /** Seed of the user's MFA device, if the credential has one: the next generation of the credential needs it as well. */
  mfaSeed: z
    .string()
    .regex(/^[A-Z2-7]{16,128}$/)
    .exactOptional(),
})

/** A session that may end one other session. Its strings cannot be wiped: make it for one call, from the bytes that can. */
export type Revoker = z.output<typeof revokerSchema>
/** A session that may replace the keys of one user; as {@link Revoker}. */
export type Rotator = z.output<typeof rotatorSchema>

/** JCS of a revoker, as it is sealed; the caller's to wipe. */
export function revokerBytes(revoker: Revoker): Uint8Array<ArrayBuffer> {
  return jcs(revokerSchema.parse(revoker))
}

/** JCS of a rotator, as it is sealed; the caller's to wipe. */
export function rotatorBytes(rotator: Rotator): Uint8Array<ArrayBuffer> {
  return jcs(rotatorSchema.parse(rotator))
}

/** The revoker in an opened box. @throws {IssuerError} `invalid`. */
export function parseRevoker(bytes: Uint8Array): Revoker {
  return parsed(revokerSchema, bytes, 'session that may revoke')
}

/** The rotator in an opened box. @throws {IssuerError} `invalid`. */
export function parseRotator(bytes: Uint8Array): Rotator {
  return parsed(rotatorSchema, bytes, 'session that may rotate')
}

function parsed<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array, what: string): z.output<Schema> {
  try {
    return schema.parse(parseJcs(bytes))
  } catch {
    // Without a cause: a parser's message may quote what it read.
    throw new IssuerError('invalid', `the box does not hold a ${what}`, { mayExist: true })
  }
}

/** Session policy of a revoker: inline policies of one role. */
export function revokerPolicy(roleArn: string): string {
  return allow(['iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:DeleteRolePolicy'], roleArn)
}

/** Session policy of a rotator: the access keys of one user in the rotator's own account, without a path. */
export function rotatorPolicy({ roleArn, user }: { readonly roleArn: string; readonly user: string }): string {
  const [arn, partition, , , account] = roleArn.split(':')
  return allow(
    [
      'iam:ListAccessKeys',
      'iam:CreateAccessKey',
      'iam:UpdateAccessKey',
      'iam:DeleteAccessKey',
      'iam:GetAccessKeyLastUsed',
    ],
    `${arn}:${partition}:iam::${account}:user/${user}`,
  )
}

function allow(Action: readonly string[], Resource: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })
}

/** The name by which IAM knows a role: the last part of its ARN, without its path. */
export function roleNameOf(roleArn: string): string {
  return roleArn.split('/').at(-1) ?? ''
}
