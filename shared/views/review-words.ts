import type { PayloadOf } from '../statements/kinds.ts'
import { type ANSWERS, type Classification, QUESTIONS, type Question } from '../statements/review.ts'

/** What a reviewed case was, as the end of "reviewed it as …". */
export const CLASSIFICATION_WORDS: Readonly<Record<Classification, string>> = {
  misuse: 'misuse',
  real: 'a real emergency',
  drill: 'a drill',
}

/** The five questions, as they are asked. */
export const QUESTION_WORDS: Readonly<Record<Question, string>> = {
  necessary: 'Was break-glass necessary?',
  justified: 'Were the actions justified, and in line with the incident plan?',
  duration: 'How long did it take, and was that enough?',
  ordinary: 'Could ordinary access have done it?',
  suspicious: 'Was there any violation or suspicious activity?',
}

/** Every answer that some question has. */
export type Answer = (typeof ANSWERS)[Question][number]

export const ANSWER_WORDS: Readonly<Record<Answer, string>> = {
  yes: 'Yes',
  no: 'No',
  unclear: 'It is not clear',
  enough: 'It was enough',
  'too-short': 'It was too short',
  'too-long': 'It was longer than needed',
}

/** A whole review, as the end of a sentence that begins with its author. */
export function reviewWords(review: PayloadOf<'review'>, quote: (text: string) => string): string {
  const answers = QUESTIONS.map((question) => {
    const { answer, text } = review[question]
    return `${QUESTION_WORDS[question]} ${ANSWER_WORDS[answer]}${text === '' ? '.' : `: ${quote(text)}`}`
  })
  const of = review.grants.length === 0 ? ', naming no grant' : ''
  const saw =
    review.saw === undefined
      ? ''
      : `, having seen ${review.saw.length} that ${review.saw.length === 1 ? 'raises' : 'raise'} doubts`
  return `reviewed it as ${CLASSIFICATION_WORDS[review.classification]}${of}${saw}. ${answers.join(' ')}`
}
