import { toBase64Url } from '../../shared/bytes.ts'
import { parseJcs } from '../../shared/jcs.ts'
import { leafHash } from '../../shared/ledger/merkle.ts'
import type { VerifiedStatement } from '../../shared/statements/door.ts'
import { digestField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'

const stubField = z.strictObject({
  device: digestField,
  /** The hash of its leaf in this device's ledger. */
  leaf: digestField,
  previous: digestField.nullable(),
  sequence: z.int().min(0),
})

/** What is left of a statement that was pruned: its leaf, and its place in its device's chain. */
export type Stub = Readonly<z.infer<typeof stubField>>

/** What is to be left of a statement. */
export function stubOf({ envelope, payload }: VerifiedStatement): Stub {
  const { device, previous, sequence } = payload
  return { device, leaf: toBase64Url(leafHash(envelope)), previous, sequence }
}

/** Reads one from the journal. */
export function parseStub(value: Uint8Array): Stub {
  return stubField.parse(parseJcs(value))
}
