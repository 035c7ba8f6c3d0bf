import type { LucideIcon } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useAction } from './action.tsx'
import { Button } from './button.tsx'

interface OnDemandProps<Found> {
  readonly icon: LucideIcon
  /** What the button says. */
  readonly words: string
  readonly load: () => Promise<Found>
  /** Shows what was loaded. */
  readonly children: (found: Found) => ReactNode
}

/** What is large and seldom wanted: a button that brings it, and then it, in the button's place. */
export function OnDemand<Found extends object>({ icon, words, load, children }: OnDemandProps<Found>) {
  const action = useAction()
  const [found, setFound] = useState<Found | null>(null)
  if (found !== null) return children(found)
  return (
    <div className="stack-8">
      <div className="row">
        <Button icon={icon} busy={action.busy} onClick={() => action.run(async () => setFound(await load()))}>
          {words}
        </Button>
      </div>
      {action.trouble}
    </div>
  )
}
