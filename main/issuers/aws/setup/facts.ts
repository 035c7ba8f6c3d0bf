import type { IssuerErrorCode } from '../../issuer.ts'
import type { Endpoint } from '../client.ts'
import type { Rule } from '../refused.ts'

/**
 * Whom CloudTrail shows the check's sessions to be for. It has the form of a member's id, as the app gives it: a trust policy
 * may heed that.
 */
export const CHECKER = 'lockbox-set-up-check-A'

/** An emergency role, with what plans ask of it. */
export interface RoleSetup {
  readonly arn: string
  /** The longest session that a plan gives. */
  readonly seconds: number
  readonly externalId: string | null
  /** Session policies of plans. */
  readonly policies: readonly string[]
}

/** What is to be checked, as it stands or will stand in plans. */
export interface Setup {
  /** Emergency roles that the user itself assumes. */
  readonly roles: readonly RoleSetup[]
  /** Emergency roles that plans reach over a role on the way, which is not tried. */
  readonly behind: readonly { readonly arn: string; readonly over: string }[]
  /** At least one. */
  readonly regions: readonly Endpoint[]
  readonly iam: Endpoint
  /** Serial number of the user's MFA device. */
  readonly mfa: string | null
  readonly revoker: string | null
  readonly rotator: string | null
  /** The user whose keys the rotator replaces; null if it is to be whoever the key is of. */
  readonly user: string | null
  /** Whether the way of a plan begins with GetSessionToken. */
  readonly sessionToken: boolean
  /** Names of plans that use the key in another way, so that this check says nothing of them. */
  readonly others: readonly string[]
}

/** Every emergency role of a set-up. */
export function emergencyRoles({ roles, behind }: Pick<Setup, 'roles' | 'behind'>): readonly string[] {
  return [...roles, ...behind].map(({ arn }) => arn)
}

/**
 * What came of one call. `done`: AWS did it. `refused`: AWS said no, in its own words where they help, and by which rule of the
 * account where it was `denied` and they tell. `unreached`: nobody said anything that settles it. `unasked`: something before it
 * failed, so that its answer would mean nothing.
 */
export type Told<Good = unknown> =
  | { readonly is: 'done'; readonly good: Good }
  | {
      readonly is: 'refused'
      readonly code: IssuerErrorCode
      readonly name: string
      readonly rule: Rule | null
      readonly words: string
    }
  | { readonly is: 'unreached'; readonly code: IssuerErrorCode }
  | { readonly is: 'unasked' }

/** STS in one region. */
export interface RegionFact {
  readonly region: string
  /** ARN of whom the key is. */
  readonly told: Told<string>
  readonly tookMs: number
  /** AWS's clock minus ours, milliseconds; null if unknown. */
  readonly skewMs: number | null
}

/** One role, by what it is for. */
export interface RoleFact {
  readonly is: 'role' | 'revoker' | 'rotator'
  readonly arn: string
  readonly assumed: readonly { readonly region: string; readonly told: Told }[]
  /** The same call with one thing left out or changed, which has to be refused; null where it does not apply. */
  readonly without: {
    readonly sourceIdentity: Told
    readonly sessionName: Told
    readonly externalId: Told | null
    readonly mfa: Told | null
  }
  readonly duration: { readonly seconds: number; readonly told: Told }
  /** With each session policy of the plans. */
  readonly policies: readonly { readonly policy: string; readonly told: Told }[]
  /** Reading calls of a session with the narrow policy that it will have. */
  readonly reads: readonly { readonly what: string; readonly told: Told }[]
}

/** All that was seen of a set-up. No secrets. */
export interface SetupFacts {
  readonly setup: Setup
  /** By AWS's clock as far as known, milliseconds. */
  readonly now: number
  readonly accessKeyId: string
  readonly regions: readonly RegionFact[]
  /** Opening a session with a code; null without an MFA device. */
  readonly code: Told | null
  /** When each key of the user was created, milliseconds. */
  readonly keys: Told<readonly { readonly accessKeyId: string; readonly created: number }[]>
  /** Calls that the user does not need, by its key, and again with a code where one was taken. */
  readonly more: readonly { readonly what: string; readonly told: Told }[]
  readonly roles: readonly RoleFact[]
}

/** The name in a user's ARN; null if it is of no user. */
export function userOf(arn: string): string | null {
  return arn.split(':user/').at(1)?.split('/').at(-1) ?? null
}

/** What was told first, with an answer. */
export function identityOf({ regions }: Pick<SetupFacts, 'regions'>): string | null {
  for (const { told } of regions) if (told.is === 'done') return told.good
  return null
}
