import type { OutletView } from '../../shared/views/outlets.ts'
import { clockOf } from '../ui/time-words.ts'

const COUNT = new Intl.NumberFormat('en-GB')

/** How far an outlet is: "Delivered 1,204 of 1,210 · last at 14:02:11 · waiting: connection refused". */
export function progressWords(outlet: OutletView, now: number): string {
  const { via, delivered, gone, total, lastAt, trouble } = outlet
  const parts =
    total === 0
      ? ['Nothing has come since it was added']
      : [`${via === 'udp' ? 'Sent' : 'Delivered'} ${COUNT.format(delivered)} of ${COUNT.format(total)}`]
  if (gone > 0)
    parts.push(`${COUNT.format(gone)} removed from this device before ${gone === 1 ? 'it' : 'they'} went out`)
  if (lastAt !== null) parts.push(`last at ${clockOf(lastAt, now)}`)
  if (trouble !== null) parts.push(`waiting: ${trouble}`)
  return parts.join(' · ')
}

/** When it is tried again by itself. */
export function nextTryWords({ trouble, since, nextTryAt }: OutletView, now: number): string {
  // What keeps it from trying at all is nothing that it tries again.
  if (trouble === null || since === null) return ''
  const seconds = nextTryAt === null ? 0 : Math.ceil((nextTryAt - now) / 1000)
  if (seconds <= 0) return 'Trying again now.'
  return `Tries again by itself in ${seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`}. Nothing is lost meanwhile.`
}
