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
import { digestOf } from '../sha256.ts'

/** What is known of an envelope before its turn at the door. */
export interface LookedAt {
  readonly statement: Statement
  /** If its signatures fit: of which organization this device was then. */
  readonly seen: { readonly verified: VerifiedStatement; readonly organization: Digest | null } | null
}

/** What came in one moment. */
interface Together {
  readonly envelopes: Uint8Array[]
  /** One for each envelope, and every one of them settled. */
  readonly all: Promise<readonly Promise<LookedAt>[]>
}

/** How signatures are checked ahead of their turn: the same rule, here or on threads of their own. */
export interface AheadChecks {
  /** Of one that came alone: two threads to wait for take longer than its signatures. */
  readonly alone: DoorChecks
  readonly beside: DoorChecks
}

/**
 * Reads what waits for its turn at the door and checks its signatures while what came before it is kept; where several came in
 * one moment, on threads of their own. These go on together, so that the disk keeps them together.
 */
export class LookAhead {
  readonly #context: () => DoorContext
  readonly #has: (id: Digest) => boolean
  readonly #checks: AheadChecks
  #together: Together | null = null

  /** @param has - what needs no checking, since it is here. */
  constructor(context: () => DoorContext, has: (id: Digest) => boolean, checks: AheadChecks) {
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
    this.#together ??= this.#untilTheNextMoment()
    const { envelopes, all } = this.#together
    const at = envelopes.push(envelope) - 1
    return () => all.then((looked) => looked[at] as Promise<LookedAt>)
  }

  #untilTheNextMoment(): Together {
    const envelopes: Uint8Array[] = []
    const all = setImmediate().then(async () => {
      this.#together = null
      const checks = envelopes.length === 1 ? this.#checks.alone : this.#checks.beside
      const looking = envelopes.map((envelope) => this.#look(envelope, checks))
      await Promise.allSettled(looking)
      return looking
    })
    return { envelopes, all }
  }

  async #look(envelope: Uint8Array, checks: DoorChecks): Promise<LookedAt> {
    const statement = parse(envelope, digestOf)
    if (this.#has(statement.id)) return { statement, seen: null }
    const context = this.#context()
    try {
      const found = await verify(statement, context, checks)
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
