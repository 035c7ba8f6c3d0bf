import type { Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { naming, type VerifiedStatement } from '../statements/door.ts'
import { type Authenticator, deviceId, keyId, type Member } from '../statements/member.ts'
import { modelWords, type Names } from './people.ts'

/** How far others vouch for a statement, in words: see `coveredWords`. */
export type Stands = (statement: Digest) => string

/**
 * What proves a statement, in one line: with which key by the name its owner gave, whether it proved its model, that it
 * checked its user, and how far others vouch for it.
 */
export function proofWords(statement: VerifiedStatement, org: Organization, names: Names, stands: string): string {
  return `${signedWords(statement, org, names)}, ${stands}`
}

function signedWords(statement: VerifiedStatement, org: Organization, names: Names): string {
  if (statement.hardware === null) return `signed by ${names(statement.payload.member).name}’s device`
  const key = hardwareKeyOf(statement, org)
  if (key === null) return 'with a key that no list of people here has, user verified'
  return `with “${key.name}” (${modelWords(key.model, key.attestation !== null)}), user verified`
}

/** The author as the roster has them that the statement names; else as any other of the history has. Null for a stranger. */
export function authorOf(statement: VerifiedStatement, org: Organization): Member | null {
  const { member, device } = statement.payload
  return membersFor(statement, org).find((one) => one.member === member && deviceId(one) === device) ?? null
}

/** The hardware key that signed, as a roster of the history has it; null without one, or if none has. */
export function hardwareKeyOf(statement: VerifiedStatement, org: Organization): Authenticator | null {
  const { hardware, payload } = statement
  if (hardware === null) return null
  const own = membersFor(statement, org).filter(({ member }) => member === payload.member)
  const keys = own.flatMap(({ authenticators }) => authenticators)
  return keys.find(({ publicKey }) => keyId(publicKey) === hardware.keyid) ?? null
}

/** Members of every roster of the history, those of the roster that the statement names first. */
function membersFor(statement: VerifiedStatement, { history }: Organization): Member[] {
  const named = naming(statement).roster
  return history
    .toSorted((a, b) => Number(b.id === named) - Number(a.id === named))
    .flatMap(({ roster }) => roster.members)
}
