import { type Digest, fromBase64Url, type Sha256 } from '../bytes.ts'
import { CLOCK_TOLERANCE_MS } from '../case/types.ts'
import { LockboxError } from '../errors.ts'
import { leafHash } from '../ledger/merkle.ts'
import { verifyInclusion } from '../ledger/proofs.ts'
import { isSection, sectionOf } from '../ledger/sections.ts'
import { type DoorChecks, naming, type VerifiedStatement, verify } from '../statements/door.ts'
import { parse, type Statement } from '../statements/envelope.ts'
import { StatementError } from '../statements/errors.ts'
import type { PayloadOf, Roster } from '../statements/kinds.ts'
import { utcWords } from '../utc.ts'
import {
  ACCEPTED,
  type Batch,
  type Doored,
  FOLLOWS,
  FOUNDS,
  type Job,
  type Note,
  type Outcome,
  type Placed,
} from './batch.ts'
import { type Briefing, CaseBench } from './case-bench.ts'
import { countWords } from './words.ts'

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

  async examine(job: Job): Promise<Outcome> {
    const doored: Doored[] = []
    const placed: Placed[] = []
    for (const batch of job.batches) {
      const one = await this.#throughDoor(batch, job.keep)
      doored.push(one.doored)
      placed.push(...one.placed)
    }
    const bench = this.#bench
    if (bench === null || job.keep) return { doored, outcome: null, acts: [], logged: 0 }
    const notes = bench.voicesOf(placed)
    const withNotes = doored.map((one) => ({
      ...one,
      notes: [...one.notes, ...notes.filter(({ file }) => file === one.file)],
    }))
    return { doored: withNotes, ...bench.judge(job.of, placed) }
  }

  async #throughDoor(batch: Batch, keep: boolean): Promise<{ doored: Doored; placed: Placed[] }> {
    const rows = new Rows(batch)
    const file = this.#setting.files[batch.file] as FileSetting
    for (let row = 0; row < batch.places.length; row++) {
      const at = batch.places[row] as number
      const envelope = batch.bytes.subarray(batch.ends[row - 1] ?? 0, batch.ends[row])
      const leaf = leafHash(envelope, this.#means.sha256)
      rows.leaf(row, leaf)
      this.#proof(batch, row, leaf, rows)
      const statement = await this.#verified(at, envelope, rows)
      if (statement === null) continue
      if (!isSection(sectionOf(statement), batch.section)) {
        rows.note(
          'refuted',
          'misplaced',
          `this ${statement.kind} stands in a section of the file that is for others`,
          at,
        )
        continue
      }
      rows.accept(row, statement, file)
      if (statement.payload.time > file.exportedAt + CLOCK_TOLERANCE_MS)
        rows.note('attention', 'time-ahead', 'it claims to be made after the export', at)
    }
    return { doored: rows.doored(keep), placed: rows.placed }
  }

  #proof({ file, proofs, places }: Batch, row: number, leaf: Uint8Array, rows: Rows): void {
    const { isPart, head } = this.#setting.files[file] as FileSetting
    if (!isPart || head === null) return
    const at = places[row] as number
    const { ok } = verifyInclusion(leaf, at, head.size, proofs?.[row] ?? [], head.root)
    if (!ok) rows.note('refuted', 'bad-proof', `its proof does not lead to the head of ${head.size} entries`, at)
  }

  async #verified(at: number, envelope: Uint8Array, rows: Rows): Promise<VerifiedStatement | null> {
    const context = { organization: this.#setting.organization, roster: (id: Digest) => this.#rosters.get(id)?.roster }
    try {
      const statement = parse(envelope, this.#means.sha256)
      const verdict = await verify(statement, context, this.#means.checks)
      if (verdict.verdict === 'waiting') {
        rows.waiting.push({ at, roster: verdict.roster })
        return null
      }
      this.#early(verdict.statement, at, rows)
      return verdict.statement
    } catch (error) {
      if (!(error instanceof LockboxError)) throw error
      rows.refused.push({
        at,
        code: error instanceof StatementError ? error.code : 'malformed',
        message: error.message,
      })
      return null
    }
  }

  #early(statement: Statement, at: number, rows: Rows): void {
    const { roster } = naming(statement)
    const place = roster === statement.id ? null : this.#rosters.get(roster)?.places[rows.file]
    if (place !== null && place !== undefined && place > at)
      rows.note('attention', 'before-its-roster', `it stands before the roster it names, entry ${place}`, at)
  }
}

