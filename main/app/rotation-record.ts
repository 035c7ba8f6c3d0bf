import type { Digest } from '../../shared/bytes.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { lineField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import { NO_PROGRESS } from '../issuers/aws/rotation.ts'
import { progressFields } from '../issuers/worker/protocol.ts'
import type { Device } from './device.ts'

/** How far this device has replaced the key of a grant, by the grant's id; the newest record counts. */
const TABLE = 'rotation'

const record = z.strictObject({
  progress: progressFields,
  /** Since when the old key is known to be turned off; null while it is on. */
  offAt: z.int().nullable(),
  /** Whether AWS ever had the old key on while this device looked: what is off after that was turned off here, or by people. */
  wasOn: z.boolean().default(false),
  /** When AWS said that the old key is gone. */
  goneAt: z.int().nullable(),
  /** Keys of the user that nobody accounts for, as last listed. */
  alarms: z.array(lineField(128)),
})
/** What is kept of a rotation; no secret. */
export type RotationRecord = z.output<typeof record>

/** Where it begins. */
export const NOTHING_DONE: RotationRecord = {
  progress: { ...NO_PROGRESS, asked: null },
  offAt: null,
  wasOn: false,
  goneAt: null,
  alarms: [],
}

/** Keeps it; durable before it returns. */
export async function keepRotation(device: Device, grant: Digest, kept: RotationRecord): Promise<void> {
  await device.vault.journal.append(TABLE, grant, jcs(kept))
}

/** All that this device has kept. */
export async function keptRotations(device: Device): Promise<Map<Digest, RotationRecord>> {
  const found = new Map<Digest, RotationRecord>()
  for await (const { key, value } of device.vault.journal.records(TABLE)) found.set(key, record.parse(parseJcs(value)))
  return found
}
