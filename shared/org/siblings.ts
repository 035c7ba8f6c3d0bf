import type { Organization, RosterDraft } from './org-from.ts'

// Any two majorities of the same admins have one of them in common. So an organization splits only if somebody endorses two
// lists that follow the same one: an app that keeps its owner from doing so unknowingly keeps the organization in one piece.

/** Whether another roster follows a draft's predecessor already, or no one way on is known: endorsed, it would split. */
export function isOvertaken(
  org: Pick<Organization, 'head' | 'splits'>,
  draft: Pick<RosterDraft, 'predecessor'>,
): boolean {
  return org.splits.length > 0 || draft.predecessor !== org.head.id
}

/** Whether somebody endorsed another draft that follows the same roster. */
export function hasEndorsedBeside(
  { drafts }: Pick<Organization, 'drafts'>,
  draft: Pick<RosterDraft, 'id' | 'predecessor'>,
  member: string,
): boolean {
  return drafts.some(
    ({ id, predecessor, before, after }) =>
      id !== draft.id && predecessor === draft.predecessor && (before.by.includes(member) || after.by.includes(member)),
  )
}
