import type { CaseView, SeatView } from '../../shared/views/case-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'

/** What is new between two snapshots, as sentences for the live region. */
export function newsBetween(before: Snapshot | null, after: Snapshot): string[] {
  if (before === null || before.stage !== after.stage) return []
  const known = new Map(before.cases.map((one) => [one.id, one]))
  const notes = new Set(before.notes.map(({ id }) => id))
  const called = before.vault.mail.urgentSince === null && after.vault.mail.urgentSince !== null
  return [
    ...(called ? ['A break-glass request waits for you. Unlock Lockbox to read it.'] : []),
    ...after.cases.flatMap((now) => newsOfCase(known.get(now.id), now)),
    ...after.notes.filter(({ id }) => !notes.has(id)).map((note) => `${note.what} ${note.todo}`),
  ]
}

function newsOfCase(before: CaseView | undefined, now: CaseView): string[] {
  if (before === undefined) return [`New request from ${now.requester.name} for ${now.credential}: ${now.headline}`]
  const seats = new Map(before.seats.map((seat) => [seat.person.member, seat.state]))
  const moved = now.seats.flatMap((seat) => {
    const said = seats.get(seat.person.member) === seat.state ? null : SAID[seat.state]
    return said === null ? [] : [`${seat.person.name} ${said} the request for ${now.credential}.`]
  })
  return withoutTimes(before.headline) === withoutTimes(now.headline) ? moved : [...moved, now.headline]
}

/** That one more minute has passed is no news. */
function withoutTimes(headline: string): string {
  return headline.replaceAll(/less than a minute|\d+ (?:min|h)\b/g, '…')
}

const SAID: Readonly<Record<SeatView['state'], string | null>> = {
  asked: null,
  alerted: null,
  unreachable: null,
  'own-request': null,
  approved: 'approved',
  denied: 'denied',
  released: 'released their share for',
}
