import { act } from 'react'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../shared/views/views.ts'
import { go, keepCheck } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { button, freshPages, press, show } from '../testing/page.tsx'
import { digestId } from '../testing/people.ts'
import { generation, memberSnapshot, plan } from '../testing/snapshots.ts'

freshPages()

async function screen(changes: Partial<Snapshot>, who: 'ana' | 'kim' = 'ana') {
  const { app, main } = await appWith(memberSnapshot(who, changes))
  go(app.view, { screen: 'credentials' })
  await show(app)
  return { app, main }
}
const NOTHING = { plans: [], generations: [], cases: [] }

/** How each step stands, by its heading. */
const standings = () =>
  [...document.querySelectorAll('.steps > li')].map(
    (step) => `${step.querySelector('h3')?.textContent}: ${step.querySelector('.state')?.textContent}`,
  )
const isOpen = () => document.querySelector<HTMLDetailsElement>('details:has(.steps)')?.open
const primaries = () => [...document.querySelectorAll('.button.primary')].map(({ textContent }) => textContent)

describe('the way from nothing to a deposited credential', () => {
  it('leads an admin who has nothing, claims nothing that it cannot see, and asks for one thing', async () => {
    await screen(NOTHING)
    expect([isOpen(), standings(), primaries()]).toEqual([
      true,
      [
        'Set AWS up: Not seen from here: the check tells',
        'Make a plan: Not yet',
        'Check with AWS: Not since this app was unlocked',
        'Deposit the key: Not yet',
      ],
      ['Draft a plan'],
    ])
  })

  it('saves each template of each tool by a name that says which', async () => {
    const { main } = await screen(NOTHING)
    const saves = [...document.querySelectorAll<HTMLButtonElement>('.steps [role=group] button')]
    expect(saves.map((one) => one.getAttribute('aria-label'))).toEqual([
      'Account: save for CloudFormation',
      'Alarms: save for CloudFormation',
      'Guard-rail: save for CloudFormation',
      'Account: save for Terraform',
      'Alarms: save for Terraform',
      'Guard-rail: save for Terraform',
    ])
    for (const one of saves) {
      await act(async () => one.click())
      // While one is saved no other is begun.
      await expect.poll(() => saves.some((each) => each.hasAttribute('aria-disabled'))).toBe(false)
    }
    expect(main.calls.filter(({ channel }) => channel === 'app.save')).toHaveLength(6)
    const asked = main.calls.filter(({ channel }) => channel === 'plans.awsTemplate').map(({ request }) => request)
    const parts = ['account', 'alarms', 'organization']
    expect(asked).toEqual(['cloudformation', 'terraform'].flatMap((as) => parts.map((of) => ({ as, of }))))
  })

  it('goes on with the check and the deposit once a plan is in effect', async () => {
    const { app } = await screen({ plans: [plan('ana')], generations: [] })
    expect([isOpen(), standings().slice(1)]).toEqual([
      true,
      ['Make a plan: In effect', 'Check with AWS: Not since this app was unlocked', 'Deposit the key: Not yet'],
    ])
    await press('Check and deposit the key of prod-root')
    expect(app.view.getState().route).toEqual({ screen: 'deposit', plan: digestId('plan prod-root') })
  })

  it.each([
    ['right', 'Right, as far as the key can see', 'green'],
    ['wrong', 'Something is wrong', 'red'],
    ['unknown', 'Not all could be seen', 'amber'],
  ] as const)('says what a check came to, and when: %s', async (verdict, words, tone) => {
    const { app } = await screen({ plans: [plan('ana')], generations: [] })
    keepCheck(app.view, verdict, Date.now())
    await show(app)
    const [setUp, , check] = standings()
    expect([setUp, check]).toEqual([`Set AWS up: ${words}`, expect.stringContaining(`Check with AWS: ${words}, `)])
    expect(document.querySelectorAll(`.steps .state.${tone}`)).toHaveLength(tone === 'green' ? 3 : 2)
  })

  it.each<[string, Partial<Snapshot>, number, string]>([
    [
      'a draft waits for its endorsements',
      { plans: [plan('ana', { state: 'draft' })], generations: [] },
      1,
      'Waits for the admins',
    ],
    [
      'a key is dealt and not held',
      { generations: [generation('ana', { state: 'dealt', opened: null })] },
      3,
      'Waits for the custodians',
    ],
    ['a key has a problem', { generations: [generation('ana', { problems: ['a share is lost'] })] }, 3, 'Not yet'],
    ['the only key is retired', { generations: [generation('ana', { state: 'retired' })] }, 3, 'Not yet'],
  ])('is not over while %s', async (_what, changes, at, words) => {
    await screen({ plans: [plan('ana')], ...changes })
    expect([isOpen(), standings()[at]?.split(': ')[1]]).toEqual([true, words])
  })

  it('stays in reach once it was gone, out of the way', async () => {
    await screen({ plans: [plan('ana')], generations: [generation('ana')] })
    expect([isOpen(), standings()[3]]).toEqual([false, 'Deposit the key: Held by its custodians'])
    expect(document.querySelector('.steps .primary')).toBeNull()
  })

  it('is for admins', async () => {
    await screen(NOTHING, 'kim')
    expect([document.querySelector('.steps'), button('Draft a plan')]).toEqual([null, undefined])
  })
})
