import { KeyRound, LifeBuoy, Users } from 'lucide-react'
import { isOpen } from '../../shared/case/types.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { CaseList } from '../cases/case-list.tsx'
import { OwedLine } from '../cases/owed.tsx'
import { RequestCard } from '../cases/request-card.tsx'
import { isUsable, SessionCard } from '../session/session-card.tsx'
import { useGo, useSnapshot } from '../store/app.ts'
import {
  barelyHeld,
  drillsDue,
  isTroubled,
  plansToEndorse,
  requestsForMe,
  rostersToEndorse,
  stuckOutlets,
} from '../store/needs.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Page, Section } from '../ui/page.tsx'
import { Drills } from './drills.tsx'
import { EndingSessions } from './ending-sessions.tsx'
import { FirstSteps } from './first-steps.tsx'
import { Readiness } from './readiness.tsx'
import { StuckOutlets } from './stuck-outlets.tsx'

/** What needs this person, first; then what goes on, what is owed, and how ready everything is. */
export function NowScreen() {
  const snapshot = useSnapshot()
  const go = useGo()
  if (snapshot.stage !== 'member') return <FirstSteps />
  const requests = requestsForMe(snapshot)
  const others = snapshot.cases.filter((one) => isOpen(one) && !requests.includes(one))
  return (
    <Page headline={headline(snapshot, requests, others)}>
      <EndingSessions />
      {snapshot.sessions.filter(isUsable).map((session) => (
        <SessionCard key={session.case} session={session} />
      ))}
      {requests.map((one) => (
        <RequestCard key={one.id} one={one} />
      ))}
      {others.length > 0 && (
        <Section title="Under way">
          <CaseList cases={others} />
        </Section>
      )}
      {requests.length + others.length === 0 && (
        <div className="row">
          <Button big icon={LifeBuoy} onClick={() => go({ screen: 'ask', plan: null, drill: false })}>
            Ask for emergency access
          </Button>
        </div>
      )}
      <ToDo snapshot={snapshot} />
      <Owed cases={snapshot.cases} />
      <Drills />
      <StuckOutlets />
      <Readiness snapshot={snapshot} />
    </Page>
  )
}

function headline(snapshot: Snapshot, requests: readonly CaseView[], others: readonly CaseView[]): string {
  const [first] = requests
  if (requests.length === 1 && first) return `${first.requester.name} waits for your decision`
  if (requests.length > 1) return `${requests.length} requests wait for your decision`
  const [other] = others
  if (others.length === 1 && other) return other.headline
  if (others.length > 1) return `${others.length} cases are under way; none needs you`
  if (isTroubled(snapshot)) return 'This device needs attention'
  return owedHeadline(snapshot) ?? 'Nothing needs you now'
}

/** Ceremonies that wait for this person. */
function ToDo({ snapshot }: { readonly snapshot: Snapshot }) {
  const go = useGo()
  const shares = snapshot.generations.filter(({ mine }) => mine === 'accept')
  const plans = snapshot.plans.filter(({ state, mustAccept }) => state === 'effective' && mustAccept)
  const drafts = plansToEndorse(snapshot)
  const rosters = rostersToEndorse(snapshot)
  if (shares.length + plans.length + drafts.length + rosters.length === 0) return null
  return (
    <Section title="When there is time">
      <ul className="list">
        {rosters.map(({ id, name }) => (
          <li key={id} className="row-between">
            <span>
              A change of the people of <Exact>{name}</Exact> waits for your endorsement.
            </span>
            <Button icon={Users} onClick={() => go({ screen: 'people' })}>
              Open People
            </Button>
          </li>
        ))}
        {shares.length + plans.length + drafts.length > 0 && (
          <li className="row-between">
            <span>{credentialWords(shares.length, plans.length, drafts.length)}</span>
            <Button icon={KeyRound} onClick={() => go({ screen: 'credentials' })}>
              Open Credentials
            </Button>
          </li>
        )}
      </ul>
    </Section>
  )
}

function credentialWords(shares: number, plans: number, drafts: number): string {
  const parts = [
    shares > 0 ? `${shares} ${shares === 1 ? 'share' : 'shares'} to accept` : '',
    plans > 0 ? `${plans} ${plans === 1 ? 'plan' : 'plans'} to accept` : '',
    drafts > 0 ? `${drafts} ${drafts === 1 ? 'plan draft' : 'plan drafts'} to endorse` : '',
  ].filter((part) => part !== '')
  return `${parts.join(', ')}.`
}

/** What is owed, the longest overdue first. */
function owedIn(cases: readonly CaseView[]) {
  return cases
    .flatMap((one) => one.obligations.map((obligation) => ({ one, obligation })))
    .sort((a, b) => a.obligation.due - b.obligation.due)
}

/** What is owed, as a headline, where nothing else is more urgent; null if nothing is for this person to do. */
function owedHeadline(snapshot: Snapshot): string | null {
  const { cases, now } = snapshot
  const drills = drillsDue(snapshot).filter(({ drill }) => drill.state === 'overdue')
  const overdue = owedIn(cases).filter(({ obligation }) => obligation.due < now).length + drills.length
  if (overdue === 1 && drills.length === 1) return 'A drill is overdue'
  if (overdue > 0) return overdue === 1 ? 'Something is overdue' : `${overdue} things are overdue`
  if (cases.some(({ rotation }) => rotation?.may === 'deposit')) return 'The new key waits for your touch'
  if (cases.some(({ rotation }) => rotation?.may === 'begin')) return 'The key that was used is to be replaced'
  if (cases.some(({ rotation }) => rotation?.asks?.may)) return 'Nobody has what may replace the key that was used'
  if (barelyHeld(snapshot).length > 0) return 'Just enough custodians hold a key'
  const mine = owedIn(cases).filter(({ one, obligation }) => obligation.code === 'review' && one.mine.mayReview).length
  if (mine > 0) return mine === 1 ? 'A case is to be reviewed' : `${mine} cases are to be reviewed`
  if (drillsDue(snapshot).length > 0) return 'A drill is due'
  return stuckOutlets(snapshot, now).length > 0 ? 'The log does not get out to another system' : null
}

function Owed({ cases }: { readonly cases: readonly CaseView[] }) {
  const go = useGo()
  const owed = owedIn(cases)
  if (owed.length === 0) return null
  return (
    <Section title="Still owed">
      <ul className="list">
        {owed.map(({ one, obligation }) => (
          <li key={`${one.id}${obligation.code}`} className="row-between">
            <OwedLine owed={obligation} credential={one.credential} />
            <Button
              kind={isMine(one, obligation.code) ? 'plain' : 'quiet'}
              onClick={() => go({ screen: 'case', id: one.id })}
            >
              {obligation.code === 'retire' ? replaceWords(one) : 'Open the case'}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** Whether what is owed is for this person to do now. */
function isMine({ mine, rotation }: CaseView, code: string): boolean {
  return code === 'review'
    ? mine.mayReview
    : code === 'retire' && (rotation?.may ?? (rotation?.asks?.may || null)) !== null
}

function replaceWords({ rotation }: CaseView): string {
  if (rotation?.may === 'deposit') return 'Deposit the new key'
  if (rotation?.may === 'begin') return rotation.at === 'begin' ? 'Replace the key now' : 'Go on replacing the key'
  return rotation?.asks?.may ? 'Ask for a rotation' : 'Open the case'
}
