import { type PlanForm, planForm, type TemplateView } from '../../shared/ipc.ts'
import type { PersonView, PlanView } from '../../shared/views/views.ts'
import { tidyLine, tidyText } from '../ui/tidy.ts'

/** A plan while it is being filled in: numbers and lists as they are typed and ticked. */
export interface PlanEdit {
  readonly replaces: string | null
  readonly name: string
  readonly emergencies: readonly string[]
  readonly runbook: string
  /** Id of a credential that exists, or null for a new one. */
  readonly credential: string | null
  readonly credentialName: string
  readonly roleArn: string
  readonly sessionPolicy: string
  readonly regions: readonly { readonly region: string; readonly endpoint: string }[]
  readonly requesters: readonly string[]
  readonly custodians: readonly string[]
  readonly need: number
  readonly groups: readonly { readonly group: string; readonly count: number }[]
  readonly veto: readonly string[]
  readonly whyTight: string
  /** Minutes. */
  readonly durations: readonly number[]
  readonly issuers: readonly string[]
  readonly requesterMayIssue: boolean
  readonly witness: 'required' | 'waived'
  readonly lockEndsSession: boolean
}

/** Durations on offer, in minutes; AWS gives 15 min to 12 h, and an hour at most where roles are chained. */
export const DURATIONS = [15, 30, 60, 120, 240, 480]

/** A new plan from a template, with everybody in who could be. */
export function fromTemplate(template: TemplateView, people: readonly PersonView[]): PlanEdit {
  const custodians = withRole(people, 'approver')
  const present = new Set(people.flatMap(({ groups }) => groups))
  return {
    replaces: null,
    name: template.name,
    emergencies: [template.emergency],
    runbook: template.runbook,
    credential: null,
    credentialName: '',
    roleArn: '',
    sessionPolicy: '',
    regions: [region('us-east-1'), region('eu-west-1')],
    requesters: withRole(people, 'commander'),
    custodians: custodians.slice(0, 15),
    need: Math.max(2, Math.min(template.need, custodians.length)),
    groups: template.groups.filter(({ group }) => present.has(group)),
    veto: [],
    whyTight: '',
    durations: template.durations.map((seconds) => seconds / 60),
    issuers: custodians.slice(0, 15),
    requesterMayIssue: false,
    witness: 'required',
    lockEndsSession: false,
  }
}

/** A new version of a plan that exists. */
export function fromPlan(plan: PlanView): PlanEdit {
  const ids = (people: PlanView['custodians']) => people.map(({ member }) => member)
  return {
    replaces: plan.id,
    name: plan.name,
    emergencies: plan.emergencies,
    runbook: plan.runbook,
    credential: plan.credential.credential,
    credentialName: plan.credential.name,
    roleArn: plan.roleArn,
    sessionPolicy: plan.sessionPolicy ?? '',
    regions: plan.regions,
    requesters: ids(plan.requesters),
    custodians: ids(plan.custodians),
    need: plan.need,
    groups: plan.groups,
    veto: plan.veto,
    whyTight: plan.whyTight,
    durations: plan.durations.map((seconds) => seconds / 60),
    issuers: ids(plan.issuers),
    requesterMayIssue: plan.requesterMayIssue,
    witness: plan.witness,
    lockEndsSession: plan.lockEndsSession,
  }
}

/** A region with AWS's regional endpoint. */
export function region(name: string): { region: string; endpoint: string } {
  return { region: name, endpoint: `https://sts.${name}.amazonaws.com` }
}

/** Ids of the people with a role, in the roster's order. */
export function withRole(people: readonly PersonView[], role: 'approver' | 'commander'): string[] {
  return people.filter(({ roles }) => roles.includes(role)).map(({ member }) => member)
}

/** The form as it goes to main. */
export function formOf(edit: PlanEdit): PlanForm {
  const byName = (a: { group: string }, b: { group: string }) => (a.group < b.group ? -1 : 1)
  return {
    replaces: edit.replaces,
    name: tidyLine(edit.name),
    emergencies: [...edit.emergencies].sort(),
    runbook: tidyText(edit.runbook),
    credential: { credential: edit.credential, name: tidyLine(edit.credentialName) },
    access: {
      kind: 'aws-sts',
      roleArn: edit.roleArn.trim(),
      sessionPolicy: edit.sessionPolicy.trim() === '' ? null : edit.sessionPolicy.trim(),
      regions: edit.regions.map(({ region, endpoint }) => ({ region: region.trim(), endpoint: endpoint.trim() })),
    },
    requesters: [...edit.requesters],
    custodians: [...edit.custodians],
    quorum: { count: edit.need, groups: [...edit.groups].sort(byName), veto: [...edit.veto].sort() },
    whyTight: tidyText(edit.whyTight),
    durations: edit.durations.map((minutes) => minutes * 60).sort((a, b) => a - b),
    issuers: [...edit.issuers],
    requesterMayIssue: edit.requesterMayIssue,
    witness: edit.witness,
    lockEndsSession: edit.lockEndsSession,
  }
}

const FIELD_WORDS: Readonly<Record<string, string>> = {
  name: 'The plan needs a name of one line, at most 64 characters.',
  emergencies: 'Choose at least one emergency.',
  runbook: 'The runbook is too long, or contains characters that do not show.',
  credential: 'The credential needs a name.',
  'access.roleArn': 'The AWS role is written like arn:aws:iam::123456789012:role/emergency.',
  'access.sessionPolicy': 'The session policy has to be a JSON object of at most 2048 characters.',
  'access.regions': 'Each region is written like eu-west-1, with an https endpoint. One is needed.',
  requesters: 'Choose at least one person who may ask.',
  custodians: 'Choose 2 to 15 custodians.',
  quorum: 'At least 2 approvals are needed, and whole numbers.',
  whyTight: 'The reason is too long.',
  durations: 'Choose at least one duration.',
  issuers: 'Choose at least one person whose device may issue.',
}

/** What keeps the form from being a plan at all, in words; whether the plan can work is main's to say. */
export function formProblems(form: PlanForm): string[] {
  const parsed = planForm.safeParse(form)
  const issues = parsed.success ? [] : parsed.error.issues
  const words = issues.map(({ path }) => {
    const [first, second] = path
    return FIELD_WORDS[`${String(first)}.${String(second)}`] ?? FIELD_WORDS[String(first)] ?? `Check ${path.join(' ')}.`
  })
  if (form.quorum.count > form.custodians.length) words.push('More approvals are needed than there are custodians.')
  return [...new Set(words)]
}

/**
 * Whether one absent custodian, with somebody asking who is a custodian too, leaves too few to approve (DESIGN §10.11).
 * Such a plan needs words that say why.
 */
export function isTight(edit: PlanEdit, people: readonly PersonView[]): boolean {
  const inGroup = (member: string, group: string) =>
    people.find((person) => person.member === member)?.groups.includes(group) === true
  const enough = (members: readonly string[]) =>
    members.length >= edit.need &&
    edit.groups.every(({ group, count }) => members.filter((member) => inGroup(member, group)).length >= count)
  return edit.requesters.some((requester) => {
    const deciders = edit.custodians.filter((member) => member !== requester)
    return deciders.some((absent) => !enough(deciders.filter((member) => member !== absent)))
  })
}
