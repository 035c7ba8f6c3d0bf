import * as z from '../zod.ts'
import { digestField, sortedSet, textField } from './fields.ts'

/** What a reviewed case was, the gravest first: of several reviews the gravest is what is shown. */
export const CLASSIFICATIONS = ['misuse', 'real', 'drill'] as const
export type Classification = (typeof CLASSIFICATIONS)[number]

/** The five questions in the order in which they are asked, with their answers: first the one that raises no question. */
export const ANSWERS = {
  /** Was break-glass necessary? */
  necessary: ['yes', 'no', 'unclear'],
  /** Were the actions justified, and in line with the incident plan? */
  justified: ['yes', 'no', 'unclear'],
  /** How long did it take, and was that enough? */
  duration: ['enough', 'too-short', 'too-long', 'unclear'],
  /** Could ordinary access have done it? */
  ordinary: ['no', 'yes', 'unclear'],
  /** Was there any violation or suspicious activity? */
  suspicious: ['no', 'yes', 'unclear'],
} as const
export type Question = keyof typeof ANSWERS
export const QUESTIONS = Object.keys(ANSWERS) as Question[]

/** Longest text of an answer, UTF-16 units. */
export const MOST_ANSWER = 1000

/** As many grants as a review may name, and as many other statements that it saw. */
export const MOST_NAMED = 100

/** An answer and its words, which may only be left out where it raises no question. */
function answerField<const Plain extends string, const Other extends string>([plain, ...others]: readonly [
  Plain,
  Other,
  ...Other[],
]) {
  const [first, ...more] = others
  return z.union([
    z.strictObject({ answer: z.literal(plain), text: textField(MOST_ANSWER) }),
    z.strictObject({ answer: z.enum([first, ...more]), text: textField(MOST_ANSWER, 1) }),
  ])
}

/** What a reviewer says of a case. */
export const reviewAnswers = {
  classification: z.enum(CLASSIFICATIONS),
  necessary: answerField(ANSWERS.necessary),
  justified: answerField(ANSWERS.justified),
  duration: answerField(ANSWERS.duration),
  ordinary: answerField(ANSWERS.ordinary),
  suspicious: answerField(ANSWERS.suspicious),
}

/** The fields of a `review` beside the common ones (docs/formats/statements.md §5.4). */
export const reviewFields = {
  request: digestField,
  /** Every grant that its author saw and reviewed; none where nothing was granted. */
  grants: sortedSet(digestField, (id) => id, MOST_NAMED),
  /** Every evidence that differs, and every issuing of which nobody told how it went, that its author saw; left out if there was none. */
  saw: sortedSet(digestField, (id) => id, MOST_NAMED, 1).exactOptional(),
  ...reviewAnswers,
}

/** What a reviewer fills in. */
export const reviewForm = z.strictObject({ request: digestField, ...reviewAnswers })
export type ReviewForm = z.infer<typeof reviewForm>
