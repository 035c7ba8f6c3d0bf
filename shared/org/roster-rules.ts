import { toBase64Url } from '../bytes.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { standsIn } from '../statements/door.ts'
import type { Roster } from '../statements/kinds.ts'
import { hardwareKey, type Member } from '../statements/member.ts'

export type RosterProblem =
  | 'no-admin'
  | 'member-twice'
  | 'name-twice'
  | 'key-twice'
  | 'protocol-back'
  | 'another-organization'

// All rosters are judged again after each statement about people or plans, and anybody who ever stood in one may draft
// others of a hundred keys each.
const judged = new WeakMap<readonly Member[], readonly RosterProblem[]>()

/** What is wrong with a roster in itself; empty when nothing is. */
export function rosterProblems({ members }: Pick<Roster, 'members'>): readonly RosterProblem[] {
  const problems = judged.get(members) ?? problemsAmong(members)
  judged.set(members, problems)
  return problems
}

function problemsAmong(members: readonly Member[]): RosterProblem[] {
  const problems: RosterProblem[] = []
  if (!members.some(isAdmin)) problems.push('no-admin')
  if (repeats(members.map(({ member }) => member))) problems.push('member-twice')
  if (repeats(members.map(({ name }) => name))) problems.push('name-twice')
  if (repeats(members.flatMap(keysOf))) problems.push('key-twice')
  return problems
}

// One key must never speak for two people, nor for two purposes of one person. Bare keys are compared, since one key
// has another spelling as an authenticator's than as a device's.
function keysOf({ device, authenticators }: Member): string[] {
  const { statement, checkpoint, tls, box, mailbox } = device.keys
  return [
    statement,
    checkpoint,
    tls,
    box,
    mailbox,
    ...authenticators.map(({ publicKey }) => bareKey(publicKey)),
    ...authenticators.map(({ credential }) => credential),
  ]
}

function bareKey(publicKey: string): string {
  const key = hardwareKey(publicKey)
  if (key === null) return publicKey
  return toBase64Url(key.algorithm === 'ES256' ? key.point : key.key)
}

function repeats(values: readonly string[]): boolean {
  return new Set(values).size !== values.length
}

/** The admins of a roster. */
export function adminsOf({ members }: Pick<Roster, 'members'>): Member[] {
  return members.filter(isAdmin)
}

function isAdmin({ roles }: Member): boolean {
  return roles.includes('admin')
}

/** How far endorsements carry: who consented, and how many are needed. */
export interface Consent {
  /** Members whose endorsement counts, sorted. */
  readonly by: readonly string[]
  readonly need: number
  readonly met: boolean
}

/** Consent of more than half of a roster's admins; only endorsements with keys that stand in that roster count. */
export function adminConsent(roster: Roster, endorsements: readonly VerifiedOf<'endorsement'>[]): Consent {
  const admins = adminsOf(roster)
  return consentOf(admins, Math.floor(admins.length / 2) + 1, roster, endorsements)
}

/** Consent of every member, as a genesis roster needs it. */
export function founderConsent(roster: Roster, endorsements: readonly VerifiedOf<'endorsement'>[]): Consent {
  return consentOf(roster.members, roster.members.length, roster, endorsements)
}

function consentOf(
  entitled: readonly Member[],
  need: number,
  roster: Roster,
  endorsements: readonly VerifiedOf<'endorsement'>[],
): Consent {
  const ids = new Set(entitled.map(({ member }) => member))
  const by = new Set(
    endorsements.filter((one) => ids.has(one.payload.member) && standsIn(roster, one)).map((one) => one.payload.member),
  )
  return { by: [...by].sort(), need, met: by.size >= need }
}
