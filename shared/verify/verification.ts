import { type Digest, toBase64Url } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { collect } from '../statements/collection.ts'
import { keyId } from '../statements/member.ts'
import type { Job, Outcome, Placed, WitnessClaim } from './batch.ts'
import { RECOMPUTE_LIMITS } from './bounds.ts'
import { type BareOrganization, placesOf, voiceNotes } from './case-bench.ts'
import { checkChains } from './chains.ts'
import { cannotConclude } from './conclude.ts'
import type { Means } from './examine.ts'
import { credentialFacts, type FactSource, factSource, logFacts, peopleFacts, planFacts } from './facts.ts'
import { Findings } from './findings.ts'
import { type Crew, Flow } from './flow.ts'
import { Held } from './held.ts'
import { type InForce, inForce } from './in-force.ts'
import { DoorFindings, judgeEvidence, judgeLedgers, judgeOwnHeads, judgeWitnesses, type LedgerOf } from './judge.ts'
import { rostersIn } from './known-rosters.ts'
import { compareFiles } from './merge.ts'
import { type Recomputed, recompute } from './organization.ts'
import { OwnHeads } from './own-heads.ts'
import {
  type ActFact,
  type BundleReport,
  type CaseReport,
  type FileReport,
  type OrganizationReport,
  REPORT_FORMAT,
} from './report.ts'
import { Requests } from './requests.ts'
import { Rows } from './rows.ts'
import type { Source } from './source.ts'
import type { VerifyTools } from './verify-bundle.ts'

/** What every case stands on, once it is read. */
interface Ground extends Recomputed {
  readonly basis: readonly Placed[]
  readonly requests: readonly Placed[]
  readonly near: Requests | null
  readonly voices: InForce
}

/** What the report is to have. */
type Wanted = Required<Pick<VerifyTools, 'wordsOf' | 'cases' | 'onProgress' | 'most'>>

/** One run over bundles of one organization, section by section. */
export class Verification {
  readonly #sources: readonly Source[]
  readonly #crew: Crew
  readonly #means: Means
  readonly #tools: Wanted
  readonly #rows = new Rows()
  readonly #ownHeads: readonly OwnHeads[]
  /** For each file that is what its device still holds. */
  readonly #held: readonly (Held | null)[]
  readonly #door: DoorFindings
  /** Findings about statements and cases as they come. */
  readonly #spoken = new Findings()
  readonly #cased = new Findings()
  readonly #claims: WitnessClaim[] = []
  readonly #reports: CaseReport[] = []
  readonly #acts: ActFact[] = []
  readonly #states = new Map<string, number>()
  #detailed: ReadonlySet<Digest> = new Set()
  #namedWitnesses = 0
  #openEnds = 0
  #logged = 0
  #done = 0

  constructor(sources: readonly Source[], crew: Crew, means: Means, tools: Wanted) {
    this.#sources = sources
    this.#crew = crew
    this.#means = means
    this.#tools = tools
    this.#ownHeads = sources.map(() => new OwnHeads())
    this.#held = sources.map(({ header }) => (header.scope === 'held' ? new Held() : null))
    this.#door = new DoorFindings(sources.map(({ header }) => header.device))
  }

