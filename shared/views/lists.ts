/** "A", "A or B", "A, B or C". */
export function either(words: readonly string[]): string {
  return joined(words, 'or')
}

/** "A", "A and B", "A, B and C". */
export function together(words: readonly string[]): string {
  return joined(words, 'and')
}

function joined(words: readonly string[], last: string): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}
