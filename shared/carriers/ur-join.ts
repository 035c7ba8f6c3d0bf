import { crc32 } from '../crc32.ts'
import { mix, type Part } from './ur.ts'
import { UrError } from './ur-error.ts'
import { fragmentsIn } from './ur-fragments.ts'

/** The parts of one message, put together. */
export interface Join {
  /**
   * Takes a part of this message, in any order; false if it says nothing new.
   *
   * @throws {UrError} `mixed` if it contradicts the parts before it; they stay.
   */
  take(part: Part): boolean
  /** How many parts that say something of their own were taken; with as many as there are fragments the message is there. */
  readonly have: number
  readonly need: number
  /**
   * The message; null as long as something is missing.
   *
   * @throws {UrError} `bad-checksum` if the parts fit each other and do not make the message they name.
   */
  message(): Uint8Array | null
}

/** An equation: these fragments, mixed, are these bytes. */
interface Row {
  readonly fragments: Uint32Array
  readonly data: Uint8Array
}

/**
 * Puts the parts of one message together. Each part is an equation over fragments; they are solved by elimination, which
 * needs fewer parts than taking known fragments out one by one as the reference does: the message is there with the first
 * parts that determine it. What is held is at most one equation a fragment, however many parts come.
 */
export function createJoin({ count, length, checksum }: Part): Join {
  /** In echelon form: the row at a number has that fragment as its first. */
  const rows: (Row | undefined)[] = []
  let have = 0

  function reduced(row: Row): number | null {
    for (let at = 0; at < count; at++) {
      if (!has(row, at)) continue
      const pivot = rows[at]
      if (pivot === undefined) return at
      add(row, pivot)
    }
    return null
  }

  return {
    take(part) {
      const row = rowOf(part)
      const first = reduced(row)
      if (first === null) {
        if (row.data.some((byte) => byte !== 0))
          throw new UrError('mixed', 'this code contradicts those before it, so it was left out')
        return false
      }
      rows[first] = row
      have++
      return true
    },
    get have() {
      return have
    },
    need: count,
    message() {
      if (have < count) return null
      const message = solved(rows as Row[], length)
      if (crc32(message) !== checksum)
        throw new UrError('bad-checksum', 'these codes do not fit together; scan them again from the beginning')
      return message
    },
  }
}

function rowOf({ sequence, count, checksum, data }: Part): Row {
  const fragments = new Uint32Array(Math.ceil(count / 32))
  for (const at of fragmentsIn(sequence, count, checksum))
    fragments[at >> 5] = (fragments[at >> 5] as number) | (1 << (at & 31))
  return { fragments, data: data.slice() }
}

function has({ fragments }: Row, at: number): boolean {
  return (((fragments[at >> 5] as number) >>> (at & 31)) & 1) === 1
}

function add(row: Row, other: Row): void {
  for (let at = 0; at < row.fragments.length; at++)
    row.fragments[at] = (row.fragments[at] as number) ^ (other.fragments[at] as number)
  mix(row.data, other.data)
}

/** Takes out of each row, from the last on, all fragments but its own. */
function solved(rows: readonly Row[], length: number): Uint8Array {
  const message = new Uint8Array(length)
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at] as Row
    for (let later = at + 1; later < rows.length; later++) if (has(row, later)) add(row, rows[later] as Row)
    const start = at * row.data.length
    message.set(row.data.subarray(0, length - start), start)
  }
  return message
}
