import * as z from 'zod'
import { AwsError, notImplemented } from './errors.ts'

const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value))
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.strictObject({ AWS: texts }).optional(),
  Action: texts,
  Resource: texts.optional(),
  Condition: z.partialRecord(z.enum(['StringEquals', 'StringLike']), z.record(z.string(), texts)).optional(),
})
const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Id: z.string().optional(),
  Statement: z.union([statementSchema.transform((one) => [one]), z.array(statementSchema)]),
})

/** The part of IAM's policy language that the sandbox understands; anything else is refused, never ignored. */
export type Policy = z.output<typeof policySchema>
type Statement = z.output<typeof statementSchema>

/** One thing somebody wants to do. */
export interface Ask {
  readonly action: string
  readonly resource: string
  /** ARNs by which a trust policy may name the caller: its own, and its account's root. */
  readonly principals: readonly string[]
  /** Condition keys and their values, such as `sts:SourceIdentity`. */
  readonly context: ReadonlyMap<string, string>
}

export type Verdict = 'allow' | 'deny' | 'silent'

/**
 * Parses a policy document.
 *
 * @throws {AwsError} MalformedPolicyDocument if it is none; SandboxNotImplemented for what lies beyond the sandbox.
 */
export function parsePolicy(text: string): Policy {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new AwsError('MalformedPolicyDocument', 400, 'Syntax errors in policy.')
  }
  const parsed = policySchema.safeParse(value)
  if (parsed.success) return parsed.data
  const beyond = parsed.error.issues.find((issue) => issue.code === 'unrecognized_keys')
  if (beyond) throw notImplemented(`in a policy: ${beyond.message}`)
  throw new AwsError('MalformedPolicyDocument', 400, 'The policy is not in the valid JSON format of IAM.')
}

/** What one policy says of an ask: an explicit deny wins over any allow. */
export function verdictOf(policy: Policy, ask: Ask): Verdict {
  const matching = policy.Statement.filter((statement) => matches(statement, ask))
  if (matching.some((statement) => statement.Effect === 'Deny')) return 'deny'
  return matching.length > 0 ? 'allow' : 'silent'
}

/** Whether a trust policy names the caller itself, so that in one account no policy of the caller is needed. */
export function namesCaller(policy: Policy, ask: Ask, arn: string): boolean {
  return verdictOf(policy, { ...ask, principals: [arn] }) === 'allow'
}

function matches(statement: Statement, ask: Ask): boolean {
  const { Action, Resource, Principal, Condition } = statement
  if (!Action.some((pattern) => like(pattern.toLowerCase(), ask.action.toLowerCase()))) return false
  if (Resource && !Resource.some((pattern) => like(pattern, ask.resource))) return false
  if (Principal && !Principal.AWS.some((name) => ask.principals.includes(name))) return false
  return Object.entries(Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const value = ask.context.get(key)
      return (
        value !== undefined && wanted.some((text) => (operator === 'StringLike' ? like(text, value) : text === value))
      )
    }),
  )
}

function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}
