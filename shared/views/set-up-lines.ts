import * as z from '../zod.ts'
import { text } from './fields.ts'

/**
 * One thing that a set-up check looked at. `unknown`: it could not be seen this time. `by-hand`: no call of this key could ever
 * show it, so somebody has to look.
 */
export const setUpLine = z.strictObject({
  check: z.string().max(64),
  says: z.enum(['right', 'wrong', 'unknown', 'by-hand']),
  /** What is so, and what to do where it is not right. */
  words: text,
  /** Address of who says that it should be so. */
  source: z.string().max(512),
})
export type SetUpLine = z.infer<typeof setUpLine>

/** All lines of one check. */
export const setUpLines = z.array(setUpLine).max(2000)

/** What a check comes to. */
export type SetUpVerdict = 'right' | 'wrong' | 'unknown'

/**
 * What a check comes to: `wrong` if any line is, else `unknown` unless each is right or by hand, and the key itself was seen to work.
 */
export function verdictOf(lines: readonly SetUpLine[]): SetUpVerdict {
  if (lines.some(({ says }) => says === 'wrong')) return 'wrong'
  const isSeen = lines.some(({ check, says }) => check === 'key' && says === 'right')
  return isSeen && lines.every(({ says }) => says === 'right' || says === 'by-hand') ? 'right' : 'unknown'
}

/** A verdict in words, the same on the command line and in the window. None of them says that all is well. */
export const VERDICT_WORDS: Readonly<Record<SetUpVerdict, string>> = {
  right: 'what can be seen with this key is as it should be. What is by hand is not known.',
  wrong: 'something has to be mended.',
  unknown: 'not all could be seen, so nothing is concluded.',
}
