import { EVENT_FORMAT, type OutletEvent } from './event.ts'
import { fieldsOf } from './fields.ts'
import { jsonLine } from './safe-text.ts'

/** An event as one JSON object on one line, without the newline: its format, then every field, null where it has none. */
export function jsonlLine(event: OutletEvent): string {
  return jsonLine({ format: EVENT_FORMAT, ...Object.fromEntries(fieldsOf(event)) })
}