  async run(): Promise<BundleReport> {
    const grounded = new Findings()
    const ground = await this.#ground(grounded)
    await this.#cases(ground)
    await this.#others()
    for (const source of this.#sources) await source.finish()
    return this.#report(ground, grounded)
  }

  /** Reads what stands before the cases, and recomputes the organization from it. */
  async #ground(findings: Findings): Promise<Ground> {
    const rosters = await this.#kept('rosters', RECOMPUTE_LIMITS.roster)
    const basis = [...rosters, ...(await this.#kept('organization', Number.POSITIVE_INFINITY))]
    const requests = await this.#kept('requests', Number.POSITIVE_INFINITY)
    const all = [...basis, ...requests].sort((a, b) => a.file - b.file || a.at - b.at)
    const places = placesOf(all)
    const pins = this.#sources.map(({ header }) => header.pin)
    const organization = (this.#sources[0] as Source).header.organization
    const statements = all.map(({ statement }) => statement)
    const recomputed = recompute(statements, (id) => places.get(id), { organization, pins }, findings)
    const { org } = recomputed
    // Without an organization nobody vouches for any roster, so nobody is called by a name.
    const voices = inForce(org === null ? [] : recomputed.rosters)
    const near = org === null ? null : new Requests(requests)
    this.#detailed = new Set([...(near?.byTime.slice(-this.#tools.most.cases) ?? []), ...this.#tools.cases])
    this.#note(this.#spoken, voiceNotes(all, voices))
    const now = Math.max(...this.#sources.map(({ header }) => header.exportedAt))
    this.#crew.brief({ org: org && bare(org), basis, now, mostActs: this.#tools.most.log })
    return { ...recomputed, basis, requests, near, voices }
  }

  /** The statements of a section, of all files. */
  async #kept(section: 'rosters' | 'organization' | 'requests', most: number): Promise<Placed[]> {
    const kept: Placed[] = []
    const counts = new Map<string, number>()
    const flow = new Flow(this.#crew, (outcome) => {
      this.#took(outcome)
      for (const { kept: own } of outcome.doored)
        for (const one of own) {
          const { kind } = one.statement
          const count = (counts.get(kind) ?? 0) + 1
          counts.set(kind, count)
          // One more than is judged, so that it is seen; plans are large, and a hostile file could have very many.
          if (count <= (kind === 'plan' ? RECOMPUTE_LIMITS.plan + 1 : most + 1)) kept.push(one)
        }
    })
    const batches = []
    for (const source of this.#sources) {
      const name = await source.section()
      if (name === null || !('section' in name) || name.section !== section) continue
      for await (const batch of source.batches()) {
        if (section === 'rosters') batches.push(batch)
        else await flow.add({ batches: [batch], of: null, keep: true })
      }
    }
    if (section === 'rosters') {
      const organization = (this.#sources[0] as Source).header.organization
      this.#crew.learn(await rostersIn(batches, organization, this.#sources.length, this.#means))
    }
    for (const batch of batches) await flow.add({ batches: [batch], of: null, keep: true })
    await flow.settle()
    return kept
  }

  /** Case after case, from whichever files have statements about it; each file has them by the request's id. */
  async #cases(ground: Ground): Promise<void> {
    const flow = new Flow(this.#crew, (outcome, job) => this.#tookCase(outcome, job))
    // A request that nobody answered has no section of its own, and is a case all the same.
    const silent = ground.near === null ? [] : [...ground.near.byTime].sort()
    let next = 0
    for (;;) {
      const ids = await Promise.all(this.#sources.map((source) => caseOf(source)))
      const [id] = ids.filter((one) => one !== null).sort()
      for (let one = silent[next]; one !== undefined && isBefore(one, id); one = silent[++next])
        await flow.add(this.#jobOf(one, [], ground))
      if (id === undefined) break
      if (silent[next] === id) next++
      await this.#oneCase(
        id,
        this.#sources.filter((_, at) => ids[at] === id),
        flow,
        ground,
      )
    }
    await flow.settle()
  }

  async #oneCase(id: Digest, sources: readonly Source[], flow: Flow, ground: Ground): Promise<void> {
    const batches = []
    let entries = 0
    let isTooMuch = false
    for (const source of sources)
      for await (const batch of source.batches()) {
        entries += batch.places.length
        // Twice the limit: of several files each may have it all.
        if (entries > RECOMPUTE_LIMITS.case * sources.length) {
          isTooMuch = true
          for (const one of batches.splice(0)) await flow.add({ batches: [one], of: null, keep: false })
          await flow.add({ batches: [batch], of: null, keep: false })
        } else batches.push(batch)
      }
    if (!isTooMuch) return flow.add(this.#jobOf(id, batches, ground))
    const says = `the case ${id} has more statements than the ${RECOMPUTE_LIMITS.case} that are judged`
    this.#cased.add('incomplete', 'too-much', says)
  }

  #jobOf(id: Digest, batches: Job['batches'], { near }: Ground): Job {
    return { batches, of: { id, known: near?.known(id) ?? [], detailed: this.#detailed.has(id) }, keep: false }
  }

  async #others(): Promise<void> {
    const flow = new Flow(this.#crew, (outcome) => this.#took(outcome))
    for (const source of this.#sources) {
      if ((await source.section()) === null) continue
      for await (const batch of source.batches()) await flow.add({ batches: [batch], of: null, keep: false })
    }
    await flow.settle()
  }

  #took({ doored, acts, logged }: Outcome): void {
    for (const one of doored) {
      const { leaves, header } = this.#sources[one.file] as Source
      for (let row = 0; row < one.places.length; row++) {
        const at = one.places[row] as number
        if (header.scope === 'all' && !leaves.set(at, one.hashes.subarray(row * 96, row * 96 + 32)))
          this.#door.placeTwice(one.file, at)
      }
      this.#rows.add(one)
      for (const head of one.ownHeads) this.#ownHeads[one.file]?.add(head)
      this.#held[one.file]?.take(one)
      this.#door.take(one)
      this.#note(this.#spoken, one.notes)
      this.#done += one.places.length
    }
    this.#logged += logged
    const room = this.#tools.most.log - this.#acts.length
    if (room > 0) this.#acts.push(...acts.slice(0, room))
    this.#tools.onProgress(
      this.#done,
      this.#sources.reduce((sum, { header }) => sum + header.entries, 0),
    )
  }

  #tookCase(outcome: Outcome, { of }: Job): void {
    this.#took(outcome)
    const one = outcome.outcome
    if (one === null || of === null) return
    this.#note(this.#cased, one.notes)
    if (one.state === 'none') return
    this.#states.set(one.state, (this.#states.get(one.state) ?? 0) + 1)
    this.#claims.push(...one.claims)
    if (one.report !== null) this.#reports.push(one.report)
    this.#namedWitnesses += one.namesWitness ? 1 : 0
    this.#openEnds += one.openEnd ? 1 : 0
  }

  #note(findings: Findings, notes: Outcome['doored'][number]['notes']): void {
    for (const { result, code, says, file, at, device } of notes)
      findings.add(result, code, says, { file, entry: at, device })
  }

  #judgeHeld(findings: Findings): void {
    for (const [file, held] of this.#held.entries()) {
      const { header } = this.#sources[file] as Source
      const lost = held?.unaccounted(header.size) ?? 0
      if (lost <= 0) continue
      const says = `of ${header.size} entries, ${lost} are neither in the file nor recorded as removed`
      findings.add('incomplete', 'not-accounted', says, { file, device: header.device })
    }
  }

