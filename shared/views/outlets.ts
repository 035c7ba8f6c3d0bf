import { FORMATS } from '../outlets/format-names.ts'
import * as z from '../zod.ts'
import { id, ms, text } from './fields.ts'

/** An outlet, and how far it is. */
export const outletView = z.strictObject({
  id,
  name: text,
  format: z.enum(FORMATS),
  via: z.enum(['udp', 'tcp', 'tls', 'webhook']),
  /** Where it leads, in words. */
  to: text,
  state: z.enum(['up-to-date', 'sending', 'waiting']),
  /** Entries of the log that are out, or were there before it began, of all. */
  delivered: z.int(),
  total: z.int(),
  /** When the last batch was acknowledged. */
  lastAt: ms.nullable(),
  /** Why the last attempt failed. */
  trouble: text.nullable(),
  nextTryAt: ms.nullable(),
})
export type OutletView = z.infer<typeof outletView>
