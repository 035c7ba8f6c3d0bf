import { toBase64Url } from '../../shared/bytes.ts'
import type { DraftView, PlanForm, TemplateView } from '../../shared/ipc-values.ts'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import { accessChecks } from '../../shared/views/access-checks.ts'
import { planChecks } from '../../shared/views/plan-checks.ts'
import { ruleWords } from '../../shared/views/plans.ts'
import { randomBytes } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

const OBLIGATIONS = { rotationHours: 24, reviewHours: 72, drillDays: 90 }

/** The templates that an admin can start from. */
export function templates(): TemplateView[] {
  return PLAN_TEMPLATES.map((template) => ({
    ...template,
    durations: [...template.durations],
    groups: template.groups.map((rule) => ({ ...rule })),
    veto: [...template.veto],
    requesters: { ...template.requesters },
    regions: [...template.regions],
  }))
}

/**
 * Drafts a plan, or a new version of one.
 *
 * @throws {AppError} `not-allowed` if it could not take effect, naming why: nobody should sign what cannot work at 3 a.m.
 */
export function draftPlan(device: Device, drafts: Drafts, form: PlanForm): DraftView {
  const org = device.org()
  if (org === null) throw new AppError('no-organization', 'Found the organization first; then plans can be made.')
  const { replaces, credential, ...rest } = form
  const before = replaces === null ? null : org.plans.find(({ id }) => id === replaces)
  if (before === undefined) throw new AppError('not-found', 'The plan to be replaced is not here any more.')
  const fields = {
    ...rest,
    plan: before?.plan.plan ?? toBase64Url(randomBytes(16)),
    predecessor: replaces,
    credential: {
      credential: credential.credential ?? toBase64Url(randomBytes(16)),
      name: credential.name,
      kind: 'aws-access-key' as const,
    },
    obligations: before?.plan.obligations ?? OBLIGATIONS,
  }
  const names = device.names()
  const checks = [...planChecks(fields, org.head.roster, (member) => names(member).name), ...accessChecks(fields)]
  const wrong = checks.filter(({ level }) => level === 'wrong')
  if (wrong.length > 0)
    throw new AppError('not-allowed', `This plan could not take effect: ${wrong.map(({ says }) => says).join(' ')}`)
  const requesters = fields.requesters.map((member) => names(member).name).join(', ')
  return drafts.add({
    kind: 'plan',
    sentence: `Propose the plan “${fields.name}”: ${requesters} may ask for ${fields.access.roleArn}; ${ruleWords(fields)} must approve.`,
    fields,
  })
}
