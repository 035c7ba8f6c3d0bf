/** What a built-in template proposes; people, credential and role are filled in by the admin. */
export interface PlanTemplate {
  readonly emergency: string
  readonly name: string
  /** When to use it, in a sentence. */
  readonly says: string
  readonly runbook: string
  readonly durations: readonly number[]
  readonly need: number
  readonly groups: readonly { readonly group: string; readonly count: number }[]
}

const IDENTITY_PROVIDER_DOWN: PlanTemplate = {
  emergency: 'identity-provider-down',
  name: 'Identity provider down',
  says: 'Nobody can sign in to AWS because the identity provider does not answer.',
  runbook: [
    'Confirm the emergency: at least two people, on different networks, cannot sign in; the provider’s status page or its support says so.',
    'Open an incident and write its reference into the request.',
    'Ask for the shortest time that is enough. Approvers: call the requester back on a known number before you approve.',
    'Use the access only to keep services running and to restore sign-in. Do not change the emergency role or its policies.',
    'When sign-in works again, say “I am done”. Then rotate the credential and hold the review.',
  ].join('\n'),
  durations: [900, 1800, 3600],
  need: 3,
  groups: [{ group: 'security', count: 1 }],
}

/** The templates that this version offers. */
export const PLAN_TEMPLATES: readonly PlanTemplate[] = [IDENTITY_PROVIDER_DOWN]

/** An emergency's name for people. */
export function emergencyName(emergency: string): string {
  return PLAN_TEMPLATES.find((template) => template.emergency === emergency)?.name ?? emergency.replaceAll('-', ' ')
}
