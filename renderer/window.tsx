import { useStore } from 'zustand'
import { AskScreen } from './ask/ask-screen.tsx'
import { CaseScreen } from './cases/case-screen.tsx'
import { CasesScreen } from './cases/cases-screen.tsx'
import { CeremonyPanels } from './ceremony/ceremony-panels.tsx'
import { CredentialsScreen } from './credentials/credentials-screen.tsx'
import { DepositScreen } from './credentials/deposit-screen.tsx'
import { PlanScreen } from './credentials/plan-screen.tsx'
import { LogScreen } from './log/log-screen.tsx'
import { NowScreen } from './now/now-screen.tsx'
import { ChangePeopleScreen } from './people/change-people-screen.tsx'
import { PeopleScreen } from './people/people-screen.tsx'
import { ReportScreen } from './report/report-screen.tsx'
import { SessionScreen } from './session/session-screen.tsx'
import { SettingsScreen } from './settings/settings-screen.tsx'
import { SetupScreen } from './setup/setup-screen.tsx'
import { type App, AppContext, useApp } from './store/app.ts'
import type { Route } from './store/view-store.ts'
import { TerminalScreen } from './terminal/terminal-screen.tsx'
import { Frame } from './ui/frame.tsx'
import { Live } from './ui/live.tsx'
import { Notes } from './ui/notes.tsx'
import { OpenedFile } from './ui/opened-file.tsx'
import { UnderHeadline } from './ui/page.tsx'
import { DamagedScreen } from './unlock/damaged-screen.tsx'
import { ReadingScreen } from './unlock/reading-screen.tsx'
import { UnlockScreen } from './unlock/unlock-screen.tsx'

/** The whole window. */
export function Window({ app }: { readonly app: App }) {
  return (
    <AppContext value={app}>
      <Stage />
      <CeremonyPanels />
      <Live />
    </AppContext>
  )
}

const NOTES = <Notes />

function Stage() {
  const { shown, view } = useApp()
  const route = useStore(view, (state) => state.route)
  const stage = useStore(shown, ({ snapshot }) => snapshot?.stage)
  const damaged = useStore(shown, ({ snapshot }) => snapshot?.vault.status === 'damaged')
  if (stage === undefined) return <Starting />
  if (damaged) return <DamagedScreen />
  if (stage === 'set-up') return <SetupScreen />
  if (stage === 'locked') return <UnlockScreen />
  if (stage === 'reading') return <ReadingScreen />
  return (
    <Frame>
      <OpenedFile />
      <UnderHeadline value={NOTES}>
        <Screen key={JSON.stringify(route)} route={route} />
      </UnderHeadline>
    </Frame>
  )
}

function Starting() {
  return (
    <main className="alone">
      <p role="status">Lockbox is starting…</p>
    </main>
  )
}

function Screen({ route }: { readonly route: Route }) {
  switch (route.screen) {
    case 'now':
      return <NowScreen />
    case 'ask':
      return <AskScreen plan={route.plan} drill={route.drill} />
    case 'cases':
      return <CasesScreen />
    case 'case':
      return <CaseScreen id={route.id} />
    case 'session':
      return <SessionScreen id={route.id} />
    case 'terminal':
      return <TerminalScreen id={route.id} />
    case 'credentials':
      return <CredentialsScreen />
    case 'plan-form':
      return <PlanScreen replaces={route.replaces} />
    case 'deposit':
      return <DepositScreen plan={route.plan} />
    case 'people':
      return <PeopleScreen />
    case 'change-people':
      return <ChangePeopleScreen />
    case 'log':
      return <LogScreen />
    case 'report':
      return <ReportScreen id={route.id} />
    case 'settings':
      return <SettingsScreen />
  }
}
