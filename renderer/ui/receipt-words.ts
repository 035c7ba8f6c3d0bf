import type { FileReceipt } from '../../shared/ipc-values.ts'

/** "3 new, 12 known, 1 refused, 0 waiting for others." */
export function countWords({
  added,
  known,
  refused,
  waiting,
}: Pick<FileReceipt, 'added' | 'known' | 'refused' | 'waiting'>): string {
  return `${added} new, ${known} known, ${refused} refused, ${waiting} waiting for others.`
}

/** Whose it was and what of joining was in it: "got Ana", "got the card of Raj". */
export function gotWords({ who, cards, draft }: Pick<FileReceipt, 'who' | 'cards' | 'draft'>): string[] {
  return [
    ...(who === null ? [] : [`got ${who}`]),
    ...cards.map((name) => `got the card of ${name}`),
    ...(draft === null ? [] : [`got the draft of ${draft}: its words are under People`]),
  ]
}

/** As a sentence; null if there is nothing to say. */
export function asSentence(words: readonly string[]): string | null {
  const text = words.join(', ')
  return text === '' ? null : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** What came of a file: whose, what of joining, and the counts. */
export function receiptWords(receipt: FileReceipt): string {
  const got = asSentence(gotWords(receipt))
  return got === null ? countWords(receipt) : `${got} ${countWords(receipt)}`
}
