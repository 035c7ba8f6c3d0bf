import type { Digest } from '../bytes.ts'
import { requestOf } from '../statements/collection.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import type { BundleScope } from './scope.ts'
import { sectionOf } from './sections.ts'

interface Accepted {
  readonly at: number
  readonly statement: VerifiedStatement
}

/**
 * The entries of a part of a ledger: every statement of the cases it is about, whatever was signed in its time, and what those
 * stand on: all rosters, plans, deposits, endorsements and proofs of custody, and the drills that such proofs name.
 */
export function partOf<Entry extends Accepted>(entries: readonly Entry[], scope: Exclude<BundleScope, 'all'>): Entry[] {
  if (scope === 'held') return [...entries]
  const isAsked = 'case' in scope ? () => false : spanning(scope)
  const cases = new Set<Digest>('case' in scope ? [scope.case] : [])
  const drills = new Set<Digest>()
  for (const { statement } of entries) {
    const request = requestOf(statement)
    if (request !== null && isAsked(statement)) cases.add(request)
    if (statement.kind === 'custody') drills.add(statement.payload.nonce)
  }
  return entries.filter(({ statement }) => {
    const request = requestOf(statement)
    return request === null ? isGround(statement) || isAsked(statement) : cases.has(request) || drills.has(statement.id)
  })
}

function spanning({ from, to }: { readonly from: number; readonly to: number }) {
  return ({ payload }: VerifiedStatement): boolean => payload.time >= from && payload.time < to
}

function isGround(statement: VerifiedStatement): boolean {
  const section = sectionOf(statement)
  return 'section' in section && (section.section === 'rosters' || section.section === 'organization')
}
