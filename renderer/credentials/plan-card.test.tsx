import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../shared/views/views.ts'
import type { Route } from '../store/view-store.ts'
import { grantedCase } from '../testing/cases.ts'
import { button, freshPages, open, part, press } from '../testing/page.tsx'
import { digestId, ref, type Who } from '../testing/people.ts'
import { brokenPlan, changedPlan, secondPlan } from '../testing/plans.ts'
import { generation, memberSnapshot, openedByDrill, plan } from '../testing/snapshots.ts'

freshPages()

const NAME = 'Plan Identity provider down'

const credentials = (me: Who, changes: Partial<Snapshot>) =>
  open(memberSnapshot(me, changes), { screen: 'credentials' })

describe('a plan’s card', () => {
  it('shows what a new version changes above the button that endorses it', async () => {
    const main = await credentials('raj', { plans: [plan('raj', { state: 'replaced' }), changedPlan('raj')] })
    expect(part(NAME)).toContain('removed: Omar Haddad')
    expect(part(NAME)).toContain('added: one denial from security stops a request')
    expect(part(NAME).indexOf('What it changes')).toBeLessThan(part(NAME).indexOf('Endorse the plan'))
    await press('Endorse the plan Identity provider down')
    expect(main.calls.at(-1)?.request).toMatchObject({ of: digestId('plan prod-root 2') })
  })

  it('shows it to custodians too, who accept it with another touch', async () => {
    const mustAccept = changedPlan('kim', { state: 'effective', mustAccept: true })
    await credentials('kim', { plans: [plan('kim', { state: 'replaced' }), mustAccept] })
    expect(part(NAME)).toContain('removed: Omar Haddad')
    expect(button('Accept the plan Identity provider down')).toBeDefined()
  })

  it('says when the version before is not here, is of another plan, or stays beside it', async () => {
    await credentials('raj', { plans: [changedPlan('raj')] })
    expect(part(NAME)).toContain('The version that it replaces is not on this device.')
    const first = changedPlan('raj', { replaces: null })
    await credentials('raj', { plans: [plan('raj'), first] })
    expect(document.body.textContent).toContain(
      'Another version of this plan is in effect, and this one does not replace it.',
    )
    const other = secondPlan('raj', { replaces: digestId('plan prod-root'), state: 'draft' })
    await credentials('raj', { plans: [plan('raj'), other] })
    expect(document.body.textContent).toContain(
      'names “Identity provider down” as the version before, but is another plan.',
    )
  })

  it('says that nobody can ask under it once somebody left, and who', async () => {
    await credentials('raj', { plans: [brokenPlan('raj')] })
    expect(part(NAME)).toContain('Nobody can ask under this plan: it can no longer be met.')
    expect(part(NAME)).toContain('Omar Haddad, a custodian, is not a member any more.')
  })

  it('is gone once a version that follows it is in effect, whatever it was', async () => {
    const next = changedPlan('raj', { state: 'effective' })
    await credentials('raj', { plans: [brokenPlan('raj'), next] })
    expect(document.querySelectorAll(`[aria-label="${NAME}"]`)).toHaveLength(1)
    expect(document.body.textContent).not.toContain('can no longer be met')
    // Also when that one cannot be met either: one plan is one trouble.
    const broken = changedPlan('raj', { state: 'impossible', consent: plan('raj').consent })
    await credentials('raj', { plans: [brokenPlan('raj'), broken] })
    expect(document.querySelectorAll(`[aria-label="${NAME}"]`)).toHaveLength(1)
    // A draft hides nothing.
    await credentials('raj', { plans: [brokenPlan('raj'), changedPlan('raj')] })
    expect(document.querySelectorAll(`[aria-label="${NAME}"]`)).toHaveLength(2)
  })
})

