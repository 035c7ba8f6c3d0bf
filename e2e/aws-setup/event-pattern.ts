import * as z from 'zod'

// What of EventBridge's patterns the alarms use; anything else is refused, never ignored
// (docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html).
const leaf = z.array(
  z.union([
    z.string(),
    z.boolean(),
    z.strictObject({ prefix: z.string() }),
    z.strictObject({ wildcard: z.string().refine((text) => !text.includes('**')) }),
  ]),
)
const object = z.record(z.string(), z.unknown())

/** Whether a rule with that pattern is told of an event. */
export function matches(pattern: unknown, event: unknown): boolean {
  const found = object.safeParse(event).data ?? {}
  return Object.entries(object.parse(pattern)).every(([key, wanted]) => {
    if (key === '$or')
      return z
        .array(object)
        .min(2)
        .parse(wanted)
        .some((one) => matches(one, event))
    if (!Array.isArray(wanted)) return matches(wanted, found[key])
    const value = found[key]
    return leaf.parse(wanted).some((one) => isWanted(one, value))
  })
}

function isWanted(wanted: z.output<typeof leaf>[number], value: unknown): boolean {
  if (typeof wanted !== 'object') return wanted === value
  if (typeof value !== 'string') return false
  if ('prefix' in wanted) return value.startsWith(wanted.prefix)
  const parts = wanted.wildcard.split('*').map((text) => text.replace(/[.+^${}()|[\]\\?]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(value)
}
