import { type Digest, equalBytes, fromUtf8, type UnixMilliseconds } from '../../shared/bytes.ts'
import { earlyCases } from '../../shared/case/early.ts'
import type { Case } from '../../shared/case/types.ts'
import { isLockboxError } from '../../shared/errors.ts'
import { leafHash } from '../../shared/ledger/merkle.ts'
import { type Organization, orgFrom } from '../../shared/org/org-from.ts'
import { collect } from '../../shared/statements/collection.ts'
import { type SignatureChecks, type VerifiedStatement, verify, vouchedFor } from '../../shared/statements/door.ts'
import { parse } from '../../shared/statements/envelope.ts'
import type { Roster } from '../../shared/statements/kinds.ts'
import { readingAgain } from '../../shared/statements/read-again.ts'
import { digestOf, sha256 } from '../sha256.ts'
import type { EarlyReading } from '../vault/journal.ts'
import { readHeard } from './arrivals.ts'
import { type Glimpse, type GlimpseRow, parseGlimpse } from './glimpse.ts'
import { PIN, STATEMENTS, STUBS } from './tables.ts'

/** More statements behind an index than are ever left there: checking their signatures would take too long to be early. */
const MOST_SINCE = 8192

/** What a log adds up to before it was read. */
interface Seen {
  readonly org: Organization
  readonly glimpse: Glimpse
  /** What came since the glimpse was made, as far as the door lets it in. */
  readonly arrived: readonly VerifiedStatement[]
  /** How many entries of the ledger came since. */
  readonly grown: number
  readonly heard: ReadonlyMap<Digest, UnixMilliseconds>
}

/**
 * A log before it was read: its newest cases, exactly as all of it will show them (`shared/case/early.ts`), and nothing else. It is
 * for looking at alone. Whatever is decided, released, issued, signed or answered wants a `Device`, of which all was read.
 */
export class EarlyLog {
  readonly #seen: Seen

  private constructor(seen: Seen) {
    this.#seen = seen
  }

  /**
   * Reads what can be shown early of a journal.
   *
   * @returns null if that is nothing: there is no glimpse, anything about it is odd, or what came since is not to be told
   * without the rest.
   */
  static async from(early: EarlyReading, checks: SignatureChecks, now: UnixMilliseconds): Promise<EarlyLog | null> {
    const glimpse = parseGlimpse(early.glimpse)
    // What was removed or damaged since makes another log of what the glimpse was made of.
    const isGrown = early.tail.every(({ table }) => table !== STUBS && table !== 'journal')
    if (glimpse === null || !isGrown || early.tail.length > MOST_SINCE) return null
    const seen = await seenIn(early, glimpse, checks).catch(() => null)
    const log = seen && new EarlyLog(seen)
    return log !== null && log.cases(now).length > 0 ? log : null
  }

  /** The organization; its collection has what is here early alone. */
  get org(): Organization {
    return this.#seen.org
  }

  /** This device's owner, and the device. */
  get me(): { readonly member: string; readonly device: Digest } {
    return this.#seen.glimpse
  }

  /** How many entries the ledger has. */
  get entries(): number {
    return this.#seen.glimpse.entries + this.#seen.grown
  }

  /** Cases that are as all of the log will show them, newest first. None may be concluded from those that are missing. */
  cases(now: UnixMilliseconds): readonly Case[] {
    const { org, glimpse, arrived, heard } = this.#seen
    return earlyCases(org, glimpse, arrived, now, (id) => heard.get(id)) ?? []
  }
}

/** @throws {Error} if anything is not as it was when the glimpse was made. */
async function seenIn(early: EarlyReading, glimpse: Glimpse, checks: SignatureChecks): Promise<Seen | null> {
  const records = await early.records(glimpse.rows)
  if (records === null) return null
  const heard = new Map<Digest, UnixMilliseconds>()
  const rosters = new Map<Digest, Roster>()
  const keep = (statement: VerifiedStatement, at: UnixMilliseconds) => {
    heard.set(statement.id, at)
    if (statement.kind === 'roster') rosters.set(statement.id, statement.payload)
  }
  const readAgain = readingAgain(sha256)
  const part: VerifiedStatement[] = []
  for (const [at, { table, value }] of records.entries()) {
    const accepted = readHeard(value)
    // The very bytes that the door let in before the index was sealed.
    if (table !== STATEMENTS || !isLeafOf(glimpse.rows[at], accepted.envelope)) return null
    const { statement } = vouchedFor(readAgain(accepted.envelope))
    part.push(statement)
    keep(statement, accepted.heard)
  }
  let pin = glimpse.pin
  const arrived: VerifiedStatement[] = []
  const came = early.tail.filter(({ table }) => table === STATEMENTS)
  for (const { value } of came) {
    const accepted = await letIn(value, rosters, checks)
    if (accepted === null) continue
    arrived.push(accepted.statement)
    keep(accepted.statement, accepted.heard)
  }
  for (const { table, value } of early.tail) if (table === PIN) pin = fromUtf8(value)
  const org = orgFrom(collect([...part, ...arrived]), pin)
  return org && { org, glimpse, arrived, grown: came.length, heard }
}

/** A statement's record, if the door lets it in; what it does not counts for nothing when all is read, either. */
async function letIn(value: Uint8Array, rosters: ReadonlyMap<Digest, Roster>, checks: SignatureChecks) {
  try {
    const { heard, envelope } = readHeard(value)
    const context = { organization: null, roster: (id: Digest) => rosters.get(id) }
    const verdict = await verify(parse(envelope, digestOf), context, checks)
    return verdict.verdict === 'verified' ? { heard, statement: verdict.statement } : null
  } catch (error) {
    if (isLockboxError(error)) return null
    throw error
  }
}

function isLeafOf(row: GlimpseRow | undefined, envelope: Uint8Array): boolean {
  return row !== undefined && equalBytes(row.leaf, leafHash(envelope, sha256))
}