/** Gathers the columns of a batch. */
class Rows {
  readonly file: number
  readonly placed: Placed[] = []
  readonly refused: Doored['refused'][number][] = []
  readonly waiting: Doored['waiting'][number][] = []
  readonly #places: Float64Array<ArrayBuffer>
  readonly #hashes: Uint8Array<ArrayBuffer>
  readonly #flags: Uint8Array<ArrayBuffer>
  readonly #sequences: Float64Array<ArrayBuffer>
  readonly #devices: Uint16Array<ArrayBuffer>
  readonly #keys: Uint16Array<ArrayBuffer>
  readonly #names = new Map<Digest, number>([['', 0]])
  readonly #ownHeads: Doored['ownHeads'][number][] = []
  readonly #notes: Note[] = []
  readonly #pruned: Doored['pruned'][number][] = []

  constructor({ file, places }: Batch) {
    this.file = file
    this.#places = places
    this.#hashes = new Uint8Array(places.length * 96)
    this.#flags = new Uint8Array(places.length)
    this.#sequences = new Float64Array(places.length)
    this.#devices = new Uint16Array(places.length)
    this.#keys = new Uint16Array(places.length)
  }

  leaf(row: number, hash: Uint8Array): void {
    this.#hashes.set(hash, row * 96)
  }

  note(result: Note['result'], code: Note['code'], says: string, at: number): void {
    this.#notes.push({ file: this.file, result, code, says, at })
  }

  accept(row: number, statement: VerifiedStatement, { exporter, isHeld }: FileSetting): void {
    const { payload, id, hardware } = statement
    const at = this.#places[row] as number
    this.#hashes.set(fromBase64Url(id), row * 96 + 32)
    if (payload.previous !== null) this.#hashes.set(fromBase64Url(payload.previous), row * 96 + 64)
    const isFounding = statement.kind === 'roster' && statement.payload.predecessor === null
    this.#flags[row] = ACCEPTED | (payload.previous === null ? 0 : FOLLOWS) | (isFounding ? FOUNDS : 0)
    this.#sequences[row] = payload.sequence
    this.#devices[row] = this.#name(payload.device)
    this.#keys[row] = this.#name(hardware?.keyid ?? '')
    if (payload.device === exporter) this.#ownHeads.push({ at, ...payload.ledger })
    if (isHeld && statement.kind === 'pruned' && payload.device === exporter) this.#prune(statement.payload, at)
    this.placed.push({ file: this.file, at, statement: lean(statement) })
  }

  /** What the exporting device says that it removed; what its ledger did not have then, it cannot have removed. */
  #prune({ ranges, before, ledger }: PayloadOf<'pruned'>, at: number): void {
    const there = ranges.filter(({ to }) => to <= ledger.size)
    const count = there.reduce((sum, { from, to }) => sum + to - from, 0)
    this.#pruned.push(...there)
    const which = there.map(({ from, to }) => (to === from + 1 ? `${from}` : `${from} to ${to - 1}`)).join(', ')
    const says = `its owner removed ${countWords(count, 'entry', 'entries')} by touch, of what was over before ${utcWords(before)}: ${which}`
    this.note('incomplete', 'pruned', says, at)
  }

  doored(keep: boolean): Doored {
    return {
      file: this.file,
      places: this.#places,
      hashes: this.#hashes,
      flags: this.#flags,
      sequences: this.#sequences,
      devices: this.#devices,
      keys: this.#keys,
      names: [...this.#names.keys()],
      ownHeads: this.#ownHeads,
      pruned: this.#pruned,
      refused: this.refused,
      waiting: this.waiting,
      notes: this.#notes,
      kept: keep ? this.placed : [],
    }
  }

  #name(name: Digest): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.#names.set(name, this.#names.size)
    return this.#names.size - 1
  }
}

const NOTHING = new Uint8Array()

/** A statement without its bytes: a tenth of the memory. */
function lean(statement: VerifiedStatement): VerifiedStatement {
  const { device, hardware } = statement
  return {
    ...statement,
    envelope: NOTHING,
    signedBytes: NOTHING,
    device: { keyid: device.keyid, sig: '' },
    hardware: hardware && { keyid: hardware.keyid, sig: '', authenticatorData: '', clientDataJSON: '' },
  }
}
