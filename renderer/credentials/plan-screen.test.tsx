import { describe, expect, it } from 'vitest'
import type { PlanForm } from '../../shared/ipc-values.ts'
import { IDENTITY_PROVIDER_DOWN } from '../../shared/org/templates/identity-provider-down.ts'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { askedCase } from '../testing/cases.ts'
import { field, fill, freshPages, open, part, press, tick } from '../testing/page.tsx'
import { digestId, nameId } from '../testing/people.ts'
import { secondPlan } from '../testing/plans.ts'
import { memberSnapshot, plan } from '../testing/snapshots.ts'

freshPages()

const CHECKS = 'At 3 a.m.'
const CUSTODIANS = 'Custodians: who holds a share and decides'

/** The form for a new plan, or for a new version of the plan of the stories. */
async function form(changes: Partial<Snapshot> = {}, replaces: string | null = null) {
  const main = await open(memberSnapshot('ana', changes), { screen: 'plan-form', replaces })
  return {
    drafted: () => main.calls.find(({ channel }) => channel === 'plans.draft')?.request as PlanForm | undefined,
  }
}

const fresh = { plans: [], generations: [] }

describe('the form of a new plan', () => {
  it('offers every template, and begins with its runbook, session policy, durations and who approves', async () => {
    const { drafted } = await form(fresh)
    for (const { name, says } of PLAN_TEMPLATES) {
      expect(document.body.textContent).toContain(name)
      expect(document.body.textContent).toContain(says)
    }
    await tick('Suspected compromise')
    await tick('Identity provider down', 'template')
    expect(field('Runbook').value).toBe(IDENTITY_PROVIDER_DOWN.runbook)
    expect(field('Session policy').value).toBe(IDENTITY_PROVIDER_DOWN.sessionPolicy)
    expect(document.body.textContent).toContain(IDENTITY_PROVIDER_DOWN.scope)
    expect(document.body.textContent).toContain(IDENTITY_PROVIDER_DOWN.requesters.says)
    await fill('Name of the credential', 'prod-root')
    await fill('AWS role', 'arn:aws:iam::123456789012:role/emergency')
    await press('Review and draft with my key')
    expect(drafted()).toMatchObject({
      replaces: null,
      emergencies: ['identity-provider-down'],
      runbook: IDENTITY_PROVIDER_DOWN.runbook,
      quorum: { count: 3, groups: [{ group: 'security', count: 1 }], veto: [] },
      durations: [900, 1800, 3600],
      access: { sessionPolicy: IDENTITY_PROVIDER_DOWN.sessionPolicy },
    })
  })

  it('says live and in words whether it can be met at 3 a.m., with names', async () => {
    await form(fresh)
    await tick('Identity provider down', 'template')
    expect(part(CHECKS)).toContain('Yes.')
    await fill('Approvals needed', '4')
    expect(part(CHECKS)).toContain('Not like this: 2 things have to be mended.')
    expect(part(CHECKS)).toContain(
      'When Ana Costa asks and Raj Patel, Ruth Díaz, Kim Sørensen or Omar Haddad is away, only 3 are left and 4 must approve.',
    )
    await fill('Why it is this tight', 'We are five.')
    expect(part(CHECKS)).toContain('Yes, with 2 things to look at.')
    await fill('Approvals needed', '3')
    await tick('Omar Haddad', 'Whose devices may issue')
    for (const name of ['Ana Costa', 'Raj Patel', 'Ruth Díaz']) await tick(name, 'Whose devices may issue')
    expect(part(CHECKS)).toContain('only Kim Sørensen’s device may issue; while it is off, nothing is issued.')
  })

  it('says of groups whether they can approve, and who could stop a request alone', async () => {
    const { drafted } = await form(fresh)
    await tick('Identity provider down', 'template')
    await tick('One denial from security stops a request')
    expect(part(CHECKS)).toContain('One denial from Ruth Díaz or Kim Sørensen (security) stops a request.')
    await fill('Approvals needed from security', '2')
    expect(part(CHECKS)).toContain('of the 2 needed from security only 1 is left.')
    await tick('Kim Sørensen', CUSTODIANS)
    expect(part(CHECKS)).toContain('At least 2 from security must approve, and only 1 custodian is in it.')
    await tick('Kim Sørensen', CUSTODIANS)
    await fill('Approvals needed from security', '1')
    await fill('Name of the credential', 'prod-root')
    await fill('AWS role', 'arn:aws:iam::123456789012:role/emergency')
    await press('Review and draft with my key')
    expect(drafted()?.quorum.veto).toEqual(['security'])
    expect(drafted()?.custodians).toEqual(['ana', 'raj', 'ruth', 'kim', 'omar'].map(nameId))
  })

  it('over a credential that has a key takes over to whom it is dealt, and says what other custodians would cost', async () => {
    await form({ plans: [plan('ana'), secondPlan('ana')] })
    await tick('Privileged access system down', 'template')
    await fill('Credential', nameId('prod-root'))
    expect(part(CHECKS)).toContain('Key 2 of prod-root serves it as it is: nothing has to be deposited for it.')
    await tick('Omar Haddad', CUSTODIANS)
    expect(part(CHECKS)).toContain('who are not this plan’s custodians: one has to be deposited under this plan.')
    expect(part(CHECKS)).toContain('“Identity provider down” then has no key. “Suspected compromise” then has no key.')
    await tick('Omar Haddad', CUSTODIANS)
    expect(part(CHECKS)).toContain('nothing has to be deposited for it.')
  })
})

