import { type Digest, fromBase64Url, type UnixMilliseconds } from '../../shared/bytes.ts'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import { leafHash, MerkleTree } from '../../shared/ledger/merkle.ts'
import { isOwnHead } from '../../shared/ledger/own-head.ts'
import { Chain, type Fork, type Gap } from '../../shared/statements/chain.ts'
import { type Collection, collect, requestOf } from '../../shared/statements/collection.ts'
import type { VerifiedStatement } from '../../shared/statements/door.ts'
import type { Roster } from '../../shared/statements/kinds.ts'
import { sha256 } from '../sha256.ts'
import type { Unread } from './store-unread.ts'
import type { Stub } from './stub.ts'

interface Kept {
  readonly statement: VerifiedStatement
  readonly heard: UnixMilliseconds
  /** By which way it came first; null if that was not kept. */
  readonly from: Arrival | null
  /** Position in the journal and in the ledger. */
  readonly position: number
  readonly leaf: number
}

/** What a device accepted and has on the medium, kept in memory: statements, chains, and the ledger that they make. */
export abstract class AcceptedStatements {
  readonly #kept = new Map<Digest, Kept>()
  readonly #pruned = new Map<Digest, Stub>()
  readonly #unread = new Map<Digest, Unread>()
  readonly #order: Digest[] = []
  readonly #rosters = new Map<Digest, Roster>()
  readonly #chains = new Map<Digest, Chain>()
  readonly ledger = new MerkleTree(sha256)
  #collection: Collection | null = collect([])
  /** Requests that something here is about, and that are not here. */
  readonly #awaited = new Set<Digest>()

  /** All that was accepted, as `orgFrom` and `caseFrom` take it. */
  collection(): Collection {
    this.#collection ??= collect([...this.#kept.values()].map(({ statement }) => statement))
    return this.#collection
  }

  /** Ids in the order of the ledger. */
  ids(): readonly Digest[] {
    return this.#order
  }

  /** Whether it was accepted, be it pruned since, or not let in any more. */
  has(id: Digest): boolean {
    return this.#kept.has(id) || this.#pruned.has(id) || this.#unread.has(id)
  }

  /** Whether it was accepted and pruned since: only its place in ledger and chain is left. */
  isPruned(id: Digest): boolean {
    return this.#pruned.has(id)
  }

  get prunedCount(): number {
    return this.#pruned.size
  }

  /** What is in the journal and was not let in when it was read: only its place in ledger and chain is here. */
  unread(): ReadonlyMap<Digest, Unread> {
    return this.#unread
  }

  get(id: Digest): VerifiedStatement | undefined {
    return this.#kept.get(id)?.statement
  }

  heard(id: Digest): UnixMilliseconds | undefined {
    return this.#kept.get(id)?.heard
  }

  /** By which way it came here first; null if that is not known. */
  cameFrom(id: Digest): Arrival | null {
    return this.#kept.get(id)?.from ?? null
  }

  /** What a device has written, as far as it is here. */
  chainOf(device: Digest): Pick<Chain, 'last' | 'fork' | 'isWhole' | 'isNext'> {
    return this.#chain(device)
  }

  /** Whether an accepted statement was written over this very ledger; null if it is not here. */
  isWrittenHere(id: Digest): boolean | null {
    const kept = this.#kept.get(id)
    return kept === undefined ? null : isOwnHead(kept.statement, kept.leaf, this.ledger)
  }

  /** Requests that accepted statements are about and that never came. */
  awaited(): ReadonlySet<Digest> {
    return this.#awaited
  }

  /** Journal position of an accepted statement. */
  position(id: Digest): number | undefined {
    return this.#kept.get(id)?.position
  }

  /** Place in the ledger of an accepted statement. */
  leaf(id: Digest): number | undefined {
    return this.#kept.get(id)?.leaf
  }

  /** Devices whose statements are not one whole chain: a fork, or gaps. */
  oddChains(): readonly { readonly device: Digest; readonly fork: Fork | null; readonly gaps: readonly Gap[] }[] {
    return [...this.#chains]
      .filter(([, { fork, isWhole }]) => fork !== null || !isWhole)
      .map(([device, chain]) => ({ device, fork: chain.fork, gaps: chain.gaps() }))
  }

  protected roster(id: Digest): Roster | undefined {
    return this.#rosters.get(id)
  }

  /** Counts one that was pruned before, in its turn. */
  protected keepStub(id: Digest, stub: Stub): void {
    this.ledger.appendLeaf(fromBase64Url(stub.leaf))
    this.#pruned.set(id, stub)
    this.#order.push(id)
    this.#chain(stub.device).add({ id, payload: stub })
  }

  /** Keeps the place of one that is in the journal and that the door does not let in. */
  protected keepUnread(id: Digest, unread: Unread): void {
    this.ledger.appendLeaf(fromBase64Url(unread.leaf))
    this.#unread.set(id, unread)
    this.#order.push(id)
    const { place } = unread
    if (place !== null) this.#chain(place.device).add({ id, payload: place })
  }

  /** Counts one that is on the medium. */
  protected keep(statement: VerifiedStatement, how: Pick<Kept, 'heard' | 'from' | 'position'>): void {
    const leaf = this.ledger.appendLeaf(leafHash(statement.envelope, sha256))
    this.#kept.set(statement.id, { statement, leaf, ...how })
    this.#order.push(statement.id)
    if (statement.kind === 'roster') this.#rosters.set(statement.id, statement.payload)
    this.#chain(statement.payload.device).add(statement)
    const request = requestOf(statement)
    if (request === statement.id) this.#awaited.delete(request)
    else if (request !== null && !this.has(request)) this.#awaited.add(request)
    this.#collection = this.#collection?.with(statement) ?? null
  }

  #chain(device: Digest): Chain {
    const known = this.#chains.get(device)
    if (known !== undefined) return known
    const chain = new Chain()
    this.#chains.set(device, chain)
    return chain
  }

  /** Only the stubs of these count from now on, in the same places. */
  protected forget(gone: ReadonlyMap<Digest, Stub>): void {
    for (const [id, stub] of gone) {
      this.#kept.delete(id)
      this.#pruned.set(id, stub)
    }
    this.#collection = null
  }
}
