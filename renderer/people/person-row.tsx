import { WifiOff } from 'lucide-react'
import { CLOCK_TOLERANCE_MS } from '../../shared/case/types.ts'
import type { PersonView } from '../../shared/views/people-views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { KeyName } from '../ui/key-name.tsx'
import { State } from '../ui/state.tsx'
import { Clock, Since } from '../ui/time.tsx'
import { PresenceState, Relayed } from './presence.tsx'

/** One member: roles, groups, device, keys, and whether their device can be reached. */
export function PersonRow({ person }: { readonly person: PersonView }) {
  return (
    <li className="person">
      <div className="row-between">
        <span>
          <strong>
            <Exact>{person.name}</Exact>
          </strong>
          {person.me && ' (you)'}
          <span className="muted">
            {' '}
            · {person.roles.join(', ')}
            {person.groups.length > 0 && ` · ${person.groups.join(', ')}`}
          </span>
        </span>
        <Reach person={person} />
      </div>
      <Way person={person} />
      <p className="small muted">
        <Exact>{person.deviceName}</Exact>
        {person.contact !== '' && (
          <>
            {' '}
            · <Exact>{person.contact}</Exact>
          </>
        )}
      </p>
      <Keys keys={person.keys} />
    </li>
  )
}

/** Keys with what they proved about their model. */
function Keys({ keys }: { readonly keys: PersonView['keys'] }) {
  return (
    <ul className="tags" aria-label="Keys">
      {keys.map(({ name, model }) => (
        <li key={name} className="row small">
          <KeyName>{name}</KeyName>
          <span className="muted">{model}</span>
        </li>
      ))}
    </ul>
  )
}

/** Over which way, or why not. */
function Way({ person: { me, reach } }: { readonly person: PersonView }) {
  if (me || reach === null) return null
  const words = reach.why ?? reach.via
  return (
    <>
      {words !== '' && (
        <p className="small muted">
          {reach.presence !== 'gone' && reach.since !== null && (
            <>
              Since <Clock at={reach.since} />,{' '}
            </>
          )}
          {words}
        </p>
      )}
      <Relayed at={reach.relayedAt} />
    </>
  )
}

function Reach({ person: { me, reach } }: { readonly person: PersonView }) {
  if (me || reach === null) return null
  const away = Math.abs(reach.clockDifferenceMs ?? 0)
  return (
    <span className="tags">
      <PresenceState presence={reach.presence}>
        {reach.presence === 'gone' && reach.since !== null && (
          <>
            , seen <Since at={reach.since} />
          </>
        )}
      </PresenceState>
      {away > CLOCK_TOLERANCE_MS && (
        <State tone="red" icon={WifiOff}>
          Clock differs by {Math.round(away / 60_000)} min
        </State>
      )}
    </span>
  )
}
