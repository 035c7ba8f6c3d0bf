import { type Digest, digest } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs } from '../../shared/jcs.ts'
import { readJoinCard } from '../../shared/org/join-card.ts'
import { type VerifiedOf, verify } from '../../shared/statements/door.ts'
import { parse } from '../../shared/statements/envelope.ts'
import type { Member } from '../../shared/statements/member.ts'
import { signatureChecks } from '../checks.ts'
import type { Journal } from '../vault/journal.ts'

const CARDS = 'join-card'
const DRAFTS = 'genesis-draft'

export type OfferErrorCode = 'not-a-genesis'
/** Why a file is no offer. */
export class OfferError extends LockboxError<OfferErrorCode> {}

/**
 * What was handed over by file and is not yet trusted: join cards, and genesis drafts of organizations that this app
 * has not joined. Kept in the journal beside the statements, since nothing of it may enter the ledger before its owner
 * endorsed it.
 */
export class Offers {
  readonly #journal: Journal
  readonly #cards = new Map<Digest, Member>()
  readonly #drafts = new Map<Digest, VerifiedOf<'roster'>>()

  private constructor(journal: Journal) {
    this.#journal = journal
  }

  static async load(journal: Journal): Promise<Offers> {
    const offers = new Offers(journal)
    for await (const { value } of journal.records(CARDS)) offers.#keepCard(readJoinCard(value, signatureChecks.ed25519))
    for await (const { value } of journal.records(DRAFTS)) await offers.#keepDraft(value)
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

  /** Reads and keeps a genesis draft. @throws {StatementError | OfferError} if it is none. */
  async addDraft(envelope: Uint8Array): Promise<Digest> {
    const id = await this.#keepDraft(envelope)
    await this.#journal.append(DRAFTS, id, envelope)
    return id
  }

  drafts(): ReadonlyMap<Digest, VerifiedOf<'roster'>> {
    return this.#drafts
  }

  #keepCard(card: Member): Digest {
    const id = cardId(card)
    this.#cards.set(id, card)
    return id
  }

  async #keepDraft(envelope: Uint8Array): Promise<Digest> {
    const statement = parse(envelope)
    if (statement.kind !== 'roster' || statement.payload.predecessor !== null)
      throw new OfferError(
        'not-a-genesis',
        'This file does not hold the draft of a new organization. Ask its founder for the draft file.',
      )
    const verdict = await verify(statement, { organization: null, roster: () => undefined }, signatureChecks)
    if (verdict.verdict === 'verified' && verdict.statement.kind === 'roster')
      this.#drafts.set(statement.id, verdict.statement)
    return statement.id
  }
}

/** SHA-256 of what the card says. */
function cardId(card: Member): Digest {
  return digest(jcs(card))
}
