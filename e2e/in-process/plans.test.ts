import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlanForm } from '../../shared/ipc-values.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { approves, asks, caseOf, isDone } from './people.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { agree, type LocalParty, planForm } from './world.ts'

// Ana asks; Raj and Leo are of the group security; Mia's device issues first, Leo's next. Any two others approve.

const COMPROMISE = 'suspected-compromise'

let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty
let stories = 0

beforeAll(async () => {
  four = await newFour()
  ;[ana, raj, mia, leo] = four.parties
}, 120_000)
afterAll(() => four.world.close())

const planOf = ({ plans }: Snapshot, id: string) => plans.find((one) => one.id === id)
const says = (now: Snapshot, id: string) => planOf(now, id)?.checks.map((check) => check.says) ?? []
const accept = (party: LocalParty, plan: string) => party.sign(party.call.endorse.draft({ of: plan, compared: false }))

/** The form of a plan like the one there is, from another template and over the same credential. */
async function formOf(emergency: string, changes: Partial<PlanForm>): Promise<PlanForm> {
  const form = await planForm(ana, four.sandbox, 2)
  const template = (await ana.call.plans.templates()).find((one) => one.emergency === emergency)
  const first = planOf(await ana.snapshot(), four.plan)
  if (template === undefined || first === undefined) throw new Error('expected the template and the plan')
  const { name, runbook, sessionPolicy, durations, groups, veto } = template
  return {
    ...form,
    name,
    runbook,
    durations,
    emergencies: [emergency],
    access: { ...form.access, sessionPolicy },
    quorum: { count: 2, groups, veto },
    credential: first.credential,
    ...changes,
  }
}

/** Ana asks under a plan, and everybody has heard it. */
async function ask(plan: string, emergency?: string): Promise<{ id: string; reference: string }> {
  const reference = `INC-${++stories}`
  await asks({ plan, reference, ...(emergency === undefined ? {} : { emergency }) })(ana, await ana.snapshot())
  await Promise.all(four.parties.map((party) => party.until('the request', (now) => caseOf(now, reference))))
  return { id: caseOf(await ana.snapshot(), reference)?.id ?? '', reference }
}

const shown = (party: LocalParty, reference: string, what: string, look: (one: CaseView) => boolean) =>
  party.until(what, (now) => {
    const one = caseOf(now, reference)
    return one !== undefined && look(one) ? one : undefined
  })

/** These people approve, and Ana has and ends a session. @returns the case then. */
async function throughTo(reference: string, approvers: readonly LocalParty[]): Promise<CaseView> {
  for (const party of approvers) await approves(reference)(party, await party.snapshot())
  const granted = await shown(ana, reference, 'the session', ({ grant }) => grant !== null)
  await ana.until('the session here', ({ sessions }) => sessions.some(({ here }) => here))
  await isDone(ana, await ana.snapshot())
  await ana.until('its end', ({ sessions }) => !sessions.some(({ here }) => here))
  return granted
}

describe('a second plan over the same credential', () => {
  let plan = ''

  test('needs no deposit of its own: the key that is held serves both, once its custodians accepted the plan', async () => {
    plan = await agree(four.parties, await formOf(COMPROMISE, {}))
    const waiting = 'Not accepted yet by Leo: their apps release nothing under this version.'
    const now = await leo.until('all others’ acceptance', (seen) =>
      says(seen, plan).includes(waiting) ? seen : undefined,
    )
    const [key] = now.generations
    expect(now.generations).toHaveLength(1)
    expect([planOf(now, plan)?.key, planOf(now, four.plan)?.key]).toEqual([key?.id, key?.id])
    expect(says(now, plan)).toContain('One denial from Raj or Leo (security) stops a request.')
    expect(says(now, plan)).toContain('Key 1 of prod-root serves this plan, deposited under “Identity provider down”.')
    expect(planOf(now, plan)?.mustAccept).toBe(true)
    await accept(leo, plan)
    for (const party of four.parties)
      await party.until('nothing to look at', (later) =>
        planOf(later, plan)?.checks.every(({ level }) => level === 'good'),
      )
  })

  test('is asked for by its own emergency, and gives a session with its own session policy by the same key', async () => {
    const { reference } = await ask(plan, COMPROMISE)
    const { grant, emergency } = await throughTo(reference, [raj, mia])
    const { generations } = await ana.snapshot()
    expect(emergency).toBe('Suspected compromise')
    expect(generations.map(({ id }) => id)).toEqual([grant?.deposit])
    expect(planOf(await ana.snapshot(), plan)?.key).toBe(grant?.deposit)
  })

  test('stops at one denial from the group with the veto, whoever approved; the first plan does not', async () => {
    const { id, reference } = await ask(plan, COMPROMISE)
    await approves(reference)(mia, await mia.snapshot())
    const seats = await shown(leo, reference, 'the request', ({ mine }) => mine.mayDecide)
    expect(seats.mine.veto).toEqual(['security'])
    expect(seats.seats.filter(({ veto }) => veto).map(({ person }) => person.name)).toEqual(['Raj', 'Leo'])
    await leo.sign(leo.call.cases.decide({ request: id, verdict: 'deny', reason: 'I do not know this voice.' }))
    for (const party of four.parties) {
      const stopped = await shown(party, reference, 'the veto', ({ state }) => state === 'blocked')
      expect(stopped.next).toContain('Leo denied, and the plan gives security a veto')
    }
    await expect(raj.call.cases.decide({ request: id, verdict: 'approve', reason: '' })).rejects.toThrow(
      'This case takes no more decisions',
    )

    const other = await ask(four.plan)
    await leo.sign(leo.call.cases.decide({ request: other.id, verdict: 'deny', reason: 'I still do not.' }))
    expect((await throughTo(other.reference, [raj, mia])).grant).not.toBeNull()
  })
})

