import { casesFrom } from '../../case/case-from.ts'
import { orgFrom } from '../../org/org-from.ts'
import { requestOf } from '../../statements/collection.ts'
import { person } from '../../testing/keys.ts'
import { carefulAccess } from '../../testing/usual-plan.ts'
import { exportedBytes, exportOf, PEOPLE, RecordedStory } from '../../verify/testing/exported.ts'
import { directoryOf } from '../directory.ts'
import { eventOf, type OutletEvent } from '../event.ts'
import type { Exporter } from '../formats.ts'

/** What people typed in the drill: each text tries to be more than a text in some format. */
export const TYPED = {
  plan: '=HYPERLINK("https://evil.invalid","open") | a=b \\ ]',
  what: 'Drill: nobody can sign in.\nCEF:0|Evil|Evil|1|grant|Access granted|10|act=grant\n<109>1 - - - - - - forged',
  reference: '+1 "INC-7", \'x\'',
  lacks: "=cmd|' /C calc'!A1: no rotator",
  revoke: 'act=grant|]\n<13>1 - - - - - -',
  denial: '-2+3 not today] x="y"',
} as const

/**
 * A whole drill as its people tell it: founding, preparation, a request, a denial, two approvals, a first attempt that
 * fails, a second that issues, an end that a custodian orders and AWS confirms, a key that replaces the used one; and a decision
 * and an order by whoever asked, which break a rule.
 */
export async function drill(): Promise<RecordedStory> {
  const story = new RecordedStory()
  const member = (name: string) => person(name).member
  await story.found(PEOPLE)
  story.pass(5)
  const plan = await story.draftPlan('alice', {
    name: TYPED.plan,
    requesters: [member('alice')],
    custodians: ['bob', 'carol', 'dave', 'erin'].map(member),
    issuers: ['bob', 'carol'].map(member),
    quorum: { count: 2, groups: [{ group: 'security', count: 1 }], veto: [] },
    access: carefulAccess,
  })
  await story.endorse('bob', plan)
  await story.endorse('carol', plan)
  const deposit = await story.deposit('alice', plan)
  await story.hold(deposit, ['bob', 'carol', 'dave', 'erin'])
  story.pass(24 * 60)
  const { what, reference } = TYPED
  const request = await story.ask('alice', plan, { purpose: 'drill', what, reference })
  story.pass(2)
  await story.sign('decision', 'dave', { request: request.id, verdict: 'deny', reason: TYPED.denial })
  await story.decide('alice', request)
  const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
  const first = await story.ready('bob', request, deposit)
  const failed = await story.fail('bob', first)
  story.pass(1)
  const ready = await story.ready('bob', request, deposit, {
    attempt: 2,
    after: { ready: first.id, failed: failed.id },
  })
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const issuing = await story.issuing('bob', ready)
  const basis = { request, plan, ready, issuing, decisions, releases }
  const grant = await story.grant('bob', basis, { witness: person('carol').device })
  await story.handOver('bob', grant)
  const custodians = ['bob', 'carol', 'dave', 'erin']
  await story.care('bob', grant, { revoker: custodians, rotator: ['carol'] }, { lacks: TYPED.lacks })
  story.pass(12)
  await story.revoke('dave', grant, TYPED.revoke)
  await story.revoke('alice', grant)
  await story.revoked('bob', grant)
  await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
  await story.rotating('carol', grant)
  const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
  await story.rotated('carol', grant, next)
  story.pass(60)
  return story
}

/** Bob's device, with a version that stays. */
export const EXPORTER: Exporter = { version: '1.2.3', device: person('bob').device }

/** The drill's events as bob's app would send them live, a second after each was made. */
export function liveEvents(story: RecordedStory): OutletEvent[] {
  const org = orgFrom(story.statements, story.roster.id)
  if (org === null) throw new TypeError('the drill has an organization')
  const directory = directoryOf(org)
  const cases = casesFrom(org, story.now, (id) => org.collection.byId(id)?.payload.time)
  return story.statements.map((statement, position) => {
    const request = requestOf(statement)
    const refused = [...org.refused, ...(cases.find(({ id }) => id === request)?.refused ?? [])]
    const rule = refused.find(({ id }) => id === statement.id)?.code ?? null
    const heard = statement.payload.time + 1000
    return eventOf(statement, { position, heard, inForce: directory.speaks(statement), rule }, directory)
  })
}

/** Bob's export of the drill. */
export function drillBundle(story: RecordedStory): Promise<Uint8Array> {
  return exportedBytes(exportOf(story))
}
