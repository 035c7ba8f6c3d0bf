import * as z from '../zod.ts'

/** An id of whatever kind: shown on demand, never read. */
export const id = z.string().max(64)
export const text = z.string().max(8000)
export const ms = z.number()

/** A person wherever one is mentioned. */
export const personRef = z.strictObject({ member: id, name: text })
export type PersonRef = z.infer<typeof personRef>

/** Who endorsed something, of how many that are needed. */
export const consent = z.strictObject({ by: z.array(personRef), need: z.int(), met: z.boolean(), mine: z.boolean() })
