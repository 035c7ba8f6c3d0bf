import type { Digest, Sha256 } from '../bytes.ts'
import { checkLedger, type LedgerReport, sizesIn } from '../ledger/check.ts'
import { originOf, parseOrigin } from '../ledger/checkpoint.ts'
import type { NoteKey } from '../ledger/note.ts'
import type { Organization, RosterVersion } from '../org/org-from.ts'
import { ACCEPTED, type Doored, FOUNDS, type WitnessClaim } from './batch.ts'
import type { Means } from './examine.ts'
import { Findings } from './findings.ts'
import type { InForce } from './in-force.ts'
import { noteKeys } from './organization.ts'
import type { OwnHeads } from './own-heads.ts'
import type { Rows } from './rows.ts'
import type { Source } from './source.ts'
import { deviceWords } from './words.ts'

/** What checking one file's ledger showed. */
export interface LedgerOf {
  readonly report: LedgerReport
}

const NEVER = Number.POSITIVE_INFINITY

/** Gathers what the door did with each entry, until it can be judged. */
export class DoorFindings {
  readonly #exporters: readonly Digest[]
  /** By code, but those whose meaning is known only later. */
  readonly #refused = new Findings()
  readonly #schema = { refuted: new Findings(), incomplete: new Findings() }
  readonly #foreign = new Findings()
  readonly #foreignAt: number[][]
  readonly #waiting = new Findings()
  readonly #twice = new Findings()
  /** From which entry on each exporting device accepted nothing of other organizations. */
  readonly #joined: number[]

  constructor(exporters: readonly Digest[]) {
    this.#exporters = exporters
    this.#joined = exporters.map(() => NEVER)
    this.#foreignAt = exporters.map(() => [])
  }

