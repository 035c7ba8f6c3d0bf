import type { Organization } from '../org/org-from.ts'
import { naming, type VerifiedStatement } from '../statements/door.ts'

/**
 * Whether a statement names a roster of the history. A grant can stand on nothing else (docs/formats/rules.md §5), so what
 * would give access counts only if it does: an approval, of a sound author, that names a mere draft would else meet the
 * quorum and spoil the grant that rests on it.
 */
export function isOnChain({ history }: Pick<Organization, 'history'>, statement: VerifiedStatement): boolean {
  const { roster } = naming(statement)
  return history.some(({ id }) => id === roster)
}
