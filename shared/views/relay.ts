import * as z from '../zod.ts'
import { id, ms, text } from './fields.ts'

/** A broker of the relay, and how it stands. Nothing of the credentials but their kind. */
export const brokerView = z.strictObject({
  id,
  url: text,
  as: z.enum(['nobody', 'user', 'file']),
  /** Whether only certificates of a CA that was given with it count. */
  pinned: z.boolean(),
  state: z.enum(['connecting', 'on', 'waiting']),
  since: ms,
  /** Why it is not used at the moment. */
  trouble: text.nullable(),
  /** Messages since unlocking: those that it said it keeps, those that were read there; and those still to go there. */
  kept: z.int(),
  read: z.int(),
  waiting: z.int(),
  /** Messages that were to go there and gave way to newer ones, or were refused, since unlocking. */
  dropped: z.int(),
  /** Messages that lay there for this device and that nobody can read. */
  unreadable: z.int(),
})
export type BrokerView = z.infer<typeof brokerView>