  take(doored: Doored): void {
    const { file, refused, waiting } = doored
    this.#findJoined(doored)
    for (const { code, message, at } of refused) {
      const place = { file, entry: at }
      if (code === 'wrong-organization') this.#foreignAt[file]?.push(at)
      else if (code === 'unknown-kind') this.#refused.add('incomplete', code, message, place)
      else if (code === 'schema') {
        this.#schema.refuted.add('refuted', code, message, place)
        this.#schema.incomplete.add('incomplete', code, message, place)
      } else this.#refused.add('refuted', code, message, place)
    }
    for (const { at, roster } of waiting)
      this.#waiting.add('incomplete', 'roster-missing', `it names the roster ${roster}, which is not in the file`, {
        file,
        entry: at,
      })
  }

  placeTwice(file: number, at: number): void {
    this.#twice.add('refuted', 'place-twice', 'its place in the ledger is taken, or beyond the end', {
      file,
      entry: at,
    })
  }

  /** Turns it all into findings. */
  judge(rows: Rows, org: Organization | null, findings: Findings): void {
    const newer = org !== null && !org.supported
    // Statements of a later version are carried and logged, not acted on (DESIGN §3).
    this.#refused.append(newer ? this.#schema.incomplete : this.#schema.refuted)
    for (const [file, places] of this.#foreignAt.entries())
      for (const at of places)
        if (at < (this.#joined[file] as number))
          this.#foreign.add('attention', 'other-organization', 'a statement of another organization', {
            file,
            entry: at,
          })
        else
          this.#foreign.add('refuted', 'wrong-organization', 'this statement belongs to another organization', {
            file,
            entry: at,
          })
    findings.append(this.#refused)
    findings.append(this.#foreign)
    findings.append(this.#waiting)
    for (const { file, at, of, otherKey } of rows.repeated)
      if (otherKey) findings.add('attention', 'second-copy', `it is another copy of entry ${of}`, { file, entry: at })
      else findings.add('refuted', 'entry-twice', `it repeats entry ${of}`, { file, entry: at })
    findings.append(this.#twice)
  }

  /**
   * A device is pinned to its organization before it signs anything in it but a founding roster, of which there may have
   * been several drafts. Each file says by itself when that was, whatever others have.
   */
  #findJoined({ file, places, flags, devices, names }: Doored): void {
    const exporter = names.indexOf(this.#exporters[file] as Digest)
    if (exporter < 0) return
    for (let row = 0; row < places.length; row++)
      if (devices[row] === exporter && ((flags[row] as number) & (ACCEPTED | FOUNDS)) === ACCEPTED)
        this.#joined[file] = Math.min(this.#joined[file] as number, places[row] as number)
  }
}

/** Recomputes each file's ledger and takes over what that showed. */
export async function judgeLedgers(
  sources: readonly Source[],
  from: {
    readonly organization: Digest
    readonly rosters: readonly RosterVersion[]
    readonly drafted: readonly RosterVersion[]
    readonly deviceOf: (statementKey: string) => Digest
    readonly voices: InForce
  },
  { checks, sha256 }: Means,
  findings: Findings,
): Promise<LedgerOf[]> {
  const keys = noteKeys(from.organization, from.rosters, from.deviceOf)
  const drafted = noteKeys(from.organization, from.drafted, from.deviceOf)
  if (keys === null || drafted === null)
    findings.add('incomplete', 'too-much', 'rosters name more devices, or more keys of one, than are checked')
  const ledgers: LedgerOf[] = []
  for (const source of sources) {
    const roots = new Map<number, Uint8Array>()
    source.leaves.eachRoot(sizesIn(source), (size, root) => roots.set(size, root), sha256)
    const file = { ...fileOf(source), roots }
    const { organization, device: exporter } = source.header
    const kin = new Set(from.voices.kinOf(exporter).map((device) => originOf(organization, device)))
    const check = (known: readonly NoteKey[]) =>
      checkLedger(file, known, (key, message, signature) => checks.ed25519(key, message, signature), kin)
    const report = await check(keys ?? [])
    ledgers.push({ report })
    const more = from.drafted.length === 0 ? [] : refutedBeside(report, await check(drafted ?? []))
    for (const { result, code, message, entries, name } of [...report.findings, ...more]) {
      const device = name === undefined ? null : (parseOrigin(name)?.device ?? null)
      const about = device === null || code === 'cosigned' ? '' : `${deviceWords(from.voices.device(device))}: `
      findings.add(result, code, about + message, { entries, device, file: source.index })
    }
  }
  return ledgers
}

/** What another check refuted and this one did not. */
function refutedBeside({ findings }: LedgerReport, other: LedgerReport): LedgerReport['findings'] {
  const placeOf = ({ code, name, entries }: LedgerReport['findings'][number]) =>
    [code, name, entries?.from, entries?.to].join(' ')
  const known = new Set(findings.map(placeOf))
  return other.findings.filter((one) => one.result === 'refuted' && !known.has(placeOf(one)))
}

function fileOf({ header, checkpoints, evidence, intact, entries, leaves }: Source) {
  return { header, checkpoints, evidence, intact, entries, leaves }
}

/** Entries that are given as an equivocation have to be one, as far as the door let them in. */
export function judgeEvidence(sources: readonly Source[], rows: Rows, findings: Findings): void {
  for (const { index: file, evidence } of sources) {
    const pairs = evidence.flatMap((one) => (one.about === 'equivocation' ? [one.entries] : []))
    const found = rows.find(file, new Set(pairs.flat()))
    for (const [a, b] of pairs) {
      const [one, other] = [found.get(a), found.get(b)]
      if (one === undefined || other === undefined) continue
      const sameNumber = rows.sequence(one) === rows.sequence(other)
      const contradict =
        rows.device(one) === rows.device(other) && (sameNumber || rows.before(one) === rows.before(other))
      const says = `entries ${a} and ${b} are given as contradicting each other and do not`
      if (!contradict) findings.add('refuted', 'bad-evidence', says, { file })
    }
  }
}

/** Compares what each exporting device wrote about its own ledger with the ledger in its file. */
export function judgeOwnHeads(
  sources: readonly Source[],
  heads: readonly OwnHeads[],
  sha256: Sha256,
  findings: Findings,
): void {
  for (const { index: file, header, leaves } of sources) {
    const own = heads[file] as OwnHeads
    const wrong = header.scope === 'all' ? own.firstFalse(leaves, sha256) : own.firstAhead()
    if (wrong === null) continue
    const { at, size, good } = wrong
    const says = `when the exporting device signed entry ${at}, its first ${size} entries were others`
    const entries = { from: good, to: Math.max(good + 1, Math.min(size, at + 1)) }
    findings.add('refuted', 'own-head', says, { file, entries })
  }
}

/**
 * A grant's witness has to be among those who cosigned the issuing device's ledger beyond the entry of `issuing`; of several files of
 * that device, in any.
 */
export function judgeWitnesses(
  claims: readonly WitnessClaim[],
  ledgers: readonly LedgerOf[],
  findings: Findings,
): void {
  for (const { file, at, witness, issuing } of claims) {
    const shown = issuing.some((place) =>
      ledgers[place.file]?.report.cosigners.some(
        ({ name, size }) => parseOrigin(name)?.device === witness && size > place.at,
      ),
    )
    const says = 'this grant names a witness whose cosignature is not in the file'
    if (!shown) findings.add('attention', 'witness-not-shown', says, { file, entry: at, device: witness })
  }
}
