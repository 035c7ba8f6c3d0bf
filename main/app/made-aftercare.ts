import type { Digest } from '../../shared/bytes.ts'
import { type Case, type Grant, grantsIn } from '../../shared/case/types.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { aftercareFields } from '../../shared/statements/aftercare.ts'
import * as z from '../../shared/zod.ts'
import type { Aftercared } from '../issuers/worker/client.ts'
import type { Device } from './device.ts'

/** What was made for the time after a grant, by the id of the grant. */
const TABLE = 'aftercare'

const madeSchema = z.strictObject(aftercareFields)
/** As the statement will tell it. */
export type Made = z.output<typeof madeSchema>

/**
 * Keeps what was made, before anything of it is held or told: what may deny a session lives beside the vault, so that a lock in between would
 * leave this device with it while the record says that there is none.
 */
export async function keepMade(
  { shelf, vault }: Pick<Device, 'shelf' | 'vault'>,
  grant: Digest,
  { revoker, rotator, lacks }: Aftercared,
): Promise<Made> {
  const kept = async (boxes: NonNullable<Aftercared['rotator']>['boxes']) =>
    Promise.all(boxes.map(async ({ device, box }) => ({ device, sealed: await shelf.put(box) })))
  const made = {
    revoker: revoker && { userId: revoker.userId, expires: revoker.expires, boxes: await kept(revoker.boxes) },
    rotator: rotator && { expires: rotator.expires, boxes: await kept(rotator.boxes) },
    lacks,
  }
  await vault.journal.append(TABLE, grant, jcs(made))
  return made
}

/** What this device made, by the ids of the grants. */
export async function madeHere({ vault }: Pick<Device, 'vault'>): Promise<ReadonlyMap<Digest, Made>> {
  const found = new Map<Digest, Made>()
  for await (const { key, value } of vault.journal.records(TABLE)) found.set(key, madeSchema.parse(parseJcs(value)))
  return found
}

/** Grants of this device's, of which it did not say yet what it made. */
export function untold({ id }: Pick<Device, 'id'>, one: Case): Grant[] {
  return grantsIn(one).filter(
    ({ statement, plan, aftercare }) =>
      statement.payload.device === id && plan.access.aftercare !== undefined && aftercare.length === 0,
  )
}
