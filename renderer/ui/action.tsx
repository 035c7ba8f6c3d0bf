import { type ReactNode, useCallback, useRef, useState } from 'react'
import { ErrorNote } from './error-note.tsx'

/** Something a person set going: whether it runs, how it failed, and how to start it. */
export interface Action {
  readonly busy: boolean
  /** What went wrong last, as a note; nothing while all is well. */
  readonly trouble: ReactNode
  readonly run: (act: () => Promise<unknown>) => void
  readonly fail: (error: unknown) => void
}

/** Runs one thing at a time and keeps its error for showing beside the button that started it. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<{ readonly error: unknown } | null>(null)
  const running = useRef(false)
  const run = useCallback((act: () => Promise<unknown>) => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setError(null)
    act()
      .catch((caught: unknown) => setError({ error: caught }))
      .finally(() => {
        running.current = false
        setBusy(false)
      })
  }, [])
  const fail = useCallback((caught: unknown) => setError({ error: caught }), [])
  const trouble = error === null ? null : <ErrorNote error={error.error} onDismiss={() => setError(null)} />
  return { busy, trouble, run, fail }
}
