import type { Digest } from '../bytes.ts'
import type { BundleErrorCode } from '../ledger/bundle.ts'
import type { FindingCode as LedgerCode } from '../ledger/finding.ts'
import type { StatementErrorCode } from '../statements/errors.ts'

/**
 * What one finding does to the verdict. `attention`: the record is sound, but people should look at what it records;
 * it changes no verdict.
 */
export type FindingResult = 'holds' | 'attention' | 'incomplete' | 'refuted'

/** What this folder finds by itself, beside the ledger's and the door's codes. */
export type OwnCode =
  | 'entry-twice'
  | 'second-copy'
  | 'before-its-roster'
  | 'roster-missing'
  | 'other-organization'
  | 'own-head'
  | 'no-genesis'
  | 'pin-missing'
  | 'pin-not-endorsed'
  | 'pin-behind'
  | 'split'
  | 'protocol-unsupported'
  | 'too-much'
  | 'chain-gap'
  | 'pruned'
  | 'not-accounted'
  | 'chain-fork'
  | 'not-in-force'
  | 'time-ahead'
  | 'basis-missing'
  | 'witness-missing'
  | 'witness-not-shown'
  | 'rule-broken'
  | 'case-finding'
  | 'case-missing'
  | 'misplaced'
  | 'place-twice'
  | 'behind'
  | 'lacks'
  | 'no-file'
  | 'more'

export type VerifyCode = LedgerCode | StatementErrorCode | BundleErrorCode | OwnCode

/** One thing that verifying a bundle showed. */
export interface VerifyFinding {
  readonly result: FindingResult
  /** The rule. */
  readonly code: VerifyCode
  /** What was found. */
  readonly says: string
  /** What that means, for people. */
  readonly means: string
  /** Entries from index `from` up to but without `to`: the place, or the range in which it lies. */
  readonly entries: { readonly from: number; readonly to: number } | null
  /** The device it is about. */
  readonly device: Digest | null
  /** Which of the files that were verified together it is about, from 0; null: all of them. */
  readonly file: number | null
}

/** Where a finding lies. */
export interface Place {
  readonly entry?: number | undefined
  readonly entries?: { readonly from: number; readonly to: number } | undefined
  readonly device?: Digest | null | undefined
  readonly file?: number | null | undefined
}

// A hostile file could have a million faults; people read the first ones, and how many there are.
const MAX_PER_CODE = 100

interface Counted {
  readonly result: FindingResult
  readonly code: VerifyCode
  count: number
  /** The earliest by place. */
  readonly kept: Kept[]
}

/** A finding, and how many were found before it. */
interface Kept {
  readonly finding: VerifyFinding
  readonly order: number
}

/** Gathers findings, bounded per code, and says what they add up to. */
export class Findings {
  readonly #counted = new Map<string, Counted>()
  #order = 0

