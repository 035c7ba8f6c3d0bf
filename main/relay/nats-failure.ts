import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import { failureWords } from '../outlets/failure.ts'
import { LinkFailure } from './failure.ts'

/** What the client says of a broker, as words of ours. */
export function natsFailure(error: unknown): LinkFailure {
  return error instanceof LinkFailure ? error : new LinkFailure(wordsOf(error))
}

function wordsOf(error: unknown): string {
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError)
    return 'it does not accept this user or these credentials'
  if (error instanceof errors.PermissionViolationError) return 'this user may not do there what the relay needs'
  if (error instanceof errors.TimeoutError) return 'no answer in time'
  if (error instanceof JetStreamApiError) return `its JetStream refused (code ${error.code})`
  if (error instanceof Error && error.cause !== undefined) return wordsOf(error.cause)
  if (error instanceof errors.ConnectionError || error instanceof errors.ClosedConnectionError)
    return 'the connection was cut'
  if (error instanceof errors.ProtocolError) return 'what answers there does not speak NATS'
  return failureWords(error)
}

/** A server without JetStream has nobody who answers its requests, or one that says so. */
export function hasNoJetStream(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true
  if (error instanceof JetStreamApiError) return error.code === JetStreamApiCodes.JetStreamNotEnabledForAccount
  return error instanceof Error && error.cause !== undefined && hasNoJetStream(error.cause)
}
