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

// Once the journal has gone on behind it, a tail cut off looks like records removed: the loss is the same.
const LOSSES: ReadonlySet<string> = new Set(['altered', 'removed', 'truncated', 'emptied'])
const nameOf = ({ kind, from, to }: { kind: string; from: number; to: number }): string =>
  `${LOSSES.has(kind) ? 'lost' : kind} ${from} ${to}`

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

const damageSchema = z.array(
  z.object({ kind: z.enum(Object.keys(WORDS) as ProblemKind[]), from: z.int(), to: z.int() }),
)

/** What was accepted earlier, as the journal's own records say. */
export async function recordedDamage(journalTable: AsyncIterable<JournalRecord>): Promise<Problem[]> {
  const recorded: Problem[] = []
  for await (const { key, value } of journalTable)
    if (key === 'damage') recorded.push(...damageSchema.parse(JSON.parse(fromUtf8(value))))
  return recorded
}

/** Problems in words, as they are reported. */
export function describeProblems(
  found: readonly Problem[],
  recorded: readonly Problem[],
  tornBytes: number,
): JournalProblem[] {
  const accepted = new Set(recorded.map(nameOf))
  return found.map((problem) => {
    const { kind, from, to } = problem
    const which = from === to ? `record ${from} was` : `records ${from} to ${to} were`
    return { ...problem, recorded: accepted.has(nameOf(problem)), message: WORDS[kind](which, tornBytes) }
  })
}

/** What of this was a loss, each named once: as it was called last. */
export function lossesOf(problems: readonly JournalProblem[]): JournalProblem[] {
  const losses = problems.filter(({ kind }) => kind !== 'torn-tail')
  return [...new Map(losses.map((loss) => [nameOf(loss), { ...loss, recorded: true }])).values()]
}
