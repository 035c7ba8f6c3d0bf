import type { SetUpLine } from '../../../../shared/views/set-up-lines.ts'

export type Line = SetUpLine

/** One line of a table. */
export function line(check: string, says: Line['says'], words: string, source: string): Line {
  return { check, says, words, source }
}
