/**
 * One thing that was looked at. `unknown`: it could not be seen this time. `by-hand`: no call of this key could ever show it,
 * so somebody has to look.
 */
export interface Line {
  readonly check: string
  readonly says: 'right' | 'wrong' | 'unknown' | 'by-hand'
  /** What is so, and what to do where it is not right. */
  readonly words: string
  /** Address of who says that it should be so. */
  readonly source: string
}

/** One line of a table. */
export function line(check: string, says: Line['says'], words: string, source: string): Line {
  return { check, says, words, source }
}

/**
 * What a report comes to: `wrong` if any line is, else `unknown` unless each is right or by hand, and the key itself was seen to work.
 */
export function verdictOf(lines: readonly Line[]): 'right' | 'wrong' | 'unknown' {
  if (lines.some(({ says }) => says === 'wrong')) return 'wrong'
  const isSeen = lines.some(({ check, says }) => check === 'key' && says === 'right')
  return isSeen && lines.every(({ says }) => says === 'right' || says === 'by-hand') ? 'right' : 'unknown'
}
