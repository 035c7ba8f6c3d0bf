import { FileText, KeyRound, Share } from 'lucide-react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { ShowCode } from '../codes/show-code.tsx'
import { useApp, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Page, Section } from '../ui/page.tsx'
import { Runbook } from '../ui/runbook.tsx'
import { useSave } from '../ui/save.ts'
import { Clock, Moment } from '../ui/time.tsx'
import { CaseState } from './case-state.tsx'
import { Decide } from './decide.tsx'
import { Endings, EndSession } from './end-session.tsx'
import { FourFacts } from './four-facts.tsx'
import { Measured } from './measured.tsx'
import { OwedLine } from './owed.tsx'
import { Recordings } from './recordings.tsx'
import { Replacing } from './replacing.tsx'
import { ReviewCase } from './review-form.tsx'
import { Classified, Reviews } from './reviews.tsx'
import { Seats } from './seats.tsx'
import { Timeline } from './timeline.tsx'
import { Trail } from './trail.tsx'
import { Withdraw } from './withdraw.tsx'

/** The war room: the state as a headline, the four facts, the seats, what happens next, and the record. */
export function CaseScreen({ id }: { readonly id: string }) {
  const { cases } = useSnapshot()
  const one = cases.find((each) => each.id === id)
  if (one === undefined) return <Gone />
  // What is asked comes first for those who decide about it; on everybody else's wall, who has done so.
  const wanted = one.mine.needsTouch || (one.mine.mayDecide && one.mine.decided === null)
  // Before the record for who replaces the key here, or may ask for what does, once access is over.
  const isMyRotation =
    one.state === 'ended' &&
    one.rotation !== null &&
    ((one.rotation.may ?? one.rotation.ends) !== null || one.rotation.asks?.may === true)
  const seats = <Seats key="seats" one={one} />
  const next = one.next + one.toCarry !== '' && (
    <div key="next" className="stack-8">
      {one.next !== '' && <p className="large">{one.next}</p>}
      {one.toCarry !== '' && (
        <p>
          <Exact>{one.toCarry}</Exact>
        </p>
      )}
    </div>
  )
  const facts = (
    <section key="facts" className="card request" aria-label="What is asked">
      <FourFacts one={one} />
      {(one.mine.mayDeny || one.mine.needsTouch) && <Decide one={one} />}
      <Mine one={one} />
    </section>
  )
  return (
    <Page headline={one.headline}>
      <div className="row">
        <CaseState one={one} />
        {one.classification !== null && <Classified as={one.classification} />}
        <span className="muted">
          <Exact>{one.credential}</Exact> · asked <Clock at={one.askedAt} />
        </span>
      </div>
      {!wanted && next}
      {one.times.quorum !== null && (
        <p>
          <Measured times={one.times} />
        </p>
      )}
      <MySession one={one} />
      <Endings one={one} />
      <EndSession one={one} />
      {isMyRotation && <Replacing one={one} />}
      {wanted ? [facts, next, seats] : [seats, facts]}
      <Issuing one={one} />
      <Troubles one={one} />
      {!isMyRotation && <Replacing one={one} />}
      <ReviewCase one={one} />
      <Reviews one={one} />
      <Trail one={one} />
      <Recordings one={one} />
      <PlanRunbook one={one} />
      <Section title="Timeline" aside={<HandOver one={one} />}>
        {one.refused > 0 && (
          <p className="muted">
            {one.refused} {one.refused === 1 ? 'statement does' : 'statements do'} not count; each says why.
          </p>
        )}
        <Timeline entries={[...one.timeline].reverse()} />
        {one.untold > 0 && (
          <p className="muted">
            {one.untold} more of its {one.untold === 1 ? 'statements stands' : 'statements stand'} in the log alone.
          </p>
        )}
      </Section>
    </Page>
  )
}

function Gone() {
  const go = useGo()
  return (
    <Page headline="This case is not on this device">
      <div className="row">
        <Button onClick={() => go({ screen: 'cases' })}>All cases</Button>
      </div>
    </Page>
  )
}

