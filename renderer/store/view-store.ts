import { createStore, type StoreApi } from 'zustand/vanilla'
import { ANY_CASE, type CaseFilter } from '../../shared/views/case-log.ts'
import type { SetUpVerdict } from '../../shared/views/set-up-lines.ts'

/** Where the window stands. Kept in memory alone: an address would tell the browser's history which case it was. */
export type Route =
  | { readonly screen: 'now' | 'cases' | 'credentials' | 'people' | 'log' | 'settings' }
  | { readonly screen: 'ask'; readonly plan: string | null; readonly drill: boolean }
  | { readonly screen: 'case'; readonly id: string }
  | { readonly screen: 'report'; readonly id: string }
  | { readonly screen: 'session'; readonly id: string }
  | { readonly screen: 'terminal'; readonly id: string }
  | { readonly screen: 'plan-form'; readonly replaces: string | null }
  | { readonly screen: 'deposit'; readonly plan: string }
  | { readonly screen: 'change-people' }

/** What the list of all cases is narrowed to, and where it stands: kept while one of them is looked at. */
export interface CaseList {
  readonly filter: CaseFilter
  readonly skip: number
  /** Whether what is older than the newest three months is listed too. */
  readonly older: boolean
}

export interface View {
  readonly route: Route
  /** What a screen reader is to say next; the number makes equal sentences news. */
  readonly announced: { readonly number: number; readonly text: string }
  readonly toasts: readonly { readonly id: number; readonly text: string }[]
  readonly caseList: CaseList
  /** The last check of a key with AWS since the app was unlocked; it is kept nowhere else. */
  readonly checked: { readonly verdict: SetUpVerdict; readonly at: number } | null
}

export type ViewStore = StoreApi<View>

const START: View = {
  route: { screen: 'now' },
  announced: { number: 0, text: '' },
  toasts: [],
  caseList: { filter: ANY_CASE, skip: 0, older: false },
  checked: null,
}

/** The window's own state: what is looked at, said and shown for a moment. */
export function createViewStore(): ViewStore {
  return createStore<View>(() => START)
}

/** Goes to a screen. */
export function go(store: ViewStore, route: Route): void {
  store.setState({ route })
}

/** Narrows the list of all cases, or turns its page. */
export function listCases(store: ViewStore, caseList: CaseList): void {
  store.setState({ caseList })
}

/** Keeps what a check of a key with AWS came to, until the next one or the lock. */
export function keepCheck(store: ViewStore, verdict: SetUpVerdict, at: number): void {
  store.setState({ checked: { verdict, at } })
}

/** Lets a screen reader say something, and nobody else see it. */
export function announce(store: ViewStore, text: string): void {
  if (text === '') return
  store.setState(({ announced }) => ({ announced: { number: announced.number + 1, text } }))
}

/** Shows a short confirmation until it is dismissed or its time is over. */
export function toast(store: ViewStore, text: string): void {
  store.setState(({ toasts }) => ({ toasts: [...toasts.slice(-2), { id: (toasts.at(-1)?.id ?? 0) + 1, text }] }))
}

/** Takes a short confirmation away. */
export function dismissToast(store: ViewStore, id: number): void {
  store.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) }))
}

/** Back to the start, with nothing of the session left. */
export function resetView(store: ViewStore): void {
  store.setState(START, true)
}
