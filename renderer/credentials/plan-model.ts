import type { PlanForm } from '../../shared/ipc-values.ts'
import { IAM_ENDPOINTS, partitionOfArn, stsEndpoint } from '../../shared/org/aws-partition.ts'
import type { PlanTemplate } from '../../shared/org/templates/template.ts'
import type { PersonView } from '../../shared/views/people-views.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { aftercareView } from '../../shared/views/plans.ts'
import { tidyLine, tidyText } from '../ui/tidy.ts'
import type { PlanSaid } from './plan-changes.ts'

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
  /** Empty for none, as the two below. */
  readonly externalId: string
  /** Roles on the way, one a line, each with its external id after a space if it has one. */
  readonly chain: string
  readonly mfa: string
  readonly sessionToken: boolean
  /** Roles for the time after a session, empty for none. */
  readonly revoker: string
  readonly rotator: string
  /** The IAM user whose key the rotator replaces. */
  readonly user: string
  /** Where IAM is asked; empty for AWS's own endpoint of the role's partition. */
  readonly iamRegion: string
  readonly iamEndpoint: string
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
export function fromTemplate(template: PlanTemplate, people: readonly PersonView[]): PlanEdit {
  const custodians = withRole(people, 'approver')
  const commanders = withRole(people, 'commander')
  const inGroup = (group: string | null) =>
    people.filter(({ groups }) => group !== null && groups.includes(group)).map(({ member }) => member)
  const preferred = commanders.filter((member) => inGroup(template.requesters.group).includes(member))
  const present = new Set(people.flatMap(({ groups }) => groups))
  return {
    replaces: null,
    name: template.name,
    emergencies: [template.emergency],
    runbook: template.runbook,
    credential: null,
    credentialName: '',
    roleArn: '',
    sessionPolicy: template.sessionPolicy,
    regions: template.regions.map(region),
    externalId: '',
    chain: '',
    mfa: '',
    sessionToken: false,
    revoker: '',
    rotator: '',
    user: '',
    iamRegion: '',
    iamEndpoint: '',
    requesters: preferred.length > 0 ? preferred : commanders,
    custodians: custodians.slice(0, 15),
    need: Math.max(2, Math.min(template.need, custodians.length)),
    groups: template.groups.filter(({ group }) => present.has(group)),
    veto: template.veto.filter((group) => present.has(group)),
    whyTight: '',
    durations: template.durations.map((seconds) => seconds / 60),
    issuers: custodians.slice(0, 15),
    requesterMayIssue: false,
    witness: 'required',
    lockEndsSession: false,
  }
}

/** A new version of a plan that exists, without those who left or lost the role for it: they could not be unticked. */
export function fromPlan(plan: PlanView, people: readonly PersonView[]): PlanEdit {
  const still = (named: PlanView['custodians'], among: readonly string[]) =>
    named.map(({ member }) => member).filter((member) => among.includes(member))
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
    externalId: plan.externalId ?? '',
    chain: plan.chain.map(wayWords).join('\n'),
    mfa: plan.mfa ?? '',
    sessionToken: plan.sessionToken,
    ...aftercareEdit(plan),
    requesters: still(plan.requesters, withRole(people, 'commander')),
    custodians: still(plan.custodians, withRole(people, 'approver')),
    need: plan.need,
    groups: plan.groups,
    veto: plan.veto,
    whyTight: plan.whyTight,
    durations: plan.durations.map((seconds) => seconds / 60),
    issuers: still(
      plan.issuers,
      people.map(({ member }) => member),
    ),
    requesterMayIssue: plan.requesterMayIssue,
    witness: plan.witness,
    lockEndsSession: plan.lockEndsSession,
  }
}

/** A region with AWS's regional endpoint. */
export function region(name: string): { region: string; endpoint: string } {
  return { region: name, endpoint: stsEndpoint(name) }
}

