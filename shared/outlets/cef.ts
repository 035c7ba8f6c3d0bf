import { utf8 } from '../bytes.ts'
import type { Level, OutletEvent } from './event.ts'
import { sentenceOf } from './event.ts'
import { firstBytes, oneLine } from './safe-text.ts'

const SEVERITY: Record<Level, number> = { informational: 2, low: 3, medium: 5, high: 8 }

/** What the header says an event is; a kind that is newer than this list has its own name. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    roster: 'People changed',
    plan: 'Plan proposed',
    deposit: 'Credential deposited',
    endorsement: 'Endorsed',
    custody: 'Custody proved',
    request: 'Break-glass requested',
    decision: 'Decision on a request',
    withdrawal: 'Request withdrawn',
    ready: 'Device ready to issue',
    release: 'Share released',
    issuing: 'Issuing began',
    failed: 'Issuing failed',
    grant: 'Access granted',
    handover: 'Session handed over',
    ended: 'Session ended',
    aftercare: 'Aftercare prepared',
    revoke: 'End of session ordered',
    revoked: 'Session denied at its source',
    rotating: 'Rotation began',
    rotated: 'Used key replaced',
    evidence: 'Evidence attached',
    exported: 'Log exported',
    read: 'Log read',
    pruned: 'Old entries removed',
    review: 'Case reviewed',
  }),
)

/**
 * An event in ArcSight's Common Event Format, version 0, on one line.
 *
 * @param version - of this program.
 * @param most - octets, at least 1800. What is longer loses the end of `msg`; where long names leave too little room even
 *   for the beginning of a sentence, the names are left out and the ids stay.
 */
export function cefLine(event: OutletEvent, version: string, most: number = Number.POSITIVE_INFINITY): string {
  const header = ['CEF:0', 'Lockbox', 'Lockbox', version, event.kind, NAMES.get(event.kind) ?? event.kind]
  const start = `${[...header, String(SEVERITY[event.level])].map(headerField).join('|')}|`
  // Last of all keys, since what cuts a line that is too long cuts there.
  const msg = extensionValue(firstBytes(oneLine(sentenceOf(event)), MSG_BYTES))
  const wanted = Math.min(SENTENCE_BYTES, utf8(msg).length)
  const [head, room] = [extension(event), extension(event, FREE_TEXTS)]
    .map((pairs) => `${start}${pairs} msg=`)
    .map((text) => [text, most - utf8(text).length] as const)
    .find(([, left]) => left >= wanted) as readonly [string, number]
  return head + (room === Number.POSITIVE_INFINITY ? msg : wholeEscapes(firstBytes(msg, room)))
}

// The dictionary's limit of `msg`, in bytes here, so that nobody counts another way and finds it longer.
const MSG_BYTES = 1023
/** What a sentence needs to say who did what. */
const SENTENCE_BYTES = 160

/** Keys whose values are as long as somebody chose to make them. */
const FREE_TEXTS: ReadonlySet<string> = new Set(['suser', 'duser', 'dvchost', 'spriv'])

/** A backslash at the very end has lost what it escapes. */
function wholeEscapes(text: string): string {
  const [backslashes = ''] = /\\*$/.exec(text) ?? []
  return backslashes.length % 2 === 0 ? text : text.slice(0, -1)
}

/** Every key but `msg`. @param without - leaves those out, and ids stand where names would. */
function extension(event: OutletEvent, without: ReadonlySet<string> = new Set()): string {
  const brief = without.size > 0
  const pairs: [string, string | number | null][] = [
    ['externalId', event.position],
    ['start', event.time],
    ['rt', event.heard],
    ['cat', 'break-glass'],
    ['act', event.verdict ?? event.kind],
    ['outcome', event.outcome],
    ['reason', event.rule ?? event.code],
    ['suid', event.member],
    ['suser', event.person],
    ['duid', event.requester],
    ['duser', event.requesterName],
    ['deviceExternalId', event.device],
    ['dvchost', event.deviceName],
    ['spriv', event.account],
    ...custom('flexString1', 'statement', event.id),
    ...custom('flexString2', 'organization', (brief ? null : event.organizationName) ?? event.organization),
    ...custom('cs1', 'case', event.case),
    ...custom('cs2', 'plan', (brief ? null : event.planName) ?? event.plan),
    ...custom('cs3', 'hardwareKey', (brief ? null : event.keyName) ?? event.key),
    ...custom('cs4', 'keyModel', event.keyModel),
    ...custom('cs5', 'reference', brief ? null : event.reference),
    ...custom('cs6', 'accessKeyId', brief ? null : event.accessKeyId),
    ...custom('cn1', 'userVerified', event.userVerified ? 1 : 0),
    ...custom('cn2', 'attempt', event.attempt),
    ...custom('deviceCustomDate1', 'expires', event.expires),
  ]
  return pairs
    .filter(([key, value]) => value !== null && value !== '' && !without.has(key))
    .map(([key, value]) => `${key}=${extensionValue(String(value))}`)
    .join(' ')
}

function custom(key: string, label: string, value: string | number | null): [string, string | number | null][] {
  return value === null || value === ''
    ? []
    : [
        [`${key}Label`, label],
        [key, value],
      ]
}

/** A field of the header: `\` and `|` escaped; newlines have no escape there, so none comes through. */
function headerField(text: string): string {
  return oneLine(text).replace(/[\\|]/g, '\\$&')
}

/** A value of the extension: `\` and `=` escaped; a pipe needs no escape. */
function extensionValue(text: string): string {
  return oneLine(text).replace(/[\\=]/g, '\\$&')
}
