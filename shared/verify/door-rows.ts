import { type Digest, fromBase64Url } from '../bytes.ts'
import type { LockboxError } from '../errors.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { StatementError } from '../statements/errors.ts'
import type { PayloadOf } from '../statements/kinds.ts'
import { utcWords } from '../utc.ts'
import { ACCEPTED, type Batch, type Doored, FOLLOWS, FOUNDS, type Note, type Placed } from './batch.ts'
import type { FileSetting } from './examine.ts'
import { countWords } from './words.ts'

/** Gathers the columns of a batch. */
export class DoorRows {
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

  refuse(error: LockboxError, at: number): void {
    const code = error instanceof StatementError ? error.code : 'malformed'
    this.refused.push({ at, code, message: error.message })
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
  const { kind, id, payload, device, hardware } = statement
  return {
    kind,
    id,
    payload,
    envelope: NOTHING,
    signedBytes: NOTHING,
    device: { keyid: device.keyid, sig: '' },
    hardware: hardware && { keyid: hardware.keyid, sig: '', authenticatorData: '', clientDataJSON: '' },
  } as VerifiedStatement
}
