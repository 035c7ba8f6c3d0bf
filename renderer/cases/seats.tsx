import { Ban, Check, CheckCheck, Hourglass, LockKeyhole, UserRound, WifiOff } from 'lucide-react'
import type { CaseView, SeatView } from '../../shared/views/case-views.ts'
import { isDecidable } from '../store/needs.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Section } from '../ui/page.tsx'
import { State, type Tone } from '../ui/state.tsx'
import { Clock } from '../ui/time.tsx'

const SEATS: Readonly<Record<SeatView['state'], readonly [Tone, typeof Check, string]>> = {
  asked: ['amber', Hourglass, 'Asked'],
  alerted: ['amber', LockKeyhole, 'Locked, is called'],
  unreachable: ['amber', WifiOff, 'Not reachable'],
  approved: ['green', Check, 'Approved'],
  denied: ['red', Ban, 'Denied'],
  released: ['green', CheckCheck, 'Share released'],
  'own-request': ['plain', UserRound, 'Asked for this'],
}

const NOT_HEARD = ['plain', UserRound, 'Did not answer'] as const

/** One seat for each approver, and how the count stands. */
export function Seats({ one }: { readonly one: CaseView }) {
  return (
    <Section title="Approvers">
      <Quorum one={one} />
      <ul className="seats">
        {one.seats.map((seat) => (
          <Seat key={seat.person.member} seat={seat} over={!isDecidable(one)} />
        ))}
      </ul>
    </Section>
  )
}

/** Too few approved, and no more can: why. */
const TOO_FEW: Partial<Record<CaseView['state'], string>> = {
  blocked: 'approved when it was stopped',
  expired: 'approved before it expired',
  withdrawn: 'approved before it was withdrawn',
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
        {quorum.met && quorum.still === ''
          ? 'approved: enough'
          : (TOO_FEW[state] ?? `approved, still needed: ${quorum.still}`)}
      </p>
    </div>
  )
}

/** @param over - whether nothing is awaited from anybody any more. */
function Seat({ seat, over }: { readonly seat: SeatView; readonly over: boolean }) {
  const silent = ['asked', 'alerted', 'unreachable'].includes(seat.state)
  const [tone, icon, words] = over && silent ? NOT_HEARD : SEATS[seat.state]
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
      <Reason text={seat.reason} />
      {seat.aside !== '' && <span className="small">{seat.aside}</span>}
      <Reason text={seat.asideReason} />
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

function Reason({ text }: { readonly text: string }) {
  return text === '' ? null : (
    <span className="small">
      “<Exact>{text}</Exact>”
    </span>
  )
}
