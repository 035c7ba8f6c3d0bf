import { LoaderCircle, type LucideIcon } from 'lucide-react'
import { type ButtonHTMLAttributes, type ReactNode, useEffect, useState } from 'react'

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'disabled' | 'style'> {
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet'
  readonly big?: boolean
  readonly icon?: LucideIcon
  readonly children: ReactNode
  /** Under way: shows so after 300 ms, and does nothing meanwhile. */
  readonly busy?: boolean
  /** Not possible yet; stays in reach of the keyboard, so that it is not missed. */
  readonly off?: boolean
}

/** A button with words; `kind` says how much it weighs. */
export function Button(props: ButtonProps) {
  const { kind = 'plain', big = false, icon, busy = false, off = false, children, ...rest } = props
  const slow = useSlow(busy)
  const Icon = slow ? LoaderCircle : icon
  const idle = busy || off
  return (
    <button
      type="button"
      {...rest}
      onClick={idle ? (event) => event.preventDefault() : rest.onClick}
      aria-disabled={idle || undefined}
      aria-busy={slow || undefined}
      className={`button ${kind}${big ? ' big' : ''}`}
    >
      {Icon && <Icon size={18} aria-hidden="true" className={slow ? 'spin' : ''} />}
      <span>{children}</span>
    </button>
  )
}

const SLOW_MS = 300

/** Whether something has been under way for longer than people take for instant. */
function useSlow(busy: boolean): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    if (!busy) return undefined
    const timer = setTimeout(() => setSlow(true), SLOW_MS)
    return () => {
      clearTimeout(timer)
      setSlow(false)
    }
  }, [busy])
  return slow
}
