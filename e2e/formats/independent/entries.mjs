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
  for (const entry of entries.keys()) run.take(entry)
  for (const entry of run.waiting.keys()) run.findings.incomplete('roster-missing', at(entry))
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
    this.entries = entries
  }

  take(first) {
    for (const open = [first]; open.length > 0; ) {
      const entry = open.shift()
      try {
        const { waitsFor, ...statement } = door(this.entries[entry], this.organization, this.#rosters)
        if (waitsFor !== undefined) this.waiting.set(entry, waitsFor)
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

/** What a refusal of the door does to the verdict (verify.md §3). @param newer - whether the head's rules are newer. */
export function judgeRefusals({ header, entries }, { passed, refusals, findings }, newer) {
  const isFounding = ({ kind, payload }) => kind === 'roster' && payload.predecessor === null
  const first = passed.find((one) => one.payload.device === header.device && !isFounding(one))
  const joined = first?.entry ?? entries.length
  for (const { entry, code } of refusals) {
    if (code === 'wrong-organization' && entry < joined) findings.add('attention', 'other-organization', at(entry))
    else if (code === 'unknown-kind' || (newer && code === 'schema')) findings.incomplete(code, at(entry))
    else findings.refuted(code, at(entry))
  }
  return findings
}
