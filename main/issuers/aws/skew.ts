import { differenceField } from '../../../shared/statements/fields.ts'

/**
 * How far the service's clock is ahead of ours.
 *
 * @param date - the Date header of an answer; whole seconds, so the result is good to half a second and the round trip.
 * @param sentAt - our wall clock, milliseconds, when the request left.
 * @param receivedAt - the same when the answer's head had come.
 * @returns whole milliseconds; null if the header is absent, no date, or one that no clock shows.
 */
export function skewFrom(date: string | undefined, sentAt: number, receivedAt: number): number | null {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return null
  const skewMs = Math.round(theirs + 500 - (sentAt + receivedAt) / 2)
  // A grant that says it could not be recorded otherwise.
  return differenceField.safeParse(skewMs).success ? skewMs : null
}
