import type { Digest } from '../bytes.ts'
import type { FindingResult, Findings } from './findings.ts'
import type { InForce } from './in-force.ts'
import { NONE, type Rows } from './rows.ts'
import { deviceWords } from './words.ts'

/** What device chains are judged by. */
export interface ChainContext {
  readonly findings: Findings
  readonly voices: InForce
  /** The exporting device of each file. */
  readonly exporters: readonly Digest[]
  /** Whether a gap is to be expected, since every file is a part of a ledger. */
  readonly areParts: boolean
}

/**
 * Checks that each device's statements follow one another: numbers without a gap, each naming the one before. A gap
 * is "incomplete", never a refusal (DESIGN §4). Two statements in one place prove that the device signed two
 * histories: that refutes the exporter's own ledger, while another device's fault must not spoil an honest bundle.
 */
export function checkChains(rows: Rows, context: ChainContext): void {
  for (const [device, chain] of chainsOf(rows)) checkChain(rows, rows.devices[device] as Digest, chain, context)
}

/** The rows of each device by number; those of one number in the order of the files and ledgers. */
export function chainsOf(rows: Rows): Map<number, Uint32Array> {
  const counts = new Map<number, number>()
  for (let row = 0; row < rows.count; row++) counts.set(rows.device(row), (counts.get(rows.device(row)) ?? 0) + 1)
  const chains = new Map([...counts].map(([device, count]) => [device, new Uint32Array(count)]))
  const filled = new Map<number, number>()
  for (let row = 0; row < rows.count; row++) {
    const device = rows.device(row)
    const next = filled.get(device) ?? 0
    ;(chains.get(device) as Uint32Array)[next] = row
    filled.set(device, next + 1)
  }
  for (const chain of chains.values())
    if (!putInOrder(rows, chain))
      chain.sort(
        (a, b) => rows.sequence(a) - rows.sequence(b) || rows.file(a) - rows.file(b) || rows.at(a) - rows.at(b),
      )
  return chains
}

/** Puts a chain in order if its numbers are few beyond its length and each is there once, as honest ones are: no comparing then. */
function putInOrder(rows: Rows, chain: Uint32Array): boolean {
  // Rows count from 1 there.
  const byNumber = new Uint32Array(chain.length * 2)
  for (const row of chain) {
    const number = rows.sequence(row)
    if (number >= byNumber.length || byNumber[number] !== 0) return false
    byNumber[number] = row + 1
  }
  let to = 0
  for (const row of byNumber) if (row !== 0) chain[to++] = row - 1
  return true
}

function checkChain(rows: Rows, device: Digest, chain: Uint32Array, context: ChainContext): void {
  const { findings, voices, exporters, areParts } = context
  const who = deviceWords(voices.device(device))
  const known = voices.device(device).person !== null
  const own = exporters.includes(device)
  const forked: FindingResult = own ? 'refuted' : known ? 'incomplete' : 'attention'
  const fork = (says: string, row: number) =>
    findings.add(forked, 'chain-fork', `${who} ${says}`, { file: rows.file(row), entry: rows.at(row), device })
  let last = -1
  // The statements with the number before.
  let before: Uint32Array = chain.subarray(0, 0)
  for (let from = 0; from < chain.length; ) {
    const number = rows.sequence(chain[from] as number)
    let to = from
    while (to < chain.length && rows.sequence(chain[to] as number) === number) to++
    const here = chain.subarray(from, to)
    const [first, second] = here as unknown as [number, number?]
    if (second !== undefined)
      fork(`signed two statements as its number ${number}: entries ${rows.at(first)} and ${rows.at(second)}`, second)
    if (number === last + 1) {
      const follows = followsOne(rows, before)
      for (const row of here)
        if (!follows(row)) fork(`signed its number ${number} as following another than its number ${last} here`, row)
    } else if (!areParts) {
      const missing = number === last + 2 ? `number ${last + 1} is` : `numbers ${last + 1} to ${number - 1} are`
      const says = `of what ${who} signed, ${missing} not in the file`
      const result = known || own ? 'incomplete' : 'attention'
      findings.add(result, 'chain-gap', says, { file: rows.file(first), entry: rows.at(first), device })
    }
    last = number
    before = here
    from = to
  }
}

/** Whether a row names one of those with the number before; none, where there are none. */
function followsOne(rows: Rows, before: Uint32Array): (row: number) => boolean {
  const [only] = before
  if (only === undefined) return (row) => rows.before(row) === NONE
  if (before.length === 1) return (row) => rows.before(row) === only
  // A hostile device may sign very many of one number.
  const rowsBefore = new Set(before)
  return (row) => rowsBefore.has(rows.before(row))
}
