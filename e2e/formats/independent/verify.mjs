import { readBundle } from './bundle.mjs'
import { Refused } from './bytes.mjs'
import { casesFrom } from './cases.mjs'
import { door } from './door.mjs'
import { rootsOf } from './ledger.mjs'
import { at, checkLedger, found } from './ledger-check.mjs'
import { checkpointKeys, organizationFrom, Statements, standsIn } from './organization.mjs'
import { planStates } from './plans.mjs'

// verify.md §2 to §4. Left out: findings of the result `attention`, which change no verdict, and the bounds of §6.

/** Facts and verdict of a bundle's bytes. */
export function verifyBundle(file) {
  let bundle
  try {
    bundle = readBundle(file)
  } catch (error) {
    if (error instanceof Refused) return { verdict: 'unreadable', first: error.code }
    throw error
  }
  const { header, entries } = bundle
  const { passed, rosters, findings } = throughTheDoor(bundle)
  const statements = new Statements(passed)
  const org = organizationFrom(statements, header.organization, header.pin)
  if (org.code !== undefined) findings.push(found(org.code === 'pin-not-endorsed' ? 'incomplete' : 'refuted', org.code))
  if (org.split) findings.push(found('incomplete', 'split'))
  if (org.head?.payload.protocol > 1) findings.push(found('incomplete', 'protocol-unsupported'))
  const inForce = org.history ?? lineOf(rosters, header.pin)
  const planState = org.head ? planStates(statements, org.head.payload) : new Map()
  const cases = org.head ? casesFrom(statements, org, planState, header.exportedAt) : []
  for (const { incomplete } of cases)
    for (const id of incomplete) findings.push(found('incomplete', 'basis-missing', at(statements.byId.get(id).entry)))
  const roots = rootsOf(entries)
  const ledger = checkLedger(bundle, roots, checkpointKeys(inForce))
  findings.push(...ledger.findings, ...ownWords(passed, header.device, roots))
  findings.push(...chains(passed, header.device, inForce), ...equivocations(bundle.evidence, passed, entries))
  return {
    ...verdictOf(findings),
    organization: header.organization,
    device: header.device,
    entries: entries.length,
    statements: passed.map(describe),
    rosters: org.history?.map(({ id }) => id) ?? [],
    head: org.head?.id ?? null,
    plans: statements.ofKind('plan').map(({ id }) => ({ id, state: planState.get(id) ?? null })),
    cases: cases.map(({ incomplete: _, ...facts }) => facts),
    ledger: { size: entries.length, root: roots.at(-1), covered: ledger.covered, cosigners: ledger.cosigners },
    notVerified: ['custody proofs', 'boxes', 'releases and attempts before a grant', 'findings for people'],
  }
}

const describe = ({ entry, id, kind, payload, signatures }) => ({
  entry,
  id,
  kind,
  member: payload.member,
  device: payload.device,
  hardwareKey: signatures[1]?.keyid ?? null,
})

/** verify.md §2 step 2. */
function throughTheDoor({ header, entries }) {
  const passed = new Map()
  const rosters = new Map()
  const waiting = new Map()
  const refusals = []
  const findings = []
  const take = (entry) => {
    try {
      const { waitsFor, ...statement } = door(entries[entry], header.organization, rosterPayloads(rosters))
      if (waitsFor !== undefined) waiting.set(entry, waitsFor)
      else if (passed.has(statement.id)) repeat(passed.get(statement.id), statement, entry, findings)
      else accept({ ...statement, entry })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refusals.push({ entry, code: error.code })
    }
  }
  const accept = (statement) => {
    passed.set(statement.id, statement)
    if (statement.kind !== 'roster') return
    rosters.set(statement.id, statement)
    const ready = [...waiting].filter(([, roster]) => roster === statement.id)
    for (const [entry] of ready) waiting.delete(entry)
    for (const [entry] of ready) take(entry)
  }
  for (const entry of entries.keys()) take(entry)
  for (const entry of waiting.keys()) findings.push(found('incomplete', 'roster-missing', at(entry)))
  const all = [...passed.values()].sort((one, other) => one.entry - other.entry)
  const joined = all.find((one) => one.payload.device === header.device && !isFounding(one))?.entry ?? entries.length
  for (const { entry, code } of refusals) findings.push(found(resultOf(code, entry < joined), code, at(entry)))
  return { passed: all, rosters, findings }
}

