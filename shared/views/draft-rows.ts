import type { Kind, PayloadOf } from '../statements/kinds.ts'
import type { Names } from './people.ts'
import { QUESTION_WORDS } from './review-words.ts'

/** A label with its value, as the window shows what is about to be signed. */
export interface DraftRow {
  readonly label: string
  readonly value: string
}

/** A payload as people read it before they sign. */
export interface DraftRows {
  /** What its kind says. */
  readonly rows: DraftRow[]
  /** What all statements say: who signs with which device, and the place in the record. */
  readonly place: DraftRow[]
}

/** In the order in which they are shown. */
const COMMON = ['member', 'device', 'time', 'organization', 'roster', 'sequence', 'previous', 'ledger'] as const

const LABELS: Readonly<Record<string, string>> = {
  accessKeyId: 'Access key id',
  ...QUESTION_WORDS,
  aftercare: 'After the session',
  arn: 'ARN',
  chain: 'Roles on the way, in order',
  custodians: 'Custodians (share 1 first)',
  externalId: 'External id',
  grants: 'Grant reviewed',
  iam: 'Where IAM is asked',
  issuers: 'Devices that may issue (preferred first)',
  ledger: 'This device’s ledger',
  lockEndsSession: 'Locking ends the session',
  mfa: 'MFA device',
  of: 'Statement endorsed',
  previous: 'Statement before it',
  recipient: 'Requester’s one-time key',
  reference: 'Incident reference',
  requesterMayIssue: 'The requester’s own device may issue',
  requesters: 'Who may ask',
  revoker: 'Role that may deny the session',
  roleArn: 'AWS role',
  rotator: 'Role that may replace the key',
  saw: 'Seen: evidence that differs, issuing of which nobody told how it went',
  seconds: 'Duration (seconds)',
  sessionToken: 'Begins with GetSessionToken',
  sequence: 'Number in this device’s chain',
  user: 'IAM user',
  what: 'What happened',
  whyTight: 'Why it is this tight',
}

/**
 * Every field of what is to be signed, whole: nested fields by their path, lists by number, members by name and id.
 * Nothing is left out or shortened; how odd characters are marked is the window's business.
 */
export function draftRows(payload: PayloadOf<Kind>, names: Names): DraftRows {
  const fields = new Map(Object.entries(payload))
  const place = COMMON.flatMap((key) =>
    fields.has(key) ? rows(label(key), timeText(key, fields.get(key)), names) : [],
  )
  for (const key of COMMON) fields.delete(key)
  return { rows: [...fields].flatMap(([key, value]) => rows(label(key), timeText(key, value), names)), place }
}

/** Fields that are times: shown as such, beside the number that is signed. */
const TIMES: ReadonlySet<string> = new Set(['time', 'before'])

function timeText(key: string, value: unknown): unknown {
  return TIMES.has(key) && typeof value === 'number' ? `${new Date(value).toISOString()} (${value} ms)` : value
}

function rows(path: string, value: unknown, names: Names): DraftRow[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [{ label: path, value: 'none' }]
    return value.flatMap((item: unknown, at) => rows(value.length === 1 ? path : `${path} ${at + 1}`, item, names))
  }
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => rows(`${path} · ${label(key).toLowerCase()}`, inner, names))
  return [{ label: path, value: text(value, names) }]
}

function text(value: unknown, names: Names): string {
  if (value === null || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') throw new TypeError('a statement holds text, numbers, truth values and nothing else')
  const { name } = names(value)
  return /^[\w-]{22}$/.test(value) && !name.startsWith('someone') ? `${name} (${value})` : value
}

function label(key: string): string {
  const words = key.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`)
  return LABELS[key] ?? words.charAt(0).toUpperCase() + words.slice(1)
}
