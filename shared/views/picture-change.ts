import * as z from '../zod.ts'
import { type CaseView, caseView } from './case-views.ts'
import { id } from './fields.ts'
import { type Snapshot, snapshotSchema } from './views.ts'

/**
 * What of a picture is different from the one before, by which it is named: all but a little of it stays as it was, and a whole
 * one would take longer to check on both sides than the change takes to happen.
 */
export const pictureChange = z.strictObject({
  ...snapshotSchema.omit({ cases: true }).partial().shape,
  number: z.int(),
  now: snapshotSchema.shape.now,
  /** The number of the picture that this changes. */
  since: z.int(),
  /** Left out if none is different: which there are now, in their order, and those that are not as they were. */
  cases: z.strictObject({ order: z.array(id), drawn: z.array(caseView) }).optional(),
})
export type PictureChange = z.infer<typeof pictureChange>

/** Whether two show the same: number and clock are those of the picture, not of what it shows. */
export function looksSame(one: Snapshot, other: Snapshot): boolean {
  return isSame({ ...one, number: 0, now: 0 }, { ...other, number: 0, now: 0 })
}

/** What makes the second of two pictures out of the first. */
export function changeBetween(before: Snapshot, after: Snapshot): PictureChange {
  const { cases, number, now, ...rest } = after
  const changed = Object.entries(rest).filter(([part, value]) => !isSame(value, before[part as keyof typeof rest]))
  return {
    ...Object.fromEntries(changed),
    number,
    now,
    since: before.number,
    ...(isSame(before.cases, cases) ? {} : { cases: changedCases(before.cases, cases) }),
  }
}

function changedCases(before: readonly CaseView[], after: readonly CaseView[]): PictureChange['cases'] {
  const known = new Map(before.map((one) => [one.id, one]))
  return { order: after.map((one) => one.id), drawn: after.filter((one) => !isSame(known.get(one.id), one)) }
}

/** The picture after a change, sharing with the one before what stays the same; null if it is another that this changes. */
export function changedPicture(before: Snapshot, { since, cases, ...rest }: PictureChange): Snapshot | null {
  if (since !== before.number) return null
  if (cases === undefined) return { ...before, ...given(rest) }
  const known = new Map([...before.cases, ...cases.drawn].map((one) => [one.id, one]))
  const shown = cases.order.flatMap((one) => known.get(one) ?? [])
  return shown.length === cases.order.length ? { ...before, ...given(rest), cases: shown } : null
}

/** What the schema says may be left out is left out, and never there without a value. */
function given<Part extends object>(parts: Part): { [Name in keyof Part]: Exclude<Part[Name], undefined> } {
  return parts as { [Name in keyof Part]: Exclude<Part[Name], undefined> }
}

/** Whether two values as they cross, which are plain data, are the same. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every(
    (name) => Object.hasOwn(other, name) && isSame(one[name as keyof typeof one], other[name as keyof typeof other]),
  )
}
