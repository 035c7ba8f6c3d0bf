import { type Line, noiseOf, type Unit } from './line.ts'
import type { Spread } from './measure.ts'

/** One line of the results as a row of a Markdown table, which is readable in a terminal too. */
export function rowOf(line: Line): string {
  const { name, what, bareIs, unit, ours, bare, ratio, verdicts } = line
  const verdict = verdicts.map(({ target, isHit }) => `${isHit ? 'hit' : 'missed'}: ${target}`).join(', ')
  const cells = [
    `${name}: ${what}`,
    amount(ours, unit),
    amount(bare, unit),
    bareIs,
    times(ratio),
    verdict === '' ? 'no target' : verdict,
    `± ${Math.round(noiseOf(line) * 100)} %`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** What stands above the rows. */
export const HEAD = [
  '| what | Lockbox | bare | bare work | ratio | target | noise |',
  '| --- | --- | --- | --- | --- | --- | --- |',
].join('\n')

function amount({ median, low, high }: Spread, unit: Unit): string {
  return `${short(median)} ${unit} (${short(low)}–${short(high)})`
}

function times({ median, low, high }: Spread): string {
  return `**${median.toFixed(2)} ×** (${low.toFixed(2)}–${high.toFixed(2)})`
}

/** Three figures that mean something. */
function short(number: number): string {
  if (number >= 100) return number.toFixed(0)
  return number >= 10 ? number.toFixed(1) : number.toFixed(number >= 1 ? 2 : 3)
}
