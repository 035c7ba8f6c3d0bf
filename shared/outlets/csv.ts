import type { OutletEvent } from './event.ts'
import { FIELDS, type FieldValue, fieldsOf } from './fields.ts'
import { oneLine } from './safe-text.ts'

/** The first line of a file or batch: the names of the fields (RFC 4180 §2.3). Without line end. */
export const CSV_HEADER = FIELDS.map((name) => `"${name}"`).join(',')

/** An event as one record of RFC 4180, every field quoted, without line end. */
export function csvLine(event: OutletEvent): string {
  return fieldsOf(event)
    .map(([, value]) => csvField(value))
    .join(',')
}

// A spreadsheet takes these for the beginning of a formula. The apostrophe itself is among them so that taking away one
// leading apostrophe always gives the text back. The full-width forms are what some spreadsheets fold to ASCII.
const FORMULA = /^['=+\-@\t\r\n＝＋－＠]/

/** One field: text that a spreadsheet would compute gets an apostrophe before it; quotes are doubled. */
export function csvField(value: FieldValue): string {
  if (value === null) return '""'
  const text = typeof value === 'string' ? neutral(oneLine(value)) : String(value)
  return `"${text.replaceAll('"', '""')}"`
}

const neutral = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)
