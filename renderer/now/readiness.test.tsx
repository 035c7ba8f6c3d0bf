import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../shared/views/views.ts'
import { freshPages, open, part } from '../testing/page.tsx'
import type { Who } from '../testing/people.ts'
import { barelyHeld } from '../testing/plans.ts'
import { generation, memberSnapshot, openedByDrill, plan } from '../testing/snapshots.ts'

freshPages()

const now = (me: Who, changes: Pick<Snapshot, 'plans' | 'generations'>) =>
  open(memberSnapshot(me, changes), { screen: 'now' })
const headline = () => document.querySelector('h1')?.textContent

describe('readiness', () => {
  it('is not green while no other device has opened the key', async () => {
    const shown = (opened: ReturnType<typeof openedByDrill> | null) =>
      now('kim', { plans: [plan('kim')], generations: [generation('kim', { opened })] })
    await shown(null)
    expect(part('Readiness')).toContain('Key 2 not yet opened in a drill')
    expect(part('Readiness')).not.toContain('Custody proved')
    await shown(openedByDrill())
    expect(part('Readiness')).toContain('Custody proved')
  })

  it('says of a key whose holders are just enough what Credentials says of it', async () => {
    const held = barelyHeld('kim')
    await now('kim', held)
    expect(part('Readiness')).toContain('Held by just enough')
    expect(part('Readiness')).toContain(
      'Just enough custodians hold key 2: with one more gone nobody gets access. Deposit a new key.',
    )
    expect(part('Readiness')).not.toContain('Custody proved by')
  })

  it('only counts who proved custody where some more may be gone', async () => {
    const [key] = barelyHeld('kim').generations
    await now('kim', { plans: [plan('kim')], generations: [generation('kim', { ...key, hasSpare: true })] })
    expect(part('Readiness')).toContain('Custody proved by 3 of 5')
    expect(part('Readiness')).not.toContain('ust enough')
  })

  it('says so as well while a drill is overdue', async () => {
    const { generations } = barelyHeld('kim')
    const drill = { last: openedByDrill(), due: Date.now() - 1000, why: [], state: 'overdue' as const }
    await now('kim', { plans: [plan('kim', { drill })], generations })
    expect(part('Readiness')).toContain('Drill overdue')
    expect(part('Readiness')).toContain('with one more gone nobody gets access')
  })

  it('does not tell an admin, who deposits the next, that nothing is needed', async () => {
    await now('raj', barelyHeld('raj'))
    expect(headline()).toBe('Just enough custodians hold a key')
    await now('kim', barelyHeld('kim'))
    expect(headline()).toBe('Nothing needs you now')
  })

  it('passes over a key that serves no plan', async () => {
    const { generations } = barelyHeld('raj')
    await now('raj', { plans: [plan('raj', { key: null })], generations })
    expect(headline()).toBe('Nothing needs you now')
    expect(part('Readiness')).not.toContain('ust enough')
  })
})
