import { describe, expect, it } from 'vitest'
import { IDENTITY_PROVIDER_DOWN } from '../../shared/org/templates/identity-provider-down.ts'
import { everybody, nameId } from '../testing/people.ts'
import { generation, plan } from '../testing/snapshots.ts'
import { liveKey, withCredential, withCustodian } from './credential-key.ts'
import { editChecks } from './edit-checks.ts'
import { fromPlan, fromTemplate } from './plan-model.ts'

const people = everybody('ana')

describe('a plan over a credential that has a key', () => {
  const key = generation('ana', {
    seats: [...generation('ana').seats].reverse().map((seat, at) => ({ ...seat, index: at + 1 })),
  })
  const order = ['omar', 'kim', 'ruth', 'raj', 'ana'].map(nameId)
  const credential = { id: nameId('prod-root'), name: 'prod-root' }
  const chosen = withCredential({ ...fromTemplate(IDENTITY_PROVIDER_DOWN, people), need: 2 }, credential, [key])
  const looks = (edit: typeof chosen, plans = [plan('ana')]) =>
    editChecks(edit, { people, plans, generations: [key] }).at(-1)

  it('takes over to whom it is dealt and how many it takes, so that nothing has to be deposited', () => {
    expect(chosen).toMatchObject({ credential: credential.id, credentialName: 'prod-root', need: 3 })
    expect(chosen.custodians).toEqual(order)
    expect(looks(chosen)).toEqual({
      level: 'good',
      says: 'Key 2 of prod-root serves it as it is: nothing has to be deposited for it.',
    })
  })

  it('keeps the order of the key when a custodian is unticked and ticked again', () => {
    const without = { ...chosen, custodians: withCustodian(chosen, nameId('kim'), false, people, [key]) }
    expect(without.custodians).not.toContain(nameId('kim'))
    expect(withCustodian(without, nameId('kim'), true, people, [key])).toEqual(order)
  })

  it('says which plan would be left without a key by other custodians, another order or another number', () => {
    const others = { ...chosen, custodians: chosen.custodians.slice(1) }
    expect(looks(others)?.says).toMatch(/^Key 2 of prod-root is dealt to Omar .*, who are not this plan’s custodians/)
    expect(looks(others)?.says).toMatch(/“Identity provider down” then has no key\.$/)
    expect(looks({ ...chosen, custodians: [...order].reverse() })?.says).toContain('in another order')
    expect(looks({ ...chosen, need: 2 })?.says).toContain('takes 3 shares, and this plan needs 2 approvals')
  })

  it('takes no key from the version that it replaces', () => {
    const next = { ...fromPlan(plan('ana'), people), custodians: chosen.custodians.slice(1) }
    expect(looks(next)).toMatchObject({
      level: 'attention',
      says: expect.not.stringContaining('then has no key') as string,
    })
  })

  it('uses the key that is held rather than a newer one that nobody accepted yet', () => {
    const newer = generation('ana', { generation: 3, state: 'dealt' })
    expect(liveKey([newer, key], credential.id)?.generation).toBe(2)
    expect(liveKey([newer], credential.id)?.generation).toBe(3)
    expect(liveKey([generation('ana', { state: 'retired' })], credential.id)).toBeUndefined()
  })
})
