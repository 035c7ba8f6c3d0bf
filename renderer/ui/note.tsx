import { CircleCheck, Info, TriangleAlert, X } from 'lucide-react'
import type { ReactNode } from 'react'

type Level = 'info' | 'attention' | 'danger' | 'good'

const ICONS = { info: Info, attention: TriangleAlert, danger: TriangleAlert, good: CircleCheck }

interface NoteProps {
  readonly level: Level
  /** What happened. */
  readonly what: string
  /** What it means for the incident. */
  readonly means?: string
  /** What to do now. */
  readonly todo?: string
  readonly onDismiss?: () => void
  readonly children?: ReactNode
}

/** Something people should know, in its three parts. */
export function Note({ level, what, means = '', todo = '', onDismiss, children }: NoteProps) {
  const Icon = ICONS[level]
  return (
    <div className={`note ${level}`} role={level === 'danger' ? 'alert' : undefined}>
      <Icon size={20} aria-hidden="true" />
      <div className="stack-8">
        <p className="what">{what}</p>
        {means !== '' && <p>{means}</p>}
        {todo !== '' && <p>{todo}</p>}
        {children}
      </div>
      {onDismiss && (
        <button type="button" className="button quiet icon-only" aria-label={`Dismiss: ${what}`} onClick={onDismiss}>
          <X size={18} aria-hidden="true" />
        </button>
      )}
    </div>
  )
}

/** A screen with nothing on it yet, and what the next step is. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return <div className="card muted stack">{children}</div>
}
