import type { UnixMilliseconds } from '../../shared/bytes.ts'
import { mayBeDenied } from '../../shared/case/aftercare-duties.ts'
import { diesAt } from '../../shared/case/grants.ts'
import type { Case, Grant } from '../../shared/case/types.ts'
import { comingFrom } from '../../shared/views/headline.ts'
import type { Names } from '../../shared/views/people.ts'
import type { SessionView } from '../../shared/views/session-views.ts'
import { profileOf } from '../handout/profile.ts'
import type { Ending } from '../sessions/ending.ts'
import { type Held, regionOf } from './held-session.ts'
import type { Host } from './ports.ts'

/** What the view of a session shows beside its case and what is held of it. */
interface Around {
  /** How long it may live, if nothing of it is here. */
  readonly endsInMs: number
  readonly now: UnixMilliseconds
  /** Whether what opens it has come to this device. */
  readonly hasCome: boolean
  readonly names: Names
  readonly clipboardUntil: number | null
  readonly handoutCommand: Host['handoutCommand']
}

/** What is shown of a session that is here. */
type Shown = Pick<Held, 'end' | 'handedOut'> & { readonly live: Pick<Held['live'], 'leftMs' | 'ending' | 'isHarmed'> }

/** A session of the owner's as the window shows it. @param held - undefined if its credentials are not here. */
export function sessionView(
  one: Case,
  grant: Grant,
  held: Shown | undefined,
  { endsInMs, now, hasCome, names, clipboardUntil, handoutCommand }: Around,
): Omit<SessionView, 'terminal'> {
  const { statement, plan } = grant
  const { accessKeyId, expires, skewMs } = statement.payload
  const { region } = regionOf(grant)
  const leftMs = held === undefined ? endsInMs : held.end === null ? held.live.leftMs() : 0
  const [, , , , account = '', role = ''] = plan.access.roleArn.split(':')
  return {
    case: one.id,
    accessKeyId,
    account,
    role: role.replace(/^role\//, ''),
    region,
    here: held !== undefined && held.end === null && held.live.ending() === null,
    leftMs,
    // Of one that is here its grant’s own end: what was opened was compared with that, and a custodian’s clock that is ahead
    // would only promise more than AWS gives.
    ends: held === undefined ? diesAt(grant) : expires - skewMs,
    ...(held === undefined ? absent(grant, { hasCome, names }, leftMs) : standing(held, leftMs)),
    deniable: mayBeDenied(grant, now),
    clipboardUntil,
    handedOut: held?.handedOut === undefined ? { times: 0, last: null } : { ...held.handedOut },
    profile: profileOf(handoutCommand, one.id, region),
  }
}

function absent(
  grant: Grant,
  { hasCome, names }: Pick<Around, 'hasCome' | 'names'>,
  leftMs: number,
): Pick<SessionView, 'state' | 'says'> {
  if (leftMs <= 0)
    return { state: 'cannot-confirm', says: 'Its time is over; nobody has confirmed that AWS refuses it.' }
  if (!hasCome) return { state: 'coming', says: `It opens by itself when it has come: ${comingFrom(grant, names)}` }
  return {
    state: 'cannot-confirm',
    says: 'The session’s credentials are not in this app’s memory any more. It dies by itself.',
  }
}

function standing(held: Shown, leftMs: number): Pick<SessionView, 'state' | 'says'> {
  const ending = held.end === null ? held.live.ending() : null
  if (ending !== null && leftMs > 0) return early(ending)
  if (held.end === null && leftMs > 0 && held.live.isHarmed())
    return {
      state: 'refused',
      says: 'Nobody ended it: what denies another one hits it too. For access now, ask under a plan with another role.',
    }
  if (held.end === null)
    return leftMs > 0
      ? { state: 'live', says: 'The session is yours until its time is over.' }
      : { state: 'ending', says: 'Ending: asking AWS whether it refuses the session.' }
  if (held.end.confirmation === 'aws-refused')
    return { state: 'ended', says: 'Ended: AWS refused a call. Nothing of it is in memory.' }
  return { state: 'cannot-confirm', says: 'Wiped here. AWS lets it live until its time is over; it dies by itself.' }
}

function early({ how, isDenied, isIgnored }: Ending): Pick<SessionView, 'state' | 'says'> {
  const who = how === 'done' ? 'You said that you are done.' : 'A custodian ended this session.'
  if (isIgnored)
    return {
      state: 'cannot-confirm',
      says: `${who} AWS has the deny and does not honour it: it still answers. What was copied works until the session dies by itself.`,
    }
  if (isDenied) return { state: 'ending', says: `${who} AWS has the deny; Lockbox asks until it refuses a call.` }
  return {
    state: 'ending',
    says: `${who} It waits for a device that may deny it at AWS; until then what was copied still works.`,
  }
}
