import * as z from '../../../../shared/zod.ts'

const listed = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([z.literal('*'), z.record(z.string(), listed)]).optional(),
  NotPrincipal: z.unknown().optional(),
  Action: listed.optional(),
  NotAction: listed.optional(),
  Resource: listed.optional(),
  NotResource: listed.optional(),
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

/** Whether a deny stands; `under-condition` if it would without its condition. */
export type Denies = 'yes' | 'no' | 'under-condition'

/** Whether an explicit deny, without any condition, keeps from everything but these actions. */
export function deniesAllBut(statements: readonly PolicyStatement[], actions: readonly string[]): Denies {
  return standing(
    statements,
    ({ NotAction, Resource }) => Resource?.includes('*') === true && spares(NotAction, actions),
  )
}

/** Whether an explicit deny, without any condition, keeps from everything but these actions on all but these resources. */
export function deniesElsewhere(
  statements: readonly PolicyStatement[],
  actions: readonly string[],
  on: readonly string[],
): Denies {
  return standing(
    statements,
    ({ NotAction, NotResource }) =>
      NotResource?.every((resource) => on.includes(resource)) === true && spares(NotAction, actions),
  )
}

/** Whether a statement about all but some actions leaves out no others than these. */
function spares(NotAction: readonly string[] | undefined, actions: readonly string[]): boolean {
  const spared = new Set(actions.map((action) => action.toLowerCase()))
  return NotAction?.every((action) => spared.has(action.toLowerCase())) === true
}

function standing(statements: readonly PolicyStatement[], fits: (one: PolicyStatement) => boolean): Denies {
  const found = statements.filter((one) => one.Effect === 'Deny' && fits(one))
  if (found.some(({ Condition }) => Condition === undefined)) return 'yes'
  return found.length > 0 ? 'under-condition' : 'no'
}

/** Actions, and the resources on which somebody is to have them: as a policy names these, letter for letter. */
export interface Allowance {
  readonly actions: readonly string[]
  readonly on: readonly string[]
}

/**
 * On what else statements allow the actions of allowances, each in words; empty if on nothing else. Other actions are not weighed. Null
 * where a condition, or a statement about all but some, hides it.
 */
export function allowedBeyond(
  statements: readonly PolicyStatement[],
  allowances: readonly Allowance[],
): readonly string[] | null {
  const told = statements.filter(({ Effect }) => Effect === 'Allow').map((one) => beyondIn(one, allowances))
  const found = told.flatMap((one) => one ?? [])
  return found.length === 0 && told.includes(null) ? null : found
}

function beyondIn(
  { Action, NotAction, Resource, NotResource, Condition }: PolicyStatement,
  allowances: readonly Allowance[],
): readonly string[] | null {
  if (Action === undefined || NotAction !== undefined || Resource === undefined || NotResource !== undefined)
    return null
  const found = allowances.flatMap(({ actions, on }) => {
    const allowed = actions.filter((action) => Action.some((one) => matches(one.toLowerCase(), action.toLowerCase())))
    const others = Resource.filter((one) => !on.includes(one))
    return allowed.length > 0 && others.length > 0 ? [`${allowed.join(', ')} on ${others.join(', ')}`] : []
  })
  return found.length > 0 && Condition !== undefined ? null : found
}

/** What a narrow role is for. */
export interface Narrow {
  /** What it needs. */
  readonly actions: readonly string[]
  /** What it may have beside. */
  readonly also: readonly string[]
  /** ARNs on which it has to be allowed each action. */
  readonly targets: readonly string[]
  /** What its policy may name as resources beside the targets, letter for letter. */
  readonly patterns: readonly string[]
  /** ARNs that none of these patterns may cover. */
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
  const everywhere = allows.some(({ Resource, NotResource }) => Resource === undefined || NotResource !== undefined)
  const named = new Set(allows.flatMap(({ Resource = [] }) => Resource))
  const own = new Set([...narrow.targets, ...narrow.patterns])
  const others = [...named].filter((one) => !own.has(one))
  const covered = narrow.strangers.filter((arn) => [...named].some((one) => own.has(one) && matches(one, arn)))
  const wide = [...others, ...covered]
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
