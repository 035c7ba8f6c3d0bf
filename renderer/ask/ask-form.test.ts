import { describe, expect, it } from 'vitest'
import { contract } from '../../shared/ipc.ts'
import { digestId } from '../testing/people.ts'
import { plan } from '../testing/snapshots.ts'
import { type AskForm, chosen, emergenciesOf, requestOf, sentence, wrongs } from './ask-form.ts'

const EMPTY: AskForm = { emergency: '', plan: '', what: '', reference: '', seconds: 1800, drill: false }

describe('asking', () => {
  it('offers the emergencies of those plans alone under which this person may ask', () => {
    const other = plan('raj', { id: digestId('other'), emergencies: ['ransomware'], mayAsk: false })
    expect(emergenciesOf([plan('raj'), other]).map(({ emergency }) => emergency)).toEqual(['identity-provider-down'])
  })

  it('lets the emergency pick the plan, and a duration that the plan offers', () => {
    const [emergency] = emergenciesOf([plan('raj', { durations: [900, 3600] })])
    if (emergency === undefined) throw new Error('expected one emergency')
    expect(chosen(EMPTY, emergency, null)).toMatchObject({ plan: digestId('plan prod-root'), seconds: 900 })
  })

  it('sends text in the form that statements want', () => {
    const form = {
      ...EMPTY,
      plan: digestId('p'),
      emergency: 'x',
      what: '  Cafe\u0301 is down\r\n\tnow ',
      reference: ' INC-1 ',
    }
    const request = requestOf(form)
    expect(request).toMatchObject({ what: 'Café is down\n  now', reference: 'INC-1', purpose: 'access' })
    expect(contract.cases.request.request.safeParse(request).success).toBe(true)
  })

  it('names characters that would be refused before anything is sent', () => {
    expect(wrongs({ ...EMPTY, what: 'down\u202e' }).what).toContain('do not show')
    expect(wrongs(EMPTY).what).toBe('This is needed.')
  })

  it('says live what will be asked, and that a drill is one', () => {
    const [emergency] = emergenciesOf([plan('raj')])
    const form = { ...EMPTY, what: 'Okta is down.', drill: true }
    expect(sentence(form, emergency, emergency?.plans[0], 'Raj Patel')).toBe(
      'Raj Patel asks for a drill of 30 min of prod-root, because: Identity provider down: Okta is down. 3 of 5 custodians, at least 1 from security must approve.',
    )
  })
})
