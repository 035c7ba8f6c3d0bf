import { describe, expect, it } from 'vitest'
import { askedWords } from './asked.ts'

const ASKED = {
  purpose: 'access',
  emergency: 'identity-provider-down',
  what: 'Nobody can sign in; payments are stuck',
  reference: 'INC-4711',
  seconds: 900,
} as const

describe('what a request asks for, in words', () => {
  it('has who, what, how long, why and the incident reference', () => {
    expect(askedWords(ASKED, 'prod-root', 'Ana Ruiz')).toBe(
      '15 min of prod-root for Ana Ruiz because of “Identity provider down” (incident INC-4711): Nobody can sign in; payments are stuck.',
    )
  })

  it('says that there is no incident reference, so that nobody looks for one', () => {
    expect(askedWords({ ...ASKED, reference: '' }, 'prod-root', 'Ana Ruiz')).toContain(
      '(without an incident reference)',
    )
  })

  it('says that a drill is one, and names nobody to the one who asks', () => {
    expect(askedWords({ ...ASKED, purpose: 'drill', what: 'Our yearly drill.' }, 'prod-root', null)).toBe(
      'a drill (its session may do nothing) of 15 min of prod-root because of “Identity provider down” (incident INC-4711): Our yearly drill.',
    )
  })

  it('says that a rotation gives nobody access, and what it gives', () => {
    expect(askedWords({ ...ASKED, purpose: 'rotation', what: 'It expired' }, 'prod-root', 'Ana Ruiz')).toBe(
      'a rotation of prod-root, asked by Ana Ruiz: what may replace its key, for the admins, and access for nobody (a session of 15 min that may do nothing and is handed to nobody), because of “Identity provider down” (incident INC-4711): It expired.',
    )
  })
})