const rosterPayloads = (rosters) => ({ get: (id) => rosters.get(id)?.payload })
const isFounding = ({ kind, payload }) => kind === 'roster' && payload.predecessor === null

function resultOf(code, beforeJoining) {
  if (code === 'wrong-organization' && beforeJoining) return 'attention'
  return code === 'unknown-kind' ? 'incomplete' : 'refuted'
}

function repeat(first, again, entry, findings) {
  const same = first.signatures[1]?.keyid === again.signatures[1]?.keyid
  if (same) findings.push(found('refuted', 'entry-twice', at(entry)))
}

/** The rosters from a pin back, as far as they are here. */
function lineOf(rosters, pin) {
  const line = []
  for (let roster = rosters.get(pin); roster !== undefined; roster = rosters.get(roster.payload.predecessor))
    line.push(roster)
  return line
}

/** verify.md §2 step 7. */
function ownWords(passed, device, roots) {
  let fitted = 0
  for (const { entry, payload } of passed) {
    if (payload.device !== device) continue
    const { size, root } = payload.ledger
    if (size > entry || roots[size] !== root) return [found('refuted', 'own-head', { from: fitted, to: entry + 1 })]
    fitted = size
  }
  return []
}

/** verify.md §2 step 8. */
function chains(passed, exporter, inForce) {
  const findings = []
  const devices = Map.groupBy?.(passed, ({ payload }) => payload.device) ?? groupByDevice(passed)
  for (const [device, statements] of devices) {
    const known = statements.some((one) => inForce.some(({ payload }) => standsIn(one, payload)))
    const result = device === exporter ? 'refuted' : known ? 'incomplete' : 'attention'
    const bySequence = statements.toSorted(
      (one, other) => one.payload.sequence - other.payload.sequence || one.entry - other.entry,
    )
    let before = null
    for (const one of bySequence) {
      const { sequence, previous } = one.payload
      const expected = before === null ? 0 : before.payload.sequence + 1
      if (sequence > expected)
        findings.push(found(known ? 'incomplete' : 'attention', 'chain-gap', at(one.entry), device))
      else if (sequence < expected || previous !== (before?.id ?? null))
        findings.push(found(result, 'chain-fork', at(one.entry), device))
      before = one
    }
  }
  return findings
}

function groupByDevice(passed) {
  const devices = new Map()
  for (const one of passed) devices.set(one.payload.device, [...(devices.get(one.payload.device) ?? []), one])
  return devices
}

/** verify.md §2 step 10. */
function equivocations(evidence, passed, entries) {
  return evidence
    .filter(({ about, entries: pair }) => about === 'equivocation' && Math.max(...pair) < entries.length)
    .filter(({ entries: pair }) => {
      const [one, other] = pair.map((entry) => passed.find((statement) => statement.entry === entry)?.payload)
      if (one === undefined || other === undefined) return false
      return one.device !== other.device || (one.sequence !== other.sequence && one.previous !== other.previous)
    })
    .map(() => found('refuted', 'bad-evidence'))
}

/** verify.md §4. */
function verdictOf(findings) {
  for (const [result, verdict] of [
    ['refuted', 'refuted'],
    ['incomplete', 'incomplete'],
  ]) {
    const [first] = findings.filter((one) => one.result === result).sort(byPlace)
    if (first !== undefined) return { verdict, first: { code: first.code, entries: first.entries, device: first.device } }
  }
  return { verdict: 'verified', first: null }
}

function byPlace({ entries: one }, { entries: other }) {
  if (one === null || other === null) return (one === null ? 1 : 0) - (other === null ? 1 : 0)
  return one.to - other.to || other.from - one.from
}
