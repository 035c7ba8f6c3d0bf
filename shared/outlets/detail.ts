import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Statement } from '../statements/envelope.ts'

/** What some kinds of statement say and others do not; null where a kind has no such thing. */
export interface EventDetail {
  /** The statement that it is about: what was endorsed, the deposit of a custody proof, the grant that ended or whose key was replaced. */
  readonly of: Digest | null
  /** A decision's verdict: `approve` or `deny`. */
  readonly verdict: string | null
  /** What a person wrote: why they asked, decided or withdrew; an issuer's message. */
  readonly reason: string | null
  readonly emergency: string | null
  /** How long access was asked for. */
  readonly seconds: number | null
  readonly attempt: number | null
  readonly generation: number | null
  /** The public id of a long-lived key (deposit, rotated) or of a session (grant). Never a secret. */
  readonly accessKeyId: string | null
  /** When a session ends by itself, or an attempt lapses. */
  readonly expires: UnixMilliseconds | null
  /** Why issuing failed, how a session ended, how far a key was replaced, how AWS's record differs first of all. */
  readonly code: string | null
  /** What is known of an end: `aws-refused` or `none`. */
  readonly confirmation: string | null
}

const NOTHING: EventDetail = {
  of: null,
  verdict: null,
  reason: null,
  emergency: null,
  seconds: null,
  attempt: null,
  generation: null,
  accessKeyId: null,
  expires: null,
  code: null,
  confirmation: null,
}

/** What a statement's kind has of its own, as far as other systems are told. */
export function detailOf(statement: Statement): EventDetail {
  return { ...NOTHING, ...ownOf(statement) }
}

function ownOf(statement: Statement): Partial<EventDetail> {
  switch (statement.kind) {
    case 'roster':
    case 'plan':
      return { of: statement.payload.predecessor }
    case 'deposit': {
      const { generation, accessKeyId } = statement.payload.header
      return { generation, accessKeyId }
    }
    case 'endorsement':
      return { of: statement.payload.of }
    case 'custody':
      return { of: statement.payload.deposit }
    case 'request': {
      const { emergency, seconds, what } = statement.payload
      return { emergency, seconds, reason: what }
    }
    case 'decision': {
      const { verdict, reason } = statement.payload
      return { verdict, reason: reason || null }
    }
    case 'withdrawal':
      return { reason: statement.payload.reason || null }
    case 'ready': {
      const { attempt, expires, deposit } = statement.payload
      return { of: deposit, attempt, expires }
    }
    case 'release':
      return { of: statement.payload.ready }
    case 'issuing': {
      const { attempt, ready } = statement.payload
      return { of: ready, attempt }
    }
    case 'failed': {
      const { ready, code, message } = statement.payload
      return { of: ready, code, reason: message }
    }
    case 'grant': {
      const { attempt, accessKeyId, expires } = statement.payload
      return { attempt, accessKeyId, expires }
    }
    case 'handover':
      return { of: statement.payload.grant }
    case 'ended': {
      const { grant, how, confirmation } = statement.payload
      return { of: grant, code: how, confirmation }
    }
    case 'aftercare': {
      const { grant, revoker, lacks } = statement.payload
      return { of: grant, expires: revoker?.expires ?? null, reason: lacks || null }
    }
    case 'revoke': {
      const { grant, reason } = statement.payload
      return { of: grant, reason: reason || null }
    }
    case 'revoked':
      return { of: statement.payload.grant, code: statement.payload.means }
    case 'rotating':
      return { of: statement.payload.grant }
    case 'rotated': {
      const { grant, accessKeyId, step } = statement.payload
      return { of: grant, accessKeyId, code: step }
    }
    case 'evidence':
      return { code: statement.payload.differs[0]?.code ?? null }
    case 'exported':
      return { of: statement.payload.scope.case, code: statement.payload.format }
    case 'read':
      return { of: statement.payload.case, code: statement.payload.what }
    case 'review': {
      const { grants, classification } = statement.payload
      return { of: grants[0] ?? null, code: classification }
    }
    default:
      return {}
  }
}
