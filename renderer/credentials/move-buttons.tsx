import { ArrowDown, ArrowUp } from 'lucide-react'

interface MoveButtonsProps {
  /** What is moved, so that each button has a name of its own. */
  readonly name: string
  readonly at: number
  readonly of: number
  readonly onMove: (by: -1 | 1) => void
}

/** Moves one thing of an ordered list up or down. */
export function MoveButtons({ name, at, of, onMove }: MoveButtonsProps) {
  return (
    <span className="row">
      {at > 0 && (
        <button type="button" className="button icon-only" aria-label={`Move ${name} up`} onClick={() => onMove(-1)}>
          <ArrowUp size={18} aria-hidden="true" />
        </button>
      )}
      {at < of - 1 && (
        <button type="button" className="button icon-only" aria-label={`Move ${name} down`} onClick={() => onMove(1)}>
          <ArrowDown size={18} aria-hidden="true" />
        </button>
      )}
    </span>
  )
}
