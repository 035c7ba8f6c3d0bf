/** A cryptographically secure source: that many fresh bytes, in a buffer that nobody else keeps. */
export type Random = (length: number) => Uint8Array

/** A source lent to a library, some of which leave the length out and mean 32. */
export type LentRandom = (length?: number) => Uint8Array<ArrayBuffer>

/**
 * Draws bytes into a buffer of the caller's own and wipes the one that the source gave.
 *
 * @throws {TypeError} if the source gave another number of bytes: a short key must never be used.
 */
export function drawBytes(random: Random, length: number): Uint8Array<ArrayBuffer> {
  const drawn = random(length)
  if (drawn.length !== length) throw new TypeError(`expected ${length} random bytes, got ${drawn.length}`)
  const own = Uint8Array.from(drawn)
  drawn.fill(0)
  return own
}

/** Lends the source to `use`, then wipes every buffer that was drawn from it. */
export function lendRandom<Result>(random: Random, use: (lent: LentRandom) => Result): Result {
  const lentBytes: Uint8Array[] = []
  try {
    return use((length = 32) => {
      const bytes = drawBytes(random, length)
      lentBytes.push(bytes)
      return bytes
    })
  } finally {
    for (const bytes of lentBytes) bytes.fill(0)
  }
}
