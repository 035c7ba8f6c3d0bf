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

function checkChain(device: Digest, chain: readonly Accepted[], { findings, voices, exporter }: ChainContext): void {
  const who = deviceWords(voices.device(device))
  const known = voices.device(device).person !== null
  const forked: FindingResult = device === exporter ? 'refuted' : known ? 'incomplete' : 'attention'
  const fork = (says: string, { entry }: Accepted) =>
    findings.add(forked, 'chain-fork', `${who} ${says}`, { entry, device })
  let last = -1
  // The ids of the statements with the number before: a set, since a hostile device may sign very many.
  let ids = new Set<Digest>()
  for (const [number, here] of byNumber(chain)) {
    const [first, second] = here as [Accepted, Accepted?]
    if (second !== undefined)
      fork(`signed two statements as its number ${number}: entries ${first.entry} and ${second.entry}`, second)
    if (number === last + 1) {
      for (const one of here)
        if (!follows(one, ids))
          fork(`signed its number ${number} as following another than its number ${last} here`, one)
    } else {
      const missing = number === last + 2 ? `number ${last + 1} is` : `numbers ${last + 1} to ${number - 1} are`
      const says = `of what ${who} signed, ${missing} not in the file`
      const result = known || device === exporter ? 'incomplete' : 'attention'
      findings.add(result, 'chain-gap', says, { entry: first.entry, device })
    }
    last = number
    ids = new Set(here.map(({ statement }) => statement.id))
  }
}

/** A chain's statements by their number, smallest first; those of one number in the order of the ledger. */
function byNumber(chain: readonly Accepted[]): Map<number, Accepted[]> {
  const places = new Map<number, Accepted[]>()
  for (const one of chain.toSorted((a, b) => numberOf(a) - numberOf(b) || a.entry - b.entry)) {
    const here = places.get(numberOf(one))
    if (here === undefined) places.set(numberOf(one), [one])
    else here.push(one)
  }
  return places
}

const numberOf = ({ statement }: Accepted): number => statement.payload.sequence

function follows({ statement }: Accepted, before: ReadonlySet<Digest>): boolean {
  const { previous } = statement.payload
  return previous === null ? before.size === 0 : before.has(previous)
}
