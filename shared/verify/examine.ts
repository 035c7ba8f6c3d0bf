import type { Digest, DigestOf, Sha256 } from '../bytes.ts'
import { CLOCK_TOLERANCE_MS } from '../case/types.ts'
import { isLockboxError, LockboxError } from '../errors.ts'
import { leafHash } from '../ledger/merkle.ts'
import { verifyInclusion } from '../ledger/proofs.ts'
import { isSection, sectionOf } from '../ledger/sections.ts'
import { type DoorChecks, type DoorVerdict, naming, type VerifiedStatement, verdictOf } from '../statements/door.ts'
import { sharedRoom } from '../statements/encoding.ts'
import { parse, type Statement } from '../statements/envelope.ts'
import type { Roster } from '../statements/kinds.ts'
import type { Batch, Job, Outcome } from './batch.ts'
import { type Briefing, CaseBench } from './case-bench.ts'
import { DoorRows } from './door-rows.ts'

/** What of a file's header and checkpoints matters to single entries. */
export interface FileSetting {
  /** The exporting device. */
  readonly exporter: Digest
  readonly exportedAt: number
  /** In a part of a ledger: the head that proofs are held against, if the file has it. */
  readonly head: { readonly size: number; readonly root: Uint8Array } | null
  readonly isPart: boolean
  /** Whether it is what is left of a ledger. */
  readonly isHeld: boolean
}

/** What an examiner starts with. */
export interface Setting {
  readonly organization: Digest
  readonly files: readonly FileSetting[]
}

/** A roster that passed the door, and its place in each file that has it. */
export interface KnownRoster {
  readonly id: Digest
  readonly roster: Roster
  readonly places: readonly (number | null)[]
}

/** How an examiner checks; the same rule whichever is fastest. */
export interface Means {
  readonly checks: DoorChecks
  readonly sha256: Sha256
  readonly digestOf: DigestOf
}

/**
 * Takes batches of entries through the door, and judges cases whose statements are all at hand. Knows nothing of threads:
 * a program with several cores has one in each. Hostile bytes become refusals, never exceptions.
 */
export class Examiner {
  readonly #setting: Setting
  readonly #means: Means
  readonly #rosters = new Map<Digest, KnownRoster>()
  #bench: CaseBench | null = null

  constructor(setting: Setting, means: Means) {
    this.#setting = setting
    this.#means = means
  }

  /** From now on these rosters are known to the door. */
  learn(rosters: readonly KnownRoster[]): void {
    for (const known of rosters) this.#rosters.set(known.id, known)
  }

  /** From now on cases can be judged. */
  brief(briefing: Briefing): void {
    this.#bench = new CaseBench(briefing, this.#setting)
  }

