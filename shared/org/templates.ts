import { ACCOUNT_OR_REGION_ACCESS_LOST } from './templates/account-or-region-access-lost.ts'
import { IDENTITY_PROVIDER_CONFIGURATION_BROKEN } from './templates/identity-provider-configuration-broken.ts'
import { IDENTITY_PROVIDER_DOWN } from './templates/identity-provider-down.ts'
import { PRIVILEGED_ACCESS_SYSTEM_DOWN } from './templates/privileged-access-system-down.ts'
import { SUSPECTED_COMPROMISE } from './templates/suspected-compromise.ts'
import type { PlanTemplate } from './templates/template.ts'

/** The templates that this version offers, the likeliest night first. */
export const PLAN_TEMPLATES: readonly PlanTemplate[] = [
  IDENTITY_PROVIDER_DOWN,
  IDENTITY_PROVIDER_CONFIGURATION_BROKEN,
  ACCOUNT_OR_REGION_ACCESS_LOST,
  SUSPECTED_COMPROMISE,
  PRIVILEGED_ACCESS_SYSTEM_DOWN,
]

/** An emergency's name for people. */
export function emergencyName(emergency: string): string {
  return PLAN_TEMPLATES.find((template) => template.emergency === emergency)?.name ?? emergency.replaceAll('-', ' ')
}
