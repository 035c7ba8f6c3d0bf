import { describe, expect, it } from 'vitest'
import { approvalDraft } from '../testing/answers.ts'
import { appWith } from '../testing/app.ts'
import { askedCase, MAY_DECIDE } from '../testing/cases.ts'
import { digestId, ref } from '../testing/people.ts'
import { closedSnapshot, memberSnapshot } from '../testing/snapshots.ts'
import { go, toast } from './view-store.ts'

const asked = () => memberSnapshot('raj', { cases: [askedCase(0, { mine: MAY_DECIDE })] })

describe('the window fed by main', () => {
  it('shows the newest snapshot and drops one that comes late', async () => {
    const { app, main } = await appWith(memberSnapshot('raj'))
    const first = main.snapshot
    main.show({ cases: [askedCase(0)] })
    main.push({ number: first.number, now: first.now, since: first.number - 1, cases: { order: [], drawn: [] } })
    expect(app.shown.getState().snapshot?.cases).toHaveLength(1)
  })

  it('forgets where it was, what it said and what lay on the desk when the vault is locked', async () => {
    const { app, main } = await appWith(asked())
    go(app.view, { screen: 'case', id: digestId('case ana') })
    toast(app.view, 'You approved 30 min of prod-root.')
    void app.desk.review(approvalDraft, 'Approve', 'approve')
    const { number: _, ...locked } = closedSnapshot('locked')
    main.show(locked)
    expect(app.view.getState()).toMatchObject({ route: { screen: 'now' }, toasts: [], announced: { text: '' } })
    expect(app.desk.store.getState()).toEqual({ at: 'nothing' })
    expect(JSON.stringify(app.shown.getState().snapshot)).not.toContain('Okta')
  })

  it('announces a new request, and each new approval by name', async () => {
    const { app, main } = await appWith(memberSnapshot('raj'))
    main.show({ cases: [askedCase(0)] })
    expect(app.view.getState().announced.text).toContain('New request from Ana Costa for prod-root')
    const seats = askedCase(0).seats.map((seat) =>
      seat.person.name === ref('ruth').name ? { ...seat, state: 'approved' as const } : seat,
    )
    main.show({ cases: [askedCase(0, { seats })] })
    expect(app.view.getState().announced.text).toBe('Ruth Díaz approved the request for prod-root.')
  })

  it('announces what a case has come to, and not that another minute has passed', async () => {
    const headed = (headline: string) => ({ cases: [askedCase(0, { headline })] })
    const { app, main } = await appWith(
      memberSnapshot('raj', headed('Waiting for 2 more · asked less than a minute ago')),
    )
    for (const headline of ['Waiting for 2 more · asked 1 min ago', 'Waiting for 2 more · asked 2 h ago']) {
      main.show(headed(headline))
      expect(app.view.getState().announced.text).toBe('')
    }
    main.show(headed('Waiting for 1 more · asked 2 h ago'))
    expect(app.view.getState().announced.text).toBe('Waiting for 1 more · asked 2 h ago')
  })

  it('says nothing when nothing is new', async () => {
    const { app, main } = await appWith(asked())
    main.show({ log: { ...main.snapshot.log, entries: 215 } })
    expect(app.view.getState().announced.text).toBe('')
  })
})
