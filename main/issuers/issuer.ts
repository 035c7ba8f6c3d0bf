import type { UnixMilliseconds } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import type { PayloadOf, Plan } from '../../shared/statements/kinds.ts'

/** What an issuer may answer instead of a session; also the codes of a `failed` statement. */
export type IssuerErrorCode =
  | 'wrong-key'
  | 'expired-key'
  | 'denied'
  | 'denied-by-organization'
  | 'wrong-code'
  | 'throttled'
  | 'timed-out'
  | 'clock-skew'
  | 'policy-too-large'
  | 'unreachable'
  | 'invalid'

/** One call to one endpoint, as it ended. `mayExist`: a session may exist there although nobody got it. */
export interface Attempted {
  readonly region: string
  readonly endpoint: string
  readonly outcome: 'issued' | IssuerErrorCode
  readonly mayExist: boolean
  readonly tookMs: number
}

/** What an {@link IssuerError} carries beside code and message. */
export interface IssuerErrorDetails {
  readonly mayExist: boolean
  readonly attempted?: readonly Attempted[]
  readonly skewMs?: number | null
}

/** Why no session came. The message says what happened and what to do next; it never holds a secret. */
export class IssuerError extends LockboxError<IssuerErrorCode> {
  /** Whether a session may exist all the same: some answer got lost. */
  readonly mayExist: boolean
  /** Every endpoint that was tried, in order. */
  readonly attempted: readonly Attempted[]
  /** The service's clock minus ours, milliseconds; null where nothing answered. */
  readonly skewMs: number | null

  constructor(code: IssuerErrorCode, message: string, details: IssuerErrorDetails) {
    // No `cause`: what a client library throws may hold the request, and with it the key.
    super(code, message)
    this.mayExist = details.mayExist
    this.attempted = details.attempted ?? []
    this.skewMs = details.skewMs ?? null
  }
}

export type Purpose = PayloadOf<'request'>['purpose']
/** The plan's `access`; one more `kind` for every further issuer. */
export type Access = Plan['access']

/** What the issuer needs to know of the case. */
export interface RequestFacts {
  /** The request's id, which is the case's. */
  readonly id: string
  /** Member id of whoever asked. */
  readonly requester: string
  readonly purpose: Purpose
  readonly seconds: number
  /** Incident reference as typed, or empty. */
  readonly reference: string
}

/** One session, ordered. `credential` belongs to the caller, who wipes it. */
export interface Order {
  /** The reassembled credential; for AWS see `aws/access-key.ts`. */
  readonly credential: Uint8Array
  readonly access: Access
  readonly request: RequestFacts
  readonly attempt: number
}

/** A session as the issuer got it. The caller seals `session` and wipes it. */
export interface Issued {
  /** Public id of the short-lived key. */
  readonly accessKeyId: string
  /** What singles the session out at the service, for AWS `aws:userid`; null if it did not say. */
  readonly userId: string | null
  /** End of the session by the service's own clock. */
  readonly expires: UnixMilliseconds
  /** JCS of the session's facts and secrets; for AWS {accessKeyId, expiration, region, secretAccessKey, sessionToken}. */
  readonly session: Uint8Array<ArrayBuffer>
  /** The service's clock minus ours, milliseconds; null if its answer had no date. */
  readonly skewMs: number | null
  readonly region: string
  readonly endpoint: string
  /** Every endpoint that was tried, the last one issued; an earlier one with `mayExist` may have made a session too. */
  readonly attempted: readonly Attempted[]
}

/** The narrow sessions that are made beside one that was issued, ordered. `credential` belongs to the caller, who wipes it. */
export interface AftercareOrder extends Pick<Order, 'credential' | 'access' | 'attempt'> {
  /** The request's id, which is the case's. */
  readonly request: string
  /** Member id of whoever's device issues. */
  readonly issuer: string
  /** What was issued. */
  readonly issued: Pick<Issued, 'userId' | 'expires' | 'skewMs'>
  /** Ends it: the credential is about to be wiped. */
  readonly signal: AbortSignal
}

/** A narrow session. The caller seals `session` and wipes it. */
export interface NarrowSession {
  /** End of the session by the service's own clock. */
  readonly expires: UnixMilliseconds
  /** JCS of the session and of what it is for; for AWS see `aws/narrow.ts`. */
  readonly session: Uint8Array<ArrayBuffer>
}

/** What came of the aftercare: each null if the plan has none or it could not be made. */
export interface Aftercare {
  /** May end the session that was issued. */
  readonly revoker: NarrowSession | null
  /** May replace the long-lived key. */
  readonly rotator: NarrowSession | null
  /** What the plan wants and is lacking, each a sentence for people without any secret. */
  readonly lacks: readonly string[]
  /** Where one more may have been made whose answer did not come: nobody holds that. */
  readonly unheld: readonly Unheld[]
}

/** A region that may have made a narrow session, or a step to it, before the next one was asked. */
export interface Unheld {
  readonly what: 'revoker' | 'rotator' | 'step'
  readonly region: string
}

/** What one endpoint answered to a request without any credential. */
export interface Reachability {
  readonly region: string
  readonly endpoint: string
  readonly reachable: boolean
  /** The service's clock minus ours, milliseconds, from its Date header (whole seconds); null without one. */
  readonly skewMs: number | null
  readonly tookMs: number
}

/** Turns a reassembled credential into short-lived access. AWS STS now; SSH, databases and others later. */
export interface Issuer {
  /** @throws {IssuerError} */
  issue(order: Order): Promise<Issued>
  /** Makes what ends and replaces, after a session was issued. What fails is said in `lacks`: nobody's access hangs on it. */
  aftercare(order: AftercareOrder): Promise<Aftercare>
  /**
   * Goes once through what {@link Issuer.issue} does, with made-up facts and without any network, so that all it takes is
   * loaded and compiled before people wait for it. What comes of it is made up as well.
   */
  rehearse(): Promise<Issued>
  /** Asks all endpoints at once, in the plan's order; needs no credential and never throws for what the network does. */
  preflight(access: Access): Promise<readonly Reachability[]>
}
