import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Arrival } from '../carriers/arrival.ts'
import * as z from '../zod.ts'
import { ms, text } from './fields.ts'

/** How something first came to this device, as the end of a sentence ("by a code of Ana’s"), and when by its own clock. */
export const cameView = z.strictObject({ how: text, at: ms })
export type CameView = z.infer<typeof cameView>

/** Something that the door refused: nothing of it was kept. */
export const refusedView = cameView.extend({ why: text })

/** How each statement came, as far as this device knows; null for its own. */
export type Came = (id: Digest) => CameView | null

/**
 * By which way, and from whom as far as anybody can say. @param ownerOf - the name of whoever has that device.
 */
export function arrivalWords({ by, device }: Arrival, ownerOf: (device: Digest) => string): string {
  const from = device === null ? 'a device' : `${ownerOf(device)}’s device`
  const of = device === null ? 'several people’s' : `${ownerOf(device)}’s`
  switch (by) {
    case 'own':
      return 'from this device'
    case 'lan':
      return `over the network from ${from}`
    case 'mail':
      return `from ${from}, while this one was locked`
    case 'relay':
      return `by relay from ${from}`
    case 'code':
      return `by a code of ${of}`
    case 'file':
      return `in a file of ${of}`
    case 'text':
      return `in a pasted text of ${of}`
  }
}

/** How a statement came; null where it was said here, or where that was not kept. */
export function cameOf(
  from: Arrival | null,
  heard: UnixMilliseconds | undefined,
  ownerOf: (device: Digest) => string,
): CameView | null {
  if (from === null || from.by === 'own' || heard === undefined) return null
  return { how: arrivalWords(from, ownerOf), at: heard }
}
