import { Ban, Check, CheckCheck, Hourglass, UserRound, WifiOff } from 'lucide-react'
import type { CaseView, SeatView } from '../../shared/views/views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Section } from '../ui/page.tsx'
import { State, type Tone } from '../ui/state.tsx'
import { Clock } from '../ui/time.tsx'

const SEATS: Readonly<Record<SeatView['state'], readonly [Tone, typeof Check, string]>> = {
  asked: ['amber', Hourglass, 'Asked'],
  unreachable: ['amber', WifiOff, 'Not reachable'],
  approved: ['green', Check, 'Approved'],
  denied: ['red', Ban, 'Denied'],
  released: ['green', CheckCheck, 'Share released'],
  'own-request': ['plain', UserRound, 'Asked for this'],
}

/** One seat for each approver, and how the count stands. */
export function Seats({ one }: { readonly one: CaseView }) {
  return (
    <Section title="Approvers">
      <Quorum one={one} />
      <ul className="seats">
        {one.seats.map((seat) => (
          <Seat key={seat.person.member} seat={seat} />
        ))}
      </ul>
    </Section>
  )
}

function Quorum({ one: { quorum, state } }: { readonly one: CaseView }) {
  if (quorum === null) return null
  return (
    <div className="quorum">
      <span className="pips" aria-hidden="true">
        {Array.from({ length: quorum.need }, (_, at) => (
          <span key={at} className={at < quorum.have ? 'full' : ''} />
        ))}
      </span>
      <p>
        <span className="count">
          {quorum.have} of {quorum.need}
        </span>{' '}
        {quorum.met
          ? 'approved: enough'
          : state === 'blocked'
            ? 'approved when it was stopped'
            : `approved, still needed: ${quorum.still}`}
      </p>
    </div>
  )
}

function Seat({ seat }: { readonly seat: SeatView }) {
  const [tone, icon, words] = SEATS[seat.state]
  return (
    <li className="seat">
      <span className="name">
        <Exact>{seat.person.name}</Exact>
      </span>
      <State tone={tone} icon={icon}>
        {words}
      </State>
      {seat.at !== null && (
        <span className="small">
          at <Clock at={seat.at} />
        </span>
      )}
      {seat.reason !== '' && (
        <span className="small">
          “<Exact>{seat.reason}</Exact>”
        </span>
      )}
      <span className="small muted">{seat.groups.join(', ')}</span>
      {seat.veto && <span className="small">can veto: one denial stops it</span>}
      {seat.contact !== '' && (
        <span className="small muted">
          <Exact>{seat.contact}</Exact>
        </span>
      )}
    </li>
  )
}
