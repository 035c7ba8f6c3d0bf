import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { Snapshot } from '../../shared/views/views.ts'
import type { CeremonyDesk } from '../ceremony/desk.ts'
import type { Client } from '../client.ts'
import type { LogRows } from '../storage/log-rows.ts'
import type { SnapshotStore } from './snapshot-store.ts'
import type { Route, ViewStore } from './view-store.ts'
import { announce, go, toast } from './view-store.ts'

/** All that screens work with; made once in `main.tsx`, and by the stories. */
export interface App {
  readonly client: Client
  readonly shown: SnapshotStore
  readonly view: ViewStore
  readonly desk: CeremonyDesk
  readonly rows: LogRows
}

export const AppContext = createContext<App | null>(null)

/** The app around a screen. */
export function useApp(): App {
  const app = useContext(AppContext)
  if (app === null) throw new TypeError('a screen outside of the app')
  return app
}

/** The snapshot on screen. Screens are mounted only once there is one. */
export function useSnapshot(): Snapshot {
  const snapshot = useStore(useApp().shown, (shown) => shown.snapshot)
  if (snapshot === null) throw new TypeError('a screen before the first snapshot')
  return snapshot
}

/** The call that goes to a screen. */
export function useGo(): (route: Route) => void {
  const { view } = useApp()
  return (route) => go(view, route)
}

/** The call that confirms something: seen for a moment, and said. */
export function useConfirm(): (text: string) => void {
  const { view } = useApp()
  return (text) => {
    toast(view, text)
    announce(view, text)
  }
}
