import { fromUtf8, utf8 } from '../bytes.ts'
import { plainLine } from '../verify/words.ts'

/**
 * A text that somebody typed, as one line that can neither end a record nor move a cursor: whatever controls, reorders or
 * hides is written as `\u{…}`. Every format of lines passes its texts through here, before its own escapes.
 */
export const oneLine = plainLine

const NOT_PLAIN_IN_JSON = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu

/**
 * JSON on one line, whoever splits it: what `JSON.stringify` leaves as it is, and some readers take for the end of a line
 * (U+0085, U+2028, U+2029), is escaped, and so is what cannot be seen. A JSON parser gives the exact text back.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(NOT_PLAIN_IN_JSON, (char) =>
    char
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** The beginning of a text of at most `max` UTF-8 bytes, never half a character. */
export function firstBytes(text: string, max: number): string {
  const bytes = utf8(text)
  if (bytes.length <= max) return text
  let end = Math.max(0, max)
  // A byte 10xxxxxx goes on a character that began before it.
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--
  return fromUtf8(bytes.subarray(0, end))
}