/** A role on the way, as it is typed: its ARN, and after a space its external id. */
export function wayWords({ roleArn, externalId }: PlanView['chain'][number]): string {
  return externalId === null ? roleArn : `${roleArn} ${externalId}`
}

/** What the trust policies ask for; what they do not ask for is left out. */
function trustOf({ externalId, chain, mfa, sessionToken }: PlanEdit): Partial<PlanForm['access']> {
  const way = chain.split('\n').flatMap((line) => {
    const [roleArn = '', ...rest] = line.trim().split(/\s+/)
    if (roleArn === '') return []
    return [rest.length === 0 ? { roleArn } : { roleArn, externalId: rest.join(' ') }]
  })
  return {
    ...(externalId.trim() === '' ? {} : { externalId: externalId.trim() }),
    ...(way.length === 0 ? {} : { chain: way }),
    ...(mfa.trim() === '' ? {} : { mfa: mfa.trim() }),
    ...(sessionToken ? { sessionToken } : {}),
  }
}

/** AWS's own endpoint of IAM is shown as nothing: it follows the role. */
function aftercareEdit({ aftercare, roleArn }: PlanView) {
  const { iam, revoker = null, rotator = null } = aftercare ?? {}
  const isOwn = iam === undefined || iam.endpoint === iamOf(roleArn)?.endpoint
  return {
    revoker: revoker ?? '',
    rotator: rotator?.roleArn ?? '',
    user: rotator?.user ?? '',
    iamRegion: isOwn ? '' : iam.region,
    iamEndpoint: isOwn ? '' : iam.endpoint,
  }
}

/** AWS's own endpoint of IAM for the partition of a role; undefined while it names none. */
export function iamOf(roleArn: string): { readonly region: string; readonly endpoint: string } | undefined {
  const partition = partitionOfArn(roleArn.trim())
  return partition === null ? undefined : IAM_ENDPOINTS[partition]
}

function aftercareOf(edit: PlanEdit): Partial<PlanForm['access']> {
  const [revoker, roleArn, user] = [edit.revoker.trim(), edit.rotator.trim(), edit.user.trim()]
  if (revoker + roleArn + user === '') return {}
  const own = iamOf(edit.roleArn)
  const typed = { region: edit.iamRegion.trim(), endpoint: edit.iamEndpoint.trim() }
  return {
    aftercare: {
      iam: typed.region + typed.endpoint === '' && own !== undefined ? { ...own } : typed,
      ...(revoker === '' ? {} : { revoker }),
      ...(roleArn + user === '' ? {} : { rotator: { roleArn, user } }),
    },
  }
}

/** Ids of the people with a role, in the roster's order. */
function withRole(people: readonly PersonView[], role: 'approver' | 'commander'): string[] {
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
      ...trustOf(edit),
      ...aftercareOf(edit),
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

/** What the form says, to be compared with the version it replaces. */
export function saidBy(edit: PlanEdit, people: readonly PersonView[], old: PlanView): PlanSaid {
  const { credential, access, quorum, ...form } = formOf(edit)
  const known = [...people, ...old.requesters, ...old.custodians, ...old.issuers]
  const named = (members: readonly string[]) =>
    members.map((member) => ({ member, name: known.find((one) => one.member === member)?.name ?? member }))
  return {
    ...form,
    credential: { credential: credential.credential ?? '', name: credential.name },
    roleArn: access.roleArn,
    sessionPolicy: access.sessionPolicy,
    regions: access.regions,
    externalId: access.externalId ?? null,
    chain: (access.chain ?? []).map(({ roleArn, externalId = null }) => ({ roleArn, externalId })),
    mfa: access.mfa ?? null,
    sessionToken: access.sessionToken ?? false,
    aftercare: aftercareView(access.aftercare),
    requesters: named(form.requesters),
    custodians: named(form.custodians),
    issuers: named(form.issuers),
    need: quorum.count,
    groups: quorum.groups,
    veto: quorum.veto,
    obligations: old.obligations,
  }
}
