import type { Digest } from '../bytes.ts'
import type { Accepted } from './entries.ts'
import type { FindingResult, Findings } from './findings.ts'
import type { InForce } from './in-force.ts'
import { deviceWords } from './words.ts'

/** What device chains are judged by. */
export interface ChainContext {
  readonly findings: Findings
  readonly voices: InForce
  /** The exporting device. */
  readonly exporter: Digest
}

/**
 * Checks that each device's statements follow one another: numbers without a gap, each naming the one before. A gap
 * is "incomplete", never a refusal (DESIGN §4). Two statements in one place prove that the device signed two
 * histories: that refutes the exporter's own ledger, while another device's fault must not spoil an honest bundle.
 */
export function checkChains(accepted: readonly Accepted[], context: ChainContext): void {
  const chains = new Map<Digest, Accepted[]>()
  for (const one of accepted) {
    const { device } = one.statement.payload
    const chain = chains.get(device)
    if (chain === undefined) chains.set(device, [one])
    else chain.push(one)
  }
  for (const [device, chain] of chains) checkChain(device, chain, context)
}

function checkChain(device: Digest, chain: Accepted[], { findings, voices, exporter }: ChainContext): void {
  const who = deviceWords(voices.device(device))
  const known = voices.device(device).person !== null
  const forked: FindingResult = device === exporter ? 'refuted' : known ? 'incomplete' : 'attention'
  const numbered = chain.toSorted((a, b) => numberOf(a) - numberOf(b) || a.entry - b.entry)
  let before: Accepted[] = []
  for (let at = 0; at < numbered.length; ) {
    const number = numberOf(numbered[at] as Accepted)
    const here: Accepted[] = []
    for (; at < numbered.length && numberOf(numbered[at] as Accepted) === number; at++)
      here.push(numbered[at] as Accepted)
    const last = before[0] === undefined ? -1 : numberOf(before[0])
    const [first, second] = here as [Accepted, Accepted?]
    if (second !== undefined)
      findings.add(
        forked,
        'chain-fork',
        `${who} signed two statements as its number ${number}: entries ${first.entry} and ${second.entry}`,
        { entry: second.entry, device },
      )
    if (number !== last + 1) {
      const missing = number - last === 2 ? `number ${last + 1}` : `numbers ${last + 1} to ${number - 1}`
      const result = known || device === exporter ? 'incomplete' : 'attention'
      const says = `${who}: its statements ${missing} are not in the file`
      findings.add(result, 'chain-gap', says, { entry: first.entry, device })
    } else
      for (const one of here)
        if (!follows(one, before)) {
          const says = `${who}: entry ${one.entry}, its number ${number}, does not follow its number ${last} as the file has it`
          findings.add(forked, 'chain-fork', says, { entry: one.entry, device })
        }
    before = here
  }
}

const numberOf = ({ statement }: Accepted): number => statement.payload.sequence

function follows({ statement }: Accepted, before: readonly Accepted[]): boolean {
  const { previous } = statement.payload
  return before.length === 0 ? previous === null : before.some(({ statement: { id } }) => id === previous)
}
