import { type Digest, digest, type UnixMilliseconds } from '../../shared/bytes.ts'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs } from '../../shared/jcs.ts'
import { readJoinCard } from '../../shared/org/join-card.ts'
import { type VerifiedOf, verify } from '../../shared/statements/door.ts'
import { parse } from '../../shared/statements/envelope.ts'
import type { Member } from '../../shared/statements/member.ts'
import { signatureChecks } from '../checks.ts'
import type { Journal } from '../vault/journal.ts'
import { ENVELOPE_START, readHeard, writeHeard } from './arrivals.ts'

const CARDS = 'join-card'
const DRAFTS = 'genesis-draft'

export type OfferErrorCode = 'not-a-genesis'
/** Why a file is no offer. */
export class OfferError extends LockboxError<OfferErrorCode> {}

/**
 * What was handed over by file or code and is not yet trusted: join cards, and lists of people of organizations that this
 * app has not joined. Kept in the journal beside the statements, since nothing of it may enter the ledger before its owner
 * endorsed it.
 */
export class Offers {
  readonly #journal: Journal
  readonly #cards = new Map<Digest, Member>()
  readonly #ways = new Map<Digest, Arrival>()
  /** By id. */
  readonly #rosters = new Map<Digest, VerifiedOf<'roster'>>()

  private constructor(journal: Journal) {
    this.#journal = journal
  }

  static async load(journal: Journal): Promise<Offers> {
    const offers = new Offers(journal)
    for await (const { value } of journal.records(CARDS)) offers.#keepCard(readJoinCard(value, signatureChecks.ed25519))
    for await (const { value } of journal.records(DRAFTS)) await offers.#keepAgain(value)
    return offers
  }

  /** Reads and keeps a join card. @throws {JoinCardError} if it is none. */
  async addCard(bytes: Uint8Array): Promise<{ digest: Digest; card: Member }> {
    const card = readJoinCard(bytes, signatureChecks.ed25519)
    await this.#journal.append(CARDS, cardId(card), bytes)
    return { digest: this.#keepCard(card), card }
  }

  cards(): ReadonlyMap<Digest, Member> {
    return this.#cards
  }

  /**
   * Keeps a draft: the list of people that is offered, and every one before it, from the genesis on.
   *
   * @throws {StatementError | OfferError} if they are no such chain; then none is kept.
   */
  async addDraft(envelopes: readonly Uint8Array[], heard: UnixMilliseconds, from: Arrival): Promise<void> {
    for (const roster of await this.#chainOf(envelopes)) {
      if (this.#rosters.has(roster.id)) continue
      await this.#journal.append(DRAFTS, roster.id, writeHeard({ heard, from, envelope: roster.envelope }))
      this.#rosters.set(roster.id, roster)
      this.#ways.set(roster.id, from)
    }
  }

  /** By which way a roster was handed over. */
  cameFrom(id: Digest): Arrival {
    return this.#ways.get(id) ?? { by: 'file', device: null }
  }

  /** The drafts that were handed over: rosters that no other one here follows. */
  drafts(): ReadonlyMap<Digest, VerifiedOf<'roster'>> {
    const followed = new Set([...this.#rosters.values()].map(({ payload }) => payload.predecessor))
    return new Map([...this.#rosters].filter(([id]) => !followed.has(id)))
  }

  /** A roster that was handed over, with all before it, the genesis first. */
  upTo(id: Digest): readonly VerifiedOf<'roster'>[] {
    const roster = this.#rosters.get(id)
    if (roster === undefined) return []
    const { predecessor } = roster.payload
    return predecessor === null ? [roster] : [...this.upTo(predecessor), roster]
  }

  #keepCard(card: Member): Digest {
    const id = cardId(card)
    this.#cards.set(id, card)
    return id
  }

  async #keepAgain(value: Uint8Array): Promise<void> {
    // Before codes carried drafts, files alone did, and the envelope stood alone.
    const { envelope, from } = value[0] === ENVELOPE_START ? { envelope: value, from: null } : readHeard(value)
    const statement = parse(envelope)
    if (from !== null) this.#ways.set(statement.id, from)
    const predecessor = statement.kind === 'roster' ? statement.payload.predecessor : null
    const before = predecessor === null ? [] : this.upTo(predecessor).map((roster) => roster.envelope)
    for (const roster of await this.#chainOf([...before, envelope])) this.#rosters.set(roster.id, roster)
  }

  /** Each is signed by somebody in the one before it: whether they may follow each other is judged with the endorsements. */
  async #chainOf(envelopes: readonly Uint8Array[]): Promise<readonly VerifiedOf<'roster'>[]> {
    const chain = new Map<Digest, VerifiedOf<'roster'>>()
    let last: Digest | null = null
    for (const envelope of envelopes) {
      const statement = parse(envelope)
      if (statement.kind !== 'roster' || statement.payload.predecessor !== last) throw notAChain(last)
      const [organization = null] = chain.keys()
      const context = { organization, roster: (id: Digest) => chain.get(id)?.payload }
      const verdict = await verify(statement, context, signatureChecks)
      if (verdict.verdict !== 'verified' || verdict.statement.kind !== 'roster') throw notAChain(last)
      chain.set(statement.id, verdict.statement)
      last = statement.id
    }
    return [...chain.values()]
  }
}

function notAChain(last: Digest | null): OfferError {
  return last === null
    ? new OfferError(
        'not-a-genesis',
        'This is a later list of people, without those before it. Ask for the draft anew: Lockbox hands over all of them.',
      )
    : new OfferError('not-a-genesis', 'The lists of people in it do not follow each other. Ask for the draft anew.')
}

/** SHA-256 of what the card says. */
function cardId(card: Member): Digest {
  return digest(jcs(card))
}
