import { digestField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import { HAPPENINGS } from './moments.ts'

/** What the harness tells an app in another process. */
export const orderSchema = z.discriminatedUnion('order', [
  z.strictObject({
    order: z.literal('start'),
    profileDir: z.string(),
    /** The worker program, bundled. */
    worker: z.string(),
    /** Where it listens: null for every address of the host, and for the port that the product prefers. */
    host: z.string().nullable(),
    port: z.int().nullable(),
    /** Whether it announces itself and looks for others. */
    discover: z.boolean(),
    /** Bounds of the exchange other than the product’s. */
    limits: z.partialRecord(z.enum(['heartbeatMs', 'silentMs', 'retryMostMs']), z.int()),
  }),
  /** A packed text of the contract, as a window sends it. */
  z.strictObject({ order: z.literal('text'), text: z.string() }),
  z.strictObject({
    order: z.literal('die-at'),
    point: z.strictObject({ step: z.int(), moment: z.enum(['before', 'half', 'after']) }).nullable(),
  }),
  /** Lets so much time pass at once, as in sleep with a clock that goes on. */
  z.strictObject({ order: z.literal('pass'), ms: z.int() }),
  /** Tells how often each statement came in since the start, had or not. */
  z.strictObject({ order: z.literal('crossings') }),
  /** Tells when something came about, as soon as it has. */
  z.strictObject({ order: z.literal('moment'), what: z.enum(HAPPENINGS), id: digestField }),
  /** Has each picture sent to the window as it comes, from now on. */
  z.strictObject({ order: z.literal('watch') }),
  z.strictObject({ order: z.literal('quit') }),
])
export type Order = z.infer<typeof orderSchema>

/** What the app tells the harness. */
export const reportSchema = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('started') }),
  z.strictObject({ is: z.literal('will-die') }),
  z.strictObject({ is: z.literal('passed') }),
  z.strictObject({ is: z.literal('crossings'), of: z.array(z.tuple([z.string(), z.int()])) }),
  z.strictObject({ is: z.literal('moment'), at: z.number() }),
  z.strictObject({ is: z.literal('quit') }),
  /** The window would show something else now. */
  z.strictObject({ is: z.literal('changed') }),
  z.strictObject({ is: z.literal('copied'), text: z.string() }),
  z.strictObject({ is: z.literal('text'), text: z.string() }),
])
export type Report = z.infer<typeof reportSchema>
