import { type Digest, digest, type UnixMilliseconds } from '../../shared/bytes.ts'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import { isLockboxError, LockboxError } from '../../shared/errors.ts'
import { jcs } from '../../shared/jcs.ts'
import { readJoinCard } from '../../shared/org/join-card.ts'
import { type DoorContext, type SignatureChecks, type VerifiedOf, verify } from '../../shared/statements/door.ts'
import { parse, type Statement } from '../../shared/statements/envelope.ts'
import type { Member } from '../../shared/statements/member.ts'
import type { Journal } from '../vault/journal.ts'
import { ENVELOPE_START, readHeard, writeHeard } from './arrivals.ts'

const CARDS = 'join-card'
const DRAFTS = 'genesis-draft'

/** Rosters from the genesis to a draft: whoever sends more would make every unlock of a stranger's app slower. */
export const MOST_ROSTERS = 256

export type OfferErrorCode = 'not-a-genesis' | 'too-many-rosters'
/** Why a file is no offer. */
export class OfferError extends LockboxError<OfferErrorCode> {}

/** A join card that was read, and its file. */
export interface ReadCard {
  readonly card: Member
  readonly bytes: Uint8Array
}

/**
 * What was handed over by file or code and is not yet trusted: join cards, and lists of people of organizations that this
 * app has not joined. Kept in the journal beside the statements, since nothing of it may enter the ledger before its owner
 * endorsed it.
 */
export class Offers {
  readonly #journal: Journal
  readonly #checks: SignatureChecks
  readonly #cards = new Map<Digest, Member>()
  readonly #ways = new Map<Digest, Arrival>()
  /** By id. */
  readonly #rosters = new Map<Digest, VerifiedOf<'roster'>>()
  /** Those that were drafts when a later one was handed over, or were handed over after it. */
  readonly #stillOffered = new Set<Digest>()

  private constructor(journal: Journal, checks: SignatureChecks) {
    this.#journal = journal
    this.#checks = checks
  }

  /** Reads back what was kept; what is refused by now, and a roster whose predecessor was lost, is passed over. */
  static async load(journal: Journal, checks: SignatureChecks): Promise<Offers> {
    const offers = new Offers(journal, checks)
    for await (const { value } of journal.records(CARDS)) offers.#keepCardAgain(value)
    for await (const { value } of journal.records(DRAFTS)) await offers.#keepAgain(value)
    return offers
  }

