import type { Digest } from '../../shared/bytes.ts'
import { isLockboxError } from '../../shared/errors.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import { parse, type Statement } from '../../shared/statements/envelope.ts'

/** More than one person shows with a code; a whole log is read once, not twice. */
const MOST = 64

/**
 * The one device that speaks in what was handed over: it said all of it that belongs to a case, but for what its own grants
 * stand on. Null if several speak, or nobody can say. A guess for people, from statements that no door has seen yet.
 */
export function speakerOf(envelopes: readonly Uint8Array[]): Digest | null {
  if (envelopes.length > MOST) return null
  const said = envelopes.flatMap(parsed).filter((statement) => requestOf(statement) !== null)
  const stoodOn = new Set(said.flatMap(basisOf))
  const speakers = new Set(said.filter(({ id }) => !stoodOn.has(id)).map(({ payload }) => payload.device))
  const [speaker] = speakers
  return speakers.size === 1 && speaker !== undefined ? speaker : null
}

/** What a grant names as its basis: without it nobody else can judge the grant. */
export function basisOf(statement: Statement): readonly Digest[] {
  if (statement.kind !== 'grant') return []
  const { request, decisions, ready, releases, issuing } = statement.payload.basis
  return [request, ready, issuing, ...decisions, ...releases]
}

function parsed(envelope: Uint8Array): readonly Statement[] {
  try {
    return [parse(envelope)]
  } catch (error) {
    if (isLockboxError(error)) return []
    throw error
  }
}
