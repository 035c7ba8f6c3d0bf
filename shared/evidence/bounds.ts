// What is looked at of a record before a parser sees it.

/** One record, bytes: AWS writes none of more than 1 MiB. */
export const MOST_RECORD = 2 ** 20
/** Objects and lists within one another in a record. */
export const MOST_DEPTH = 100

export const [QUOTE, BACKSLASH] = [0x22, 0x5c] as const
export const [OPEN, CLOSE, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const

/**
 * Whether a JSON text has more objects and lists within one another than a record has; so much as a parser makes of a
 * few MiB of brackets no memory holds. Of what is no JSON it says nothing.
 *
 * @param most - {@link MOST_DEPTH} unless something stands around the record.
 */
export function isNestedTooDeeply(bytes: Uint8Array, most = MOST_DEPTH): boolean {
  let depth = 0
  let isText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (isText) {
      if (byte === BACKSLASH) at += 1
      else isText = byte !== QUOTE
    } else if (byte === QUOTE) isText = true
    else if (byte === OPEN || byte === OPEN_OBJECT) {
      if (++depth > most) return true
    } else depth -= Number(byte === CLOSE || byte === CLOSE_OBJECT)
  }
  return false
}
