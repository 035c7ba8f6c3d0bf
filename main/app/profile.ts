import { toBase64Url } from '../../shared/bytes.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { lineField, nameField } from '../../shared/statements/fields.ts'
import type { Member } from '../../shared/statements/member.ts'
import * as z from '../../shared/zod.ts'
import type { Journal } from '../vault/journal.ts'
import { randomBytes } from '../vault/sodium.ts'
import type { VaultSummary } from '../vault/types.ts'

const profileField = z.strictObject({
  /** This person's id for good: it stands in the join card, and then in rosters. */
  member: nameField,
  name: lineField(64),
  contact: lineField(128, 0),
  deviceName: lineField(64),
})

/** Who owns this app, as they said at set-up. */
export type Profile = z.infer<typeof profileField>

const TABLE = 'profile'

/** A profile with a fresh member id. */
export function newProfile(given: Omit<Profile, 'member'>): Profile {
  return profileField.parse({ ...given, member: toBase64Url(randomBytes(16)) })
}

/** Keeps the profile in the journal. */
export async function saveProfile(journal: Journal, profile: Profile): Promise<void> {
  await journal.append(TABLE, 'me', jcs(profile))
}

/** The profile in the journal, or null if set-up ended before it was written. */
export async function loadProfile(journal: Journal): Promise<Profile | null> {
  let found: Profile | null = null
  for await (const { value } of journal.records(TABLE)) found = profileField.parse(parseJcs(value))
  return found
}

/** The member entry that this app's owner would have in a roster. */
export function ownMember(
  profile: Profile,
  summary: VaultSummary,
  roles: Member['roles'],
  groups: Member['groups'],
): Member {
  const { member, name, contact, deviceName } = profile
  return {
    member,
    name,
    contact,
    roles: [...roles].sort(),
    groups: [...groups].sort(),
    device: { name: deviceName, keys: summary.device },
    authenticators: summary.authenticators.map((one) => ({ ...one })),
  }
}
