import type { Digest } from '../bytes.ts'
import { cefLine } from './cef.ts'
import { CSV_HEADER, csvLine } from './csv.ts'
import type { OutletEvent } from './event.ts'
import type { Format } from './format-names.ts'
import { jsonlLine } from './jsonl.ts'
import { ocsfLine } from './ocsf.ts'
import { syslogMessage } from './syslog.ts'

/** Who hands events out: what headers name beside the event. */
export interface Exporter {
  /** The program's version. */
  readonly version: string
  /** The device whose ledger it is. */
  readonly device: Digest
}

interface Lines {
  /** A first line, or null. */
  readonly header: string | null
  /** What stands behind each line. */
  readonly end: '\n' | '\r\n'
  readonly mediaType: string
  readonly line: (event: OutletEvent, exporter: Exporter) => string
}

/** Each format as lines of text in UTF-8: one event a line, and no text of anybody's can begin another. */
export const LINES: Readonly<Record<Format, Lines>> = {
  jsonl: { header: null, end: '\n', mediaType: 'application/x-ndjson', line: jsonlLine },
  csv: { header: CSV_HEADER, end: '\r\n', mediaType: 'text/csv; charset=utf-8; header=present', line: csvLine },
  ocsf: {
    header: null,
    end: '\n',
    mediaType: 'application/x-ndjson',
    line: (event, { version }) => ocsfLine(event, version),
  },
  cef: {
    header: null,
    end: '\n',
    mediaType: 'text/plain; charset=utf-8',
    line: (event, { version }) => cefLine(event, version),
  },
  syslog: {
    header: null,
    end: '\n',
    mediaType: 'text/plain; charset=utf-8',
    line: (event, { device }) => syslogMessage(event, device),
  },
}

/** The text of several events: the header where the format has one, and a line each. */
export function linesOf(format: Format, events: readonly OutletEvent[], exporter: Exporter): string {
  const { header, end, line } = LINES[format]
  return [...(header === null ? [] : [header]), ...events.map((event) => line(event, exporter))]
    .map((text) => text + end)
    .join('')
}
