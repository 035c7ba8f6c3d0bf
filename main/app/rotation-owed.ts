import type { Digest } from '../../shared/bytes.ts'
import { whyNoRotating } from '../../shared/case/aftercare-duties.ts'
import { heldInItsPlace, keyToReplace } from '../../shared/case/replacing.ts'
import { replacingElsewhere } from '../../shared/case/replacing-elsewhere.ts'
import type { Case, Grant } from '../../shared/case/types.ts'
import { notNowWords } from '../../shared/views/not-now.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import { orgOf } from './rotation-state.ts'

/** What a touch begins: where another key is held already, none is made. */
export function beginWords(device: Device, grant: Grant, user: string): string {
  const org = device.org()
  return org !== null && heldInItsPlace(org, grant) !== null
    ? `Go on replacing the access key of the AWS user “${user}” that was used: another is held in its place, so it is switched off, and deleted.`
    : `Make a new access key of the AWS user “${user}” in the place of the one that was used, and try it.`
}

/** Names of those whose devices may have made a key in the place of the same one, and deposited none yet. */
export function makersBeside(device: Device, grant: Grant): string[] {
  const names = device.names()
  const others = replacingElsewhere(orgOf(device), device.currentCases(), grant, device.id, device.clock().wall)
  return others.filter(({ made }) => made.length === 0).map(({ member }) => names(member).name)
}

/** The case whose used key this member may replace, and its grant. @throws {AppError} `not-found`, `not-allowed`. */
export function owedRotation(device: Device, request: Digest): { readonly one: Case; readonly grant: Grant } {
  const org = device.org()
  const one = device.case(request)
  if (org === null || one === undefined) throw new AppError('not-found', 'This case is not on this device.')
  const why = whyNoRotating(org, one, device.self())
  const grant = keyToReplace(one)
  if (why !== null || grant === null) throw new AppError('not-allowed', notNowWords(why ?? 'nothing-to-replace'))
  return { one, grant }
}
