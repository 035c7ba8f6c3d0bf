import { isTooMuch, tooManyKeys } from './bounds.mjs'
import { decompress, readBundle } from './bundle.mjs'
import { Refused } from './bytes.mjs'
import { casesFrom } from './cases.mjs'
import { drillOf, openedOf } from './drills.mjs'
import { judgeRefusals, throughTheDoor } from './entries.mjs'
import { at, Findings } from './findings.mjs'
import { rootsOf } from './ledger.mjs'
import { checkChains, checkEquivocations, checkLedger, checkOwnWords, checkPruned } from './ledger-check.mjs'
import { generationsOf, keyStates } from './obligations.mjs'
import { checkpointKeys, kinOf, organizationFrom, Statements } from './organization.mjs'
import { planStates } from './plans.mjs'

// verify.md §2 to §4. Left out: findings of the result `attention`, which change no verdict.

/** Facts and verdict of a bundle's bytes. */
export function verifyBundle(file) {
  try {
    return verifyRead(readBundle(decompress(file)))
  } catch (error) {
    if (error instanceof Refused)
      return { verdict: 'unreadable', first: { code: error.code, entries: null, device: null } }
    throw error
  }
}

function verifyRead(bundle) {
  const { header, entries } = bundle
  const roots = rootsOf(entries)
  const door = throughTheDoor(bundle)
  const statements = new Statements(door.passed)
  const findings = new Findings()
  const { org, vouched } = organizationOf(statements, header, findings)
  const keys = checkpointKeys(vouched)
  const drafted = checkpointKeys(org === null ? lineOf(statements, header.pin) : [])
  if (tooManyKeys(keys) || tooManyKeys(drafted)) findings.incomplete('too-much')
  const few = (those) => (tooManyKeys(those) ? new Map() : those)
  const kin = kinOf(vouched, header.device)
  const ledger = checkLedger(bundle, roots, few(keys), kin)
  if (org === null) ledger.findings.append(checkLedger(bundle, roots, few(drafted), kin).findings.thatRefute())
  const known = new Set(org === null ? [] : keys.keys())
  const planState = org === null ? new Map() : planStates(statements, org.head.payload)
  const generations = org === null ? [] : generationsOf(statements, org.history, org.head)
  const states = keyStates(generations)
  const cases = org === null ? [] : casesFrom(statements, org, planState, generations, header.exportedAt)
  const openings = cases.map(({ opening }) => opening).filter((one) => one !== null)
  const drill = (plan, state) => org && drillOf(statements, org, generations, plan, state, openings, header.exportedAt)
  findings.append(ledger.findings)
  findings.append(checkEquivocations(bundle, door.passed))
  findings.append(judgeRefusals(bundle, door, org?.head.payload.protocol > 1))
  findings.append(checkOwnWords(bundle, door.passed, roots))
  findings.append(checkPruned(bundle, door.passed))
  findings.append(checkChains(bundle, door.passed, known))
  const alone = statements.ofKind('grant').filter(({ payload }) => !statements.get(payload.request, 'request'))
  const incomplete = [...cases.flatMap((one) => one.incomplete), ...(org === null ? [] : alone)]
  for (const { entry } of incomplete) findings.incomplete('basis-missing', at(entry))
  const of = header.scope.case
  if (org !== null && of !== undefined && !statements.get(of, 'request')) findings.incomplete('case-missing')
  return {
    ...findings.verdict(),
    organization: header.organization,
    device: header.device,
    entries: entries.length,
    statements: door.passed.map(describe),
    rosters: org?.history.map(({ id }) => id) ?? [],
    head: org?.head.id ?? null,
    plans: statements.ofKind('plan').map((plan) => {
      const state = planState.get(plan.id) ?? null
      return { id: plan.id, state, drill: drill(plan, state) }
    }),
    credentials: org === null ? [] : openedOf(statements, openings).map((one) => ({ ...one, ...states.get(one.id) })),
    cases: cases.map(({ facts }) => facts),
    ledger: { size: header.size, root: roots.at(-1), covered: ledger.covered, cosigners: ledger.cosigners },
    notVerified: ['boxes', 'attempts, and releases outside a basis', 'findings for people'],
  }
}

/** verify.md §2 steps 3 and 4, and of step 6 whose checkpoint keys count: `{org, vouched}`, rosters both. */
function organizationOf(statements, { organization, pin }, findings) {
  if (isTooMuch(statements.all)) {
    findings.incomplete('too-much')
    return { org: null, vouched: [] }
  }
  const org = organizationFrom(statements, organization, pin)
  if (org.code !== undefined) {
    findings.add(
      org.code === 'pin-not-endorsed' ? 'incomplete' : 'refuted',
      org.code,
      org.roster && at(org.roster.entry),
    )
    return { org: null, vouched: org.vouched ?? [] }
  }
  for (const children of org.splits) findings.incomplete('split', at(Math.max(...children.map(({ entry }) => entry))))
  if (org.head.payload.protocol > 1) findings.incomplete('protocol-unsupported', at(org.head.entry))
  return { org, vouched: org.history }
}

/** The rosters from a pin back, as far as they are here. */
function lineOf(statements, pin) {
  const line = []
  for (let roster = statements.get(pin, 'roster'); roster !== undefined; ) {
    line.push(roster)
    roster = statements.get(roster.payload.predecessor, 'roster')
  }
  return line
}

const describe = ({ entry, id, kind, payload, signatures }) => ({
  entry,
  id,
  kind,
  member: payload.member,
  device: payload.device,
  hardwareKey: signatures[1]?.keyid ?? null,
})