  /**
   * What comes of jobs. All that they have is read first, and then all signatures are checked, one after the other: to read and
   * check by turns took a sixth longer. Checks that answer later are all under way at once.
   */
  async examine(jobs: readonly Job[]): Promise<Outcome[]> {
    const opened = jobs.map(({ batches }) => batches.map((batch) => this.#open(batch)))
    const judging = opened.map((batches) => Promise.all(batches.map((one) => this.#judge(one))))
    const judged = await Promise.all(judging)
    return jobs.map((job, at) => this.#outcome(job, judged[at] as readonly Judged[]))
  }

  #outcome(job: Job, judged: readonly Judged[]): Outcome {
    const rows = judged.map((one) => this.#throughDoor(one))
    const doored = rows.map((one) => one.doored(job.keep))
    const placed = rows.flatMap((one) => one.placed)
    const bench = this.#bench
    if (bench === null || job.keep) return { doored, outcome: null, acts: [], logged: 0 }
    const notes = bench.voicesOf(placed)
    const withNotes = doored.map((one) => ({
      ...one,
      notes: [...one.notes, ...notes.filter(({ file }) => file === one.file)],
    }))
    return { doored: withNotes, ...bench.judge(job.of, placed) }
  }

  /** Hashes and reads the entries of a batch. */
  #open(batch: Batch): Opened {
    const rows = new DoorRows(batch)
    // What is signed of an envelope is shorter than the envelope.
    const room = sharedRoom(batch.bytes.length)
    const read = Array.from(batch.places, (_, row) => {
      const envelope = batch.bytes.subarray(batch.ends[row - 1] ?? 0, batch.ends[row])
      const leaf = leafHash(envelope, this.#means.sha256)
      rows.leaf(row, leaf)
      this.#proof(batch, row, leaf, rows)
      return refusing(() => parse(envelope, this.#means.digestOf, room))
    })
    return { batch, rows, read }
  }

  #proof({ file, proofs, places }: Batch, row: number, leaf: Uint8Array, rows: DoorRows): void {
    const { isPart, head } = this.#setting.files[file] as FileSetting
    if (!isPart || head === null) return
    const at = places[row] as number
    const { ok } = verifyInclusion(leaf, at, head.size, proofs?.[row] ?? [], head.root)
    if (!ok) rows.note('refuted', 'bad-proof', `its proof does not lead to the head of ${head.size} entries`, at)
  }

  async #judge({ batch, rows, read }: Opened): Promise<Judged> {
    const context = { organization: this.#setting.organization, roster: (id: Digest) => this.#rosters.get(id)?.roster }
    const verdicts: readonly (Verdict | Promise<Verdict>)[] = read.map((one) => {
      if (one instanceof LockboxError) return one
      const verdict = refusing(() => verdictOf(one, context, this.#means.checks))
      return verdict instanceof Promise ? verdict.catch(refusal) : verdict
    })
    if (verdicts.every(isThere)) return { batch, rows, verdicts }
    return { batch, rows, verdicts: await Promise.all(verdicts.map((one) => Promise.resolve(one))) }
  }

  #throughDoor({ batch, rows, verdicts }: Judged): DoorRows {
    const file = this.#setting.files[batch.file] as FileSetting
    for (const [row, verdict] of verdicts.entries()) {
      const at = batch.places[row] as number
      if (verdict instanceof LockboxError) rows.refuse(verdict, at)
      else if (verdict.verdict === 'waiting') rows.waiting.push({ at, roster: verdict.roster })
      else this.#take(verdict.statement, row, batch, rows, file)
    }
    return rows
  }

  #take(
    statement: VerifiedStatement,
    row: number,
    { section, places }: Batch,
    rows: DoorRows,
    file: FileSetting,
  ): void {
    const at = places[row] as number
    this.#early(statement, at, rows)
    if (!isSection(sectionOf(statement), section)) {
      const says = `this ${statement.kind} stands in a section of the file that is for others`
      return rows.note('refuted', 'misplaced', says, at)
    }
    rows.accept(row, statement, file)
    if (statement.payload.time > file.exportedAt + CLOCK_TOLERANCE_MS)
      rows.note('attention', 'time-ahead', 'it claims to be made after the export', at)
  }

  #early(statement: Statement, at: number, rows: DoorRows): void {
    const { roster } = naming(statement)
    const place = roster === statement.id ? null : this.#rosters.get(roster)?.places[rows.file]
    if (place !== null && place !== undefined && place > at)
      rows.note('attention', 'before-its-roster', `it stands before the roster it names, entry ${place}`, at)
  }
}

/** A batch, read: each entry's statement, or why there is none. */
interface Opened {
  readonly batch: Batch
  readonly rows: DoorRows
  readonly read: readonly (Statement | LockboxError)[]
}

/** A batch of which the door said what it makes of each entry. */
interface Judged {
  readonly batch: Batch
  readonly rows: DoorRows
  readonly verdicts: readonly Verdict[]
}

/** What somebody gives, now or later, or why the door refuses. */
function refusing<Given>(give: () => Given): Given | LockboxError {
  try {
    return give()
  } catch (error) {
    return refusal(error)
  }
}

type Verdict = DoorVerdict | LockboxError

/** Whether a verdict need not be waited for. */
const isThere = (one: Verdict | Promise<Verdict>): one is Verdict => !(one instanceof Promise)

/** Why the door refuses; anything else is a bug of ours. */
function refusal(error: unknown): LockboxError {
  if (isLockboxError(error)) return error
  throw error
}
