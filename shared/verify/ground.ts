import type { Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { Alike } from './alike.ts'
import type { Placed } from './batch.ts'
import { RECOMPUTE_LIMITS, tooMuch } from './bounds.ts'
import { type BareOrganization, placesOf, voiceNotes } from './case-bench.ts'
import type { Means } from './examine.ts'
import type { Place } from './facts.ts'
import type { Findings } from './findings.ts'
import { type Crew, Flow } from './flow.ts'
import { type InForce, inForce } from './in-force.ts'
import { rostersIn } from './known-rosters.ts'
import { headBefore, type Recomputed, recompute } from './organization.ts'
import { Requests } from './requests.ts'
import { latestExport, type Source } from './source.ts'
import { note, type Tally } from './tally.ts'

/** What every case stands on, once it is read. Of the requests, who are let go as their cases pass, only those that it names. */
export interface Ground extends Recomputed {
  readonly basis: readonly Placed[]
  /** Where all that it has stands. */
  readonly places: ReadonlyMap<Digest, Place>
  /** Null: there is no organization by which requests could be judged. */
  readonly near: Requests | null
  readonly voices: InForce
}

/** What reading takes, and where what was read goes. */
interface Reading {
  readonly sources: readonly Source[]
  readonly crew: Crew
  readonly means: Means
  readonly tally: Tally
  /** How many statements outside cases are worth telling of, of each batch. */
  readonly mostActs: number
  /** Told the newest roster as soon as it is known. */
  readonly onHead: (roster: Digest) => void
}

/**
 * Reads what stands before the cases, and recomputes the organization from it. From then on the crew can judge cases.
 */
export async function readGround(reading: Reading, findings: Findings): Promise<Ground> {
  const { sources, crew, tally, mostActs } = reading
  const pins = sources.map(({ header }) => header.pin)
  const rosters = await keptOf('rosters', RECOMPUTE_LIMITS.roster, reading)
  const basis = [...rosters, ...(await keptOf('organization', Number.POSITIVE_INFINITY, reading))]
  const head = headBefore(
    basis.map(({ statement }) => statement),
    pins,
  )
  if (head !== null) reading.onHead(head)
  const requests = await keptOf('requests', Number.POSITIVE_INFINITY, reading)
  const all = [...basis, ...requests].sort(byPlace)
  // No organization stands on any other request, and to gather and index all of them took half as much memory again as they do.
  const named = new Set(basis.flatMap(({ statement }) => namedBy(statement)))
  const grounds = [...basis, ...requests.filter(({ statement }) => named.has(statement.id))].sort(byPlace)
  const places = placesOf(grounds)
  const { organization } = (sources[0] as Source).header
  const recomputed = recompute(
    grounds.map(({ statement }) => statement),
    (id) => places.get(id),
    { organization, pins, much: tooMuch(all.map(({ statement }) => statement)) },
    findings,
  )
  const { org } = recomputed
  // Without an organization nobody vouches for any roster, so nobody is called by a name.
  const voices = inForce(org === null ? [] : recomputed.rosters)
  note(tally.spoken, voiceNotes(all, voices))
  const now = latestExport(sources.map(({ header }) => header))
  crew.brief({ org: org && bare(org), basis, now, mostActs })
  const near = org === null ? null : new Requests(requests)
  return { ...recomputed, basis, places, near, voices }
}

const byPlace = (a: Placed, b: Placed): number => a.file - b.file || a.at - b.at

/** What a statement outside cases may name that is a request. */
function namedBy({ kind, payload }: Placed['statement']): Digest[] {
  if (kind === 'endorsement') return [payload.of]
  return kind === 'custody' ? [payload.nonce] : []
}

/** The statements of a section, of all files. */
async function keptOf(
  section: 'rosters' | 'organization' | 'requests',
  most: number,
  { sources, crew, means, tally }: Reading,
): Promise<Placed[]> {
  const kept: Placed[] = []
  const alike = new Alike()
  const counts = new Map<string, number>()
  const flow = new Flow(crew, (outcome) => {
    tally.take(outcome)
    for (const { kept: own } of outcome.doored)
      for (const one of own) {
        const { kind } = one.statement
        const count = (counts.get(kind) ?? 0) + 1
        counts.set(kind, count)
        // One more than is judged, so that it is seen; plans are large, and a hostile file could have very many.
        if (count <= (kind === 'plan' ? RECOMPUTE_LIMITS.plan + 1 : most + 1))
          kept.push(section === 'requests' ? alike.share(one) : one)
      }
  })
  const batches = []
  for (const source of sources) {
    const name = await source.section()
    if (name === null || !('section' in name) || name.section !== section) continue
    for await (const batch of source.batches()) {
      if (section === 'rosters') batches.push(batch)
      else await flow.add({ batches: [batch], of: null, keep: true })
    }
  }
  if (section === 'rosters') {
    const { organization } = (sources[0] as Source).header
    crew.learn(await rostersIn(batches, organization, sources.length, means))
  }
  for (const batch of batches) await flow.add({ batches: [batch], of: null, keep: true })
  await flow.settle()
  return kept
}

/** An organization as it can go to another thread. */
function bare(org: Organization): BareOrganization {
  const { id, head, history, drafts, splits, supported, plans, generations, refused } = org
  return { id, head, history, drafts, splits, supported, plans, generations, refused }
}
