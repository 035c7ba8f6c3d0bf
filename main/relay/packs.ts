import type { Digest } from '../../shared/bytes.ts'
import { pack } from '../../shared/carriers/pack.ts'
import { PackError } from '../../shared/carriers/pack-error.ts'
import { MAX_RELAY_BODY, type RelayContent } from '../../shared/carriers/relay.ts'
import { compression } from '../compression.ts'
import type { RelayWorld } from './ports.ts'

/** Envelopes together in one pack: what they come to packed is less, and known only then. */
const AIM_BYTES = 48 * 1024

interface Piece {
  readonly statements: readonly Uint8Array[]
  readonly blobs: readonly Uint8Array[]
}

/**
 * Statements, with the blobs that they name and the other may have, as messages; in order, as few as it takes.
 *
 * @param mayHave - the blobs that the other may have.
 * @returns what fits into messages; what alone is too much for one is left out.
 */
export async function packsOf(
  { store, about }: Pick<RelayWorld, 'store' | 'about'>,
  ids: readonly Digest[],
  mayHave: ReadonlySet<Digest>,
): Promise<RelayContent[]> {
  const pieces: Piece[] = []
  for (const id of ids) {
    const envelope = store.envelope(id)
    if (envelope === undefined) continue
    const blobs = []
    for (const blob of about(id)?.blobs ?? []) {
      const bytes = mayHave.has(blob) ? await store.blob(blob) : undefined
      if (bytes !== undefined) blobs.push(bytes)
    }
    pieces.push({ statements: [envelope], blobs })
  }
  return packed(pieces)
}

/** Blobs alone, as messages. */
export async function blobPacks(store: RelayWorld['store'], ids: readonly Digest[]): Promise<RelayContent[]> {
  const pieces: Piece[] = []
  for (const id of ids) {
    const bytes = await store.blob(id)
    if (bytes !== undefined) pieces.push({ statements: [], blobs: [bytes] })
  }
  return packed(pieces)
}

/** A note alone. */
export function notePack(note: string): RelayContent | null {
  return contentOf({ statements: [], blobs: [] }, [note])
}

function packed(pieces: readonly Piece[]): RelayContent[] {
  const groups: Piece[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const piece of pieces) {
    const length = [...piece.statements, ...piece.blobs].reduce((sum, one) => sum + one.length, 0)
    if (bytes + length > AIM_BYTES) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(piece)
    bytes += length
  }
  return groups.flatMap((group) => {
    const whole = contentOf(joined(group), [])
    if (whole !== null) return [whole]
    // Seldom: what does not pack well goes piece by piece.
    return group.flatMap((piece) => contentOf(piece, []) ?? [])
  })
}

function joined(pieces: readonly Piece[]): Piece {
  return { statements: pieces.flatMap(({ statements }) => statements), blobs: pieces.flatMap(({ blobs }) => blobs) }
}

function contentOf(piece: Piece, notes: readonly string[]): RelayContent | null {
  try {
    const bytes = pack({ ...piece, notes }, compression)
    return bytes.length <= MAX_RELAY_BODY ? { kind: 'pack', pack: bytes } : null
  } catch (error) {
    if (error instanceof PackError) return null
    throw error
  }
}
