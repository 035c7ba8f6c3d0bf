import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { drillDue } from '../case/drills.ts'
import { type Opening, openedLast } from '../case/openings.ts'
import type { CaseRefusal } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { type Names, namesIn } from '../views/people.ts'
import { refusalWords, says } from '../views/timeline.ts'
import { type InForce, peopleOver } from './in-force.ts'
import type { ActFact, CredentialReport, OpeningFact, PersonReport, PlanReport } from './report.ts'
import { nameWords, quotedText } from './words.ts'

/** What the facts of a report are made from. */
export interface FactSource {
  readonly org: Organization
  readonly places: Places
  readonly voices: InForce
  readonly names: Names
}

/** Names as they may stand within a sentence of the report. */
function safely(names: Names): Names {
  return (member) => ({ member, name: nameWords(names(member).name) })
}

/** Where a statement stands: the first file that has it, and the entry there. */
export interface Place {
  readonly file: number
  readonly at: number
}

/** Finds where statements stand. */
export type Places = (id: Digest) => Place | undefined

/** Gathers what facts are made from. */
export function factSource(org: Organization, places: Places, voices: InForce): FactSource {
  return { org, places, voices, names: safely(namesIn(org)) }
}

/** The entry of a statement; in a report of several files, of the first that has it. */
export function entryOf(places: Places, id: Digest): number {
  return places(id)?.at ?? 0
}

/** Everybody who ever stood in a roster in force, by name, with their devices and hardware keys. */
export function peopleFacts({ org }: FactSource): PersonReport[] {
  const now = peopleOver([org.head])
  return [...peopleOver(org.history)]
    .map(([member, { newest, devices, keys }]): PersonReport => {
      const present = now.get(member)
      return {
        member,
        name: newest.name,
        roles: newest.roles,
        groups: newest.groups,
        active: present !== undefined,
        devices: [...devices].map(([device, { name }]) => ({
          device,
          name,
          active: present?.devices.has(device) ?? false,
        })),
        keys: [...keys].map(([key, { name, model, attestation }]) => ({
          key,
          name,
          model,
          attested: attestation !== null,
          active: present?.keys.has(key) ?? false,
        })),
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.member < b.member ? -1 : 1))
}

/** Every plan version, in the order of the ledger, and when its next drill is due. */
export function planFacts(
  { org, places, voices }: FactSource,
  openings: readonly Opening[],
  now: UnixMilliseconds,
): PlanReport[] {
  return org.plans
    .map((version): PlanReport => {
      const { id, plan, state, consent } = version
      const drill = drillDue(org, version, openings, now)
      return {
        id,
        plan: plan.plan,
        name: plan.name,
        entry: entryOf(places, id),
        state,
        account: plan.access.roleArn,
        custodians: plan.custodians.map(voices.person),
        need: plan.quorum.count,
        groups: plan.quorum.groups,
        endorsedBy: consent.by.map(voices.person),
        drill: drill && { ...drill, last: openingFact(drill.last, voices) },
      }
    })
    .sort((a, b) => a.entry - b.entry)
}

/** Every generation of every credential, in the order of the ledger. */
export function credentialFacts({ org, places, voices }: FactSource, openings: readonly Opening[]): CredentialReport[] {
  return org.generations
    .map(({ id, deposit: { header }, state, hasSpare, problems, seats }): CredentialReport => {
      const { credential, generation, accessKeyId } = header
      const key = { id, credential, generation, accessKeyId, entry: entryOf(places, id), state, hasSpare }
      const custodians = seats.map(({ member, accepted, provenAt }) => ({
        person: voices.person(member),
        accepted,
        lastProof: provenAt.at(-1) ?? null,
      }))
      const { last, byDealer } = openedLast(openings, id)
      const opened = openingFact(last, voices)
      const openedByDealer = openingFact(byDealer, voices)
      return { ...key, opened, openedByDealer, problems, custodians }
    })
    .sort((a, b) => a.entry - b.entry)
}

function openingFact(opening: Opening | null, voices: InForce): OpeningFact | null {
  return opening && { case: opening.case, purpose: opening.purpose, at: opening.at, by: voices.device(opening.device) }
}

/** One statement as a line of the report. */
export function actFact(
  statement: VerifiedStatement,
  { places, voices, names }: FactSource,
  refused: { readonly code: string; readonly says: string } | null,
): ActFact {
  return {
    entry: entryOf(places, statement.id),
    file: places(statement.id)?.file ?? 0,
    id: statement.id,
    at: statement.payload.time,
    kind: statement.kind,
    person: voices.person(statement.payload.member),
    says: says(statement, names, quotedText),
    key: voices.key(statement),
    inForce: voices.speaks(statement),
    refused,
  }
}

/** Why a statement of a case is refused, as a fact. */
export function refusedFact(refusal: CaseRefusal | undefined): ActFact['refused'] {
  return refusal === undefined ? null : { code: refusal.code, says: refusalWords(refusal.code) }
}

/** Statements outside cases as facts, in the order given. */
export function logFacts(statements: readonly VerifiedStatement[], source: FactSource): ActFact[] {
  const refusals = new Map(source.org.refused.map(({ id, code }) => [id, { code, says: code.replaceAll('-', ' ') }]))
  return statements
    .map((statement) => actFact(statement, source, refusals.get(statement.id) ?? null))
    .map((act) => ({ ...act, says: endorsedWords(act, source) ?? act.says }))
}

/** What was endorsed or held, where the statement itself gives only an id. */
function endorsedWords({ id, kind }: ActFact, { places, org, names }: FactSource): string | null {
  const statement = kind === 'endorsement' ? org.collection.get('endorsement', id) : undefined
  if (statement === undefined) return null
  const of = org.collection.byId(statement.payload.of)
  if (of === undefined) return 'endorsed what is not in this file'
  return `endorsed the ${of.kind} of entry ${entryOf(places, of.id)}, by ${names(of.payload.member).name}`
}
