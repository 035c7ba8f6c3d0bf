import type { ReactNode } from 'react'

interface FormProps {
  /** What a screen reader calls it, where several stand on one screen. */
  readonly label?: string
  readonly className?: string
  readonly onSubmit: () => void
  /** Something in it was typed or chosen. */
  readonly onEdit?: () => void
  readonly children: ReactNode
}

/** Fields that Enter sends as well as the button; the browser itself never sends them anywhere. */
export function Form({ label, className = 'stack-32', onSubmit, onEdit, children }: FormProps) {
  return (
    <form
      className={className}
      aria-label={label}
      onInput={onEdit}
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      {children}
    </form>
  )
}
