import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useApp } from './app.ts'
import { mainClock } from './snapshot-store.ts'

/** Main's clock, again every `everyMs`. */
export function useNow(everyMs = 1000): number {
  const shown = useStore(useApp().shown)
  return mainClock(shown, useMonotonic(everyMs))
}

/** Both clocks of this device, again every `everyMs`: the monotonic one, and the wall clock that people set. */
export function useClocks(everyMs: number): { readonly monotonic: number; readonly wall: number } {
  const [now, setNow] = useState(readClocks)
  useEffect(() => {
    const timer = setInterval(() => setNow(readClocks()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

const readClocks = () => ({ monotonic: performance.now(), wall: Date.now() })

/** `performance.now()`, again every `everyMs`. */
export function useMonotonic(everyMs = 1000): number {
  return useClocks(everyMs).monotonic
}
