import { KeyRound } from 'lucide-react'
import type { ReactNode } from 'react'

/** A screen before anything is open: no frame around it, only whose it is. */
export function Alone({ wide = false, children }: { readonly wide?: boolean; readonly children: ReactNode }) {
  return (
    <main className={wide ? 'alone wide' : 'alone'}>
      <p className="wordmark">
        <KeyRound size={20} aria-hidden="true" /> Lockbox
      </p>
      {children}
    </main>
  )
}
