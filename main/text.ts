/** The beginning of a text, at most so many UTF-16 units, without half of a character at its end. */
export function cutTo(text: string, most: number): string {
  return text.slice(0, most).replace(/\p{Cs}$/u, '')
}

/** A text of whatever origin as one line that a statement takes (`lineField`), at most so many UTF-16 units; perhaps empty. */
export function lineFrom(text: string, most: number): string {
  const line = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\s]+/gu, ' ')
    .trim()
  return cutTo(line, most).trim()
}
