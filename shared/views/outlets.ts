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
  /** Entries of the log that are out, of all since it began. */
  delivered: z.int(),
  total: z.int(),
  /** Of these, how many were removed from this device before they went out. */
  gone: z.int(),
  /** When the last batch was acknowledged. */
  lastAt: ms.nullable(),
  /** Why the last attempt failed. */
  trouble: text.nullable(),
  /** Since when attempts fail. */
  since: ms.nullable(),
  nextTryAt: ms.nullable(),
})
export type OutletView = z.infer<typeof outletView>
