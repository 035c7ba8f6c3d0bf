import type { OutletEvent } from './event.ts'

/** Class and activity of an event. */
export interface Activity {
  readonly classUid: 3002 | 3003 | 3004
  readonly className: string
  readonly id: number
  readonly name: string
}

const authentication = (id: number, name: string): Activity => ({
  classUid: 3002,
  className: 'Authentication',
  id,
  name,
})
const authorize = (id: number, name: string): Activity => ({
  classUid: 3003,
  className: 'Authorize Session',
  id,
  name,
})
const entity = (id: number, name: string): Activity => ({
  classUid: 3004,
  className: 'Entity Management',
  id,
  name,
})
/** What the schema has no activity for: `Other`, with our own name. */
const other = (name: string): Activity => entity(99, name)

const CREATE = entity(1, 'Create')
const UPDATE = entity(3, 'Update')

/** Kinds of which the first of its line creates, and each later one updates. */
const VERSIONED: ReadonlySet<string> = new Set(['roster', 'plan'])

const ACTIVITIES: ReadonlyMap<string, Activity> = new Map(
  Object.entries({
    deposit: CREATE,
    endorsement: other('Endorse'),
    custody: other('Prove custody'),
    request: CREATE,
    withdrawal: other('Withdraw'),
    ready: other('Ready to issue'),
    release: other('Release share'),
    issuing: authentication(1, 'Logon'),
    failed: authentication(1, 'Logon'),
    grant: authorize(3, 'Assign Roles'),
    handover: other('Hand over session'),
    ended: authentication(2, 'Logoff'),
    aftercare: other('Prepare aftercare'),
    revoke: other('Order revocation'),
    revoked: other('Deny session'),
    rotating: other('Begin rotation'),
    rotated: other('Rotate key'),
    evidence: other('Attach evidence'),
    exported: other('Export'),
    read: entity(2, 'Read'),
    pruned: entity(4, 'Delete'),
    review: other('Review'),
  }),
)

/** The class and activity that fit an event; a kind newer than this table is an `Other` of Entity Management. */
export function activityOf({ kind, of, verdict }: OutletEvent): Activity {
  if (VERSIONED.has(kind)) return of === null ? CREATE : UPDATE
  if (kind === 'decision') return other(verdict === 'deny' ? 'Deny' : 'Approve')
  return ACTIVITIES.get(kind) ?? other(kind)
}

/** The managed entity that an event of Entity Management is about. */
export function entityOf(event: OutletEvent): Record<string, unknown> {
  const { kind, organization, organizationName, id, plan, planName, of } = event
  if (kind === 'roster') {
    const org = { uid: organization, name: organizationName }
    return { type_id: 4, type: 'Organization', ...org, org, version: id }
  }
  if (kind === 'plan') {
    const policy = { uid: id, name: planName }
    return { type_id: 5, type: 'Policy', ...policy, policy, version: id }
  }
  if (event.case !== null) return { type_id: 99, type: 'Break-glass case', uid: event.case, name: event.reference }
  if (kind === 'deposit' || kind === 'custody')
    return {
      type_id: 99,
      type: 'Emergency credential',
      uid: kind === 'deposit' ? id : (of ?? id),
      name: event.accessKeyId,
    }
  return { type_id: 99, type: 'Statement', uid: of ?? plan ?? id }
}
