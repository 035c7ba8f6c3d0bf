import type { Base64Url, Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { inForce, peopleOver } from '../verify/in-force.ts'
import type { BundleReport } from '../verify/report.ts'

/** What an event says of people and plans beside the statement: names, never anything a statement does not show. */
export interface Directory {
  readonly organization: { readonly id: Digest; readonly name: string | null }
  person(member: Base64Url): string | null
  device(device: Digest): string | null
  key(member: Base64Url, key: Digest): { readonly name: string; readonly model: string | null } | null
  /** A version of a plan, by its id. */
  plan(version: Digest): { readonly name: string; readonly account: string } | null
  request(id: Digest): {
    readonly requester: Base64Url
    readonly plan: Digest
    readonly purpose: string
    readonly reference: string
  } | null
  /** What kind of statement has that id. */
  kindOf(id: Digest): string | null
}

/** What the rosters in force say: people, devices and keys, and who speaks. */
export type RosterNames = Pick<Directory, 'person' | 'device' | 'key'> & {
  speaks(statement: VerifiedStatement): boolean
}

/** The names of an organization's rosters in force. They stay until its head changes, and take a hash for each key. */
export function rosterNames({ history }: Organization): RosterNames {
  const people = peopleOver(history)
  const devices = new Map([...people.values()].flatMap(({ devices }) => [...devices]))
  return {
    person: (member) => people.get(member)?.newest.name ?? null,
    device: (device) => devices.get(device)?.name ?? null,
    key: (member, key) => {
      const found = people.get(member)?.keys.get(key)
      return found === undefined ? null : { name: found.name, model: proven(found.model, found.attestation !== null) }
    },
    speaks: inForce(history).speaks,
  }
}

/** The names of an organization, and who speaks by them. */
export function directoryOf(org: Organization, names: RosterNames = rosterNames(org)): Directory & RosterNames {
  const plans = new Map(org.plans.map(({ id, plan }) => [id, plan]))
  return {
    ...names,
    organization: { id: org.id, name: org.head.roster.name },
    plan: (version) => {
      const plan = plans.get(version)
      return plan === undefined ? null : { name: plan.name, account: plan.access.roleArn }
    },
    request: (id) => {
      const payload = org.collection.get('request', id)?.payload
      if (payload === undefined) return null
      const { member, plan, purpose, reference } = payload
      return { requester: member, plan, purpose, reference }
    },
    kindOf: (id) => org.collection.byId(id)?.kind ?? null,
  }
}

/** The same names, from the report on a bundle; what it says of cases and statements is given beside it. */
export function directoryOfReport(report: BundleReport, beside: Pick<Directory, 'request' | 'kindOf'>): Directory {
  const people = new Map(report.people.map((one) => [one.member, one]))
  const devices = new Map(report.people.flatMap(({ devices }) => devices.map(({ device, name }) => [device, name])))
  const plans = new Map(report.plans.map((one) => [one.id, one]))
  return {
    ...beside,
    organization: { id: report.claims.organization, name: report.organization?.name ?? null },
    person: (member) => people.get(member)?.name ?? null,
    device: (device) => devices.get(device) ?? null,
    key: (member, id) => {
      const found = people.get(member)?.keys.find(({ key }) => key === id)
      return found === undefined ? null : { name: found.name, model: proven(found.model, found.attested) }
    },
    plan: (version) => {
      const plan = plans.get(version)
      return plan === undefined ? null : { name: plan.name, account: plan.account }
    },
  }
}

/** A key that shows no model proves none. */
const proven = (model: string, attested: boolean): string | null => (attested && !/^0+$/.test(model) ? model : null)
