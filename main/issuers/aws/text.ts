/** The beginning of a text, at most so many UTF-16 units, without half of a character at its end. */
export function cutTo(text: string, most: number): string {
  return text.slice(0, most).replace(/\p{Cs}$/u, '')
}
