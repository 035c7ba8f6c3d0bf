import type { BrokerView } from '../../shared/views/relay.ts'
import { clockOf } from '../ui/time-words.ts'

const COUNT = new Intl.NumberFormat('en-GB')
const AS = {
  nobody: 'as nobody in particular',
  user: 'with user and password',
  file: 'with a credentials file',
} as const

const counted = (count: number, one: string, many: string) => `${COUNT.format(count)} ${count === 1 ? one : many}`

/** What passed there since unlocking: "48 messages left there, 31 read · 4 still to be sent". */
export function brokerProgress({ kept, read, waiting }: BrokerView): string {
  const parts = [`${counted(kept, 'message', 'messages')} left there, ${COUNT.format(read)} read`]
  if (waiting > 0) parts.push(`${COUNT.format(waiting)} still to be sent`)
  return parts.join(' · ')
}

/** Why it is not used, and since when; or nothing. */
export function brokerTrouble({ state, trouble, since }: BrokerView, now: number): string {
  if (state === 'on' || trouble === null) return ''
  return `Not used since ${clockOf(since, now)}: ${trouble}. It is tried again by itself.`
}

/** What did not get there: said while the broker is in use as well; or nothing. */
export function brokerDropped({ dropped }: BrokerView): string {
  if (dropped === 0) return ''
  return `${counted(dropped, 'message', 'messages')} did not get there: more waited than is kept, or the broker refused. Once it takes messages again, the others are told anew what there is and fetch what they lack.`
}

/** Who this device is there, and whose certificate counts. */
export function brokerIdentity({ as, pinned }: BrokerView): string {
  return `${AS[as]}${pinned ? ', its certificate by your own CA' : ''}`
}
