import type { Level, Outcome, OutletEvent } from './event.ts'
import { sentenceOf } from './event.ts'
import { fieldsOf, utcTime } from './fields.ts'
import { type Activity, activityOf, entityOf } from './ocsf-activity.ts'
import { jsonLine } from './safe-text.ts'

/** The version of the Open Cybersecurity Schema Framework whose classes are used. */
export const OCSF_VERSION = '1.9.0-dev'

const IAM = { category_uid: 3, category_name: 'Identity & Access Management' }
const SEVERITY: Record<Level, [id: number, name: string]> = {
  informational: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
}
const STATUS: Record<Outcome, [id: number, name: string]> = {
  done: [1, 'Success'],
  failed: [2, 'Failure'],
  refused: [2, 'Failure'],
  unknown: [0, 'Unknown'],
}

/** An event of OCSF's category IAM as JSON on one line (docs/outlets.md §6). @param version - of this program. */
export function ocsfLine(event: OutletEvent, version: string): string {
  return jsonLine(ocsfEvent(event, version))
}

/** The same as a value. */
export function ocsfEvent(event: OutletEvent, version: string): Record<string, unknown> {
  const activity = activityOf(event)
  const [severity_id, severity] = SEVERITY[event.level]
  const [status_id, status] = STATUS[event.outcome]
  return withoutNulls({
    ...IAM,
    class_uid: activity.classUid,
    class_name: activity.className,
    activity_id: activity.id,
    activity_name: activity.name,
    type_uid: activity.classUid * 100 + activity.id,
    type_name: `${activity.className}: ${activity.name}`,
    severity_id,
    severity,
    status_id,
    status,
    status_code: event.rule ?? event.code,
    status_detail: event.rule === null ? null : `refused by the rule ${event.rule}`,
    time: event.time,
    timezone_offset: 0,
    message: sentenceOf(event),
    metadata: metadataOf(event, version),
    actor: { user: userOf(event.member, event.person), app_name: 'Lockbox', app_uid: event.device },
    device: { uid: event.device, name: event.deviceName, type_id: 0, type: 'Unknown' },
    ...ofClass(event, activity),
    unmapped: unmapped(event),
  })
}

function metadataOf(event: OutletEvent, version: string) {
  return withoutNulls({
    version: OCSF_VERSION,
    product: { name: 'Lockbox', vendor_name: 'Lockbox', version },
    profiles: ['host'],
    uid: event.id,
    correlation_uid: event.case,
    event_code: event.kind,
    sequence: event.position,
    original_time: utcTime(event.time),
    log_name: 'ledger',
    log_provider: 'Lockbox',
    tenant_uid: event.organization,
  })
}

function userOf(uid: string | null, name: string | null) {
  return uid === null
    ? { name: 'unknown', type_id: 0, type: 'Unknown' }
    : withoutNulls({ uid, name, type_id: 1, type: 'User' })
}

function ofClass(event: OutletEvent, { classUid }: Activity): Record<string, unknown> {
  const user = userOf(event.requester, event.requesterName)
  switch (classUid) {
    case 3002:
      return {
        user,
        service: { name: 'AWS STS' },
        session: event.kind === 'ended' ? { uid: event.of, issuer: event.device } : null,
      }
    case 3003:
      return { user, session: sessionOf(event), ...privilegesOf(event) }
    case 3004:
      return { entity: entityOf(event), comment: event.reason }
  }
}

function sessionOf({ id, time, expires, device, accessKeyId }: OutletEvent) {
  return withoutNulls({
    uid: id,
    credential_uid: accessKeyId,
    created_time: time,
    expiration_time: expires,
    issuer: device,
    is_mfa: true,
  })
}

function privilegesOf({ account }: OutletEvent) {
  // The class asks for one of roles, groups and privileges, also where the plan is not here.
  if (account === null) return { privileges: ['break-glass access'] }
  return { iam_roles: [{ uid: account, name: account.split('/').at(-1) }] }
}

/** What the classes have no place for, under the names of our own event; what has one is not said twice. */
const MAPPED: ReadonlySet<string> = new Set([
  'position',
  'id',
  'time',
  'kind',
  'says',
  'outcome',
  'level',
  'organization',
  'member',
  'person',
  'device',
  'deviceName',
])

function unmapped(event: OutletEvent): Record<string, unknown> {
  return withoutNulls(Object.fromEntries(fieldsOf(event).filter(([name]) => !MAPPED.has(name))))
}

function withoutNulls(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null && one !== undefined)
      .map(([name, one]) => [name, isPlain(one) ? withoutNulls(one) : one]),
  )
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
