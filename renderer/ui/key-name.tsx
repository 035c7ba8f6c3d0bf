import { KeyRound } from 'lucide-react'
import { Exact } from './exact-text.tsx'
import { State } from './state.tsx'

/** A FIDO2 key by the name its owner gave it. */
export function KeyName({ children }: { readonly children: string }) {
  return (
    <State tone="plain" icon={KeyRound}>
      <Exact>{children}</Exact>
    </State>
  )
}
