import type { Base64Url, Digest, UnixMilliseconds } from '../bytes.ts'
import { requestOf } from '../statements/collection.ts'
import { naming } from '../statements/door.ts'
import type { Statement } from '../statements/envelope.ts'
import { isDiffering } from '../statements/evidence.ts'
import type { Kind, PayloadOf } from '../statements/kinds.ts'
import { says } from '../views/timeline.ts'
import { detailOf, type EventDetail } from './detail.ts'
import type { Directory } from './directory.ts'

/** Name and version of the event's form (docs/outlets.md §3). */
export const EVENT_FORMAT = 'lockbox-event/1'

/**
 * What came of what was said. `done`: it stands. `failed`: it says that something failed. `unknown`: whether it took
 * effect is not known yet. `refused`: it breaks a rule, and changes nothing.
 */
export type Outcome = 'done' | 'failed' | 'unknown' | 'refused'

/** How much attention it asks for: each format has its own number for it. */
export type Level = 'informational' | 'low' | 'medium' | 'high'

/**
 * One accepted statement as other systems get it, whatever the format: flat, public, and made of nothing but the
 * statement and what the rosters call people. Statements hold no secret and no ciphertext, so neither does this.
 */
export interface OutletEvent extends EventDetail {
  /** Its place in the ledger it was read from, from 0. */
  readonly position: number
  /** The statement's id: the same in every ledger, and what a receiver knows a repetition by. */
  readonly id: Digest
  /** When it was made, as its author claims. */
  readonly time: UnixMilliseconds
  /** When this device accepted it; null from a file, which does not say. */
  readonly heard: UnixMilliseconds | null
  readonly kind: string
  readonly organization: Digest
  readonly organizationName: string | null
  readonly member: Base64Url
  /** Null if nobody of that id stands in a roster in force. */
  readonly person: string | null
  readonly device: Digest
  readonly deviceName: string | null
  /** The hardware key that was touched; null where the device alone signed. */
  readonly key: Digest | null
  readonly keyName: string | null
  /** AAGUID, 32 hexadecimal digits, if the roster records an attestation of it. */
  readonly keyModel: string | null
  /** Whether the key checked a PIN or fingerprint: the door takes no touch without. */
  readonly userVerified: boolean
  /** Whether the keys that signed stand in a roster in force; if not, nobody known said this. */
  readonly inForce: boolean
  readonly case: Digest | null
  readonly purpose: string | null
  readonly requester: Base64Url | null
  readonly requesterName: string | null
  readonly plan: Digest | null
  readonly planName: string | null
  /** The role that the plan gives, an ARN. */
  readonly account: string | null
  readonly reference: string | null
  readonly outcome: Outcome
  /** The rule that it breaks, where it is refused. */
  readonly rule: string | null
  readonly level: Level
  /** A sentence for people, without its subject. May hold newlines where a person typed some. */
  readonly says: string
}

/** Where a statement stands, and how it was judged by whoever hands it out. */
export interface Place {
  readonly position: number
  readonly heard: UnixMilliseconds | null
  readonly inForce: boolean
  /** The rule that it breaks, or null. */
  readonly rule: string | null
}

/**
 * The event of one statement that passed the door.
 *
 * @param statement - its signatures were checked; this function does not.
 */
export function eventOf(statement: Statement, place: Place, directory: Directory): OutletEvent {
  const { payload, kind, hardware } = statement
  const asked = aboutCase(statement, directory)
  const detail = detailOf(statement)
  const plan = planOf(statement) ?? asked?.plan ?? null
  const known = knownPlan(statement, plan, directory)
  const key = hardware && directory.key(payload.member, hardware.keyid)
  return {
    position: place.position,
    id: statement.id,
    time: payload.time,
    heard: place.heard,
    kind,
    organization: naming(statement).organization,
    organizationName: directory.organization.name,
    member: payload.member,
    person: directory.person(payload.member),
    device: payload.device,
    deviceName: directory.device(payload.device),
    key: hardware?.keyid ?? null,
    keyName: key?.name ?? null,
    keyModel: key?.model ?? null,
    userVerified: hardware !== null,
    inForce: place.inForce,
    case: requestOf(statement),
    purpose: asked?.purpose ?? null,
    requester: asked?.requester ?? null,
    requesterName: asked && directory.person(asked.requester),
    plan,
    planName: known?.name ?? null,
    account: known?.account ?? null,
    reference: asked?.reference ?? null,
    outcome: place.rule === null ? outcomeOf(statement) : 'refused',
    rule: place.rule,
    level: levelOf(statement, place.rule, asked?.purpose ?? null),
    says: sentence(statement, directory),
    ...detail,
  }
}

