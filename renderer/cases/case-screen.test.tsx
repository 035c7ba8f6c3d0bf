import { describe, expect, it } from 'vitest'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { Route } from '../store/view-store.ts'
import { askedCase, grantedCase, MAY_DECIDE } from '../testing/cases.ts'
import { fill, freshPages, open, part, press, tick } from '../testing/page.tsx'
import { digestId, ref, type Who } from '../testing/people.ts'
import { changedPlan, secondPlan } from '../testing/plans.ts'
import { memberSnapshot, plan } from '../testing/snapshots.ts'
import { endedCase } from '../testing/stories-cases.ts'

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

it('tells beside a seat what of that person’s words does not count', async () => {
  const one = grantedCase(Date.now())
  const aside = 'Also denied (the grant was made without it)'
  const late = { aside, asideReason: 'That was not Ana’s voice.' }
  const seats = one.seats.map((seat) => (seat.person.name === 'Raj Patel' ? { ...seat, ...late } : seat))
  await screen('kim', { screen: 'case', id: digestId('case ana') }, { cases: [{ ...one, seats }] })
  const said = [...document.querySelectorAll('[aria-label=Approvers] li')].map(({ textContent }) => textContent ?? '')
  const raj = said.filter((text) => text.includes(aside))
  expect(raj).toEqual([expect.stringMatching(/Share released.*“That was not Ana’s voice\.”/)])
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

it('lets a custodian deny while a device is at it, and says when that counts', async () => {
  const route: Route = { screen: 'case', id: digestId('case ana') }
  const mine = { ...MAY_DECIDE, mayDecide: false, whyNot: 'A device is already on it.' }
  await screen('omar', route, { cases: [askedCase(Date.now(), { state: 'issuing', mine })] })
  const buttons = () => [...document.querySelectorAll('button')].map(({ textContent }) => textContent ?? '')
  expect(buttons().some((text) => text.startsWith('Approve'))).toBe(false)
  await press('Deny…')
  expect(document.querySelector('[role=dialog]')?.textContent).toContain('counts only if it comes there before')
})

describe('a review', () => {
  const route: Route = { screen: 'case', id: digestId('case ana') }
  const over = (changes: Partial<CaseView> = {}) => {
    const { grant, mine, ...one } = grantedCase(Date.now())
    return {
      ...one,
      state: 'ended' as const,
      grant: grant && { ...grant, confirmed: true },
      mine: { ...mine, mayReview: true },
      ...changes,
    }
  }

  it('is offered to whoever took no part, and to nobody else, with who may and by when', async () => {
    await screen('kim', route, { cases: [over()] })
    expect(part('To be aware of')).toMatch(/Review the case.*Owed since .*due .*by Kim Sørensen/)
    expect(document.body.textContent).toContain('Review this case…')
    await screen('raj', route, {
      cases: [
        over({
          mine: {
            ...over().mine,
            mayReview: false,
            whyNoReview: 'You took part in this case; somebody else reviews it.',
          },
        }),
      ],
    })
    expect(document.body.textContent).not.toContain('Review this case…')
    expect(document.body.textContent).toContain('You took part in this case')
  })

  it('is sent whole: one answer for each question, and words where an answer raises one', async () => {
    const { calls } = await screen('kim', route, { cases: [over()] })
    const sent = () => calls.filter(({ channel }) => channel === 'cases.review').map(({ request }) => request)
    await press('Review this case…')
    await press('Review this case')
    expect(document.querySelectorAll('form .wrong')).toHaveLength(6)
    await tick('A real emergency')
    await tick('Yes', 'review-necessary')
    await tick('Yes', 'review-justified')
    await tick('It was longer than needed', 'review-duration')
    await tick('No', 'review-ordinary')
    await press('Review it as a real emergency')
    // No answer to the last question, and no word about the time.
    expect(document.querySelectorAll('form .wrong')).toHaveLength(2)
    await tick('No', 'review-suspicious')
    await press('Review it as a real emergency')
    expect([sent(), document.querySelectorAll('form .wrong').length]).toEqual([[], 1])
    await fill('How long access was really needed', ' Ten minutes. ')
    await press('Review it as a real emergency')
    const plain = (answer: string, text = '') => ({ answer, text })
    expect(sent()).toEqual([
      {
        request: digestId('case ana'),
        classification: 'real',
        necessary: plain('yes'),
        justified: plain('yes'),
        duration: plain('too-long', 'Ten minutes.'),
        ordinary: plain('no'),
        suspicious: plain('no'),
      },
    ])
    expect(document.querySelector('[role=dialog]')?.textContent).toContain('Review as a real emergency')
  })

  it('is red once it is overdue, and says so when nobody is left to write it', async () => {
    const overdue = {
      code: 'review',
      says: 'Review the case',
      since: Date.now() - 80 * 3_600_000,
      due: Date.now() - 3_600_000,
      by: [],
    }
    await screen('kim', { screen: 'now' }, { cases: [over({ obligations: [overdue] })] })
    expect(document.querySelector('h1')?.textContent).toBe('Something is overdue')
    expect(part('Still owed')).toMatch(/Overdue.*Nobody is left who took no part/)
  })
})

describe('a case whose people are not connected', () => {
  it('says who waits for what this device said, and how it goes there', async () => {
    const toCarry = 'Raj’s device is not connected. What this one said goes there as a code or a file.'
    const route = { screen: 'case', id: digestId('case ana') } as const
    await screen('ana', route, { cases: [askedCase(Date.now(), { toCarry })] })
    expect(document.querySelector('main')?.textContent).toContain(toCarry)
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

describe('what AWS recorded', () => {
  const route: Route = { screen: 'case', id: digestId('case ana') }
  const ended = (changes: Partial<CaseView>) => ({ cases: [endedCase(Date.now(), changes)] })
  const attached: NonNullable<CaseView['trail']>['attached'][number] = {
    id: digestId('evidence'),
    person: ref('raj'),
    at: Date.now(),
    tookPart: true,
    source: 'files of a trail',
    reach: 'eu-central-1',
    events: 4,
    calls: 3,
    refused: 1,
    grants: 1,
    seen: 1,
    unreached: 0,
    unasked: [],
    notCovered: 0,
    differs: [],
    more: 0,
  }

  it('is asked for where nobody attached it, on the case and to who reviews', async () => {
    await screen('kim', route, ended({ trail: { attached: [], isMissing: true } }))
    expect(part('What AWS recorded')).toContain('No evidence attached.')
    await press('Review this case…')
    expect(document.querySelector('form')?.textContent).toContain('No evidence attached.')
  })

  it('says who attached it, and no more than that it agrees as far as it reaches', async () => {
    await screen('kim', route, ended({ trail: { attached: [attached], isMissing: false } }))
    expect(part(`Evidence by ${ref('raj').name}`)).toContain('who took part in this case')
    expect(part(`Evidence by ${ref('raj').name}`)).toContain('as far as it reaches')
    expect(document.querySelector('[role=alert]')).toBeNull()
    await screen(
      'kim',
      route,
      ended({ trail: { attached: [{ ...attached, notCovered: 1, seen: 0 }], isMissing: false } }),
    )
    expect(part(`Evidence by ${ref('raj').name}`)).not.toContain('differs in nothing')
    expect(part(`Evidence by ${ref('raj').name}`)).toContain('It does not reach over one session')
    await screen('kim', route, ended({ trail: { attached: [{ ...attached, events: 0 }], isMissing: false } }))
    expect(part(`Evidence by ${ref('raj').name}`)).toContain('holds nothing about this case')
    expect(part(`Evidence by ${ref('raj').name}`)).not.toContain('differs in nothing')
  })

  it('breaks long names of calls between their words, and adds nothing to what is copied', async () => {
    await screen('kim', route, ended({ trail: { attached: [attached], isMissing: false } }))
    await press('Show every call')
    const named = (name: string) => {
      const cell = [...document.querySelectorAll('.calls td')].find(({ textContent }) => textContent?.includes(name))
      return [...(cell?.querySelectorAll('.exact') ?? [])].map(({ innerHTML }) => innerHTML.split('<wbr>').join('|'))
    }
    expect(named('GetCallerIdentity')).toEqual(['sts Get|Caller|Identity'])
    expect(named('AuthorizeSecurityGroupIngress')).toEqual([
      'ec2 Authorize|Security|Group|Ingress',
      'Client.|Unauthorized|Operation',
    ])
    expect(named('DescribeDBInstance')).toEqual(['rds Describe|DB|Instance|Automated|Backups'])
  })

  it('does not pass for agreeing where CloudTrail did not answer for all of it', async () => {
    const trail = { attached: [{ ...attached, unreached: 2 }], isMissing: true }
    await screen('kim', route, ended({ trail }))
    expect(part(`Evidence by ${ref('raj').name}`)).not.toContain('differs in nothing')
    expect(part(`Evidence by ${ref('raj').name}`)).toContain('does not reach over all of this case in 2 regions')
    await press('Review this case…')
    expect(document.querySelector('form')?.textContent).toContain(
      'it does not reach over all of this case in 2 regions',
    )
  })

  it('does not pass for agreeing where the key was used in an account that was not asked', async () => {
    const trail = { attached: [{ ...attached, unasked: ['210987654321'] }], isMissing: true }
    await screen('kim', route, ended({ trail }))
    expect(part(`Evidence by ${ref('raj').name}`)).not.toContain('differs in nothing')
    expect(part(`Evidence by ${ref('raj').name}`)).toContain('CloudTrail was not asked in account 210987654321')
    await press('Review this case…')
    expect(document.querySelector('form')?.textContent).toContain('on the way to the session in account 210987654321')
  })

  it('does not pass for agreeing where no grant says what AWS did', async () => {
    const trail = { attached: [{ ...attached, grants: 0, seen: 0 }], isMissing: false }
    await screen('kim', route, ended({ trail }))
    expect(part(`Evidence by ${ref('raj').name}`)).not.toContain('differs in nothing')
    await press('Review this case…')
    expect(document.querySelector('form')?.textContent).toContain('no grant is here to compare it with')
  })

  it('is asked for until it reaches over every session', async () => {
    await screen(
      'kim',
      route,
      ended({ trail: { attached: [{ ...attached, notCovered: 1, seen: 0 }], isMissing: true } }),
    )
    expect(part('What AWS recorded')).toContain('does not reach over all of this case')
    await press('Review this case…')
    expect(document.querySelector('form')?.textContent).toContain('does not reach over all of this case')
    expect(document.querySelector('form')?.textContent).toContain('it does not reach over a grant of this case')
  })

  it('is loud where it differs, and so it is to who reviews', async () => {
    const differs = [{ says: 'A call that nobody knows.', at: Date.now(), event: 'an-event' }]
    const trail = { attached: [{ ...attached, differs, more: 2 }], isMissing: false }
    await screen('kim', route, ended({ trail }))
    const alert = document.querySelector('[role=alert]')?.textContent ?? ''
    expect(alert).toContain('differs from this case in 3 points')
    expect(alert).toContain('A call that nobody knows.')
    expect(alert).toContain('2 more.')
    await press('Review this case…')
    expect(document.querySelector('form')?.textContent).toContain('it differs from this case in 3 points')
  })
})
