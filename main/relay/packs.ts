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
 * Statements, with the blobs that they name and the other may have, as messages; in order, as few as it takes. Reads and
 * packs no more than is taken of it.
 *
 * @param mayHave - the blobs that the other may have.
 * @returns what fits into messages; what alone is too much for one is left out.
 */
export function packsOf(
  { store, about }: Pick<RelayWorld, 'store' | 'about'>,
  ids: readonly Digest[],
  mayHave: ReadonlySet<Digest>,
): AsyncIterable<RelayContent> {
  return packed(ids, async (id) => {
    const envelope = store.envelope(id)
    if (envelope === undefined) return null
    const blobs = []
    for (const blob of about(id)?.blobs ?? []) {
      const bytes = mayHave.has(blob) ? await store.blob(blob) : undefined
      if (bytes !== undefined) blobs.push(bytes)
    }
    return { statements: [envelope], blobs }
  })
}

/** Blobs alone, as messages; as {@link packsOf}. */
export function blobPacks(store: RelayWorld['store'], ids: readonly Digest[]): AsyncIterable<RelayContent> {
  return packed(ids, async (id) => {
    const bytes = await store.blob(id)
    return bytes === undefined ? null : { statements: [], blobs: [bytes] }
  })
}

/** A note alone. */
export function notePack(note: string): RelayContent | null {
  return contentOf({ statements: [], blobs: [] }, [note])
}

async function* packed(
  ids: readonly Digest[],
  pieceOf: (id: Digest) => Promise<Piece | null>,
): AsyncGenerator<RelayContent> {
  let group: Piece[] = []
  let bytes = 0
  for (const id of ids) {
    const piece = await pieceOf(id)
    if (piece === null) continue
    const length = [...piece.statements, ...piece.blobs].reduce((sum, one) => sum + one.length, 0)
    if (group.length > 0 && bytes + length > AIM_BYTES) {
      yield* contentsOf(group)
      group = []
      bytes = 0
    }
    group.push(piece)
    bytes += length
  }
  if (group.length > 0) yield* contentsOf(group)
}

function contentsOf(group: readonly Piece[]): RelayContent[] {
  const whole = contentOf(joined(group), [])
  return whole === null ? group.flatMap(smallerOf) : [whole]
}

/** Seldom: what does not pack well goes piece by piece, and a statement never stays behind for the size of what it names. */
function smallerOf(piece: Piece): RelayContent[] {
  const whole = contentOf(piece, [])
  if (whole !== null) return [whole]
  const alone = piece.statements.length === 0 ? null : contentOf({ ...piece, blobs: [] }, [])
  const blobs = piece.blobs.map((blob) => contentOf({ statements: [], blobs: [blob] }, []))
  return [alone, ...blobs].filter((content) => content !== null)
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
