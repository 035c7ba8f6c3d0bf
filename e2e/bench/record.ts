import type { Line } from './line.ts'
import { type Machine, machineWords } from './machine.ts'
import { HEAD, rowOf } from './print.ts'

const BEGIN = '<!-- npm run bench -- --record writes from here -->'
const END = '<!-- to here -->'

/**
 * A document with the results in place of those that stood between its two marks.
 *
 * @throws {TypeError} if the marks are not there, once and in order.
 */
export function recorded(document: string, machine: Machine, lines: readonly Line[], at: Date): string {
  const [before, rest, ...more] = document.split(BEGIN)
  const [, after, ...others] = rest?.split(END) ?? []
  if (before === undefined || after === undefined || more.length + others.length > 0)
    throw new TypeError(`expected the document to hold ${BEGIN} and ${END}, once each`)
  const where = machineWords(machine)
    .split('\n')
    .map((line) => `- ${line}`)
  const what = [`Measured on ${at.toISOString().slice(0, 10)}:`, '', ...where, '', HEAD, ...lines.map(rowOf)]
  return `${before}${BEGIN}\n\n${what.join('\n')}\n\n${END}${after}`
}

/** What is wrong with results, whatever the speed: a case without a line, a line without a number. */
export function faultsIn(cases: readonly string[], lines: readonly Line[]): string[] {
  const silent = cases.filter((name) => !lines.some((line) => line.name === name))
  const empty = lines.filter(({ ours, bare }) => !(ours.median > 0 && bare.median > 0))
  return [
    ...silent.map((name) => `the case ${name} gave no line`),
    ...empty.map(({ name, what }) => `${name}, ${what}: nothing was measured`),
  ]
}
