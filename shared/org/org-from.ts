import type { Digest } from '../bytes.ts'
import { type Collection, collect } from '../statements/collection.ts'
import { standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import { type Kind, type Roster, SUPPORTED_PROTOCOL } from '../statements/kinds.ts'
import { type Generation, generationsFrom } from './generations.ts'
import { type PlanVersion, plansFrom } from './plans.ts'
import type { Refusal } from './refusal.ts'
import {
  adminConsent,
  adminsOf,
  type Consent,
  founderConsent,
  type RosterProblem,
  rosterProblems,
} from './roster-rules.ts'

/** A roster with its id. */
export interface RosterVersion {
  readonly id: Digest
  readonly roster: Roster
}

/** A roster that lacks endorsements, and whose they are. */
export interface RosterDraft extends RosterVersion {
  readonly predecessor: Digest
  /** Consent by the admins of the predecessor, and of the draft itself. */
  readonly before: Consent
  readonly after: Consent
}

/** Two valid rosters that follow the same one. */
export interface Split {
  readonly parent: Digest
  readonly children: readonly { readonly id: Digest; readonly endorsedBy: readonly string[] }[]
  /** Who consented to more than one of them. */
  readonly endorsedSeveral: readonly string[]
}

/** What an organization's statements add up to, seen from a pin. */
export interface Organization {
  readonly id: Digest
  /** The roster acted on: the pin, or the newest roster that descends from it. To be pinned next. */
  readonly head: RosterVersion
  /** Genesis first, head last. */
  readonly history: readonly RosterVersion[]
  readonly drafts: readonly RosterDraft[]
  readonly splits: readonly Split[]
  /** Whether this app knows the head's rule set; if not, cases are read-only. */
  readonly supported: boolean
  readonly plans: readonly PlanVersion[]
  readonly generations: readonly Generation[]
  readonly refused: readonly Refusal[]
  readonly collection: Collection
}

/**
 * The organization that these statements add up to, for an app whose last acted-on roster is `pin`. Any order and any
 * repetition of the statements gives the same answer.
 *
 * @returns null while the pin, or a roster between it and genesis, is not among the statements, or genesis is not yet
 * endorsed by all founders.
 */
export function orgFrom(statements: Iterable<VerifiedStatement> | Collection, pin: Digest): Organization | null {
  const collection = 'byId' in statements ? statements : collect(statements)
  const judged = judgeRosters(collection)
  const back = chainTo(pin, judged)
  if (back === null) return null
  const splits = splitsAmong(judged, collection)
  const history = forward(back, judged)
  const head = history.at(-1) as RosterVersion
  const plans = plansFrom(collection, head.roster)
  return {
    id: (history[0] as RosterVersion).id,
    head,
    history,
    drafts: judged.drafts,
    splits,
    supported: head.roster.protocol <= SUPPORTED_PROTOCOL,
    plans,
    generations: generationsFrom(collection, history, plans),
    refused: judged.refused,
    collection,
  }
}

/** The rosters among statements, without what else an organization is. */
export interface Rosters {
  /** Whether it and each before it breaks no rule and is endorsed, on whichever side of a split. */
  readonly isValid: (id: Digest) => boolean
  /** The newest roster in force seen from a pin, as {@link orgFrom} gives it. */
  readonly headFrom: (pin: Digest) => RosterVersion | null
}

/** Judges rosters as {@link orgFrom} does, for whichever pin. */
export function rostersFrom(collection: Collection): Rosters {
  const judged = judgeRosters(collection)
  return {
    isValid: (id) => judged.valid.has(id),
    headFrom(pin) {
      const back = chainTo(pin, judged)
      return back && (forward(back, judged).at(-1) ?? null)
    },
  }
}

/**
 * The organization over a collection that has grown since, seen from the same pin: as `orgFrom` gives it, but computed
 * anew only if something came that an organization is made of. Most statements are about cases.
 */
export function orgGrown(before: Organization, collection: Collection, pin: Digest): Organization | null {
  const added = collection.since(before.collection)
  const isSame = added?.every((one) => !isFoundation(one, collection)) ?? false
  return isSame ? { ...before, collection } : orgFrom(collection, pin)
}

/** Whether two organizations differ at most in the statements about cases. */
export function isOnSameFoundations(one: Organization, other: Organization): boolean {
  return one.history === other.history && one.plans === other.plans && one.generations === other.generations
}

const FOUNDATIONS: ReadonlySet<Kind> = new Set<Kind>(['roster', 'endorsement', 'plan', 'deposit', 'custody'])

function isFoundation({ id, kind }: VerifiedStatement, collection: Collection): boolean {
  // A share is proved anew in a drill, whose request has to be there.
  if (kind === 'request') return collection.of('custody').some(({ payload }) => payload.nonce === id)
  return FOUNDATIONS.has(kind)
}

/** All that an organization is made of: `orgFrom` gives the same over these alone, but for its collection. */
export function foundationsOf(collection: Collection): VerifiedStatement[] {
  const drills = collection.of('custody').map(({ payload }) => collection.get('request', payload.nonce))
  const founding = [...FOUNDATIONS].flatMap((kind) => collection.of(kind) as readonly VerifiedStatement[])
  return [...founding, ...drills.filter((one) => one !== undefined)]
}

interface Judged {
  /** Valid rosters by id. */
  readonly valid: ReadonlyMap<Digest, RosterVersion>
  readonly children: ReadonlyMap<Digest, readonly RosterVersion[]>
  readonly drafts: readonly RosterDraft[]
  readonly refused: readonly Refusal[]
}

function judgeRosters(collection: Collection): Judged {
  const valid = new Map<Digest, RosterVersion>()
  const children = new Map<Digest, RosterVersion[]>()
  const drafts: RosterDraft[] = []
  const refused: Refusal[] = []
  // A roster can only be judged after its predecessor, so go on until a round adds nothing.
  let open = collection.of('roster')
  for (let before = -1; before !== open.length; ) {
    before = open.length
    open = open.filter((statement) => {
      const parent = statement.payload.predecessor
      if (parent !== null && !valid.has(parent)) return true
      const verdict =
        parent === null
          ? judgeGenesis(statement, collection)
          : judgeChild(statement, valid.get(parent) as RosterVersion, collection)
      if (verdict.kind === 'refused') refused.push(verdict.refusal)
      else if (verdict.kind === 'draft') drafts.push(verdict.draft)
      else if (verdict.kind === 'valid') {
        valid.set(statement.id, { id: statement.id, roster: statement.payload })
        if (parent !== null)
          children.set(parent, [...(children.get(parent) ?? []), { id: statement.id, roster: statement.payload }])
      }
      return false
    })
  }
  return { valid, children, drafts, refused }
}

type Verdict =
  | { kind: 'valid' }
  | { kind: 'waiting' }
  | { kind: 'draft'; draft: RosterDraft }
  | { kind: 'refused'; refusal: Refusal }

function judgeGenesis(statement: VerifiedOf<'roster'>, collection: Collection): Verdict {
  const [problem] = rosterProblems(statement.payload)
  if (problem !== undefined) return refuse(statement, problem)
  return founderConsent(statement.payload, collection.endorsementsOf(statement.id)).met
    ? { kind: 'valid' }
    : { kind: 'waiting' }
}

function judgeChild(statement: VerifiedOf<'roster'>, predecessor: RosterVersion, collection: Collection): Verdict {
  const roster = statement.payload
  const parent = predecessor.roster
  const problem = rosterChangeProblem(roster, predecessor) ?? rosterProblems(roster)[0]
  if (problem !== undefined) return refuse(statement, problem)
  const author = adminsOf(parent).some(({ member }) => member === roster.member) && standsIn(parent, statement)
  if (!author) return refuse(statement, 'author-no-admin')
  const endorsements = collection.endorsementsOf(statement.id)
  const before = adminConsent(parent, endorsements)
  const after = adminConsent(roster, endorsements)
  if (before.met && after.met) return { kind: 'valid' }
  return {
    kind: 'draft',
    draft: { id: statement.id, roster, predecessor: roster.predecessor as Digest, before, after },
  }
}

function rosterChangeProblem(roster: Roster, parent: RosterVersion): RosterProblem | undefined {
  // A genesis roster names no organization: it is one.
  if (roster.organization !== (parent.roster.organization ?? parent.id)) return 'another-organization'
  return roster.protocol < parent.roster.protocol ? 'protocol-back' : undefined
}

function refuse(statement: VerifiedStatement, code: RosterProblem | 'author-no-admin'): Verdict {
  return {
    kind: 'refused',
    refusal: { id: statement.id, kind: statement.kind, member: statement.payload.member, code },
  }
}

function chainTo(pin: Digest, { valid }: Judged): RosterVersion[] | null {
  const chain: RosterVersion[] = []
  for (let at: Digest | null = pin; at !== null; ) {
    const version = valid.get(at)
    if (version === undefined) return null
    chain.unshift(version)
    at = version.roster.predecessor
  }
  return chain
}

/** Moves from the pin to its descendants while there is exactly one way; a split stops it, also one that lies behind. */
function forward(back: readonly RosterVersion[], { children }: Judged): RosterVersion[] {
  const history = [...back]
  if (back.some(({ id }) => (children.get(id)?.length ?? 0) > 1)) return history
  for (;;) {
    const next = children.get((history.at(-1) as RosterVersion).id) ?? []
    if (next.length !== 1) return history
    history.push(next[0] as RosterVersion)
  }
}

function splitsAmong({ children, valid }: Judged, collection: Collection): Split[] {
  return [...children]
    .filter(([, versions]) => versions.length > 1)
    .map(([parent, versions]) => {
      const before = valid.get(parent) as RosterVersion
      const sides = versions.map((version) => ({
        id: version.id,
        endorsedBy: endorsersOf(version, before, collection),
      }))
      const everyone = [...new Set(sides.flatMap(({ endorsedBy }) => endorsedBy))]
      return {
        parent,
        children: sides,
        endorsedSeveral: everyone
          .filter((member) => sides.filter(({ endorsedBy }) => endorsedBy.includes(member)).length > 1)
          .sort(),
      }
    })
}

/** Who endorsed it with keys of either roster: nobody is shown as having done so because someone used the name. */
function endorsersOf({ id, roster }: RosterVersion, before: RosterVersion, collection: Collection): string[] {
  const own = collection.endorsementsOf(id).filter((one) => standsIn(before.roster, one) || standsIn(roster, one))
  return [...new Set(own.map(({ payload }) => payload.member))].sort()
}
