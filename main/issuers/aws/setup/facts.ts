import type { IssuerErrorCode } from '../../issuer.ts'
import type { Endpoint } from '../client.ts'
import type { Rule } from '../refused.ts'

/**
 * Whom CloudTrail shows the check's sessions to be for. It has the form of a member's id, as the app gives it: a trust policy
 * may heed that.
 */
export const CHECKER = 'lockbox-set-up-check-A'

/** What is to be checked, as it will stand in plans. */
export interface Setup {
  /** Emergency roles, at least one; each is assumed by the user itself. */
  readonly roles: readonly string[]
  /** At least one. */
  readonly regions: readonly Endpoint[]
  readonly iam: Endpoint
  /** The longest session that a plan gives. */
  readonly seconds: number
  readonly externalId: string | null
  /** Serial number of the user's MFA device. */
  readonly mfa: string | null
  readonly revoker: string | null
  readonly rotator: string | null
  /** The user whose keys the rotator replaces; null if it is to be whoever the key is of. */
  readonly user: string | null
  /** A plan's session policy. */
  readonly sessionPolicy: string | null
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
  /** With the plan's session policy; null without one. */
  readonly policy: Told | null
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