  /** Reads a join card, and keeps nothing of it. @throws {JoinCardError} if it is none. */
  readCard(bytes: Uint8Array): ReadCard {
    return { card: readJoinCard(bytes, this.#checks.ed25519), bytes }
  }

  /** Keeps a join card; one that is here already stands once. */
  async addCard({ card, bytes }: ReadCard): Promise<Digest> {
    const id = cardId(card)
    if (!this.#cards.has(id)) await this.#journal.append(CARDS, id, bytes)
    return this.#keepCard(card)
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
    const chain = await this.#chainOf(envelopes)
    const before = new Set([...this.drafts().keys(), ...chain.slice(-1).map(({ id }) => id)])
    const keep = ({ id, envelope }: VerifiedOf<'roster'>) =>
      this.#journal.append(DRAFTS, id, writeHeard({ heard, from, envelope }))
    // Anybody who ever stood in a roster can draft a later one: it must not hide the one in force. Written once more, first.
    for (const roster of [...this.#rosters.values()].filter(({ id }) => before.has(id) && !this.#stillOffered.has(id)))
      if (isFollowed(roster, [...this.#rosters.values(), ...chain])) {
        await keep(roster)
        this.#stillOffered.add(roster.id)
      }
    for (const roster of chain) {
      if (this.#rosters.has(roster.id)) continue
      await keep(roster)
      this.#rosters.set(roster.id, roster)
      this.#ways.set(roster.id, from)
    }
  }

  /** By which way a roster was handed over. */
  cameFrom(id: Digest): Arrival {
    return this.#ways.get(id) ?? { by: 'file', device: null }
  }

  /** The drafts that were handed over: the last roster of each chain, whether or not others here follow it. */
  drafts(): ReadonlyMap<Digest, VerifiedOf<'roster'>> {
    const followed = new Set([...this.#rosters.values()].map(({ payload }) => payload.predecessor))
    return new Map([...this.#rosters].filter(([id]) => !followed.has(id) || this.#stillOffered.has(id)))
  }

  /** A roster that was handed over, with all before it, the genesis first. */
  upTo(id: Digest): readonly VerifiedOf<'roster'>[] {
    const chain: VerifiedOf<'roster'>[] = []
    for (let next: Digest | null = id; next !== null; ) {
      const roster: VerifiedOf<'roster'> | undefined = this.#rosters.get(next)
      if (roster === undefined) return []
      chain.push(roster)
      next = roster.payload.predecessor
    }
    return chain.reverse()
  }

  #keepCard(card: Member): Digest {
    const id = cardId(card)
    this.#cards.set(id, card)
    return id
  }

  #keepCardAgain(value: Uint8Array): void {
    try {
      this.#keepCard(this.readCard(value).card)
    } catch (error) {
      // As with a roster: it can be handed over again.
      if (!isLockboxError(error)) throw error
    }
  }

  async #keepAgain(value: Uint8Array): Promise<void> {
    // Before codes carried drafts, files alone did, and the envelope stood alone.
    const { envelope, from } = value[0] === ENVELOPE_START ? { envelope: value, from: null } : readHeard(value)
    const roster = await this.#soundAgain(envelope)
    if (roster === null) return
    if (this.#rosters.has(roster.id)) this.#stillOffered.add(roster.id)
    this.#rosters.set(roster.id, roster)
    if (from !== null) this.#ways.set(roster.id, from)
  }

  /** The kept roster of that envelope, judged by those kept before it; null if it does not stand by them. */
  async #soundAgain(envelope: Uint8Array): Promise<VerifiedOf<'roster'> | null> {
    try {
      const statement = parse(envelope)
      if (statement.kind !== 'roster') return null
      const { predecessor } = statement.payload
      const before = predecessor === null ? null : this.#rosters.get(predecessor)
      if (before === undefined) return null
      const organization = before === null ? null : (before.payload.organization ?? before.id)
      return await this.#verified(statement, { organization, roster: (id) => this.#rosters.get(id)?.payload })
    } catch (error) {
      // Nobody trusted it yet: it can be handed over again, and must not keep the vault from opening.
      if (isLockboxError(error)) return null
      throw error
    }
  }

  /** Each is signed by somebody in the one before it: whether they may follow each other is judged with the endorsements. */
  async #chainOf(envelopes: readonly Uint8Array[]): Promise<readonly VerifiedOf<'roster'>[]> {
    if (envelopes.length > MOST_ROSTERS) throw tooMany(envelopes.length)
    const chain = new Map<Digest, VerifiedOf<'roster'>>()
    let last: Digest | null = null
    for (const envelope of envelopes) {
      const statement = parse(envelope)
      if (statement.kind !== 'roster' || statement.payload.predecessor !== last) throw notAChain(last)
      const [organization = null] = chain.keys()
      const roster = await this.#verified(statement, { organization, roster: (id) => chain.get(id)?.payload })
      if (roster === null) throw notAChain(last)
      chain.set(statement.id, roster)
      last = statement.id
    }
    return [...chain.values()]
  }

  /** Null if it names a roster that is not in the context. @throws {StatementError} if the door refuses it. */
  async #verified(statement: Statement, context: DoorContext): Promise<VerifiedOf<'roster'> | null> {
    const verdict = await verify(statement, context, this.#checks)
    return verdict.verdict === 'verified' && verdict.statement.kind === 'roster' ? verdict.statement : null
  }
}

function isFollowed({ id }: VerifiedOf<'roster'>, rosters: readonly VerifiedOf<'roster'>[]): boolean {
  return rosters.some(({ payload }) => payload.predecessor === id)
}

function tooMany(count: number): OfferError {
  return new OfferError(
    'too-many-rosters',
    `This draft has ${count} lists of people, and Lockbox takes at most ${MOST_ROSTERS} from an organization that it does not know yet. Ask whoever gave it to you whether it is the right file.`,
  )
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
