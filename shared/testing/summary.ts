import { casesFrom } from '../case/case-from.ts'
import { drillDue } from '../case/drills.ts'
import { openedLast, openingsOf } from '../case/openings.ts'
import type { Case, Heard } from '../case/types.ts'
import { type Organization, orgFrom } from '../org/org-from.ts'
import type { VerifiedStatement } from '../statements/door.ts'

/** All that an app with this pin concludes, as text, so that two apps can be compared. Statements appear by their ids. */
export function conclusions(
  statements: Iterable<VerifiedStatement>,
  pin: string,
  now: number,
  heard: Heard = () => undefined,
): string {
  const org = orgFrom(statements, pin)
  if (org === null) return 'null'
  const cases = casesFrom(org, now, heard)
  return JSON.stringify({ org: withoutCollection(org), cases, ...exercisedBy(org, cases, now) }, byId, 1)
}

/** How every key was opened, and when the next drill of every plan is due. */
function exercisedBy(org: Organization, cases: readonly Case[], now: number) {
  const openings = openingsOf(org, cases)
  return {
    opened: org.generations.map(({ id }) => openedLast(openings, id)),
    drills: org.plans.map((version) => drillDue(org, version, openings, now)),
  }
}

function withoutCollection(org: Organization) {
  return { ...org, collection: null }
}

function byId(key: string, value: unknown): unknown {
  if (key !== '' && typeof value === 'object' && value !== null && 'envelope' in value && 'id' in value) {
    // Which of two keys touched it is part of what counts.
    const { id, hardware } = value as VerifiedStatement
    return hardware === null ? id : `${id} by ${hardware.keyid}`
  }
  return value
}
