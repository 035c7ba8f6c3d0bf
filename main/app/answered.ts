import type { Digest } from '../../shared/bytes.ts'
import type { Device } from './device.ts'

/** Sessions that AWS answered, by the ids of their grants: what was seen before is what can be seen to end. */
const TABLE = 'answered'

/** Keeps for the next run of the app that AWS answered a session, before anybody denied it. */
export async function keepAnswered(device: Device, grant: Digest): Promise<void> {
  await device.vault.journal.append(TABLE, grant, new Uint8Array(0))
}

/** Whether that is known. */
export async function wasAnswered(device: Device, grant: Digest): Promise<boolean> {
  for await (const { key } of device.vault.journal.records(TABLE)) if (key === grant) return true
  return false
}
