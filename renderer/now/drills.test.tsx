import { describe, expect, it } from 'vitest'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { button, freshPages, open, part, press } from '../testing/page.tsx'
import type { Who } from '../testing/people.ts'
import { memberSnapshot, openedByDrill, plan } from '../testing/snapshots.ts'

freshPages()

const DAY = 24 * 60 * 60_000
const overdue: NonNullable<PlanView['drill']> = {
  last: openedByDrill(),
  due: Date.now() - DAY,
  why: [],
  state: 'overdue',
}
const now = (me: Who, drill: PlanView['drill']) =>
  open(memberSnapshot(me, { plans: [plan(me, { drill })] }), { screen: 'now' })

describe('a drill that is due', () => {
  it('is in Now, and leads to the form with the drill chosen', async () => {
    await now('ana', overdue)
    expect(document.body.textContent).toContain('A drill is overdue')
    expect(document.body.textContent).toContain('Drill overdue: was due')
    await press('Start a drill')
    expect(document.body.textContent).toContain('Ask for a drill')
    expect(document.querySelector<HTMLInputElement>('input[type=checkbox]')?.checked).toBe(true)
  })

  it('leaves asking in an emergency where it was', async () => {
    await now('ana', overdue)
    expect(button('Ask for emergency access')?.disabled).toBe(false)
  })

  it('is a reminder of its own while only something changed', async () => {
    const why = ['the key was dealt anew without an opening before']
    await now('ana', { ...overdue, due: Date.now() + DAY, why, state: 'due' })
    expect(document.body.textContent).toContain('A drill is due')
  })

  it('is no task of an approver, who still sees in readiness that it is overdue', async () => {
    await now('kim', overdue)
    expect(document.body.textContent).not.toContain('Start a drill')
    expect(part('Readiness')).toContain('Drill overdue')
  })
})
