import { whyNoRotating } from '../../shared/case/aftercare-duties.ts'
import { DELETE_AFTER_MS } from '../../shared/case/replacing.ts'
import type { Case, Grant } from '../../shared/case/types.ts'
import type { RotationHere } from '../../shared/views/rotation.ts'
import type { Turned } from '../issuers/worker/rotate-client.ts'
import type { Device } from './device.ts'
import type { RotationRecord } from './rotation-record.ts'
import { orgOf, saidElsewhere, waitFor } from './rotation-state.ts'
import { rotatorFor } from './rotators.ts'

/** What this device knows of the rotation of a grant's key. */
export interface KnownHere {
  /** Null while none is under way. */
  readonly held: {
    readonly ends: number
    readonly holds: string | null
    readonly outcome: Turned['outcome'] | null
  } | null
  readonly kept: RotationRecord
  /** Whether what was kept has been read. */
  readonly isKnown: boolean
  /** Whether another case comes first. */
  readonly isBehind: boolean
}

/** Where replacing a grant's key stands on this device, for the view of its case. */
export function rotationHere(device: Device, one: Case, grant: Grant, known: KnownHere): RotationHere {
  const { held, kept, isBehind } = known
  const why = whyNoRotating(orgOf(device), one, device.self())
  return {
    isRunning: held !== null,
    waits: held === null ? null : waitFor(device, one, grant, kept, held.holds),
    says: held?.outcome ?? null,
    made: kept.progress.made,
    offAt: kept.offAt,
    isSaidOff: isSaidOff(device, grant, known),
    deletesAt: kept.offAt === null ? null : kept.offAt + DELETE_AFTER_MS,
    ends: held?.ends ?? null,
    elsewhere: saidElsewhere(device, grant),
    alarms: kept.alarms,
    isBehind,
    mayBegin: why === null && held === null && !isBehind && rotatorFor(device, grant) !== null,
  }
}

/** This device knows better than its own word of before: it may have had to turn the key on again. */
function isSaidOff(device: Device, { rotations }: Grant, { kept: { offAt }, isKnown }: KnownHere): boolean {
  const isOn = offAt === null && isKnown
  return rotations.some(({ payload }) => payload.step === 'deactivated' && !(isOn && payload.device === device.id))
}
