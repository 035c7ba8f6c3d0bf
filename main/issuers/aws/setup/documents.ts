import * as z from '../../../../shared/zod.ts'

const listed = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([z.literal('*'), z.record(z.string(), listed)]).optional(),
  NotPrincipal: z.unknown().optional(),
  Action: listed.optional(),
  NotAction: listed.optional(),
  Resource: listed.optional(),
  NotResource: z.unknown().optional(),
  Condition: z.record(z.string(), z.unknown()).optional(),
})
const documentSchema = z.object({
  Statement: z.union([z.array(statementSchema), statementSchema.transform((one) => [one])]),
})

/** One statement of an IAM policy. */
export type PolicyStatement = z.output<typeof statementSchema>

/** The statements of a policy as IAM stores it; null if it is none that Lockbox can read. */
export function statementsOf(text: string): readonly PolicyStatement[] | null {
  try {
    return documentSchema.parse(JSON.parse(text)).Statement
  } catch {
    return null
  }
}

/** Whom a trust policy lets in, as it names them; what only a deny says is not among them. */
export function trusted(statements: readonly PolicyStatement[]): readonly string[] {
  return statements.flatMap(({ Effect, Principal, NotPrincipal }) => {
    if (Effect === 'Deny') return []
    if (NotPrincipal !== undefined || Principal === undefined) return ['everybody but some']
    if (Principal === '*') return ['everybody']
    return Object.entries(Principal).flatMap(([kind, names]) =>
      names.map((name) => (kind === 'AWS' ? name : `${kind} ${name}`)),
    )
  })
}

/**
 * Whether an explicit deny, without any condition, keeps from everything but these actions; `under-condition` if one would
 * without its condition.
 */
export function deniesAllBut(
  statements: readonly PolicyStatement[],
  actions: readonly string[],
): 'yes' | 'no' | 'under-condition' {
  const spared = new Set(actions.map((action) => action.toLowerCase()))
  const fits = statements.filter(
    ({ Effect, NotAction, Resource }) =>
      Effect === 'Deny' &&
      Resource?.includes('*') === true &&
      NotAction?.every((action) => spared.has(action.toLowerCase())) === true,
  )
  if (fits.some(({ Condition }) => Condition === undefined)) return 'yes'
  return fits.length > 0 ? 'under-condition' : 'no'
}

/** What a narrow role is for. */
export interface Narrow {
  /** What it needs. */
  readonly actions: readonly string[]
  /** What it may have beside. */
  readonly also: readonly string[]
  /** ARNs on which it has to be allowed each action. */
  readonly targets: readonly string[]
  /** ARNs of the same kind on which it must not be allowed any. */
  readonly strangers: readonly string[]
}

/** How a policy differs from what a narrow role is for, each in words; empty if it does not. Null where a condition hides it. */
export function differences(statements: readonly PolicyStatement[], narrow: Narrow): readonly string[] | null {
  const allows = statements.filter(({ Effect }) => Effect === 'Allow')
  // A deny, or a condition, may take away again what is allowed: that is not weighed here.
  if (allows.length < statements.length || allows.some(({ Condition }) => Condition !== undefined)) return null
  const allowed = new Set([...narrow.actions, ...narrow.also].map((action) => action.toLowerCase()))
  const more = allows.flatMap(({ Action = [], NotAction }) => [
    ...Action.filter((action) => !allowed.has(action.toLowerCase())),
    ...(NotAction === undefined ? [] : [`everything but ${NotAction.join(', ')}`]),
  ])
  const everywhere = allows.some(({ NotResource }) => NotResource !== undefined)
  const wide = narrow.strangers.filter((arn) =>
    allows.some(({ Resource = [] }) => Resource.some((one) => matches(one, arn))),
  )
  const lacking = narrow.targets.flatMap((arn) => {
    const missing = narrow.actions.filter(
      (action) =>
        !allows.some(
          ({ Action = [], Resource = [] }) =>
            Action.some((one) => matches(one.toLowerCase(), action.toLowerCase())) &&
            Resource.some((one) => matches(one, arn)),
        ),
    )
    return missing.length === 0 ? [] : [`it lacks ${missing.join(', ')} on ${arn}`]
  })
  return [
    ...(more.length > 0 ? [`it allows ${more.join(', ')}`] : []),
    ...(everywhere ? ['it allows what it does on everything but some'] : []),
    ...(wide.length > 0 ? [`what it allows covers ${wide.join(', ')} too`] : []),
    ...lacking,
  ]
}

/** Whether a name fits a pattern of IAM: `*` is any text, `?` any one character. */
function matches(pattern: string, name: string): boolean {
  const expression = pattern
    .replace(/\*+/g, '*')
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${expression}$`, 's').test(name)
}
