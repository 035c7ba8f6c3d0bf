import { describe, expect, it } from 'vitest'
import { planFields } from '../statements/plan.ts'
import { emergencyName, PLAN_TEMPLATES } from './templates.ts'

const each = PLAN_TEMPLATES.map((template) => [template.name, template] as const)

interface Part {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
}

function partsOf(policy: string): Part[] {
  const { Version, Statement } = JSON.parse(policy) as { Version: string; Statement: Part[] }
  expect(Version).toBe('2012-10-17')
  return Statement
}

/** Whether a session policy leaves an action to the role, as AWS decides it: a denial wins. */
function leaves(policy: string, action: string): boolean {
  const matching = partsOf(policy).filter(({ Action }) =>
    [Action].flat().some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action)),
  )
  return matching.length > 0 && matching.every(({ Effect }) => Effect === 'Allow')
}

describe('the templates', () => {
  it('are the five nights of the guidance, each named once', () => {
    expect(PLAN_TEMPLATES.map(({ emergency }) => emergency)).toEqual([
      'identity-provider-down',
      'identity-provider-configuration-broken',
      'account-or-region-access-lost',
      'suspected-compromise',
      'privileged-access-system-down',
    ])
    expect(new Set(PLAN_TEMPLATES.map(({ name }) => name)).size).toBe(5)
    expect(emergencyName('suspected-compromise')).toBe('Suspected compromise')
    expect(emergencyName('flooded-basement')).toBe('flooded basement')
  })

  it.each(each)('%s fits into a plan as it is', (_, template) => {
    expect(planFields.emergencies.parse([template.emergency])).toEqual([template.emergency])
    expect(planFields.name.parse(template.name)).toBe(template.name)
    expect(planFields.runbook.parse(template.runbook)).toBe(template.runbook)
    expect(planFields.durations.parse(template.durations)).toEqual(template.durations)
    expect(planFields.access.shape.sessionPolicy.parse(template.sessionPolicy)).toBe(template.sessionPolicy)
    const { need: count, groups, veto } = template
    expect(planFields.quorum.parse({ count, groups, veto })).toEqual({ count, groups, veto })
  })

  it.each(each)(
    '%s has a runbook with every part, numbered steps, and no other plan that does not exist',
    (_, template) => {
      const parts = template.runbook.split('\n\n').map((part) => part.split('\n'))
      expect(parts.map(([title]) => title)).toEqual([
        'When to use this',
        'When not',
        'First steps',
        'What to watch',
        'How to end',
        'What follows',
      ])
      for (const [, ...lines] of parts) expect(lines.length).toBeGreaterThan(0)
      for (const lines of [parts[2], parts[4]])
        expect(lines?.slice(1).map((line) => Number.parseInt(line, 10))).toEqual(
          lines?.slice(1).map((_line, at) => at + 1),
        )
      const names = PLAN_TEMPLATES.map(({ name }) => name)
      for (const [, named = ''] of template.runbook.matchAll(/use “([^”]+)”/g)) {
        expect(names).toContain(named)
        expect(named).not.toBe(template.name)
      }
    },
  )

  it.each(each)(
    '%s gives at most what its night needs, and never takes the record away',
    (_, { emergency, sessionPolicy }) => {
      for (const action of [
        'cloudtrail:StopLogging',
        'cloudtrail:DeleteTrail',
        'iam:CreateAccessKey',
        'iam:CreateUser',
      ])
        expect(leaves(sessionPolicy, action)).toBe(false)
      expect(leaves(sessionPolicy, 'account:CloseAccount')).toBe(false)
      expect(leaves(sessionPolicy, 'iam:UpdateSAMLProvider')).toBe(emergency !== 'privileged-access-system-down')
      expect(leaves(sessionPolicy, 'ec2:StartInstances')).toBe(emergency !== 'identity-provider-configuration-broken')
      expect(leaves(sessionPolicy, 'ec2:DeleteSnapshot')).toBe(
        !['identity-provider-configuration-broken', 'suspected-compromise'].includes(emergency),
      )
      expect(leaves(sessionPolicy, 'iam:UpdateAccessKey')).toBe(
        !['identity-provider-configuration-broken', 'privileged-access-system-down'].includes(emergency),
      )
    },
  )

  it('ask for three of five, somebody of a group among them, in at least two regions', () => {
    for (const { need, groups, regions } of PLAN_TEMPLATES) {
      expect(need).toBe(3)
      expect(groups.length).toBeGreaterThan(0)
      expect(new Set(regions).size).toBeGreaterThan(1)
    }
  })
})
