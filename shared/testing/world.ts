import { digest, type UnixMilliseconds } from '../bytes.ts'
import { caseFrom } from '../case/case-from.ts'
import type { Case, Heard } from '../case/types.ts'
import { type Organization, orgFrom } from '../org/org-from.ts'
import { type DoorContext, type VerifiedOf, type VerifiedStatement, verify } from '../statements/door.ts'
import { parse, prepare } from '../statements/envelope.ts'
import type { Kind, PayloadOf } from '../statements/kinds.ts'
import type { Member } from '../statements/member.ts'
import { noddingChecks, rememberedChecks } from './checks.ts'
import { digestOf, type Person, person } from './keys.ts'
import { signedEnvelope, unsignedEnvelope } from './signing.ts'

type Common = 'organization' | 'roster' | 'member' | 'device' | 'time' | 'sequence' | 'previous' | 'ledger'

/** A payload without the fields that the world fills in. */
export type Said<K extends Kind> = Omit<PayloadOf<K>, Common>

/** How one statement departs from the usual. */
export interface Manner {
  /** The roster it names; the newest by default. */
  readonly roster?: VerifiedOf<'roster'> | undefined
  readonly time?: UnixMilliseconds | undefined
  /** Which of the author's two security keys is touched. */
  readonly key?: 0 | 1 | undefined
}

/** What someone is in a roster. */
export type Standing = Pick<Member, 'roles' | 'groups'>

/** Entries of a roster. */
export function membersOf(people: Readonly<Record<string, Standing>>): Member[] {
  return Object.entries(people).map(([name, standing]) => ({ ...person(name).entry, ...standing }))
}

/** One organization in memory: everyone's statements in the order they were made, and one clock. */
export class World {
  now: UnixMilliseconds = Date.UTC(2026, 10, 2, 3)
  readonly statements: VerifiedStatement[] = []
  readonly signatures: 'real' | 'blank'
  protected readonly heardAt = new Map<string, UnixMilliseconds>()
  private readonly last = new Map<string, { sequence: number; id: string }>()
  private newest: VerifiedOf<'roster'> | null = null
  private genesisId: string | null = null

  /** @param signatures - `blank` ones cost nothing, and the world's door takes them: for tests about rules. */
  constructor(signatures: 'real' | 'blank' = 'blank') {
    this.signatures = signatures
  }

  /** The newest roster that was made, endorsed or not; what is signed next names it. */
  get roster(): VerifiedOf<'roster'> {
    if (this.newest === null) throw new TypeError('nobody founded this organization')
    return this.newest
  }
  set roster(roster: VerifiedOf<'roster'>) {
    this.newest = roster
  }
  get organization(): string {
    if (this.genesisId === null) throw new TypeError('nobody founded this organization')
    return this.genesisId
  }

  /** Everybody's own clock, so far as it agrees: when this was first heard. */
  readonly heard: Heard = (id) => this.heardAt.get(id)

  /** Lets time pass. */
  pass(minutes: number): void {
    this.now += minutes * 60_000
  }

  /** Signs a statement and puts it among the others. */
  async sign<K extends Kind>(kind: K, by: string | Person, said: Said<K>, manner: Manner = {}): Promise<VerifiedOf<K>> {
    const author = typeof by === 'string' ? person(by) : by
    const statement = await this.verified(kind, this.envelope(kind, author, said, manner))
    this.last.set(author.device, { sequence: statement.payload.sequence, id: statement.id })
    this.take(statement as VerifiedStatement)
    return statement
  }

  /** The envelope that {@link sign} puts among the others. */
  envelope<K extends Kind>(kind: K, author: Person, said: Said<K>, manner: Manner = {}): Uint8Array {
    const unsigned = prepare(kind, { ...this.commonOf(author, manner), ...said } as PayloadOf<K>)
    return this.signatures === 'real'
      ? signedEnvelope(unsigned, author, manner.key)
      : unsignedEnvelope(unsigned, author, manner.key)
  }

  private commonOf(author: Person, { roster, time = this.now }: Manner) {
    const before = this.last.get(author.device)
    const sequence = before === undefined ? 0 : before.sequence + 1
    const named = roster ?? this.newest
    return {
      ...(named === null ? {} : { organization: this.organization, roster: named.id }),
      member: author.member,
      device: author.device,
      time,
      sequence,
      previous: before?.id ?? null,
      ledger: { size: sequence, root: digestOf(`ledger ${author.name} ${sequence}`) },
    }
  }

  /** Takes an envelope through the door. */
  async verified<K extends Kind>(kind: K, envelope: Uint8Array): Promise<VerifiedOf<K>> {
    const checks = this.signatures === 'real' ? rememberedChecks : noddingChecks
    const verdict = await verify(parse(envelope), this.door, checks)
    if (verdict.verdict !== 'verified' || verdict.statement.kind !== kind)
      throw new TypeError(`expected a verified ${kind}`)
    return verdict.statement as VerifiedOf<K>
  }

  /** What this world's door knows. */
  get door(): DoorContext {
    return {
      organization: this.genesisId,
      roster: (id) =>
        this.statements.find((one): one is VerifiedOf<'roster'> => one.kind === 'roster' && one.id === id)?.payload,
    }
  }

  /** Puts a statement among the others, as if a carrier had brought it now. */
  take(statement: VerifiedStatement): void {
    this.statements.push(statement)
    if (!this.heardAt.has(statement.id)) this.heardAt.set(statement.id, this.now)
  }

  /** Makes a roster: genesis, or one that follows the newest. Nobody has endorsed it yet. */
  async draftRoster(
    by: string,
    people: Readonly<Record<string, Standing>>,
    changes: Partial<Said<'roster'>> = {},
    manner: Manner = {},
  ): Promise<VerifiedOf<'roster'>> {
    const genesis = this.newest === null
    const roster = await this.sign(
      'roster',
      by,
      {
        predecessor: this.newest?.id ?? null,
        protocol: 1,
        name: 'Northwind',
        nonce: digest(new TextEncoder().encode(`nonce ${this.statements.length} ${this.now}`)),
        members: membersOf(people),
        ...changes,
      },
      manner,
    )
    if (genesis) {
      this.newest = roster
      this.genesisId = roster.id
    }
    return roster
  }

  endorse(by: string, what: { readonly id: string }, manner: Manner = {}): Promise<VerifiedOf<'endorsement'>> {
    return this.sign('endorsement', by, { of: what.id }, manner)
  }

  /** What an app sees whose pin is the genesis roster, or another. */
  orgOrNull(pin = this.organization, statements: readonly VerifiedStatement[] = this.statements): Organization | null {
    return orgFrom(statements, pin)
  }

  org(pin = this.organization): Organization {
    const org = this.orgOrNull(pin)
    if (org === null) throw new TypeError('expected an organization')
    return org
  }

  /** The case of a request, now. */
  case(request: { readonly id: string }, pin = this.organization): Case {
    const found = caseFrom(this.org(pin), request.id, this.statements, this.now, this.heard)
    if (found === null) throw new TypeError('expected the request among the statements')
    return found
  }
}
