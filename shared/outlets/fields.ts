import type { OutletEvent } from './event.ts'

/** The fields of an event in the order in which every format that lists them does (docs/outlets.md §3). */
export const FIELDS = [
  'position',
  'id',
  'time',
  'heard',
  'kind',
  'says',
  'outcome',
  'rule',
  'level',
  'organization',
  'organizationName',
  'member',
  'person',
  'device',
  'deviceName',
  'key',
  'keyName',
  'keyModel',
  'userVerified',
  'inForce',
  'case',
  'purpose',
  'requester',
  'requesterName',
  'plan',
  'planName',
  'account',
  'reference',
  'of',
  'verdict',
  'reason',
  'emergency',
  'seconds',
  'attempt',
  'generation',
  'accessKeyId',
  'expires',
  'code',
  'confirmation',
] as const satisfies readonly (keyof OutletEvent)[]

type Listed = (typeof FIELDS)[number]
// Does not compile while a field of the event stands in no list, so that none can be forgotten in a format.
const ALL_LISTED: Exclude<keyof OutletEvent, Listed> extends never ? true : never = true

const TIMES: ReadonlySet<Listed> = new Set(ALL_LISTED ? ['time', 'heard', 'expires'] : [])

export type FieldValue = string | number | boolean | null

/** Name and value of every field, times as RFC 3339 in UTC with milliseconds. */
export function fieldsOf(event: OutletEvent): [name: Listed, value: FieldValue][] {
  return FIELDS.map((name) => {
    const value = event[name]
    return [name, TIMES.has(name) && typeof value === 'number' ? utcTime(value) : value]
  })
}

/** A moment as RFC 3339: `2026-11-28T14:02:11.000Z`. @param ms - up to the year 9999; statements stop at 2200. */
export function utcTime(ms: number): string {
  return new Date(ms).toISOString()
}
