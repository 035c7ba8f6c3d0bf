import type { Digest } from '../../shared/bytes.ts'
import { heldInItsPlace } from '../../shared/case/replacing.ts'
import { type Grant, grantsIn } from '../../shared/case/types.ts'
import type { Device } from './device.ts'
import type { RotationRecord } from './rotation-record.ts'

/** Says on the record how far replacing a key is, once: that the old one is off only when the new one worked without it. */
export async function sayProgress(
  device: Device,
  grant: Grant,
  { progress, offAt, goneAt }: RotationRecord,
): Promise<void> {
  if (offAt !== null && progress.isRetested) await write(device, grant, 'deactivated', offAt)
  if (goneAt !== null) await write(device, grant, 'deleted', goneAt)
}

/** Says that the old key is gone, where a crash or a lock kept that from being said; nothing if this device may not sign now. */
export async function sayGone(device: Device, id: Digest, goneAt: number): Promise<void> {
  const statement = device.org()?.collection.get('grant', id)
  const one = statement && device.case(statement.payload.request)
  const grant = one && grantsIn(one).find((each) => each.id === id)
  if (grant !== undefined && device.standing.maySign) await write(device, grant, 'deleted', goneAt)
}

async function write(device: Device, grant: Grant, step: 'deactivated' | 'deleted', at: number): Promise<void> {
  const org = device.org()
  const next = org && heldInItsPlace(org, grant)
  const used = org?.collection.get('deposit', grant.statement.payload.basis.deposit)
  const isSaid = grant.rotations.some(({ payload }) => payload.step === step && payload.device === device.id)
  if (!next || used === undefined || isSaid) return
  await device.author.write('rotated', device.pen(), {
    request: grant.statement.payload.request,
    grant: grant.id,
    deposit: next.id,
    accessKeyId: used.payload.header.accessKeyId,
    step,
    at,
  })
}