describe('the form of a new version', () => {
  const CHANGES = 'What it changes'
  const id = digestId('plan prod-root')

  it('shows line by line what it changes, before anything is signed', async () => {
    const { drafted } = await form({}, id)
    expect(part(CHANGES)).toContain('Nothing yet: it says the same as the version before.')
    await tick('15 min', 'durations')
    await fill('Runbook', `${plan('ana').runbook}\nTell the board.`)
    await tick('One denial from security stops a request')
    expect(part(CHANGES)).toContain('removed: 15 min')
    expect(part(CHANGES)).toContain('added: Tell the board.')
    expect(part(CHANGES)).toContain('added: one denial from security stops a request')
    expect(part(CHANGES)).not.toContain('AWS role')
    await press('Review and draft with my key')
    expect(drafted()).toMatchObject({ replaces: id, durations: [1800, 3600], quorum: { veto: ['security'] } })
  })

  it('says which open requests it would cut off', async () => {
    await form({ cases: [askedCase(Date.now())] }, id)
    expect(part(CHANGES)).toContain('A request is open under the version before.')
    expect(part(CHANGES)).toContain('Let Ana Costa finish first, or ask anew afterwards.')
  })

  it('leaves out who is no longer there, and shows that as a change', async () => {
    const { people } = memberSnapshot('ana')
    await form({ people: people.filter(({ name }) => name !== 'Omar Haddad') }, id)
    expect(part(CHANGES)).toContain('removed: Omar Haddad')
    expect(part(CHECKS)).not.toContain('is not a member any more')
  })

  it('shows what the trust policies ask for, sends what is typed, and says what AWS would refuse', async () => {
    const mfa = 'arn:aws:iam::123456789012:mfa/emergency'
    const old = plan('ana', { externalId: 'lockbox-7', durations: [900, 7200] })
    const { drafted } = await form({ plans: [old] }, old.id)
    expect(document.querySelector('details[open]')?.textContent).toContain('If the role’s trust policy asks for more')
    expect(field('External id').value).toBe('lockbox-7')
    await fill('Roles on the way', 'arn:aws:iam::123456789012:role/entry lockbox-6')
    expect(part(CHECKS)).toContain('AWS gives an hour at most over roles on the way.')
    await tick('2 h')
    await fill('External id', '')
    await fill('MFA device', mfa)
    await press('Review and draft with my key')
    expect(drafted()?.access).toMatchObject({
      chain: [{ roleArn: 'arn:aws:iam::123456789012:role/entry', externalId: 'lockbox-6' }],
      mfa,
    })
    expect(drafted()?.access).not.toHaveProperty('externalId')
  })

  it('keeps what happens afterwards over a new version, and asks AWS’s own IAM unless told otherwise', async () => {
    const role = (name: string) => `arn:aws:iam::123456789012:role/lockbox-${name}`
    const rotator = { roleArn: role('rotator'), user: 'lockbox-emergency' }
    const iam = { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' }
    const old = plan('ana', { aftercare: { iam, revoker: null, rotator } })
    const { drafted } = await form({ plans: [old] }, old.id)
    expect(field('Where IAM is asked: endpoint').value).toBe('')
    await fill('Role that may end a session', role('revoker'))
    await press('Review and draft with my key')
    expect(drafted()?.access.aftercare).toEqual({ iam, revoker: role('revoker'), rotator })
  })
})
