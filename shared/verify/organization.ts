import { type Digest, fromBase64Url } from '../bytes.ts'
import { originOf } from '../ledger/checkpoint.ts'
import type { NoteKey } from '../ledger/note.ts'
import { headFrom, type Organization, orgFrom, type RosterVersion } from '../org/org-from.ts'
import { adminConsent, adminsOf, type Consent, founderConsent } from '../org/roster-rules.ts'
import { type Collection, collect } from '../statements/collection.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import { RECOMPUTE_LIMITS, tooMuch } from './bounds.ts'
import type { Places } from './facts.ts'
import type { Findings, Place } from './findings.ts'

/** The organization that the entries make up, and whose keys its history vouches for. */
export interface Recomputed {
  /** Null if it does not come about; the findings say why. */
  readonly org: Organization | null
  readonly collection: Collection
  /** Genesis first. Without an organization: the pin and what it descends from, which nobody vouches for. */
  readonly rosters: readonly RosterVersion[]
}

/**
 * Recomputes the organization from a pin.
 *
 * @param statements - all that it can stand on, in the order of the ledger.
 * @param pins - what each file's exporter last acted on. Whichever of them leads furthest is taken: a pin only ever moves to
 *   descendants, so an older one leads to the same head.
 */
export function recompute(
  statements: readonly VerifiedStatement[],
  places: Places,
  { organization, pins }: { readonly organization: Digest; readonly pins: readonly Digest[] },
  findings: Findings,
): Recomputed {
  const much = tooMuch(statements)
  const collection = collect(statements)
  const pin = furthest(pins, collection)
  const rosters = lineOf(collection, pin)
  if (much !== null) {
    findings.add('incomplete', 'too-much', much)
    return { org: null, collection, rosters }
  }
  const org = orgFrom(collection, pin)
  if (org !== null && org.id === organization) {
    noteOrganization(org, pin, places, findings)
    return { org, collection, rosters: org.history }
  }
  noteNoOrganization(collection, rosters, { organization, pin }, places, findings)
  return { org: null, collection, rosters }
}

/**
 * The newest roster in force, from what stands before the requests: they have no part in it. Null if there is none, or too much
 * to judge.
 */
export function headBefore(statements: readonly VerifiedStatement[], pins: readonly Digest[]): Digest | null {
  if (tooMuch(statements) !== null) return null
  const collection = collect(statements)
  return headFrom(collection, furthest(pins, collection))?.id ?? null
}

function furthest(pins: readonly Digest[], collection: Collection): Digest {
  return pins.toSorted((a, b) => lineOf(collection, b).length - lineOf(collection, a).length)[0] as Digest
}

/** Where a statement stands, for a finding. */
function placeOf(places: Places, id: Digest): Place {
  const place = places(id)
  return place === undefined ? {} : { entry: place.at, file: place.file }
}

/** The pin and its predecessors so far as they are here, oldest first, whoever endorsed them. */
function lineOf(collection: Collection, pin: Digest): RosterVersion[] {
  const line: RosterVersion[] = []
  for (let at: Digest | null = pin; at !== null; ) {
    const roster: VerifiedOf<'roster'> | undefined = collection.get('roster', at)
    if (roster === undefined) break
    line.unshift({ id: roster.id, roster: roster.payload })
    at = roster.payload.predecessor
  }
  return line
}

function noteOrganization(org: Organization, pin: Digest, places: Places, findings: Findings): void {
  if (org.head.id !== pin)
    findings.add('attention', 'pin-behind', 'the header names a roster which a newer one in force follows', {
      ...placeOf(places, org.head.id),
    })
  for (const { children } of org.splits) {
    const entries = children.map(({ id }) => places(id)?.at ?? 0)
    findings.add('incomplete', 'split', `the organization is split: rosters at entries ${entries.join(' and ')}`, {
      entry: Math.max(...entries),
    })
  }
  if (!org.supported)
    findings.add(
      'incomplete',
      'protocol-unsupported',
      `the newest roster sets rules version ${org.head.roster.protocol}, which this program does not know`,
      placeOf(places, org.head.id),
    )
}

function noteNoOrganization(
  collection: Collection,
  line: readonly RosterVersion[],
  claimed: { readonly organization: Digest; readonly pin: Digest },
  places: Places,
  findings: Findings,
): void {
  const genesis = collection.get('roster', claimed.organization)
  if (genesis === undefined)
    findings.add(
      'refuted',
      'no-genesis',
      `no entry is the founding roster ${claimed.organization} that the header names`,
    )
  else if (line[0]?.id !== claimed.organization)
    findings.add('refuted', 'pin-missing', `the roster ${claimed.pin} that the header names is not among the entries`)
  else {
    const [at, lack] = firstLacking(line, collection) ?? [claimed.pin, 'breaks a rule']
    findings.add('incomplete', 'pin-not-endorsed', `the roster ${at} ${lack}`, {
      ...placeOf(places, at),
    })
  }
}

/** The oldest roster of a line that is not in force, and what it lacks. */
function firstLacking(line: readonly RosterVersion[], collection: Collection): [Digest, string] | null {
  for (const [at, { id, roster }] of line.entries()) {
    const endorsements = collection.endorsementsOf(id)
    const before = line[at - 1]?.roster
    const consents: Consent[] =
      before === undefined
        ? [founderConsent(roster, endorsements)]
        : [adminConsent(before, endorsements), adminConsent(roster, endorsements)]
    const lacking = consents.find(({ met }) => !met)
    const who = before === undefined ? 'founders' : 'admins'
    if (lacking !== undefined) return [id, `is endorsed by ${lacking.by.length} ${who} of the ${lacking.need} it needs`]
    if (adminsOf(roster).length === 0) return [id, 'has no admin']
  }
  return null
}

/** Checkpoint keys of every device in these rosters, removed ones included, each once. Null if there are too many. */
export function noteKeys(
  organization: Digest,
  rosters: readonly RosterVersion[],
  deviceOf: (statementKey: string) => Digest,
) {
  const keys = new Map<string, NoteKey>()
  const perDevice = new Map<string, number>()
  for (const { roster } of rosters)
    for (const { device } of roster.members) {
      const name = originOf(organization, deviceOf(device.keys.statement))
      const known = `${name} ${device.keys.checkpoint}`
      if (keys.has(known)) continue
      keys.set(known, { name, publicKey: fromBase64Url(device.keys.checkpoint) })
      perDevice.set(name, (perDevice.get(name) ?? 0) + 1)
      if ((perDevice.get(name) ?? 0) > RECOMPUTE_LIMITS.keysOfDevice || keys.size > RECOMPUTE_LIMITS.devices)
        return null
    }
  return [...keys.values()]
}
