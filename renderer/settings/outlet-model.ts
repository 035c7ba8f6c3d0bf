import type { Format } from '../../shared/outlets/format-names.ts'
import { CARRIED, type Destination, type OutletForm, type Via } from '../../shared/outlets/settings.ts'
import { tidyLine, wrongLine } from '../ui/tidy.ts'

/** What is typed and chosen of a new outlet, before it is one. */
export interface OutletDraft {
  readonly name: string
  readonly via: Via
  readonly address: string
  readonly format: Format
  /** PEM, or nothing. */
  readonly ca: string
  readonly from: OutletForm['from']
}

/** Nothing typed yet: the way that proves who listens. */
export const NEW_OUTLET: OutletDraft = {
  name: '',
  via: 'tls',
  address: '',
  format: 'syslog',
  ca: '',
  from: 'beginning',
}

/** The ways out, as people choose them. */
export const VIA_WORDS: Readonly<Record<Via, string>> = {
  tls: 'Syslog over TLS',
  tcp: 'Syslog over TCP, unprotected',
  udp: 'Syslog over UDP, unprotected and unconfirmed',
  webhook: 'Webhook (HTTPS)',
}

const FORMAT_WORDS: Readonly<Record<Format, string>> = {
  syslog: 'RFC 5424 with structured data',
  cef: 'CEF',
  jsonl: 'JSON Lines',
  ocsf: 'OCSF',
  csv: 'CSV',
}

/** What a format is called. */
export function formatWords(format: Format): string {
  return FORMAT_WORDS[format]
}

/** The formats that travel that way. */
export function formatsFor(via: Via): readonly (readonly [Format, string])[] {
  return CARRIED[via].map((format) => [format, formatWords(format)])
}

/** The draft with another way out; a format that does not travel it gives way to the first that does. */
export function withVia(draft: OutletDraft, via: Via): OutletDraft {
  const format = CARRIED[via].includes(draft.format) ? draft.format : (CARRIED[via][0] ?? 'syslog')
  return { ...draft, via, format }
}

/** What is wrong with each field that a person may leave wrong; nothing where all is well. */
export function wrongOf(draft: OutletDraft): { name?: string | undefined; address?: string | undefined } {
  const most = draft.via === 'webhook' ? 1024 : 256
  return { name: wrongLine(tidyLine(draft.name), 64), address: wrongLine(tidyLine(draft.address), most) }
}

/** The outlet that is asked for. */
export function formOf(draft: OutletDraft): OutletForm {
  const { format, from } = draft
  return { name: tidyLine(draft.name), format, from, to: destinationOf(draft) }
}

function destinationOf({ via, address, ca }: OutletDraft): Destination {
  const where = tidyLine(address)
  const trusted = ca.trim() === '' ? null : ca.trim()
  switch (via) {
    case 'webhook':
      return { via, url: where, ca: trusted }
    case 'tls':
      return { via, address: where, ca: trusted }
    case 'tcp':
    case 'udp':
      return { via, address: where }
  }
}
