import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { type Generation, isHeld } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { isSameAccount } from '../org/plan-rules.ts'
import type { Plan } from '../statements/kinds.ts'
import { areRetired } from './obligations.ts'
import { type Case, type Grant, grantsIn } from './types.ts'

/** How long the old key stays only turned off before it is deleted: what still wants it is found out by then, and it can be turned on again. */
export const DELETE_AFTER_MS = 60 * 60_000

/** The first grant of a case whose key is still to be retired by its plan's rotator, or null. */
export function keyToReplace(one: Case): Grant | null {
  return keysToReplace(one)[0] ?? null
}

/** All such grants of a case. */
export function keysToReplace(one: Case): Grant[] {
  const grants = grantsIn(one)
  const isOwed = (grant: Grant) => !areRetired(grants.filter((other) => depositOf(other) === depositOf(grant)))
  return grants.filter((grant) => grant.plan.access.aftercare?.rotator !== undefined && isOwed(grant))
}

const depositOf = ({ statement }: Grant) => statement.payload.basis.deposit

/** Public id of the key that a grant used; null if its deposit is not here. */
export function usedKey(org: Organization, grant: Grant): string | null {
  return keyIn(org, depositOf(grant))
}

function keyIn(org: Organization, deposit: Digest): string | null {
  return org.collection.get('deposit', deposit)?.payload.header.accessKeyId ?? null
}

/** Public ids of all keys that deposits name, whoever made these: of none of them may be said that nobody has it. */
export function namedKeys(org: Organization): string[] {
  return [...new Set(org.collection.of('deposit').map(({ payload }) => payload.header.accessKeyId))]
}

/** Public ids of the keys that are accounted for, by a sound generation: in a deposit that is not sound anybody can name any key. */
export function accountedKeys(org: Organization): string[] {
  const sound = org.generations.filter(({ problems }) => problems.length === 0)
  return [...new Set(sound.map(({ deposit }) => deposit.header.accessKeyId))]
}

/** Newer generations of another key that may take the place of the one a grant used: sound ones, the newest first. */
export function inItsPlace(org: Organization, grant: Grant): Generation[] {
  const used = org.collection.get('deposit', depositOf(grant))?.payload.header
  const fits = ({ problems, deposit: { header } }: Generation) =>
    problems.length === 0 &&
    used !== undefined &&
    header.credential === used.credential &&
    header.generation > used.generation &&
    header.accessKeyId !== used.accessKeyId
  return org.generations.filter(fits).toReversed()
}

/** The newest generation that is held in the place of the used one: of its key alone may be said that it replaced the other. */
export function heldInItsPlace(org: Organization, grant: Grant): Generation | null {
  return inItsPlace(org, grant).find(isHeld) ?? null
}

/**
 * Keys of generations that are held although some device says that it deleted them at AWS, and whose device: where too few hold the newer one
 * any more, the rule of generations falls back to the one before. It is that device's word, so it keeps nobody from trying.
 *
 * @param caseOf - the case of a request.
 */
export function deletedKeys(
  { collection, generations }: Pick<Organization, 'collection' | 'generations'>,
  caseOf: (request: Digest) => Case | undefined,
): ReadonlyMap<string, string> {
  const held = new Set(generations.filter(isHeld).map(({ deposit }) => deposit.header.accessKeyId))
  const said = collection
    .of('rotated')
    .filter(({ payload: { step, accessKeyId } }) => step === 'deleted' && held.has(accessKeyId))
    .filter(({ id, payload }) => {
      const one = caseOf(payload.request)
      return one !== undefined && grantsIn(one).some(({ rotations }) => rotations.some((each) => each.id === id))
    })
  return new Map(said.map(({ payload }) => [payload.accessKeyId, payload.member]))
}

/** Whether some case is about to use that key, by whichever deposit: then it is not taken away from under it. */
export function isInUse(org: Organization, cases: readonly Case[], accessKeyId: string): boolean {
  return cases.some(
    ({ state, attempt }) =>
      (state === 'approved' || state === 'issuing') &&
      attempt !== null &&
      keyIn(org, attempt.ready.payload.deposit) === accessKeyId,
  )
}

/** Whether a held generation of another credential opens the key that a grant used: taken away, it would be missing there. */
export function isShared(org: Organization, grant: Grant): boolean {
  const used = org.collection.get('deposit', depositOf(grant))?.payload.header
  return org.generations.some(
    (one) =>
      isHeld(one) &&
      one.deposit.header.accessKeyId === used?.accessKeyId &&
      one.deposit.header.credential !== used.credential,
  )
}

/** Whose keys may be replaced, and where: of the plan under which what may was made. */
export type Whose = NonNullable<Plan['access']['aftercare']>

/** A name alone does not tell a user: another account may have one of the same. */
export function isSameUser(wanted: Whose | undefined, { rotator, iam }: Whose): boolean {
  return (
    wanted?.rotator !== undefined &&
    rotator !== undefined &&
    wanted.rotator.user === rotator.user &&
    isSameAccount(wanted.rotator.roleArn, rotator.roleArn) &&
    wanted.iam.region === iam.region &&
    wanted.iam.endpoint === iam.endpoint
  )
}

/** Whether a session was issued with a key since then, in a case of any purpose: so it works. Times are claims. */
export function hasWorked(
  org: Organization,
  cases: readonly Case[],
  accessKeyId: string,
  since: UnixMilliseconds,
): boolean {
  return cases.some((one) =>
    grantsIn(one).some((grant) => usedKey(org, grant) === accessKeyId && grant.statement.payload.time > since),
  )
}

/** Whether a case owes nothing any more but that its key is retired. */
export function owesOnlyRetiring(one: Case): boolean {
  return one.state === 'ended' && one.obligations.every(({ code }) => code === 'retire')
}