test('a session that was approved by more than hand over shares stands on all approvals, also where a group’s share comes late', async () => {
  // Raj and Leo are enough in number; that somebody of the platform agrees is Mia's to say, whose app is then locked.
  const form = await formOf('identity-provider-configuration-broken', {
    quorum: { count: 2, groups: [{ group: 'platform', count: 1 }], veto: [] },
    whyTight: 'Mia alone is of the platform when Ana asks.',
  })
  const plan = await agree(four.parties, { ...form, issuers: form.issuers.slice(1) })
  for (const party of [raj, mia, leo])
    await party.until('the plan', (now) => planOf(now, plan)?.state === 'effective' || undefined)
  await accept(leo, plan)
  const { reference } = await ask(plan, 'identity-provider-configuration-broken')
  await approves(reference)(raj, await raj.snapshot())
  await approves(reference)(leo, await leo.snapshot())
  await shown(mia, reference, 'both approvals', ({ quorum }) => quorum?.have === 2)
  await approves(reference)(mia, await mia.snapshot())
  await mia.call.vault.lock()
  const granted = await shown(ana, reference, 'the session', ({ grant }) => grant !== null)
  expect([granted.quorum?.met, granted.refused]).toEqual([true, 0])
  await ana.until('the session here', ({ sessions }) => sessions.some(({ here }) => here))
  await isDone(ana, await ana.snapshot())
  await ana.until('its end', ({ sessions }) => !sessions.some(({ here }) => here))
  await mia.unlock()
})

describe('a plan that is changed', () => {
  let next = ''

  test('takes the place of the version before; what was open under that cannot be answered any more, and says so', async () => {
    const open = await ask(four.plan)
    await approves(open.reference)(raj, await raj.snapshot())
    const form = await formOf('identity-provider-down', { replaces: four.plan, name: 'Sign-in lost', durations: [900] })
    next = await agree(four.parties, form)
    for (const party of four.parties) {
      const now = await party.snapshot()
      expect([planOf(now, four.plan)?.state, planOf(now, next)?.state]).toEqual(['replaced', 'effective'])
      const { state, next: says } = await shown(party, open.reference, 'its end', (one) => one.state === 'impossible')
      expect([state, says]).toEqual([
        'impossible',
        'A newer version of its plan took its place. What is still needed has to be asked for anew, under that.',
      ])
    }
    await expect(mia.call.cases.decide({ request: open.id, verdict: 'approve', reason: '' })).rejects.toThrow(
      'This case takes no more decisions',
    )
    await expect(ask(four.plan)).rejects.toThrow('This plan is not in effect')
  })

  test('is accepted anew, and only then does a custodian’s app release under it; the key stays the same', async () => {
    const { id, reference } = await ask(next)
    await approves(reference)(leo, await leo.snapshot())
    await approves(reference)(mia, await mia.snapshot())
    const waiting = await shown(ana, reference, 'one share', ({ attempt }) => attempt?.released === 1)
    expect(waiting.seats.find(({ state }) => state === 'released')?.person.name).toBe('Mia')
    expect(waiting.next).toContain('Leo approved and has not accepted this version of the plan')
    const own = await leo.snapshot()
    expect(planOf(own, next)?.mustAccept).toBe(true)
    expect(caseOf(own, reference)?.mine.withheld).toMatchObject({ why: 'plan-not-accepted', of: next })
    await accept(leo, next)
    const granted = await shown(ana, reference, 'the session', ({ grant }) => grant !== null)
    expect(granted.id).toBe(id)
    const { generations } = await ana.snapshot()
    expect(generations.map((one) => one.id)).toEqual([granted.grant?.deposit])
    await ana.until('the session here', ({ sessions }) => sessions.some(({ here }) => here))
    await isDone(ana, await ana.snapshot())
  })

  test('that could not be met at 3 a.m. is not even drafted, and the refusal names whose absence would block it', async () => {
    const form = await formOf('identity-provider-down', { replaces: next })
    await expect(ana.call.plans.draft({ ...form, quorum: { ...form.quorum, count: 3 } })).rejects.toThrow(
      'This plan could not take effect: When Ana asks and Raj, Mia or Leo is away, only 2 are left',
    )
  })
})

test('a plan of which a custodian leaves says who, and can no longer be asked under', async () => {
  const { people, plans } = await ana.snapshot()
  const keep = people
    .filter(({ name }) => name !== 'Leo')
    .map(({ member, roles, groups }) => ({ member, roles, groups }))
  await ana.sign(ana.call.people.change({ keep, add: [] }))
  const draft = await ana.until('the draft', ({ drafts }) => drafts[0])
  expect(draft.plans).toHaveLength(3)
  for (const warns of draft.plans) expect(warns).toContain('any more: Leo, a custodian, is not a member any more.')
  for (const party of [ana, raj]) {
    await party.until('the draft', ({ drafts }) => drafts.some(({ id }) => id === draft.id))
    await party.sign(party.call.endorse.draft({ of: draft.id, compared: true }))
  }
  const broken = await ana.until('the plans', (now) => {
    const all = now.plans.filter(({ state }) => state === 'impossible')
    return all.length >= 3 ? all : undefined
  })
  expect(plans.filter(({ state }) => state === 'effective')).toHaveLength(3)
  for (const plan of broken) {
    expect(plan.checks).toContainEqual({ level: 'wrong', says: 'Leo, a custodian, is not a member any more.' })
    expect(plan.mayAsk).toBe(false)
  }
})
