import { lineField, textField } from '../../shared/statements/fields.ts'

/** A typed line as the formats want it: NFC, without space around it. */
export function tidyLine(text: string): string {
  return text.normalize('NFC').trim()
}

/** Typed text as the formats want it: NFC, `\n` for line ends, spaces for tabs, without space around it. */
export function tidyText(text: string): string {
  return text.normalize('NFC').replaceAll('\r\n', '\n').replaceAll('\t', '  ').trim()
}

/** What is wrong with a tidied line, for its field; `undefined` if nothing is. */
export function wrongLine(text: string, most: number, least = 1): string | undefined {
  if (text.length < least) return 'This is needed.'
  if (text.length > most) return `At most ${most} characters.`
  return lineField(most, least).safeParse(text).success ? undefined : ODD
}

/** What is wrong with tidied text, for its field; `undefined` if nothing is. */
export function wrongText(text: string, most: number, least = 0): string | undefined {
  if (text.length < least) return 'This is needed.'
  if (text.length > most) return `At most ${most} characters; ${text.length - most} too many.`
  return textField(most, least).safeParse(text).success ? undefined : ODD
}

const ODD = 'It contains characters that do not show (also in joined emoji). Type it instead of pasting it.'
