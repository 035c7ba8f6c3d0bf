import { fromUtf8 } from '../../shared/bytes.ts'
import * as z from '../../shared/zod.ts'
import type { JournalRecord } from './journal-record.ts'
import type { Problem, ProblemKind } from './journal-scan.ts'

/** A problem as it is reported. */
export interface JournalProblem extends Problem {
  /** Whether the journal already holds a record of it, made when somebody accepted it. */
  readonly recorded: boolean
  /** Which records, what is wrong, what it means. */
  readonly message: string
}

const damageSchema = z.array(z.object({ kind: z.string(), from: z.int(), to: z.int() }))

// Once the journal has gone on behind it, a tail cut off looks like records removed: the loss is the same.
const LOSSES: ReadonlySet<string> = new Set(['altered', 'removed', 'truncated', 'emptied'])
const nameOf = ({ kind, from, to }: { kind: string; from: number; to: number }): string =>
  `${LOSSES.has(kind) ? 'lost' : kind} ${from} ${to}`

/** The names of the problems that were accepted earlier. */
export async function recordedDamage(journalTable: AsyncIterable<JournalRecord>): Promise<ReadonlySet<string>> {
  const recorded = new Set<string>()
  for await (const record of journalTable) {
    if (record.key !== 'damage') continue
    for (const problem of damageSchema.parse(JSON.parse(fromUtf8(record.value)))) recorded.add(nameOf(problem))
  }
  return recorded
}

const WORDS: Record<ProblemKind, (which: string, tornBytes: number) => string> = {
  'torn-tail': (_, bytes) =>
    `${bytes} bytes of a record that was being written when Lockbox died were cut off; it had not been acknowledged`,
  altered: (which) => `${which} altered on the disk and cannot be read`,
  moved: (which) => `${which} moved to another place in the file`,
  repeated: (which) => `${which} repeated in the file`,
  replaced: (which) => `${which} replaced by a record of another copy of this journal`,
  removed: (which) => `${which} removed from the file`,
  truncated: (which) => `${which} cut off the end of the file, although they had been acknowledged`,
  emptied: (which) => `the journal was emptied: ${which} lost`,
  'head-missing': () =>
    'the marker that says how far the journal goes is missing; whether records were cut off the end cannot be told',
  'head-altered': () =>
    'the marker that says how far the journal goes was altered; whether records were cut off the end cannot be told',
}

/** The problem in words. */
export function describeProblem(problem: Problem, recorded: ReadonlySet<string>, tornBytes: number): JournalProblem {
  const { kind, from, to } = problem
  const which = from === to ? `record ${from} was` : `records ${from} to ${to} were`
  return { ...problem, recorded: recorded.has(nameOf(problem)), message: WORDS[kind](which, tornBytes) }
}
