import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** Neutral, waiting, confirmed, or refused and unconfirmed: always with an icon and words. */
export type Tone = 'plain' | 'amber' | 'green' | 'red'

/** The state of something in one or two words. */
export function State({ tone, icon: Icon, children }: { tone: Tone; icon: LucideIcon; children: ReactNode }) {
  return (
    <span className={`state ${tone}`}>
      <Icon size={16} aria-hidden="true" />
      {children}
    </span>
  )
}