  add(result: FindingResult, code: VerifyCode, says: string, place: Place = {}): void {
    const key = `${result} ${code}`
    const counted: Counted = this.#counted.get(key) ?? { result, code, count: 0, kept: [] }
    if (counted.count === 0) this.#counted.set(key, counted)
    counted.count++
    const { entry, device = null, file = null } = place
    const entries = entry === undefined ? (place.entries ?? null) : { from: entry, to: entry + 1 }
    // Some messages quote what was read, which may be as long as a line.
    const short = says.length > 400 ? `${says.slice(0, 400)}…` : says
    const finding = { result, code, says: short, means: meaningOf(code), entries, device, file }
    keep(counted.kept, { finding, order: this.#order++ })
  }

  /** Takes over what another gathered, as found after what is here. */
  append(other: Findings): void {
    for (const [key, { result, code, count, kept }] of other.#counted) {
      const counted: Counted = this.#counted.get(key) ?? { result, code, count: 0, kept: [] }
      if (counted.count === 0) this.#counted.set(key, counted)
      counted.count += count
      for (const { finding, order } of kept) keep(counted.kept, { finding, order: this.#order + order })
    }
    this.#order += other.#order
  }

  /** The worst result. */
  verdict(): 'verified' | 'incomplete' | 'refuted' {
    const has = (result: FindingResult) => [...this.#counted.values()].some((one) => one.result === result)
    if (has('refuted')) return 'refuted'
    return has('incomplete') ? 'incomplete' : 'verified'
  }

  /** All of them, the worst results first, each result by place. */
  list(): VerifyFinding[] {
    const counted = [...this.#counted.values()]
    const left = counted
      .filter(({ count }) => count > MAX_PER_CODE)
      .map(({ result, code, count }): VerifyFinding => {
        const says = `${count - MAX_PER_CODE} more of “${code}” are not listed`
        return { result, code: 'more', says, means: meaningOf(code), entries: null, device: null, file: null }
      })
    const kept = counted.flatMap((one) => one.kept).sort((a, b) => a.order - b.order)
    return [...kept.map(({ finding }) => finding), ...left].sort(
      (a, b) => RANK[a.result] - RANK[b.result] || byPlace(a, b),
    )
  }

  /** The first thing that is wrong; where nothing is, the first that is incomplete. */
  first(): VerifyFinding | null {
    const [first] = this.list()
    return first !== undefined && (first.result === 'refuted' || first.result === 'incomplete') ? first : null
  }
}

/** Keeps the earliest by place, of equal ones those found first. Entries come by case, not by place. */
function keep(kept: Kept[], one: Kept): void {
  let at = kept.length
  while (at > 0 && byPlace((kept[at - 1] as Kept).finding, one.finding) > 0) at--
  if (at >= MAX_PER_CODE) return
  kept.splice(at, 0, one)
  if (kept.length > MAX_PER_CODE) kept.pop()
}

const RANK: Record<FindingResult, number> = { refuted: 0, incomplete: 1, attention: 2, holds: 3 }

// A range says "somewhere in here", so what ends first is certain first. What has no place is about the whole file.
function byPlace(a: VerifyFinding, b: VerifyFinding): number {
  if (a.entries === null || b.entries === null) return Number(a.entries === null) - Number(b.entries === null)
  return a.entries.to - b.entries.to || b.entries.from - a.entries.from
}

/** What a rule's breach means, in a sentence or two for people. */
export function meaningOf(code: VerifyCode): string {
  return MEANINGS[code] ?? DOOR
}

const DOOR =
  'No honest device lets such a statement into its ledger: it was changed, or written by somebody else, or the exporting device does not check.'
const CHANGED =
  'The entries are not those that the exporting device signed: something was changed, removed, added or moved.'
const UNREADABLE = 'Nothing is concluded from it. Get the file again, or from another device.'
const OTHER_DEVICE =
  'This is about another device than the exporting one, and does not touch what its ledger shows. Ask whose device it is.'

const MEANINGS: Partial<Record<VerifyCode, string>> = {
  'checkpoint-matches': 'Up to there, nothing was changed since the exporting device signed it.',
  cosigned: 'Up to there, nothing can be changed, removed or moved without those devices.',
  'peer-checkpoint': 'Keep it: a later bundle of that device must fit it.',
  'unknown-cosigner': 'It is passed over.',
  'kin-cosigner': 'Who has both devices can change what both signed.',
  'no-checkpoint': 'Nothing shows that these are the entries which the exporting device accepted.',
  uncovered: 'These entries stand on their own signatures alone: others could have been left out beside them.',
  'not-cosigned': 'The exporting device could still present another history to others.',
  'unknown-key': 'What it says cannot be checked here.',
  fork: OTHER_DEVICE,
  'chain-fork':
    'One device signed two statements as its next: it was tampered with, restored from an old copy, or copied. Which of the two its owner meant, the file cannot show.',
  equivocation: 'The exporting device reports a contradiction; see what is said of that device.',
  waiting: 'It is in no ledger and counts for nothing here.',
  damaged:
    'The file was changed or damaged after it was written. Get it again; whoever changes a file on purpose hides this.',
  'wrong-count': CHANGED,
  'missing-entries': 'The exporting device signed more entries than the file has: the last ones were cut off.',
  'wrong-root': `${CHANGED} The first bad entry lies in that range.`,
  'own-fork':
    'The device signed two histories: both heads carry its signature, so nobody else can have made them. Neither can be relied on; compare with the other devices.',
  'refused-head':
    'This is the word of the exporting device alone, and no proof against the other: both heads are signed, but an older one may come from anybody’s copy. A bundle of that device can prove more: if its entries lead to one head and not to the other, it signed two histories.',
  'own-head': `${CHANGED} The exporting device itself wrote into this statement how its ledger stood, and it stood otherwise.`,
  part: 'What stands in the file is in that ledger; what else is in it, the file does not show.',
  'bad-proof': 'This entry is not in the ledger that the exporting device signed, or the file was changed.',
  'place-twice': 'Two entries cannot stand in one place of a ledger, nor one beyond its end.',
  misplaced: 'No device exports a statement there; it counts for nothing.',
  behind: 'A newer bundle of that device would show more. Ask its owner for one.',
  lacks: 'The other files have it, so nothing is missing from them together.',
  unsigned: 'A checkpoint without its ledger’s signature proves nothing; no device exports one.',
  'bad-signature': 'The checkpoint was changed, or is not by that device.',
  'bad-cosignature': 'The cosignature was changed, or is not by that device.',
  'wrong-origin': 'It says nothing about this organization; no device exports it.',
  'malformed-checkpoint': 'The file was changed; no device exports such a checkpoint.',
  'bad-evidence': 'Somebody is accused of what the file does not show.',
  truncated: UNREADABLE,
  malformed: UNREADABLE,
  'too-large': UNREADABLE,
  'no-file': 'Nothing was looked at.',
  unsupported: 'A newer version of this program may read it.',
  'unknown-kind': 'It comes from a newer version. A newer version of this program may check it.',
  'entry-twice': 'A device takes a statement into its ledger once.',
  'second-copy': 'The author touched two keys for one statement. It counts once.',
  'before-its-roster': 'It was checked all the same. A device can only have accepted it after that roster.',
  'roster-missing': 'Its signatures cannot be checked here, so it counts for nothing.',
  'wrong-organization': 'It is of no concern to this organization, and no device accepts it once it belongs to one.',
  'other-organization': 'It came before the exporting device belonged to this organization, and counts for nothing.',
  'no-genesis': 'The header promises an organization which the entries do not found. Nothing else can be checked.',
  'pin-missing': 'The header promises a roster which the entries do not contain. Nothing else can be checked.',
  'pin-not-endorsed':
    'As the file has it, the organization is not founded, or did not agree to that change of its people; no case is judged by that.',
  'pin-behind': 'The exporting device had not yet acted on the newest roster. Cases are judged by the newest.',
  split: 'Two rosters follow the same one. Which of them is right, only people can say.',
  'protocol-unsupported': 'A newer version of this program may judge the cases.',
  'too-much': 'Signatures and ledger were checked; organization and cases were not recomputed.',
  'chain-gap': 'That device signed statements which the file lacks. They may never have reached the exporting device.',
  pruned:
    'That is recorded, with the time and the key. What these entries said, only other devices can show; the rest stands as it was signed and cosigned.',
  'not-accounted':
    'Entries were left out of the file without a record that they were removed. Get the bundle of another device.',
  'not-in-force': 'Nobody known said it, whatever name it gives. It counts for nothing.',
  'time-ahead': 'A clock is wrong: the author’s or the exporting device’s.',
  'basis-missing':
    'Whether that session was granted by the rules cannot be told. Get a bundle from the issuing device.',
  'case-missing': 'The file is said to be about that case. Get a bundle in which it is.',
  'witness-missing': 'The plan asks that another device acknowledges before the credential is touched. None is named.',
  'witness-not-shown': 'The grant names a device that acknowledged; its cosignature is not in the file.',
  'rule-broken': 'It changes nothing; somebody or some app did what the rules do not allow.',
  'case-finding': 'People should look at that case.',
}
