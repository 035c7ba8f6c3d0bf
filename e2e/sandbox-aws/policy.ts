import * as z from 'zod'
import { conditionHolds, conditionSchema, isOperator, like } from './conditions.ts'
import { AwsError, notImplemented } from './errors.ts'

const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value))
const principalSchema = z.union([
  z.literal('*').transform(() => ({ AWS: ['*'] })),
  z.strictObject({ AWS: texts.optional(), Service: texts.optional() }),
])
const statementSchema = z
  .strictObject({
    Sid: z
      .string()
      .regex(/^[A-Za-z0-9]*$/)
      .optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Principal: principalSchema.optional(),
    Action: texts.optional(),
    NotAction: texts.optional(),
    Resource: texts.optional(),
    NotResource: texts.optional(),
    Condition: conditionSchema.optional(),
  })
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), 'Action or NotAction')
  .refine(({ Resource, NotResource }) => Resource === undefined || NotResource === undefined, 'one kind of resource')
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
  /** ARNs by which a trust policy may name the caller: its own, its role's, and its account's root. */
  readonly principals: readonly string[]
  /** Condition keys and their values, such as `sts:SourceIdentity`. Keys are compared without regard to case. */
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
  // AWS refuses an operator that it does not know; one that it does know is the sandbox's to own up to.
  const isUnknown = beyond?.path.at(-1) === 'Condition' && !beyond.keys.every(isOperator)
  if (beyond && !isUnknown) throw notImplemented(`in a policy: ${beyond.message}`)
  throw new AwsError('MalformedPolicyDocument', 400, 'The policy is not in the valid JSON format of IAM.')
}

/** What one policy says of an ask: an explicit deny wins over any allow. */
export function verdictOf(policy: Policy, ask: Ask): Verdict {
  const matching = policy.Statement.filter((statement) => matches(statement, ask))
  if (matching.some((statement) => statement.Effect === 'Deny')) return 'deny'
  return matching.length > 0 ? 'allow' : 'silent'
}

/** What several policies of one kind say together. */
export function verdictOfAll(policies: readonly Policy[], ask: Ask): Verdict {
  const verdicts = policies.map((policy) => verdictOf(policy, ask))
  if (verdicts.includes('deny')) return 'deny'
  return verdicts.includes('allow') ? 'allow' : 'silent'
}

/** Whether a trust policy names the caller itself, so that in one account no policy of the caller is needed. */
export function namesCaller(policy: Policy, ask: Ask, arns: readonly string[]): boolean {
  return verdictOf(policy, { ...ask, principals: arns }) === 'allow'
}

function matches(statement: Statement, ask: Ask): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, Condition } = statement
  const isAction = (pattern: string) => like(pattern.toLowerCase(), ask.action.toLowerCase())
  const isResource = (pattern: string) => like(filledIn(pattern, ask.context), ask.resource)
  if (Action && !Action.some(isAction)) return false
  if (NotAction?.some(isAction)) return false
  if (Resource && !Resource.some(isResource)) return false
  if (NotResource?.some(isResource)) return false
  if (Principal && !(Principal.AWS ?? []).some((name) => name === '*' || ask.principals.includes(name))) return false
  return conditionHolds(Condition ?? {}, ask.context, (text) => filledIn(text, ask.context))
}

/** The text with its policy variables, such as `${aws:username}`; one that has no value matches nothing. */
function filledIn(text: string, context: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{([\w:./-]+)\}/g, (_, key: string) => context.get(key.toLowerCase()) ?? '\u0000')
}
