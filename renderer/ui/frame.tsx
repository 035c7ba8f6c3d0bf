import {
  FolderOpen,
  Inbox,
  KeyRound,
  LifeBuoy,
  Lock,
  type LucideIcon,
  ScrollText,
  Settings,
  Users,
  Wifi,
  WifiOff,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useApp, useGo, useSnapshot } from '../store/app.ts'
import { waiting } from '../store/needs.ts'
import { reachability } from '../store/reach.ts'
import type { Route } from '../store/view-store.ts'
import { useAction } from './action.tsx'
import { Button } from './button.tsx'
import { Exact } from './exact-text.tsx'

interface Place {
  readonly name: string
  readonly icon: LucideIcon
  readonly route: Route
  /** Screens that belong to this place. */
  readonly screens: readonly Route['screen'][]
  /** Whether only a member has any use of it. */
  readonly members: boolean
}

const PLACES: readonly Place[] = [
  { name: 'Now', icon: Inbox, route: { screen: 'now' }, screens: ['now'], members: false },
  { name: 'Ask', icon: LifeBuoy, route: { screen: 'ask', plan: null, drill: false }, screens: ['ask'], members: true },
  {
    name: 'Cases',
    icon: FolderOpen,
    route: { screen: 'cases' },
    screens: ['cases', 'case', 'session', 'terminal'],
    members: true,
  },
  {
    name: 'Credentials',
    icon: KeyRound,
    route: { screen: 'credentials' },
    screens: ['credentials', 'plan-form', 'deposit'],
    members: true,
  },
  { name: 'People', icon: Users, route: { screen: 'people' }, screens: ['people', 'change-people'], members: false },
  { name: 'Log', icon: ScrollText, route: { screen: 'log' }, screens: ['log', 'report'], members: false },
  { name: 'Settings', icon: Settings, route: { screen: 'settings' }, screens: ['settings'], members: false },
]

/** Rail, top bar and the screen. */
export function Frame({ children }: { readonly children: ReactNode }) {
  return (
    <div className="frame">
      <TopBar />
      <Rail />
      <main className="content">{children}</main>
    </div>
  )
}

function Rail() {
  const snapshot = useSnapshot()
  const { view } = useApp()
  const route = useStore(view, (state) => state.route)
  const go = useGo()
  const counts = waiting(snapshot)
  const places = PLACES.filter(({ members }) => !members || snapshot.stage === 'member')
  return (
    <nav className="rail" aria-label="Main">
      <ul>
        {places.map(({ name, icon: Icon, route: to, screens }) => {
          const count = counts[name.toLowerCase()] ?? 0
          return (
            <li key={name}>
              <button
                type="button"
                aria-label={count > 0 ? `${name}, ${count} waiting` : name}
                aria-current={screens.includes(route.screen) ? 'page' : undefined}
                onClick={() => go(to)}
              >
                <Icon size={20} aria-hidden="true" />
                <span>{name}</span>
                {count > 0 && <span className="count">{count}</span>}
              </button>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

function TopBar() {
  const { client } = useApp()
  const { organization, vault } = useSnapshot()
  const { busy, run } = useAction()
  return (
    <header className="topbar">
      <span className="organization">
        <Exact>{organization?.name ?? vault.personName}</Exact>
      </span>
      <Reach />
      <Button icon={Lock} busy={busy} onClick={() => run(() => client.vault.lock())}>
        Lock
      </Button>
    </header>
  )
}

function Reach() {
  const reach = reachability(useSnapshot())
  if (reach === null) return <span className="reach muted">Not a member of an organization yet</span>
  const Icon = reach.isShort ? WifiOff : Wifi
  return (
    <span
      className={reach.isShort ? 'reach short' : 'reach'}
      title={reach.isShort ? (reach.plan ?? undefined) : undefined}
    >
      <Icon size={18} aria-hidden="true" />
      {reach.says}
    </span>
  )
}
