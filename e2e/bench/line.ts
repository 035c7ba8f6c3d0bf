import { type Round, type Spread, spreadOf } from './measure.ts'

export type Unit = 'ms' | 'MiB' | 'frames'

/** What a line should keep to: so many times the bare work, or so much outright. */
export type Target = { readonly times: number } | { readonly most: number }

/** What one line of the results is about. */
export interface Subject {
  /** The case it belongs to, by which `--only` chooses. */
  readonly name: string
  /** What is measured, in words. */
  readonly what: string
  /** The bare work that it must contain, in words. */
  readonly bareIs: string
  readonly unit: Unit
  readonly targets: readonly Target[]
}

export interface Verdict {
  readonly target: string
  readonly isHit: boolean
}

/** One line of the results. */
export interface Line extends Omit<Subject, 'targets'> {
  readonly rounds: number
  readonly ours: Spread
  readonly bare: Spread
  /** Of the ratios of each round. */
  readonly ratio: Spread
  readonly verdicts: readonly Verdict[]
}

/** Sums up what was measured. Targets are judged by medians. */
export function lineOf({ targets, ...subject }: Subject, rounds: readonly Round[]): Line {
  const ours = spreadOf(rounds.map((round) => round.ours))
  const bare = spreadOf(rounds.map((round) => round.bare))
  const ratio = spreadOf(rounds.map((round) => round.ours / round.bare))
  return {
    ...subject,
    rounds: rounds.length,
    ours,
    bare,
    ratio,
    verdicts: targets.map((target) =>
      'times' in target
        ? { target: `≤ ${target.times} ×`, isHit: ratio.median <= target.times }
        : { target: `≤ ${target.most} ${subject.unit}`, isHit: ours.median <= target.most },
    ),
  }
}

/** How far the bare work alone varied: half the middle half, as a part of the median. What the machine adds by itself. */
export function noiseOf({ bare }: Pick<Line, 'bare'>): number {
  return (bare.high - bare.low) / 2 / bare.median
}
