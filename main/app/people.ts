import type { Digest } from '../../shared/bytes.ts'
import { equalBytes, toBase64Url } from '../../shared/bytes.ts'
import { pack } from '../../shared/carriers/pack.ts'
import type { CardView, DraftView } from '../../shared/ipc-values.ts'
import { jcs } from '../../shared/jcs.ts'
import { cardEnvelope, joinCardSignedBytes, writeJoinCard } from '../../shared/org/join-card.ts'
import { adminsOf, rosterProblems } from '../../shared/org/roster-rules.ts'
import { isOvertaken } from '../../shared/org/siblings.ts'
import { memberOf } from '../../shared/statements/door.ts'
import { type Roster, SUPPORTED_PROTOCOL } from '../../shared/statements/kinds.ts'
import type { Member } from '../../shared/statements/member.ts'
import { changesBetween } from '../../shared/views/people.ts'
import { compression } from '../compression.ts'
import { randomBytes } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'
import { ownMember } from './profile.ts'

type Wish = Pick<Member, 'roles' | 'groups'>

/** This app's join card as a file. */
export function ownCard(device: Device, wish: Wish): { name: string; bytes: Uint8Array } {
  const card = ownMember(device.profile, device.summary, wish.roles, wish.groups)
  const bytes = writeJoinCard(card, device.vault.signStatement(joinCardSignedBytes(card)))
  return { name: `${fileName(device.profile.name)}.join-card.json`, bytes }
}

/** This app's join card, packed for a code. */
export function cardCode(device: Device, wish: Wish): Uint8Array {
  return pack({ statements: [cardEnvelope(ownCard(device, wish).bytes)], blobs: [], notes: [] }, compression)
}

/** A card as the window shows one. */
export function cardView(device: Device, digest: Digest, card: Member): CardView {
  return {
    digest,
    name: card.name,
    contact: card.contact,
    deviceName: card.device.name,
    roles: card.roles,
    groups: card.groups,
    keys: card.authenticators.map(({ name }) => name),
    mine: card.member === device.profile.member,
  }
}

/** Drafts the genesis of an organization from join cards; the founder's own is among its members. */
export function draftGenesis(
  device: Device,
  drafts: Drafts,
  organization: string,
  chosen: readonly (Wish & { card: Digest })[],
): DraftView {
  if (device.org() !== null)
    throw new AppError(
      'already-founded',
      'This app belongs to an organization already. Use another profile to found one.',
    )
  const members = membersFrom(device, chosen)
  checkOwnEntry(device, { members })
  return drafts.add({
    kind: 'roster',
    under: { organization: null, roster: null },
    sentence: `Propose to found “${organization}” with ${members.length} people: ${members.map(({ name }) => name).join(', ')}.`,
    fields: checkedRoster({
      predecessor: null,
      protocol: SUPPORTED_PROTOCOL,
      name: organization,
      nonce: toBase64Url(randomBytes(32)),
      members,
    }),
    // A genesis that was drafted before and never founded is given up for this one.
    after: (statement) => device.movePin(statement.id),
  })
}

/** Drafts a roster that follows the head: who stays with which roles, and who joins. */
export function draftChange(
  device: Device,
  drafts: Drafts,
  keep: readonly (Wish & { member: string })[],
  add: readonly (Wish & { card: Digest })[],
): DraftView {
  const org = device.org()
  if (org === null) throw new AppError('no-organization', 'There is no organization yet whose people could change.')
  const { id: predecessor, roster } = org.head
  if (!isAdminOf(roster, device))
    throw new AppError('not-allowed', 'Only admins change who is in it. Ask one of them to draft the change.')
  checkOnlySuccessor(device, null, predecessor)
  const kept = keep.map(({ member, roles, groups }) => {
    const was = memberOf(roster, member)
    if (was === undefined)
      throw new AppError('not-found', 'Somebody in the list is not in the organization any more. Open the list again.')
    return { ...was, roles: [...roles].sort(), groups: [...groups].sort() }
  })
  const members = [...kept, ...membersFrom(device, add)]
  const next = checkedRoster({
    predecessor,
    protocol: roster.protocol,
    name: roster.name,
    nonce: toBase64Url(randomBytes(32)),
    members,
  })
  const changes = changesBetween(roster, { ...roster, ...next })
  return drafts.add({
    kind: 'roster',
    sentence: `Propose a change of people: ${changes.join('; ') || 'nothing changes'}.`,
    fields: next,
    check: () => Promise.resolve(checkOnlySuccessor(device, null, predecessor)),
  })
}

