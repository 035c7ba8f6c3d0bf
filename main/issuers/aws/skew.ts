/**
 * How far the service's clock is ahead of ours.
 *
 * @param date - the Date header of an answer; whole seconds, so the result is good to half a second and the round trip.
 * @param sentAt - our wall clock, milliseconds, when the request left.
 * @param receivedAt - the same when the answer's head had come.
 * @returns whole milliseconds; null if the header is absent or no date.
 */
export function skewFrom(date: string | undefined, sentAt: number, receivedAt: number): number | null {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return null
  return Math.round(theirs + 500 - (sentAt + receivedAt) / 2)
}