interface Asked {
  readonly requester: Base64Url
  readonly plan: Digest
  readonly purpose: string
  readonly reference: string
}

function aboutCase(statement: Statement, directory: Directory): Asked | null {
  if (statement.kind === 'request') {
    const { member, plan, purpose, reference } = statement.payload
    return { requester: member, plan, purpose, reference }
  }
  const request = requestOf(statement)
  return request === null ? null : directory.request(request)
}

function planOf(statement: Statement): Digest | null {
  if (statement.kind === 'plan') return statement.id
  return statement.kind === 'deposit' ? statement.payload.header.plan : null
}

function knownPlan(statement: Statement, plan: Digest | null, directory: Directory) {
  if (statement.kind === 'plan') return { name: statement.payload.name, account: statement.payload.access.roleArn }
  return plan === null ? null : directory.plan(plan)
}

function outcomeOf(statement: Statement): Outcome {
  if (statement.kind === 'failed') return statement.payload.mayExist ? 'unknown' : 'failed'
  // Begun or ordered is not done; and an end that AWS has not confirmed is a claim.
  if (UNDONE.has(statement.kind)) return 'unknown'
  if (statement.kind === 'ended') return statement.payload.confirmation === 'none' ? 'unknown' : 'done'
  return 'done'
}

const UNDONE: ReadonlySet<Kind> = new Set<Kind>(['issuing', 'revoke', 'rotating'])

function levelOf(statement: Statement, rule: string | null, purpose: string | null): Level {
  if (rule !== null) return 'medium'
  const serious = purpose === 'drill' ? 'low' : purpose === 'rotation' ? 'medium' : 'high'
  switch (statement.kind) {
    case 'grant':
    case 'revoke':
      return serious
    case 'handover':
      // Nobody is to have the session of a rotation.
      return purpose === 'rotation' ? 'high' : 'informational'
    case 'aftercare':
      return statement.payload.lacks === '' ? 'informational' : 'medium'
    case 'failed':
      return statement.payload.mayExist ? serious : 'medium'
    case 'request':
      return purpose === 'drill' ? 'low' : 'medium'
    case 'decision':
      return statement.payload.verdict === 'deny' ? 'medium' : 'low'
    case 'roster':
    case 'plan':
    case 'deposit':
    case 'issuing':
    case 'ended':
    case 'revoked':
    case 'rotating':
    case 'rotated':
    case 'exported':
      return 'low'
    case 'pruned':
      return 'medium'
    case 'evidence':
      return isDiffering(statement.payload) ? 'high' : 'low'
    case 'review':
      return isAlarming(statement.payload) ? 'high' : 'low'
    default:
      return 'informational'
  }
}

function isAlarming({ classification, suspicious }: PayloadOf<'review'>): boolean {
  return classification === 'misuse' || suspicious.answer === 'yes'
}

function sentence(statement: Statement, directory: Directory): string {
  if (statement.kind === 'endorsement') return `endorsed the ${directory.kindOf(statement.payload.of) ?? 'statement'}`
  return says(statement, (member) => ({ member, name: directory.person(member) ?? NOBODY }))
}

const NOBODY = 'someone in no roster in force'

/** A whole sentence with its subject. */
export function sentenceOf({ person, says }: OutletEvent): string {
  return `${person ?? NOBODY} ${says}`
}
