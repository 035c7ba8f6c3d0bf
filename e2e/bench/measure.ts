// A library such as tinybench or mitata runs one task to its end and then the next: on a machine that others use too, that
// compares two moments as much as two programs. So here each round does both, in turns, and the ratio is taken inside
// the round; what is left for us is a median and two quartiles.

/** One round: how long ours and the bare work took, in milliseconds. */
export interface Round {
  readonly ours: number
  readonly bare: number
}

/** The middle of some numbers, and the middle half around it. */
export interface Spread {
  readonly median: number
  /** First and third quartile. */
  readonly low: number
  readonly high: number
}

/** Something that is done again and again; gives the milliseconds that count, so that set-up and clean-up need not. */
export type Timed = () => Promise<number>

/** How much is done. */
export interface Effort {
  rounds(usual: number): number
  /** How many statements a log has, and the like. */
  size(usual: number): number
  /** How long is waited until all has calmed down, and how long that which goes on is looked at; milliseconds. */
  calm(usual: number): number
}

/** As the results are made. */
export const FULL: Effort = { rounds: (usual) => usual, size: (usual) => usual, calm: (usual) => usual }
/** Just enough to see that a case works. */
export const ONCE: Effort = { rounds: () => 1, size: (usual) => Math.min(usual, 24), calm: () => 250 }

/** Does both, in turns and in changing order, after rounds that do not count; before a single one, of which only is seen that it works, there are none. */
export async function interleaved(rounds: number, { ours, bare }: { ours: Timed; bare: Timed }): Promise<Round[]> {
  const measured: Round[] = []
  const warmUps = rounds === 1 ? 0 : Math.ceil(rounds / 10)
  for (let at = 0; at < warmUps + rounds; at++) {
    let round: Round
    if (at % 2 === 0) {
      const first = await ours()
      round = { ours: first, bare: await bare() }
    } else {
      const first = await bare()
      round = { ours: await ours(), bare: first }
    }
    if (at >= warmUps) measured.push(round)
  }
  return measured
}

/** How long something takes, in milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** @throws {TypeError} without a number. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) }
}

// Linear between the two nearest ranks (type 7 of Hyndman and Fan, as R and NumPy do).
function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (below === undefined || above === undefined) throw new TypeError('expected at least one number')
  return below + (above - below) * (at - Math.floor(at))
}
