import { type Digest, digest, fromUtf8, utf8 } from '../../shared/bytes.ts'
import { diesAt } from '../../shared/case/grants.ts'
import type { Case, Grant } from '../../shared/case/types.ts'
import type { Device } from './device.ts'

/** Which kept blob is the sealed session of an attempt, by the id of its `ready`. */
const TABLE = 'sealed'

/**
 * Keeps a sealed session, and which attempt it is of: both on the medium before the grant is, so that a grant whose handover
 * was cut off by a crash still reaches whoever asked.
 */
export async function keepSealed(device: Device, ready: Digest, sealed: Uint8Array): Promise<void> {
  const blob = digest(sealed)
  // A record of what did not reach the medium leads to nothing, as if there were none.
  await Promise.all([device.shelf.put(sealed), device.vault.journal.append(TABLE, ready, utf8(blob))])
}

/** Sealed sessions kept on this device, by the `ready` of their attempt. */
export async function sealedSessions(device: Device): Promise<ReadonlyMap<Digest, Digest>> {
  const found = new Map<Digest, Digest>()
  for await (const { key, value } of device.vault.journal.records(TABLE)) found.set(key, fromUtf8(value))
  return found
}

/** Grants of this device's that were recorded when it was stopped, and not handed over; that of a rotation never is. */
export function unhanded(device: Device, one: Case): Grant[] {
  if (one.request.payload.purpose === 'rotation') return []
  const grants = one.grant === null ? [] : [one.grant, ...one.surplus]
  return grants.filter(
    ({ statement, handover, ends }) => statement.payload.device === device.id && handover === null && ends.length === 0,
  )
}

/**
 * Hands over what a crash kept from being handed over. A session whose sealed form did not reach the disk, or whose time
 * is over, is said to be lost: nobody holds it.
 */
export async function finishHandovers(device: Device, one: Case): Promise<void> {
  for (const grant of unhanded(device, one)) {
    const { id, statement } = grant
    const sealed = (await sealedSessions(device)).get(statement.payload.basis.ready)
    const wall = device.clock().wall
    if (wall < diesAt(grant) && sealed !== undefined && (await device.shelf.get(sealed)) !== null)
      await device.author.write('handover', device.pen(), { request: one.id, grant: id, sealed })
    else
      await device.author.write('ended', device.pen(), {
        request: one.id,
        grant: id,
        how: 'lost',
        confirmation: 'none',
        wiped: true,
        at: wall,
      })
  }
}
