import { casesFrom } from '../case/case-from.ts'
import type { Heard } from '../case/types.ts'
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
  return JSON.stringify(org && { org: withoutCollection(org), cases: casesFrom(org, now, heard) }, byId, 1)
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