function MySession({ one }: { readonly one: CaseView }) {
  const { sessions } = useSnapshot()
  const go = useGo()
  const session = sessions.find((each) => each.case === one.id && each.here)
  if (session === undefined || session.state === 'ended') return null
  return (
    <div className="row">
      <Button kind="primary" big icon={KeyRound} onClick={() => go({ screen: 'session', id: one.id })}>
        Open my session
      </Button>
    </div>
  )
}

/** What this person did or holds, and why they can do no more. */
function Mine({ one }: { readonly one: CaseView }) {
  const action = useAction()
  const { mine } = one
  return (
    <div className="stack-8">
      {mine.decided !== null && <p>You {mine.decided === 'approve' ? 'approved' : 'denied'} this request.</p>}
      {mine.holdsShareUntil !== null && mine.withheld === null && (
        <p>
          Your share is ready to release until <Clock at={mine.holdsShareUntil} />, while Lockbox is unlocked. Idle lock
          keeps it until you unlock; locking by hand drops it.
        </p>
      )}
      {mine.needsTouch && <p>Your share is in its box again. One touch takes it out, so that it can be released.</p>}
      {!mine.mayDecide && mine.decided === null && mine.whyNot !== null && <p className="muted">{mine.whyNot}</p>}
      {mine.mayWithdraw && (
        <div className="row">
          <Withdraw one={one} action={action} />
        </div>
      )}
      {action.trouble}
    </div>
  )
}

/** What the plan says to do, as it was endorsed: the version that was asked under, whatever replaced it since. */
function PlanRunbook({ one }: { readonly one: CaseView }) {
  const { plans } = useSnapshot()
  const plan = plans.find(({ id }) => id === one.plan.id)
  if (plan === undefined || plan.runbook === '') return null
  return (
    <Section title="Runbook">
      <div className="card">
        <Runbook text={plan.runbook} lead={3} />
      </div>
    </Section>
  )
}

function Issuing({ one: { attempt, grant, quorum } }: { readonly one: CaseView }) {
  if (attempt === null && grant === null) return null
  return (
    <Section title="Issuing">
      <dl className="card facts">
        {attempt && (
          <>
            <dt>Device</dt>
            <dd>
              <Exact>{attempt.issuer.name}</Exact>’s device, attempt {attempt.number}: {attempt.released}
              {quorum ? ` of ${quorum.need}` : ''} shares released; ready until <Clock at={attempt.expires} />
            </dd>
          </>
        )}
        {grant && (
          <>
            <dt>Session</dt>
            <dd>
              <code>{grant.accessKeyId}</code>, issued by <Exact>{grant.issuer.name}</Exact>’s device
            </dd>
            <dt>Ends</dt>
            <dd>
              <Moment at={grant.expires} />
              {grant.endedAt !== null && (
                <>
                  {' '}
                  · said to be over at <Clock at={grant.endedAt} />
                </>
              )}
              {grant.confirmed ? ' · confirmed' : ' · not confirmed'}
            </dd>
          </>
        )}
      </dl>
    </Section>
  )
}

function Troubles({ one }: { readonly one: CaseView }) {
  if (one.findings.length + one.obligations.length === 0) return null
  return (
    <Section title="To be aware of">
      {one.findings.map((finding) => (
        <Note key={finding} level="attention" what={finding} />
      ))}
      {one.obligations.length > 0 && (
        <ul className="list">
          {one.obligations.map((owed) => (
            <li key={owed.code}>
              <OwedLine owed={owed} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function HandOver({ one }: { readonly one: CaseView }) {
  const { client } = useApp()
  const go = useGo()
  const { busy, trouble, save } = useSave()
  return (
    <span className="stack-8">
      <span className="row">
        <Button icon={Share} busy={busy} onClick={() => save(() => client.exchange.writeFile({ request: one.id }))}>
          Hand over as a file
        </Button>
        <ShowCode request={one.id} />
        <Button icon={FileText} onClick={() => go({ screen: 'report', id: one.id })}>
          Report
        </Button>
      </span>
      {trouble}
    </span>
  )
}
