import * as z from '../../shared/zod.ts'

/** What the harness tells an app in another process. */
export const orderSchema = z.discriminatedUnion('order', [
  z.strictObject({
    order: z.literal('start'),
    profileDir: z.string(),
    /** The worker program, bundled. */
    worker: z.string(),
    /** On the loopback. */
    port: z.int(),
  }),
  /** A packed text of the contract, as a window sends it. */
  z.strictObject({ order: z.literal('text'), text: z.string() }),
  z.strictObject({
    order: z.literal('die-at'),
    point: z.strictObject({ step: z.int(), moment: z.enum(['before', 'half', 'after']) }).nullable(),
  }),
  z.strictObject({ order: z.literal('quit') }),
])
export type Order = z.infer<typeof orderSchema>

/** What the app tells the harness. */
export const reportSchema = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('started') }),
  z.strictObject({ is: z.literal('will-die') }),
  z.strictObject({ is: z.literal('quit') }),
  /** The window would show something else now. */
  z.strictObject({ is: z.literal('changed') }),
  z.strictObject({ is: z.literal('copied'), text: z.string() }),
  z.strictObject({ is: z.literal('text'), text: z.string() }),
])
export type Report = z.infer<typeof reportSchema>
