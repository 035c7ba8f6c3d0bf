import * as z from '../../../../shared/zod.ts'

const policySchema = z.object({ Statement: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]) })

/** Whether a text can be a session policy at all: JSON with statements. */
export function isPolicy(text: string): boolean {
  try {
    return policySchema.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

/**
 * A session policy with a deny of everything beside its own statements, so that AWS weighs it and it opens nothing. It is never
 * shorter than what it was made of.
 *
 * @throws {TypeError} if it is none, see {@link isPolicy}.
 */
export function deniedPolicy(text: string): string {
  const policy: unknown = JSON.parse(text)
  const { Statement } = policySchema.parse(policy)
  return JSON.stringify({ ...(policy as object), Statement: [...[Statement].flat(), DENY] }).padEnd(text.length)
}

const DENY = { Effect: 'Deny', Action: '*', Resource: '*' }
