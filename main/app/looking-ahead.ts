import { setImmediate } from 'node:timers/promises'
import type { Digest } from '../../shared/bytes.ts'
import { isLockboxError } from '../../shared/errors.ts'
import {
  type DoorChecks,
  type DoorContext,
  type DoorVerdict,
  naming,
  type VerifiedStatement,
  verify,
} from '../../shared/statements/door.ts'
import { parse, type Statement } from '../../shared/statements/envelope.ts'
import { sha256 } from '../sha256.ts'

/** What is known of an envelope before its turn at the door. */
export interface LookedAt {
  readonly statement: Statement
  /** If its signatures fit: of which organization this device was then. */
  readonly seen: { readonly verified: VerifiedStatement; readonly organization: Digest | null } | null
}

/** What came in one moment. */
interface Together {
  readonly all: Promise<LookedAt>[]
  readonly settled: Promise<unknown>
}

/**
 * Reads what waits for its turn at the door and checks its signatures, on threads of their own, while what came before it is
 * kept. What came in one moment goes on together, so that the disk keeps it together.
 */
export class LookAhead {
  readonly #context: () => DoorContext
  readonly #has: (id: Digest) => boolean
  readonly #checks: DoorChecks
  #together: Together | null = null

  /** @param has - what needs no checking, since it is here. */
  constructor(context: () => DoorContext, has: (id: Digest) => boolean, checks: DoorChecks) {
    this.#context = context
    this.#has = has
    this.#checks = checks
  }

  /**
   * Begins to look, and gives how to ask what came of it when its turn comes.
   *
   * @throws {StatementError} when asked, if it is no statement.
   */
  at(envelope: Uint8Array): () => Promise<LookedAt> {
    const looking = this.#look(envelope)
    looking.catch(() => undefined)
    this.#together ??= this.#untilTheNextMoment()
    const { all, settled } = this.#together
    all.push(looking)
    return () => settled.then(() => looking)
  }

  #untilTheNextMoment(): Together {
    const all: Promise<LookedAt>[] = []
    const settled = setImmediate().then(() => {
      this.#together = null
      return Promise.allSettled(all)
    })
    return { all, settled }
  }

  async #look(envelope: Uint8Array): Promise<LookedAt> {
    const statement = parse(envelope, sha256)
    if (this.#has(statement.id)) return { statement, seen: null }
    const context = this.#context()
    try {
      const found = await verify(statement, context, this.#checks)
      const { organization } = context
      return { statement, seen: found.verdict === 'waiting' ? null : { verified: found.statement, organization } }
    } catch (error) {
      // In its turn it may be different, and is said then.
      if (isLockboxError(error)) return { statement, seen: null }
      throw error
    }
  }
}

/**
 * What the door says in its turn, see `verify`. What was seen ahead counts if this device is still of that organization and
 * the roster is here, which its id says is the same.
 */
export async function verdictOn(
  { statement, seen }: LookedAt,
  context: DoorContext,
  checks: DoorChecks,
): Promise<DoorVerdict> {
  if (seen !== null && seen.organization === context.organization) {
    const { roster } = naming(statement)
    if (roster === statement.id || context.roster(roster) !== undefined)
      return { verdict: 'verified', statement: seen.verified }
  }
  return verify(statement, context, checks)
}
