import * as z from 'zod'

const texts = z
  .union([z.string(), z.boolean(), z.number(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [String(value)]))

type Compare = (value: string, wanted: string) => boolean

/** What IAM takes for a time: seconds since 1970, or ISO 8601 as the W3C profiles it; no wildcard and no policy variable. */
const TIME = /^(\d+|\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?)$/

const time = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text))
const isTime = (text: string) => TIME.test(text) && !Number.isNaN(time(text))

/** Operators, without `Not…` and `…IfExists`. */
const COMPARES = {
  StringEquals: (value, wanted) => value === wanted,
  StringEqualsIgnoreCase: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  StringLike: (value, wanted) => like(wanted, value),
  ArnEquals: (value, wanted) => like(wanted, value),
  ArnLike: (value, wanted) => like(wanted, value),
  Bool: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  DateEquals: (value, wanted) => time(value) === time(wanted),
  DateLessThan: (value, wanted) => time(value) < time(wanted),
  DateLessThanEquals: (value, wanted) => time(value) <= time(wanted),
  DateGreaterThan: (value, wanted) => time(value) > time(wanted),
  DateGreaterThanEquals: (value, wanted) => time(value) >= time(wanted),
  NumericLessThan: (value, wanted) => Number(value) < Number(wanted),
  NumericLessThanEquals: (value, wanted) => Number(value) <= Number(wanted),
  NumericGreaterThan: (value, wanted) => Number(value) > Number(wanted),
} as const satisfies Record<string, Compare>

const NEGATED = {
  StringNotEquals: COMPARES.StringEquals,
  StringNotEqualsIgnoreCase: COMPARES.StringEqualsIgnoreCase,
  StringNotLike: COMPARES.StringLike,
  DateNotEquals: COMPARES.DateEquals,
  ArnNotEquals: COMPARES.ArnEquals,
  ArnNotLike: COMPARES.ArnLike,
} as const satisfies Record<string, Compare>

const plain = [...Object.keys(COMPARES), ...Object.keys(NEGATED)]
const operatorField = z.enum([...plain, ...plain.map((name) => `${name}IfExists`), 'Null'])

/** Operator to key to wanted values; an operator that the sandbox does not know, or a time that is none, makes the policy malformed. */
export const conditionSchema = z.partialRecord(operatorField, z.record(z.string(), texts)).refine(
  (condition) =>
    Object.entries(condition).every(
      ([operator, keys]) =>
        !operator.startsWith('Date') ||
        Object.values(keys ?? {})
          .flat()
          .every(isTime),
    ),
  'a time',
)
type Condition = z.output<typeof conditionSchema>

/** Operators of AWS that lie beyond the sandbox. */
const BEYOND = /^(For(All|Any)Values:.+|Numeric\w+|BinaryEquals|(Not)?IpAddress)$/

/** Whether AWS knows this operator, be it that the sandbox does not. */
export function isOperator(name: string): boolean {
  return operatorField.safeParse(name).success || BEYOND.test(name.replace(/IfExists$/, ''))
}

/** The operators that a condition uses, without `…IfExists`. */
export function operatorsIn(condition: Condition | undefined): string[] {
  return Object.keys(condition ?? {}).map((name) => name.replace(/IfExists$/, ''))
}

/**
 * Whether all of a statement's conditions hold. A key that the call does not have fails every operator except the negated
 * ones, `…IfExists` and `Null`, as in AWS.
 *
 * @param context - keys in lower case.
 * @param filled - puts policy variables in.
 */
export function conditionHolds(
  condition: Condition,
  context: ReadonlyMap<string, string>,
  filled: (text: string) => string,
): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys ?? {}).every(([key, wanted]) =>
      holds(operator, context.get(key.toLowerCase()), wanted.map(filled)),
    ),
  )
}

function holds(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  if (operator === 'Null') return wanted.includes(String(value === undefined))
  const name = operator.replace(/IfExists$/, '')
  if (value === undefined) return name !== operator || name in NEGATED
  const compares: Record<string, Compare> = COMPARES
  const positive = compares[name]
  if (positive !== undefined) return wanted.some((text) => positive(value, text))
  const negatives: Record<string, Compare> = NEGATED
  const negative = negatives[name]
  return negative !== undefined && !wanted.some((text) => negative(value, text))
}

/** IAM's wildcards: `*` any number of characters, `?` one. */
export function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}
