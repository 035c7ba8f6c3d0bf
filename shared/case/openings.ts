import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { type Case, REQUEST_VALID_MS } from './types.ts'

/** That a key was opened, once: shares of it were combined on a device, and AWS gave a session for it. */
export interface Opening {
  /** The request's id. */
  readonly case: Digest
  readonly grant: Digest
  readonly purpose: 'access' | 'drill'
  /** The key, by its deposit. */
  readonly deposit: Digest
  /** The plan version and the roster of the grant's basis. */
  readonly plan: Digest
  readonly roster: Digest
  /** Who issued, and on which device. */
  readonly member: string
  readonly device: Digest
  /**
   * When the issuing device says it issued, and no later than its request was valid: custodians' apps refuse requests from
   * ahead of their clocks, so one device alone cannot date an opening into the future and keep drills from falling due.
   */
  readonly at: UnixMilliseconds
  /** By the device that dealt the key. It had the key in its hands, so this says nothing of what the shares open elsewhere. */
  readonly byDealer: boolean
}

/**
 * The opening that a case is: by its grant that counts, if that was asked for as access or as a drill. A surplus grant, one
 * that its basis does not carry, and an attempt that failed open nothing.
 */
export function openingOf(
  { collection }: Pick<Organization, 'collection'>,
  { id, request, grant }: Pick<Case, 'id' | 'request' | 'grant'>,
): Opening | null {
  const { purpose, time: asked } = request.payload
  if (grant === null || purpose === 'rotation') return null
  const { basis, device, member, time } = grant.statement.payload
  const dealt = collection.get('deposit', basis.deposit)
  if (dealt === undefined) return null
  return {
    case: id,
    grant: grant.id,
    purpose,
    deposit: basis.deposit,
    plan: basis.plan,
    roster: basis.roster,
    member,
    device,
    at: Math.min(time, asked + REQUEST_VALID_MS),
    byDealer: device === dealt.payload.device,
  }
}

/** All openings that these cases are. */
export function openingsOf(org: Pick<Organization, 'collection'>, cases: readonly Case[]): Opening[] {
  return cases.map((one) => openingOf(org, one)).filter((one) => one !== null)
}

/** How a key was opened last: by another device than its dealer's, which is what proves it, and by its dealer's. */
export interface Opened {
  readonly last: Opening | null
  readonly byDealer: Opening | null
}

/** How a key was opened last, among all openings. */
export function openedLast(openings: readonly Opening[], deposit: Digest): Opened {
  const own = openings.filter((one) => one.deposit === deposit)
  return {
    last: newestOpening(own.filter(({ byDealer }) => !byDealer)),
    byDealer: newestOpening(own.filter(({ byDealer }) => byDealer)),
  }
}

/** The newest of some openings; of several at one time the one of the lower grant. */
export function newestOpening(openings: readonly Opening[]): Opening | null {
  const isNewer = (one: Opening, than: Opening) => one.at > than.at || (one.at === than.at && one.grant < than.grant)
  return openings.reduce<Opening | null>((best, one) => (best === null || isNewer(one, best) ? one : best), null)
}

/** Of the openings that differ in nothing but when and in which case, the newest: all that is ever asked of them. */
export class OpeningsKept {
  readonly #newest = new Map<string, Opening>()

  take(one: Opening): void {
    const key = [one.deposit, one.plan, one.roster, one.byDealer].join(' ')
    const before = this.#newest.get(key)
    this.#newest.set(key, before === undefined ? one : (newestOpening([before, one]) as Opening))
  }

  all(): Opening[] {
    return [...this.#newest.values()]
  }
}
