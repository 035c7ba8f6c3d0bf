import type { Digest } from '../../shared/bytes.ts'
import { narrowLeft } from '../../shared/case/renewing.ts'
import { isSameUser, type Whose } from '../../shared/case/replacing.ts'
import { type Grant, grantsIn } from '../../shared/case/types.ts'
import { SecretsError } from '../../shared/secrets/errors.ts'
import { openBox } from '../boxes.ts'
import type { Endpoint } from '../issuers/aws/client.ts'
import { end } from '../issuers/worker/client.ts'
import { type RotateWorker, startRotation } from '../issuers/worker/rotate-client.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'

/** What of a device is looked at. */
type Seen = Pick<Device, 'id' | 'clock' | 'currentCases' | 'shelf'>

/** What may replace the keys of a user, sealed to this device. */
export interface FoundRotator {
  /** The grant beside which it was made. */
  readonly grant: Grant
  /** Its box on the shelf. */
  readonly sealed: Digest
  /** When it is over, by this device's clock as far as AWS's is known. */
  readonly ends: number
  /** Whose keys, and where: of the plan under which it was made. */
  readonly whose: Whose
  readonly user: string
  readonly iam: Endpoint
  readonly regions: readonly Endpoint[]
}

/**
 * The rotator on this device that may replace the key of a grant for the longest time, or null: that of its own case, or of
 * any other whose plan names the same user of the same account, at the same IAM, such as a drill's.
 */
export function rotatorFor(device: Seen, { plan }: Grant): FoundRotator | null {
  const { credential } = plan.credential
  const { wall } = device.clock()
  const found = device
    .currentCases()
    .flatMap(grantsIn)
    .filter((grant) => grant.plan.credential.credential === credential)
    .flatMap((grant) => rotatorsIn(device, grant, wall))
    .filter((one) => isSameUser(plan.access.aftercare, one.whose) && one.ends > wall && device.shelf.has(one.sealed))
    .sort((a, b) => b.ends - a.ends)
  return found[0] ?? null
}

function rotatorsIn(device: Seen, grant: Grant, wall: number): FoundRotator[] {
  const { aftercare: planned, regions } = grant.plan.access
  if (planned?.rotator === undefined) return []
  const { iam, rotator } = planned
  return grant.aftercare.flatMap(({ payload }) => {
    const box = payload.rotator?.boxes.find((one) => one.device === device.id)
    if (!payload.rotator || box === undefined) return []
    const ends = wall + narrowLeft(payload.rotator, grant.statement, wall)
    return [{ grant, sealed: box.sealed, ends, whose: planned, user: rotator.user, iam, regions }]
  })
}

/** Opens it. @returns as sealed; the caller's to wipe. @throws {AppError} `blob-missing`, `not-allowed`. */
export async function openRotator(
  device: Device,
  { grant, sealed }: FoundRotator,
  boxKey: Uint8Array | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const box = await device.shelf.get(sealed)
  if (box === null || boxKey === null)
    throw new AppError('blob-missing', 'What may replace the key is not on this device. Let it meet the others.')
  const { organization, request, basis, device: from } = grant.statement.payload
  const { deposit, ready } = basis
  const context = {
    purpose: 'rotator',
    organization,
    deposit,
    request,
    ready,
    from,
    to: device.id,
    index: null,
  } as const
  try {
    return await openBox(boxKey, context, box)
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error
    throw new AppError(
      'not-allowed',
      `What may replace the key does not open on this device (${error.message}). Nothing was done. Let another admin try, or run a drill.`,
    )
  }
}

/**
 * A worker that has the rotator. One that cannot be held does not stay, be it that a lock came while it started.
 *
 * @param rotator - as {@link openRotator} gives it; still the caller's to wipe.
 * @throws why `lasting` is over, if it is; else what kept the worker from starting.
 */
export async function startRotator(
  device: Device,
  { iam, regions, holdMs }: Pick<FoundRotator, 'iam' | 'regions'> & { readonly holdMs: number },
  rotator: Uint8Array<ArrayBuffer>,
  lasting: AbortSignal,
): Promise<RotateWorker> {
  const worker = device.host.startWorker()
  const kill = () => worker.kill()
  lasting.addEventListener('abort', kill, { once: true })
  try {
    const facts = { iam: { ...iam }, regions: regions.map((each) => ({ ...each })), holdMs }
    return await startRotation(worker, facts, rotator)
  } catch (error) {
    await end(worker)
    // Not that the worker is gone, but why.
    lasting.throwIfAborted()
    throw error
  } finally {
    lasting.removeEventListener('abort', kill)
  }
}
