import { digestField, timeField } from '../statements/fields.ts'
import * as z from '../zod.ts'

/** What of the exporter's ledger a bundle has. */
export const scopeField = z.union([
  z.literal('all'),
  /** All that is left of a ledger of which the exporting device pruned entries. */
  z.literal('held'),
  /** One case, by its request. */
  z.strictObject({ case: digestField }),
  /** What was signed from one time up to another, as its authors claim, and the cases asked for then. */
  z.strictObject({ from: timeField, to: timeField }),
])
export type BundleScope = z.infer<typeof scopeField>
