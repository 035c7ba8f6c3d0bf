import type { Digest } from '../../shared/bytes.ts'
import { type Case, type Grant, grantsIn } from '../../shared/case/types.ts'
import type { Endpoint } from '../issuers/aws/client.ts'
import type { SignIn } from '../issuers/aws/console-link.ts'
import type { LiveSession, SessionEnd } from '../sessions/session.ts'
import type { CarrierPeer } from './ports.ts'

/** A session of the owner's that is in this app's memory. */
export interface Held {
  readonly live: LiveSession
  readonly grant: Digest
  readonly lockEnds: boolean
  /** The name of the credential. */
  readonly name: string
  /** How it signs in to the console. @throws {ConsoleError} `not-aws`. */
  readonly signIn: () => SignIn
  readonly handedOut: { times: number; last: number | null }
  /** Whether it is written down that it is to end before its time, and, for the next run, that AWS answered it before. */
  isSaid: boolean
  isKept: boolean
  /** How many denies for other sessions of its role were heeded, and whether it was told that they hit this one. */
  besides: number
  isHarmTold: boolean
  /** Set when it is over; written down at the next chance. */
  end: SessionEnd | null
  /** While its end is being written down. */
  recording: Promise<void> | null
}

/** The grant of the session that is here, which need not be the one that counts by now; if none is here, that one. */
export function grantOf(one: Case, held: Held | undefined): Grant | null {
  return held === undefined ? one.grant : (grantsIn(one).find(({ id }) => id === held.grant) ?? null)
}

/** Where a session was issued. */
export function regionOf({ statement, plan }: Grant): Endpoint {
  const { endpoint } = statement.payload
  return { endpoint, region: plan.access.regions.find((one) => one.endpoint === endpoint)?.region ?? '' }
}

/** AWS's clock minus ours: the issuing device measured AWS's against its own, and the exchange that device's against ours. */
export function skewHere({ statement }: Grant, peers: readonly CarrierPeer[]): number {
  const issuer = peers.find(({ device }) => device === statement.payload.device)
  return issuer?.clockDifferenceMs == null ? 0 : statement.payload.skewMs + issuer.clockDifferenceMs
}
