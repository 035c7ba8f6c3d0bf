import type { Level, OutletEvent } from './event.ts'
import { sentenceOf } from './event.ts'
import { firstBytes, oneLine } from './safe-text.ts'

const SEVERITY: Record<Level, number> = { informational: 2, low: 3, medium: 5, high: 8 }

/** What the header says an event is; a kind that is newer than this list has its own name. */
const NAMES: Readonly<Record<string, string>> = {
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
  exported: 'Log exported',
  read: 'Log read',
}

/**
 * An event in ArcSight's Common Event Format, version 0, on one line.
 *
 * @param version - of this program.
 */
export function cefLine(event: OutletEvent, version: string): string {
  const header = ['CEF:0', 'Lockbox', 'Lockbox', version, event.kind, NAMES[event.kind] ?? event.kind]
  return `${[...header, String(SEVERITY[event.level])].map(headerField).join('|')}|${extension(event)}`
}

// The dictionary's limit of `msg`, in bytes here, so that nobody counts another way and finds it longer.
const MSG_BYTES = 1023

function extension(event: OutletEvent): string {
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
    ...custom('flexString2', 'organization', event.organizationName ?? event.organization),
    ...custom('cs1', 'case', event.case),
    ...custom('cs2', 'plan', event.planName ?? event.plan),
    ...custom('cs3', 'hardwareKey', event.keyName ?? event.key),
    ...custom('cs4', 'keyModel', event.keyModel),
    ...custom('cs5', 'reference', event.reference),
    ...custom('cs6', 'accessKeyId', event.accessKeyId),
    ...custom('cn1', 'userVerified', event.userVerified ? 1 : 0),
    ...custom('cn2', 'attempt', event.attempt),
    ...custom('deviceCustomDate1', 'expires', event.expires),
    // Last: what cuts a line that is too long cuts here.
    ['msg', firstBytes(oneLine(sentenceOf(event)), MSG_BYTES)],
  ]
  return pairs
    .filter(([, value]) => value !== null && value !== '')
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
