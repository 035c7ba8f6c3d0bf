import { describe, expect, it } from 'vitest'
import { NOBODY_DENIES } from '../../shared/views/aftercare-words.ts'
import type { Route } from '../store/view-store.ts'
import { endingCase, grantedCase, revokingCase } from '../testing/cases.ts'
import { fill, freshPages, open, part, press } from '../testing/page.tsx'
import { digestId } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'

freshPages()

const route: Route = { screen: 'case', id: digestId('case ana') }
const grant = digestId('grant')

describe('the end of somebody’s session', () => {
  it('is ordered by a custodian, with a reason, for the very grant that is shown', async () => {
    const one = grantedCase(Date.now())
    const cases = [{ ...one, mine: { ...one.mine, mayRevoke: [{ grant, deniable: true, confirmed: false }] } }]
    const { calls } = await open(memberSnapshot('raj', { cases }), route)
    await press('End this session now…')
    await fill('Reason', 'that is not Ana’s voice')
    await press(`End ${one.requester.name}’s session for ${one.credential} now`)
    expect(calls.find(({ channel }) => channel === 'cases.revoke')?.request).toEqual({
      request: one.id,
      grant,
      reason: 'that is not Ana’s voice',
    })
  })
  it('is not promised where nobody can have AWS deny it', async () => {
    const one = grantedCase(Date.now())
    const cases = [{ ...one, mine: { ...one.mine, mayRevoke: [{ grant, deniable: false, confirmed: false }] } }]
    await open(memberSnapshot('raj', { cases }), route)
    await press('End this session now…')
    const said = document.querySelector('[role=dialog]')?.textContent
    expect(said).toContain(NOBODY_DENIES)
    expect(said).not.toContain('AWS is told')
  })
  it('is no alarm any more once it is confirmed, and can still be ordered', async () => {
    const one = grantedCase(Date.now())
    const ended = { ...one, grant: one.grant && { ...one.grant, confirmed: true } }
    const cases = [{ ...ended, mine: { ...one.mine, mayRevoke: [{ grant, deniable: true, confirmed: true }] } }]
    const { calls } = await open(memberSnapshot('raj', { cases }), route)
    expect(document.body.textContent).not.toContain('End this session now…')
    await press('Have AWS deny this session all the same…')
    await press(`End ${one.requester.name}’s session for ${one.credential} now`)
    expect(calls.some(({ channel }) => channel === 'cases.revoke')).toBe(true)
  })
  it('is not offered to whoever may not order it', async () => {
    await open(memberSnapshot('raj', { cases: [grantedCase(Date.now())] }), route)
    expect(document.body.textContent).not.toContain('End this session now')
  })
  it('of a surplus session is ordered apart from the other', async () => {
    const one = grantedCase(Date.now())
    const cases = [
      {
        ...one,
        mine: {
          ...one.mine,
          mayRevoke: [grant, digestId('surplus')].map((each) => ({ grant: each, deniable: true, confirmed: false })),
        },
      },
    ]
    const { calls } = await open(memberSnapshot('raj', { cases }), route)
    await press('End the second session now…')
    await press(`End the second of ${one.requester.name}’s sessions for ${one.credential} now`)
    expect(calls.find(({ channel }) => channel === 'cases.revoke')?.request).toMatchObject({
      grant: digestId('surplus'),
    })
  })
  it('is said not to be confirmed, with when it dies by itself and what this device does', async () => {
    await open(memberSnapshot('raj', { cases: [revokingCase(Date.now())] }), route)
    const said = part('A session that is ending')
    expect(said).toContain('Ending: AWS does not deny it')
    expect(said).toMatch(/not yet confirmed\. It dies by itself at .*in 2[34] min/)
    expect(said).toContain('could not deny it at AWS so far')
  })
  it('is no alarm either of a surplus session that has ended, while the other lives', async () => {
    const one = grantedCase(Date.now())
    const mayRevoke = [
      { grant, deniable: true, confirmed: false },
      { grant: digestId('surplus'), deniable: true, confirmed: true },
    ]
    await open(memberSnapshot('raj', { cases: [{ ...one, mine: { ...one.mine, mayRevoke } }] }), route)
    expect(document.body.textContent).toContain('End this session now…')
    expect(document.body.textContent).not.toContain('End the second session now…')
    expect(document.body.textContent).toContain('Have AWS deny the second session all the same…')
  })
  it('is not said to lack the deny where somebody says that AWS has it, nor to have it', async () => {
    const one = endingCase(Date.now())
    const cases = [{ ...one, endings: one.endings.map((ending) => ({ ...ending, claimed: true })) }]
    await open(memberSnapshot('raj', { cases }), route)
    expect(part('A session that is ending')).toContain('Ending: not sure that AWS denies it')
  })
  it('is the first thing on Now, for everybody', async () => {
    await open(memberSnapshot('kim', { cases: [endingCase(Date.now())] }), { screen: 'now' })
    const [alert] = document.querySelectorAll('[role=alert]')
    expect(alert?.textContent).toMatch(/session for .* is ending, and may still be used.*dies by itself at/)
  })
})
