import { concat, type Digest, utf8 } from '../bytes.ts'
import type { Level, OutletEvent } from './event.ts'
import { sentenceOf } from './event.ts'
import { utcTime } from './fields.ts'
import { firstBytes, oneLine } from './safe-text.ts'

/** Facility 13, "log audit" (RFC 5424 table 1). */
const FACILITY = 13
const SEVERITY: Record<Level, number> = { informational: 6, low: 5, medium: 4, high: 1 }

/**
 * The name of our structured data. 32473 is the number that IANA keeps for examples (RFC 5612): a placeholder, until the
 * project has a private enterprise number of its own (docs/outlets.md §7).
 */
export const SD_ID = 'lockbox@32473'

/** Most octets of a datagram: what a receiver SHOULD take (RFC 5424 §6.1, RFC 5426 §3.2). */
export const DATAGRAM_BYTES = 2048

/** What a sentence needs to say who did what. */
const SENTENCE_BYTES = 160

// "MSG-UTF8" begins so (RFC 5424 §6).
const BOM = '\uFEFF'

/** What the header names as the host: the device whose log it is, since its network name is nobody's business. */
export function hostOf(device: Digest): string {
  return `lockbox-${device.slice(0, 16)}`
}

/**
 * A message of RFC 5424: structured data, and a sentence for people in UTF-8 behind a byte order mark.
 *
 * @param device - whose log it is.
 * @param most - octets, at least {@link DATAGRAM_BYTES}: what is longer loses the end of its sentence (RFC 5424 §6.1). Where
 *   long names alone leave no room for one, the structured data keeps its ids and leaves the names out.
 */
export function syslogMessage(event: OutletEvent, device: Digest, most: number = Number.POSITIVE_INFINITY): string {
  const said = oneLine(sentenceOf(event))
  const wanted = Math.min(SENTENCE_BYTES, utf8(said).length)
  const [head, room] = [structuredData(event), structuredData(event, FREE_TEXTS)]
    .map((data) => `${headerOf(event, device)} ${data}`)
    .map((text) => [text, most - utf8(`${text} ${BOM}`).length] as const)
    .find(([, left]) => left >= wanted) as readonly [string, number]
  return `${head} ${BOM}${room === Number.POSITIVE_INFINITY ? said : firstBytes(said, room)}`
}

/**
 * A message of RFC 5424 that carries a line of another format, without structured data and without the mark.
 *
 * @param lineOf - the line, of at most so many octets.
 */
export function syslogAround(
  event: OutletEvent,
  device: Digest,
  lineOf: (most: number) => string,
  most: number = Number.POSITIVE_INFINITY,
): string {
  const head = `${headerOf(event, device)} - `
  return head + lineOf(most - head.length)
}

function headerOf({ level, time, kind }: OutletEvent, device: Digest): string {
  return `<${FACILITY * 8 + SEVERITY[level]}>1 ${utcTime(time)} ${hostOf(device)} lockbox - ${printable(kind, 32)}`
}

/** PRINTUSASCII alone, since these fields have no escapes. */
const printable = (text: string, max: number): string => text.replace(/[^!-~]/g, '_').slice(0, max) || '-'

/** Parameters as long as somebody chose to make them; all others have a length of their own. */
const FREE_TEXTS: ReadonlySet<string> = new Set([
  'organizationName',
  'person',
  'deviceName',
  'keyName',
  'requesterName',
  'planName',
  'account',
  'reference',
  'accessKeyId',
])

function structuredData(event: OutletEvent, without: ReadonlySet<string> = new Set()): string {
  const params: [string, string | number | boolean | null][] = [
    ['position', event.position],
    ['id', event.id],
    ['heard', event.heard === null ? null : utcTime(event.heard)],
    ['outcome', event.outcome],
    ['rule', event.rule],
    ['organization', event.organization],
    ['organizationName', event.organizationName],
    ['member', event.member],
    ['person', event.person],
    ['device', event.device],
    ['deviceName', event.deviceName],
    ['key', event.key],
    ['keyName', event.keyName],
    ['keyModel', event.keyModel],
    ['userVerified', event.userVerified],
    ['inForce', event.inForce],
    ['case', event.case],
    ['purpose', event.purpose],
    ['requester', event.requester],
    ['requesterName', event.requesterName],
    ['plan', event.plan],
    ['planName', event.planName],
    ['account', event.account],
    ['reference', event.reference],
    ['of', event.of],
    ['verdict', event.verdict],
    ['emergency', event.emergency],
    ['seconds', event.seconds],
    ['attempt', event.attempt],
    ['generation', event.generation],
    ['accessKeyId', event.accessKeyId],
    ['expires', event.expires === null ? null : utcTime(event.expires)],
    ['code', event.code],
    ['confirmation', event.confirmation],
  ]
  const shown = params.filter(([name, value]) => value !== null && !without.has(name))
  return `[${SD_ID} ${shown.map(([name, value]) => `${name}="${paramValue(String(value))}"`).join(' ')}]`
}

/** A PARAM-VALUE: `"`, `\` and `]` escaped (RFC 5424 §6.3.3). */
function paramValue(text: string): string {
  return oneLine(text).replace(/["\\\]]/g, '\\$&')
}

/** Frames of a stream: the length in octets, a space, the message (RFC 6587 §3.4.1, RFC 5425 §4.3). */
export function octetCounted(messages: readonly string[]): Uint8Array {
  return concat(
    ...messages.flatMap((message) => {
      const bytes = utf8(message)
      return [utf8(`${bytes.length} `), bytes]
    }),
  )
}
