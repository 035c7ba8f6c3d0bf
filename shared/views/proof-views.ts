import { MAX_PAYLOAD_BYTES } from '../statements/sizes.ts'
import * as z from '../zod.ts'
import { id, ms, personRef, text } from './fields.ts'

const row = z.strictObject({ label: text, value: text })

/** Another device that cosigned a checkpoint which covers a statement. */
const voucherView = z.strictObject({
  person: personRef,
  /** When, by that device's clock. */
  at: ms,
  /** How many entries of this device's log it vouched for then. */
  size: z.int(),
})
export type VoucherView = z.infer<typeof voucherView>

/** Everything that proves one statement: shown on demand. */
export const proofDetails = z.strictObject({
  id,
  kind: z.string().max(32),
  person: personRef,
  says: text,
  at: ms,
  stands: text,
  /** Which keys signed, and what the hardware key vouched for. */
  signed: z.array(row).max(32),
  /** Where it stands: in this device's log, and in its author's chain. */
  place: z.array(row).max(32),
  vouchers: z.array(voucherView).max(200),
  /** The signed payload in its canonical form (RFC 8785). */
  payload: z.string().max(MAX_PAYLOAD_BYTES),
})
export type ProofDetails = z.infer<typeof proofDetails>
