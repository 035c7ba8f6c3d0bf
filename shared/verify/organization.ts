import { type Digest, fromBase64Url } from '../bytes.ts'
import { originOf } from '../ledger/checkpoint.ts'
import type { NoteKey } from '../ledger/note.ts'
import { type Organization, orgFrom, type Rosters, type RosterVersion, rostersFrom } from '../org/org-from.ts'
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
  /** Genesis first. Without an organization: those before the first that is not valid. */
  readonly rosters: readonly RosterVersion[]
  /** Without an organization: the pin and what it descends from. Nobody vouches for these, so they can refute and show nothing else. */
  readonly drafted: readonly RosterVersion[]
}

/**
 * Recomputes the organization from a pin.
 *
 * @param statements - all that it can stand on, in the order of the ledger.
 * @param much - what there is too much of to recompute it and the cases, if anything: see {@link tooMuch}.
 * @param pins - what each file's exporter last acted on. Whichever of the valid ones leads furthest is taken: a pin only ever moves to
 *   descendants, so an older one leads to the same head.
 */
export function recompute(
  statements: readonly VerifiedStatement[],
  places: Places,
  {
    organization,
    pins,
    much,
  }: { readonly organization: Digest; readonly pins: readonly Digest[]; readonly much: string | null },
  findings: Findings,
): Recomputed {
  const collection = collect(statements)
  if (much !== null) {
    findings.add('incomplete', 'too-much', much)
    const drafted = lineOf(collection, furthest(pins, NOBODY, collection))
    return { org: null, rosters: [], drafted }
  }
  const rosters = rostersFrom(collection)
  const pin = furthest(pins, rosters, collection)
  const known = { organization, collection, rosters, places }
  const org = orgFrom(collection, pin)
  if (org === null || org.id !== organization) {
    noteInvalid(pin, null, known, findings)
    const drafted = lineOf(collection, pin)
    return { org: null, rosters: drafted.filter(({ id }) => rosters.isValid(id)), drafted }
  }
  noteOrganization(org, pin, places, findings)
  // Alone such a file would not be verified either.
  for (const [file, other] of pins.entries()) if (!rosters.isValid(other)) noteInvalid(other, file, known, findings)
  return { org, rosters: org.history, drafted: [] }
}

/** Where no rosters are judged. */
const NOBODY: Pick<Rosters, 'isValid'> = { isValid: () => false }

/**
 * The newest roster in force, from what stands before the requests: they have no part in it. Null if there is none, or too much
 * to judge.
 */
export function headBefore(statements: readonly VerifiedStatement[], pins: readonly Digest[]): Digest | null {
  if (tooMuch(statements) !== null) return null
  const collection = collect(statements)
  const rosters = rostersFrom(collection)
  return rosters.headFrom(furthest(pins, rosters, collection))?.id ?? null
}

/** Anybody can draft a long line of rosters: one that is not in force leads nowhere. */
function furthest(pins: readonly Digest[], { isValid }: Pick<Rosters, 'isValid'>, collection: Collection): Digest {
  const leading = pins.filter((pin) => isValid(pin))
  const lengths = new Map(pins.map((pin) => [pin, lineOf(collection, pin).length]))
  const far = (pin: Digest) => lengths.get(pin) as number
  return (leading.length > 0 ? leading : pins).toSorted((a, b) => far(b) - far(a))[0] as Digest
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

/** What a pin is judged by. */
interface Known {
  readonly organization: Digest
  readonly collection: Collection
  readonly rosters: Rosters
  readonly places: Places
}

/** Why a pin leads to no organization. @param file - whose pin it is; null: that of all. */
function noteInvalid(
  pin: Digest,
  file: number | null,
  { organization, collection, rosters, places }: Known,
  findings: Findings,
): void {
  const line = lineOf(collection, pin)
  const first = line.findIndex(({ id }) => !rosters.isValid(id))
  const lacking = line[first]
  if (collection.get('roster', organization) === undefined)
    findings.add('refuted', 'no-genesis', `no entry is the founding roster ${organization} that the header names`)
  else if (lacking === undefined || line[0]?.id !== organization)
    findings.add('refuted', 'pin-missing', `the roster ${pin} that the header names is not among the entries`, { file })
  else {
    const whose = file === null ? '' : `the header of file ${file + 1} names one that is not in force: `
    const says = `${whose}the roster ${lacking.id} ${lackOf(lacking, line[first - 1], collection)}`
    findings.add('incomplete', 'pin-not-endorsed', says, placeOf(places, lacking.id))
  }
}

/** What a roster lacks to be in force after the one before it. */
function lackOf({ id, roster }: RosterVersion, before: RosterVersion | undefined, collection: Collection): string {
  const endorsements = collection.endorsementsOf(id)
  const consents: Consent[] =
    before === undefined
      ? [founderConsent(roster, endorsements)]
      : [adminConsent(before.roster, endorsements), adminConsent(roster, endorsements)]
  const lacking = consents.find(({ met }) => !met)
  const who = before === undefined ? 'founders' : 'admins'
  if (lacking !== undefined) return `is endorsed by ${lacking.by.length} ${who} of the ${lacking.need} it needs`
  return adminsOf(roster).length === 0 ? 'has no admin' : 'breaks a rule'
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