  async #report(ground: Ground, grounded: Findings): Promise<BundleReport> {
    const { org, voices, basis, rosters } = ground
    const places = placesOf([...basis, ...ground.requests])
    const findings = new Findings()
    findings.append(grounded)
    const organization = (this.#sources[0] as Source).header.organization
    const ledgers = await judgeLedgers(
      this.#sources,
      { organization, rosters, deviceOf: keyId, voices },
      this.#means,
      findings,
    )
    judgeEvidence(this.#sources, this.#rows, findings)
    this.#door.judge(this.#rows, org, findings)
    findings.append(this.#spoken)
    judgeOwnHeads(this.#sources, this.#ownHeads, this.#means.sha256, findings)
    this.#judgeHeld(findings)
    const exporters = this.#sources.map(({ header }) => header.device)
    const areParts = this.#sources.every(({ header }) => header.scope !== 'all')
    checkChains(this.#rows, { findings, voices, exporters, areParts })
    for (const { id, kind, code } of org?.refused ?? []) {
      const place = places.get(id)
      const says = `this ${kind} is refused: ${code.replaceAll('-', ' ')}`
      findings.add('attention', 'rule-broken', says, { entry: place?.at, file: place?.file })
    }
    findings.append(this.#cased)
    judgeWitnesses(this.#claims, ledgers, findings)
    compareFiles(this.#sources, ledgers, this.#rows, { voices, sha256: this.#means.sha256, findings })
    const source = org && factSource(org, (id) => places.get(id), voices)
    const log = source === null ? [] : this.#log(ground, source)
    const report: Omit<BundleReport, 'cannotConclude'> = {
      format: REPORT_FORMAT,
      verdict: findings.verdict(),
      first: findings.first(),
      findings: findings.list(),
      claims: { organization },
      files: this.#sources.map((one, at) => fileReport(one, ledgers[at] as LedgerOf, voices)),
      organization: org && (await organizationReport(org, this.#tools.wordsOf)),
      people: source === null ? [] : peopleFacts(source),
      plans: source === null ? [] : planFacts(source),
      credentials: source === null ? [] : credentialFacts(source),
      counts: {
        statements: this.#rows.count,
        cases: [...this.#states.values()].reduce((sum, count) => sum + count, 0),
        states: Object.fromEntries([...this.#states].sort(([a], [b]) => (a < b ? -1 : 1))),
        log: source === null ? 0 : basis.length + this.#logged,
      },
      cases: this.#reports.sort((a, b) => a.askedAt - b.askedAt || (a.id < b.id ? -1 : 1)),
      log,
    }
    const open = { namedWitnesses: this.#namedWitnesses, openEnds: this.#openEnds }
    return { ...report, cannotConclude: cannotConclude(report, open) }
  }

  #log({ basis }: Ground, source: FactSource): ActFact[] {
    const first = basis.toSorted((a, b) => a.file - b.file || a.at - b.at).slice(0, this.#tools.most.log)
    const statements = collect(first.map(({ statement }) => statement)).all
    return [...logFacts(statements, source), ...this.#acts]
      .sort((a, b) => a.file - b.file || a.entry - b.entry)
      .slice(0, this.#tools.most.log)
  }
}

/** Whether an id comes before another; if there is no other, it does. */
const isBefore = (id: Digest, other: Digest | undefined): boolean => other === undefined || id < other

async function caseOf(source: Source): Promise<Digest | null> {
  const name = await source.section()
  return name !== null && 'case' in name ? name.case : null
}

/** An organization as it can go to another thread. */
function bare(org: Organization): BareOrganization {
  const { id, head, history, drafts, splits, supported, plans, generations, refused } = org
  return { id, head, history, drafts, splits, supported, plans, generations, refused }
}

function fileReport({ header }: Source, { report }: LedgerOf, voices: InForce): FileReport {
  const { entries, size, root, covered, witnessed, cosigners } = report
  return {
    exporter: voices.device(header.device),
    exportedAt: header.exportedAt,
    pin: header.pin,
    scope: header.scope,
    ledger: {
      entries,
      size,
      root: root && toBase64Url(root),
      covered,
      witnessed,
      cosigners: cosigners.map(({ name, size, timeSeconds }) => ({
        ...voices.device(name.split('/')[2] ?? name),
        size,
        at: timeSeconds * 1000,
      })),
    },
  }
}

async function organizationReport(
  { id, head, history }: Organization,
  wordsOf: (roster: Digest) => Promise<readonly string[]>,
): Promise<OrganizationReport> {
  const words = await wordsOf(head.id)
  return { id, name: head.roster.name, roster: head.id, rosters: history.length, words }
}
