import type { Organization, RosterDraft } from '../org/org-from.ts'
import { adminsOf, type Consent } from '../org/roster-rules.ts'
import type { Roster } from '../statements/kinds.ts'
import { deviceId, type Member } from '../statements/member.ts'
import type { PersonRef } from './fields.ts'
import type { PersonView, RosterDraftView } from './people-views.ts'
import type { Snapshot } from './views.ts'

/** Finds names of people, also of those who have left. */
export type Names = (member: string) => PersonRef

/** Names from the newest roster that has the member; drafts come last. */
export function namesOf(rosters: readonly Roster[]): Names {
  const names = new Map<string, string>()
  for (const { members } of rosters) for (const { member, name } of members) names.set(member, name)
  return (member) => ({ member, name: names.get(member) ?? 'someone who is not in the roster' })
}

/** The names an organization knows: its history, the head last. */
export function namesIn(org: Organization): Names {
  return namesOf(org.history.map(({ roster }) => roster))
}

/** What a carrier knows of a person's device. */
export type Reach = (device: string) => PersonView['reach']

/** A member as the window shows one. */
export function personView(member: Member, me: string | null, reach: Reach): PersonView {
  return {
    member: member.member,
    name: member.name,
    contact: member.contact,
    roles: member.roles,
    groups: member.groups,
    deviceName: member.device.name,
    keys: member.authenticators.map(({ name, model, attestation }) => ({
      name,
      model: modelWords(model, attestation !== null),
      attested: attestation !== null,
    })),
    me: member.member === me,
    reach: member.member === me ? null : reach(deviceId(member)),
  }
}

/** "attested model …", or that the key did not prove its model. */
export function modelWords(model: string, attested: boolean): string {
  if (!attested || /^0+$/.test(model)) return 'did not prove its model'
  return `attested model ${model.slice(0, 8)}-${model.slice(8, 12)}-${model.slice(12, 16)}-${model.slice(16, 20)}-${model.slice(20)}`
}

/** Consent with names. */
export function consentView({ by, need, met }: Consent, names: Names, me: string | null) {
  return { by: by.map(names), need, met, mine: me !== null && by.includes(me) }
}

/** A roster that waits for endorsements, with its words once they are known. */
export function rosterDraftView(
  draft: Omit<RosterDraft, 'predecessor'> &
    Pick<RosterDraftView, 'genesis' | 'endorsersKnown' | 'overtaken' | 'endorsedBeside'>,
  head: Roster | null,
  own: { readonly member: string; readonly unchanged: boolean } | null,
  words: readonly string[] | null,
  plans: readonly string[],
): RosterDraftView {
  const names = namesOf(head === null ? [draft.roster] : [head, draft.roster])
  const me = own?.member ?? null
  return {
    id: draft.id,
    genesis: draft.genesis,
    name: draft.roster.name,
    by: names(draft.roster.member),
    words: words === null ? null : [...words],
    people: draft.roster.members.map((member) => personView(member, me, () => null)),
    before: consentView(draft.before, names, me),
    after: consentView(draft.after, names, me),
    endorsersKnown: draft.endorsersKnown,
    overtaken: draft.overtaken,
    endorsedBeside: draft.endorsedBeside,
    mineUnchanged: own?.unchanged ?? false,
    changes: head === null ? [] : changesBetween(head, draft.roster),
    plans: [...plans],
  }
}

/** What a roster changes against another, in words. */
export function changesBetween(before: Roster, after: Roster): string[] {
  const said: string[] = []
  for (const member of after.members) {
    const was = before.members.find((other) => other.member === member.member)
    if (was === undefined)
      said.push(
        `${member.name} joins as ${member.roles.join(', ')}${member.groups.length > 0 ? ` in ${member.groups.join(', ')}` : ''}`,
      )
    else said.push(...memberChanges(was, member))
  }
  for (const was of before.members)
    if (!after.members.some(({ member }) => member === was.member)) said.push(`${was.name} leaves`)
  const [adminsBefore, adminsAfter] = [adminsOf(before).length, adminsOf(after).length]
  if (adminsBefore !== adminsAfter) said.push(`${adminsAfter} admins instead of ${adminsBefore}`)
  if (before.protocol !== after.protocol) said.push(`rules version ${after.protocol} instead of ${before.protocol}`)
  return said
}

function memberChanges(was: Member, is: Member): string[] {
  const said: string[] = []
  if (was.name !== is.name) said.push(`${was.name} is now called ${is.name}`)
  if (was.roles.join() !== is.roles.join())
    said.push(`${is.name} is ${is.roles.join(', ')} instead of ${was.roles.join(', ')}`)
  if (was.groups.join() !== is.groups.join())
    said.push(
      `${is.name} is in ${is.groups.join(', ') || 'no group'} instead of ${was.groups.join(', ') || 'no group'}`,
    )
  if (deviceId(was) !== deviceId(is)) said.push(`${is.name} has another device: ${is.device.name}`)
  else if (JSON.stringify(was.device) !== JSON.stringify(is.device)) said.push(`${is.name}’s device keys change`)
  if (JSON.stringify(was.authenticators) !== JSON.stringify(is.authenticators))
    said.push(`${is.name}’s hardware keys change`)
  return said
}

const SPLIT =
  'Two different lists of people follow the same one, each endorsed by enough admins. Nothing about people or plans changes until both sides agree; open cases go on.'

/** The organization by its head roster. @param words - its 12 words; null where they are not known yet. */
export function organizationView(
  { id, head, history, splits, supported }: Organization,
  words: string[] | null,
): NonNullable<Snapshot['organization']> {
  return {
    id,
    name: head.roster.name,
    roster: head.id,
    version: history.length,
    words,
    supported,
    split: splits.length > 0 ? SPLIT : null,
  }
}
