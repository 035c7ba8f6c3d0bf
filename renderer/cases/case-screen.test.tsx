import { describe, expect, it } from 'vitest'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { Route } from '../store/view-store.ts'
import { askedCase, MAY_DECIDE } from '../testing/cases.ts'
import { freshPages, open, part, press, tick } from '../testing/page.tsx'
import { digestId, type Who } from '../testing/people.ts'
import { changedPlan, secondPlan } from '../testing/plans.ts'
import { memberSnapshot, plan } from '../testing/snapshots.ts'

freshPages()

const screen = (me: Who, route: Route, changes: Partial<Snapshot>) => open(memberSnapshot(me, changes), route)

describe('the runbook', () => {
  const [down, , , compromise] = PLAN_TEMPLATES

  it('is that of the plan that is picked, whole, when somebody asks', async () => {
    const plans = [plan('ana'), secondPlan('ana')]
    await screen('ana', { screen: 'ask', plan: null, drill: false }, { plans })
    expect(document.querySelector('.runbook')).toBeNull()
    for (const [name, text] of [
      [down?.name, down?.runbook],
      [compromise?.name, compromise?.runbook],
    ]) {
      await tick(name ?? '', 'emergency')
      const shown = document.querySelector('.runbook')?.textContent ?? ''
      for (const line of text?.split('\n') ?? []) expect(shown).toContain(line)
    }
  })

  it('is that of the version that was asked under, for who decides, though another took its place', async () => {
    const later = changedPlan('kim', { state: 'effective', runbook: 'Something else.' })
    await screen(
      'kim',
      { screen: 'case', id: digestId('case ana') },
      {
        plans: [plan('kim', { state: 'replaced' }), later],
        cases: [askedCase(Date.now(), { mine: MAY_DECIDE })],
      },
    )
    expect(part('Runbook')).toContain('Approvers: call the requester back on a number you had before tonight.')
    expect(part('Runbook')).not.toContain('Something else.')
  })
})

describe('a veto', () => {
  const route: Route = { screen: 'case', id: digestId('case ana') }
  const one = askedCase(Date.now())
  const seats = one.seats.map((seat) => ({ ...seat, veto: seat.groups.includes('security') }))

  it('stands at the seats of those who have it', async () => {
    await screen('raj', route, { cases: [{ ...one, seats }] })
    const said = [...document.querySelectorAll('[aria-label=Approvers] li')].map(({ textContent }) => textContent ?? '')
    expect(said.filter((text) => text.includes('can veto'))).toHaveLength(2)
    expect(said.filter((text) => text.includes('can veto')).every((text) => text.includes('security'))).toBe(true)
  })

  it('is told to who is about to deny, and to nobody who has none', async () => {
    await screen('kim', route, { cases: [{ ...one, seats, mine: { ...MAY_DECIDE, veto: ['security'] } }] })
    await press('Deny…')
    expect(document.querySelector('[role=dialog]')?.textContent).toContain(
      'The plan gives security a veto: your denial alone stops this request for everybody.',
    )
    await screen('omar', route, { cases: [{ ...one, seats, mine: MAY_DECIDE }] })
    await press('Deny…')
    expect(document.querySelector('[role=dialog]')?.textContent).toContain('Others may still approve')
  })
})

describe('the timeline', () => {
  it('says of each statement by which way it came to this device, and when; of its own nothing', async () => {
    const at = Date.UTC(2026, 10, 23, 14, 2, 7)
    const one = askedCase(Date.now())
    const [first] = one.timeline
    const came = {
      ...(first as NonNullable<typeof first>),
      id: digestId('came'),
      came: { how: 'by a code of Ana’s', at },
    }
    await screen(
      'raj',
      { screen: 'case', id: digestId('case ana') },
      { cases: [{ ...one, timeline: [...one.timeline, came] }] },
    )
    const said = [...document.querySelectorAll('.timeline li')].map(({ textContent }) => textContent ?? '')
    // The newest first.
    expect(said.map((text) => text.includes('Came '))).toEqual([true, ...one.timeline.map(() => false)])
    expect(said[0]).toMatch(/Came by a code of Ana’s, 23 Nov 2026 \d\d:02:07/)
  })
})