describe('a key that several plans use', () => {
  const two = (me: Who) => ({ plans: [plan(me), secondPlan(me)] })

  it('names them, and says once it was used under any of them that it has to be replaced', async () => {
    await credentials('ana', { ...two('ana'), cases: [grantedCase(Date.now(), { state: 'ended' })] })
    expect(part('Key 2 of prod-root')).toContain('Serves “Identity provider down”, “Suspected compromise”.')
    expect(part('Key 2 of prod-root')).toContain('This key was used, so it has to be replaced.')
  })

  it('is not the one that was used before it, although that was of the same credential', async () => {
    const older = generation('ana', { id: digestId('deposit 1'), generation: 1, state: 'retired' })
    const used = grantedCase(Date.now(), { state: 'ended' })
    const grant = used.grant && { ...used.grant, deposit: older.id }
    await credentials('ana', { ...two('ana'), generations: [older, generation('ana')], cases: [{ ...used, grant }] })
    expect(part('Key 2 of prod-root')).toContain('not used in an emergency yet')
    expect(part('Key 2 of prod-root')).not.toContain('has to be replaced')
    expect(part('Key 1 of prod-root')).toContain('last used in an emergency')
  })

  it('when deposited serves those with the same custodians, and takes the key from others', async () => {
    const route: Route = { screen: 'deposit', plan: digestId('plan prod-root') }
    await open(memberSnapshot('ana', two('ana')), route)
    expect(document.body.textContent).toContain('One deposit is enough: this key serves “Suspected compromise” too.')
    await open(memberSnapshot('ana', { plans: [plan('ana'), secondPlan('ana', { need: 2 })] }), route)
    expect(document.body.textContent).toContain('This key cannot serve “Suspected compromise”.')
  })
})

describe('a key that is held', () => {
  const KEY = 'Key 2 of prod-root'
  const shown = async (changes: Parameters<typeof generation>[1]) => {
    await credentials('ana', { plans: [plan('ana')], generations: [generation('ana', changes)] })
    const state = document.querySelector(`[aria-label="${KEY}"] .state`)
    return { says: state?.textContent, tone: state?.className }
  }

  it.each([
    ['held', 'Held'],
    ['proven', 'Held and proven'],
  ] as const)('and %s is amber until another device than its dealer’s opened it', async (state, words) => {
    expect(await shown({ state, opened: null })).toEqual({
      says: `${words}, not yet opened in a drill`,
      tone: 'state amber',
    })
    expect(part(KEY)).toContain('No drill has opened it yet')
    expect(await shown({ state, opened: openedByDrill() })).toEqual({
      says: `${words}, and opened`,
      tone: 'state green',
    })
    expect(part(KEY)).toMatch(/Opened by a drill on .* ago, issued by Ruth Díaz\./)
  })

  it('is amber, whoever opened it, where none of its holders may be missing', async () => {
    const seen = await shown({ state: 'held', hasSpare: false, opened: openedByDrill() })
    expect(seen).toEqual({ says: 'Held by just enough', tone: 'state amber' })
  })

  it('stays amber when only the device that deposited it has opened it, and says so', async () => {
    const byDealer = { ...openedByDrill(), by: ref('raj') }
    expect((await shown({ opened: null, openedByDealer: byDealer })).tone).toBe('state amber')
    expect(part(KEY)).toContain('Only the device that deposited it has opened it')
  })
})

describe('the next drill', () => {
  const card = async (drill: ReturnType<typeof plan>['drill']) => {
    await credentials('ana', { plans: [plan('ana', { drill })] })
    return part(NAME)
  }
  const day = 24 * 60 * 60_000

  it('stands on the plan’s card with the last one', async () => {
    const says = await card({ last: openedByDrill(), due: Date.now() + 78 * day, why: [], state: 'well' })
    expect(says).toContain('Next drill due')
    expect(says).toMatch(/Last opened by a drill .* ago, issued by Ruth Díaz/)
  })

  it('that is due at once says why, and one that is overdue says since when', async () => {
    const why = ['this version of the plan was not used yet']
    const says = await card({ last: openedByDrill(), due: Date.now() + day, why, state: 'due' })
    expect(says).toContain('Drill due now')
    expect(says).toContain('Due at once: this version of the plan was not used yet.')
    const overdue = await card({ last: null, due: Date.now() - day, why: [], state: 'overdue' })
    expect(overdue).toContain('Drill overdue: was due')
    expect(overdue).toContain('No device but the one that deposited it has opened a key of it yet')
  })
})
