import { deletedKeys } from '../../shared/case/replacing.ts'
import { type Generation, isHeld } from '../../shared/org/generations.ts'
import type { GenerationView } from '../../shared/views/plan-views.ts'
import type { Device } from './device.ts'

/** How it is with the owner's share of a generation; see `GenerationView`. */
export function shareOf(device: Device, { seats, deposit, problems, state }: Generation): GenerationView['mine'] {
  const seat = seats.find(({ member }) => member === device.profile.member)
  if (seat === undefined || problems.length > 0 || state === 'retired') return 'none'
  const box = deposit.boxes[seat.index - 1]
  const isHere = box !== undefined && device.shelf.has(box)
  // Accepted but not proved: the app was stopped in between, and another touch makes the proof.
  if (seat.accepted && seat.provenAt.length > 0) return isHere ? 'accepted' : 'lost'
  return isHere ? 'accept' : 'waiting-for-box'
}

/** Whether the sealed credential of a deposit is here: without it nothing can be issued, whatever shares come. */
export function hasCredential(device: Device, deposit: string): boolean {
  const generation = device.org()?.generations.find(({ id }) => id === deposit)
  return generation !== undefined && device.shelf.has(generation.deposit.ciphertext)
}

/** Tells after unlocking what of the keys that are held this device should have and has not: long before it is needed. */
export function tellMissingParts(device: Device): void {
  const org = device.org()
  const deleted = org === null ? new Map<string, string>() : deletedKeys(org, (id) => device.case(id))
  for (const generation of org?.generations.filter(isHeld) ?? []) {
    // Nobody needs it, and its shares were deleted when another took its place.
    if (deleted.has(generation.deposit.header.accessKeyId)) continue
    const plans = org?.plans.filter(({ plan }) => plan.credential.credential === generation.deposit.header.credential)
    const name = plans?.at(-1)?.plan.credential.name ?? 'a credential'
    if (shareOf(device, generation) === 'lost')
      device.notes.add(
        'danger',
        `Your share of “${name}” is not on this device any more`,
        'You may approve, but this device can release nothing. The other shares are not affected.',
        'Let it meet the others: it comes back if one still has it. Else ask an admin to deposit a new key.',
      )
    const issues = plans?.some(
      ({ plan, state }) => state === 'effective' && plan.issuers.includes(device.profile.member),
    )
    if (issues === true && !hasCredential(device, generation.id))
      device.notes.add(
        'danger',
        `The sealed key of “${name}” is not on this device`,
        'This device cannot issue with it, and leaves that to the others.',
        'Let it meet a custodian’s device, which has it too.',
      )
  }
}