function membersFrom(device: Device, chosen: readonly (Wish & { card: Digest })[]): Member[] {
  const own = ownMember(device.profile, device.summary, [], [])
  return chosen.map(({ card, roles, groups }) => {
    const found = device.offers.cards().get(card)
    if (found === undefined) throw new AppError('not-found', 'A join card is not here any more. Read its file again.')
    const base = found.member === own.member ? { ...own, contact: found.contact } : found
    return { ...base, roles: [...new Set(roles)].sort(), groups: [...new Set(groups)].sort() }
  })
}

function checkedRoster<Fields extends Pick<Roster, 'members'>>(roster: Fields): Fields {
  const words = {
    'no-admin': 'nobody is an admin',
    'member-twice': 'somebody is listed twice',
    'name-twice': 'two people have the same name; change one',
    'key-twice': 'two people have the same key; each needs keys of their own',
    'protocol-back': 'the rules would go back',
    'another-organization': 'it belongs to another organization',
  }
  const [problem] = rosterProblems(roster)
  if (problem !== undefined) throw new AppError('not-allowed', `This roster cannot be used: ${words[problem]}.`)
  return roster
}

/**
 * Checks that nothing follows a roster's predecessor yet but that roster: one more would split the organization, which nobody
 * can heal. What is in force already may be endorsed by whoever did not do so yet.
 *
 * @param id - the roster's, or null for one that is not signed yet.
 */
export function checkOnlySuccessor(device: Device, id: Digest | null, predecessor: Digest | null): void {
  const org = device.org()
  if (org === null || predecessor === null || org.history.some((version) => version.id === id)) return
  if (org.splits.length > 0)
    throw new AppError(
      'overtaken',
      'Two lists of people follow the same one, each endorsed by enough admins. Until both sides agree nobody changes people. Open cases go on.',
    )
  if (isOvertaken(org, { predecessor }))
    throw new AppError(
      'overtaken',
      'Another change of people came into force meanwhile. Both together would split the organization, so this one is not signed. Draft the change anew, from the people of now.',
    )
}

/** Whether this app's owner is an admin of a roster. */
export function isAdminOf(roster: Pick<Roster, 'members'>, device: Device): boolean {
  return adminsOf(roster).some(({ member }) => member === device.profile.member)
}

/** Each app checks that its own keys stand in a roster unchanged before its owner endorses it. */
export function checkOwnEntry(device: Device, roster: Parameters<typeof standsUnchanged>[1]): void {
  if (!standsUnchanged(device, roster))
    throw new AppError(
      'own-keys-differ',
      'This roster does not have your own device and keys as they are. Do not endorse it; give its author a new join card.',
    )
}

/**
 * Whether this app's own device and hardware keys stand in a roster unchanged. A later roster without its owner changes
 * none of them: an admin who leaves may endorse that.
 */
export function standsUnchanged(
  device: Device,
  roster: Pick<Roster, 'members'> & { readonly predecessor?: Digest | null },
): boolean {
  const entry = roster.members.find(({ member }) => member === device.profile.member)
  // Whoever joins has to stand in it.
  if (entry === undefined) return (roster.predecessor ?? null) !== null && device.org() !== null
  const own = ownMember(device.profile, device.summary, entry.roles, entry.groups)
  return equalBytes(jcs([entry.device.keys, entry.authenticators]), jcs([own.device.keys, own.authenticators]))
}

/** Letters, digits and hyphens of a name, for a file. */
export function fileName(text: string): string {
  const safe = text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase()
  return safe === '' ? 'lockbox' : safe.slice(0, 40)
}
