import type { Digest } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { type SignatureChecks, type VerifiedStatement, verify } from '../statements/door.ts'
import { parse, type Statement } from '../statements/envelope.ts'
import { StatementError, type StatementErrorCode } from '../statements/errors.ts'
import type { Roster } from '../statements/kinds.ts'

/** An entry that the door let in. */
export interface Accepted {
  readonly entry: number
  readonly statement: VerifiedStatement
}

/** An entry that the door refuses. */
export interface Refused {
  readonly entry: number
  readonly code: StatementErrorCode
  readonly message: string
}

/** What came of taking every entry through the door. Nothing is judged yet. */
export interface DoorRun {
  /** In the order of the ledger; a statement that stands there twice only once. */
  readonly accepted: readonly Accepted[]
  readonly refused: readonly Refused[]
  /** Entries whose roster is nowhere in the file. */
  readonly waiting: readonly { readonly entry: number; readonly roster: Digest }[]
  /** Entries that repeat one before them, and whether it is another copy, touched with another key. */
  readonly repeated: readonly { readonly entry: number; readonly of: number; readonly otherKey: boolean }[]
  /** Entries that stand before the roster they name. */
  readonly early: readonly { readonly entry: number; readonly roster: number }[]
  /** Place in the ledger of an accepted statement. */
  entryOf(id: Digest): number | undefined
  /** The accepted statement at a place. */
  at(entry: number): VerifiedStatement | undefined
}

/**
 * Takes entries through the door in the order of the ledger. One whose roster comes later is tried again then; one
 * whose roster never comes is left waiting. Hostile bytes become refusals, never exceptions.
 *
 * @param organization - Statements of any other are refused: the header's claim, on which all trust here rests.
 */
export function runDoor(
  entries: readonly Uint8Array[],
  organization: Digest,
  checks: SignatureChecks,
): Promise<DoorRun> {
  return new Run(organization, checks).take(entries)
}

class Run {
  readonly #organization: Digest
  readonly #checks: SignatureChecks
  readonly #rosters = new Map<Digest, Roster>()
  readonly #accepted = new Map<number, VerifiedStatement>()
  readonly #places = new Map<Digest, number>()
  readonly #refused: Refused[] = []
  readonly #waiting = new Map<Digest, { entry: number; statement: Statement }[]>()
  readonly #repeated: DoorRun['repeated'][number][] = []
  readonly #early: DoorRun['early'][number][] = []

  constructor(organization: Digest, checks: SignatureChecks) {
    this.#organization = organization
    this.#checks = checks
  }

  async take(entries: readonly Uint8Array[]): Promise<DoorRun> {
    for (const [entry, bytes] of entries.entries()) {
      const statement = this.#parse(entry, bytes)
      if (statement !== null) await this.#judge(entry, statement)
    }
    const inOrder = [...this.#accepted].sort(([a], [b]) => a - b)
    return {
      accepted: inOrder.map(([entry, statement]) => ({ entry, statement })),
      refused: this.#refused.toSorted((a, b) => a.entry - b.entry),
      waiting: [...this.#waiting]
        .flatMap(([roster, waiting]) => waiting.map(({ entry }) => ({ entry, roster })))
        .sort((a, b) => a.entry - b.entry),
      repeated: this.#repeated,
      early: this.#early,
      entryOf: (id) => this.#places.get(id),
      at: (entry) => this.#accepted.get(entry),
    }
  }

  #parse(entry: number, bytes: Uint8Array): Statement | null {
    try {
      return parse(bytes)
    } catch (error) {
      this.#refuse(entry, error)
      return null
    }
  }

  /** Judges a statement, and then all that waited for it: one after the other, since each may be a roster itself. */
  async #judge(entry: number, statement: Statement): Promise<void> {
    const open = [{ entry, statement }]
    for (let at = 0; at < open.length; at++) {
      const next = open[at] as { entry: number; statement: Statement }
      const roster = await this.#verify(next.entry, next.statement)
      const waited = roster === null ? undefined : this.#waiting.get(roster)
      if (roster === null || waited === undefined) continue
      this.#waiting.delete(roster)
      for (const one of waited) {
        this.#early.push({ entry: one.entry, roster: next.entry })
        open.push(one)
      }
    }
  }

  /** Returns the id of a roster that is known from now on, or null. */
  async #verify(entry: number, statement: Statement): Promise<Digest | null> {
    const context = { organization: this.#organization, roster: (id: Digest) => this.#rosters.get(id) }
    try {
      const verdict = await verify(statement, context, this.#checks)
      if (verdict.verdict === 'verified') return this.#accept(entry, verdict.statement)
      const waiting = this.#waiting.get(verdict.roster)
      if (waiting === undefined) this.#waiting.set(verdict.roster, [{ entry, statement }])
      else waiting.push({ entry, statement })
    } catch (error) {
      this.#refuse(entry, error)
    }
    return null
  }

  #accept(entry: number, statement: VerifiedStatement): Digest | null {
    const of = this.#places.get(statement.id)
    if (of !== undefined) {
      const otherKey = this.#accepted.get(of)?.hardware?.keyid !== statement.hardware?.keyid
      this.#repeated.push({ entry, of, otherKey })
      return null
    }
    this.#places.set(statement.id, entry)
    this.#accepted.set(entry, statement)
    if (statement.kind !== 'roster') return null
    this.#rosters.set(statement.id, statement.payload)
    return statement.id
  }

  #refuse(entry: number, error: unknown): void {
    if (!(error instanceof LockboxError)) throw error
    const code = error instanceof StatementError ? error.code : 'malformed'
    this.#refused.push({ entry, code, message: error.message })
  }
}
