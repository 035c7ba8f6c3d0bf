import type { Base64Url, Digest } from '../bytes.ts'
import type { RosterVersion } from '../org/org-from.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { keyId, type Member } from '../statements/member.ts'
import type { DeviceFact, KeyFact, PersonFact } from './report.ts'

/**
 * Who speaks, by the rosters that came into force. The door alone is not enough for a name: anybody in the
 * organization can sign a draft of a roster in which other keys stand under somebody's name.
 */
export interface InForce {
  readonly rosters: readonly RosterVersion[]
  readonly person: (member: Base64Url) => PersonFact
  readonly device: (device: Digest) => DeviceFact
  /** Every other device that this one's owner has or had. */
  readonly kinOf: (device: Digest) => readonly Digest[]
  /** Whether device and hardware key of a statement stand together, under its author, in some roster in force. */
  readonly speaks: (statement: VerifiedStatement) => boolean
  readonly key: (statement: VerifiedStatement) => KeyFact | null
}

/** Indexes rosters in force, genesis first. */
export function inForce(rosters: readonly RosterVersion[]): InForce {
  const names = new Map<Base64Url, string>()
  const owners = new Map<Digest, Base64Url>()
  const keyNames = new Map<string, string>()
  const voices = new Set<string>()
  const idOf = remembered(keyId)
  for (const { roster } of rosters)
    for (const member of roster.members) {
      const device = idOf(member.device.keys.statement)
      names.set(member.member, member.name)
      owners.set(device, member.member)
      voices.add(voice(member.member, device, null))
      for (const { publicKey, name } of member.authenticators) {
        voices.add(voice(member.member, device, idOf(publicKey)))
        keyNames.set(`${member.member} ${idOf(publicKey)}`, name)
      }
    }
  const person = (member: Base64Url): PersonFact => ({ member, name: names.get(member) ?? null })
  return {
    rosters,
    person,
    device: (device) => {
      const owner = owners.get(device)
      return { device, person: owner === undefined ? null : person(owner) }
    },
    kinOf: (device) => {
      const owner = owners.get(device)
      return [...owners].flatMap(([other, of]) => (of === owner && other !== device ? [other] : []))
    },
    speaks: ({ payload, hardware }) => voices.has(voice(payload.member, payload.device, hardware?.keyid ?? null)),
    key: ({ payload, hardware }) =>
      hardware && { key: hardware.keyid, name: keyNames.get(`${payload.member} ${hardware.keyid}`) ?? null },
  }
}

/** Someone who stood in rosters: the newest entry, and every device and hardware key, by id. */
export interface Someone {
  readonly newest: Member
  readonly devices: ReadonlyMap<Digest, Member['device']>
  readonly keys: ReadonlyMap<Digest, Member['authenticators'][number]>
}

/** Everybody in these rosters, the newest last, with their devices and keys over all of them. */
export function peopleOver(rosters: readonly RosterVersion[]): Map<Base64Url, Someone> {
  const people = new Map<
    Base64Url,
    { newest: Member; devices: Map<Digest, Member['device']>; keys: Map<Digest, Member['authenticators'][number]> }
  >()
  const idOf = remembered(keyId)
  for (const { roster } of rosters)
    for (const member of roster.members) {
      const someone = people.get(member.member) ?? { newest: member, devices: new Map(), keys: new Map() }
      someone.newest = member
      someone.devices.set(idOf(member.device.keys.statement), member.device)
      for (const key of member.authenticators) someone.keys.set(idOf(key.publicKey), key)
      people.set(member.member, someone)
    }
  return people
}

const voice = (member: Base64Url, device: Digest, key: Digest | null): string => `${member} ${device} ${key ?? ''}`

function remembered(of: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    const found = known.get(text) ?? of(text)
    known.set(text, found)
    return found
  }
}
