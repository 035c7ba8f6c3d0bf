import type { Digest } from '../../shared/bytes.ts'
import { arrivalWords, type Came, cameOf } from '../../shared/views/arrival.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { Device } from './device.ts'
import { ownerNames } from './evidence.ts'

/** Refusals that the window lists; all are counted. */
const LISTED = 20

/** How statements came to this device, in words. */
export function cameHere(device: Device): Came {
  const ownerOf = ownerNames(device)
  return (id) => cameOf(device.store.cameFrom(id), device.store.heard(id), ownerOf)
}

/** By which way a statement came to this device first, in words; null if that was not kept. */
export function howItCame(device: Device, id: Digest): string | null {
  const from = device.store.cameFrom(id)
  return from === null ? null : arrivalWords(from, ownerNames(device))
}

/** What the door refused since the app was unlocked, the newest first: by which way it came, from whom, and why. */
export function refusalsHere(device: Device): Snapshot['log']['refusals'] {
  const { latest } = device.store.refusals()
  const ownerOf = ownerNames(device)
  return latest
    .slice(-LISTED)
    .reverse()
    .map(({ at, from, message }) => ({ at, how: arrivalWords(from, ownerOf), why: message }))
}
