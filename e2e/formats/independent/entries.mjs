import { Refused } from './bytes.mjs'
import { door } from './door.mjs'
import { at, Findings } from './findings.mjs'

// verify.md §2 step 2.

/**
 * Takes every entry of a bundle through the door.
 *
 * @returns `{passed, refusals, findings}`: statements with their `entry`, in the order of the ledger, each once.
 */
export function throughTheDoor({ header, entries }) {
  const run = new Run(header.organization, entries)
  for (const one of entries) run.take(one)
  for (const one of run.waiting.keys()) run.findings.incomplete('roster-missing', at(one.at))
  const passed = [...run.passed.values()].sort((one, other) => one.entry - other.entry)
  return { passed, refusals: run.refusals, findings: run.findings }
}

class Run {
  passed = new Map()
  waiting = new Map()
  refusals = []
  findings = new Findings()
  #rosters = new Map()

  constructor(organization, entries) {
    this.organization = organization
    for (const [place, one] of entries.entries())
      if (entries[place - 1]?.at === one.at) this.findings.refuted('place-twice', at(one.at))
  }

  take(first) {
    for (const open = [first]; open.length > 0; ) {
      // Two may claim one place, so an entry is not told by it.
      const one = open.shift()
      const { at: entry, envelope, section } = one
      try {
        const { waitsFor, ...statement } = door(envelope, this.organization, this.#rosters)
        if (waitsFor !== undefined) this.waiting.set(one, waitsFor)
        else if (!belongs(statement, section)) this.findings.refuted('misplaced', at(entry))
        else open.push(...this.#accept({ ...statement, entry }))
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        this.refusals.push({ entry, code: error.code })
      }
    }
  }

  /** @returns entries that waited for this one. */
  #accept(statement) {
    const { id, entry, kind, payload, signatures } = statement
    const before = this.passed.get(id)
    if (before !== undefined) {
      if (before.signatures[1]?.keyid === signatures[1]?.keyid) this.findings.refuted('entry-twice', at(entry))
      return []
    }
    this.passed.set(id, statement)
    if (kind !== 'roster') return []
    this.#rosters.set(id, payload)
    const ready = [...this.waiting].filter(([, roster]) => roster === id).map(([waited]) => waited)
    for (const waited of ready) this.waiting.delete(waited)
    return ready
  }
}

const ORGANIZATION = ['plan', 'deposit', 'endorsement', 'custody']

/** bundle.md §1: whether a statement stands in its section. */
function belongs({ kind, payload }, section) {
  if (kind === 'roster') return section.section === 'rosters'
  if (ORGANIZATION.includes(kind)) return section.section === 'organization'
  if (kind === 'request' || kind === 'withdrawal') return section.section === 'requests'
  return payload.request === undefined ? section.section === 'others' : section.case === payload.request
}

/** What a refusal of the door does to the verdict (verify.md §3). @param newer - whether the head's rules are newer. */
export function judgeRefusals({ header, entries }, { passed, refusals, findings }, newer) {
  const isFounding = ({ kind, payload }) => kind === 'roster' && payload.predecessor === null
  const first = passed.find((one) => one.payload.device === header.device && !isFounding(one))
  const joined = first?.entry ?? (entries.at(-1)?.at ?? 0) + 1
  for (const { entry, code } of refusals) {
    if (code === 'wrong-organization' && entry < joined) findings.add('attention', 'other-organization', at(entry))
    else if (code === 'unknown-kind' || (newer && code === 'schema')) findings.incomplete(code, at(entry))
    else findings.refuted(code, at(entry))
  }
  return findings
}
