import type { LucideIcon } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode } from 'react'

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'disabled' | 'style'> {
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet'
  readonly big?: boolean
  readonly icon?: LucideIcon
  readonly children: ReactNode
  /** Under way: the button stays in reach of the keyboard and does nothing. */
  readonly busy?: boolean
}

/** A button with words; `kind` says how much it weighs. */
export function Button({ kind = 'plain', big = false, icon: Icon, busy = false, children, ...rest }: ButtonProps) {
  const onClick = busy ? undefined : rest.onClick
  return (
    <button
      type="button"
      {...rest}
      onClick={onClick}
      aria-disabled={busy || undefined}
      className={`button ${kind}${big ? ' big' : ''}`}
    >
      {Icon && <Icon size={18} aria-hidden="true" />}
      <span>{children}</span>
    </button>
  )
}
