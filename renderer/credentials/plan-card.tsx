import { CircleCheck, FilePen, Hourglass, KeyRound, Pencil, Play, TriangleAlert, Upload } from 'lucide-react'
import { Fragment } from 'react'
import { emergencyName } from '../../shared/org/templates.ts'
import type { PersonRef } from '../../shared/views/fields.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Runbook } from '../ui/runbook.tsx'
import { State, type Tone } from '../ui/state.tsx'
import { durationWords } from '../ui/time-words.ts'
import { VersionChanges } from './change-list.tsx'
import { CheckList } from './check-list.tsx'
import { DrillLine } from './drill-line.tsx'
import { afterwardsRows } from './plan-changes.ts'
import { wayWords } from './plan-model.ts'

const STATES: Readonly<Record<PlanView['state'], readonly [Tone, typeof CircleCheck, string]>> = {
  effective: ['green', CircleCheck, 'In effect'],
  draft: ['amber', Hourglass, 'Draft'],
  replaced: ['plain', FilePen, 'Replaced'],
  impossible: ['red', TriangleAlert, 'Cannot take effect'],
}

/** A plan version: what it allows, who must approve, and what this person may do with it. */
export function PlanCard({ plan }: { readonly plan: PlanView }) {
  const [tone, icon, words] = STATES[plan.state]
  const open = plan.checks.filter(({ level }) => level !== 'good')
  return (
    <article className="card stack" aria-label={`Plan ${plan.name}`}>
      <div className="row-between">
        <h3>
          <Exact>{plan.name}</Exact>
        </h3>
        <State tone={tone} icon={icon}>
          {words}
          {plan.state === 'draft' && `, endorsed by ${plan.consent.by.length} of ${plan.consent.need} needed`}
        </State>
      </div>
      {plan.state === 'impossible' && (
        <Note
          level="danger"
          what="Nobody can ask under this plan: it can no longer be met."
          todo="An admin drafts a new version."
        />
      )}
      {open.length > 0 && <CheckList checks={open} />}
      <dl className="facts">
        <dt>Counts in</dt>
        <dd>{plan.emergencies.map(emergencyName).join(', ')}</dd>
        <dt>Who may ask</dt>
        <dd>
          <Names people={plan.requesters} />
        </dd>
        <dt>Who must approve</dt>
        <dd>
          {plan.rule}
          <span className="muted">
            {' '}
            (<Names people={plan.custodians} />)
          </span>
        </dd>
        <dt>For how long</dt>
        <dd>{plan.durations.map(durationWords).join(', ')}</dd>
        {plan.drill !== null && (
          <>
            <dt>Drills</dt>
            <dd>
              <DrillLine drill={plan.drill} />
            </dd>
          </>
        )}
      </dl>
      {(plan.state === 'draft' || plan.mustAccept) && <VersionChanges plan={plan} />}
      <More plan={plan} />
      <Actions plan={plan} />
    </article>
  )
}

function Names({ people }: { readonly people: readonly PersonRef[] }) {
  return <Exact>{people.map(({ name }) => name).join(', ')}</Exact>
}

/** What the trust policies ask for beside the key; nothing if nothing. */
function Trust({ plan: { externalId, chain, mfa, sessionToken, aftercare } }: { readonly plan: PlanView }) {
  const facts = [
    ['Roles on the way', chain.map(wayWords).join('\n')],
    ['External id', externalId ?? ''],
    ['MFA device', mfa ?? ''],
    ['First call', sessionToken ? 'GetSessionToken' : ''],
    ...afterwardsRows(aftercare),
  ] as const
  return facts.map(([name, value]) =>
    value === '' ? null : (
      <Fragment key={name}>
        <dt>{name}</dt>
        <dd className="mono exact">{value}</dd>
      </Fragment>
    ),
  )
}

/** The rest of the plan, whole. */
function More({ plan }: { readonly plan: PlanView }) {
  const good = plan.checks.filter(({ level }) => level === 'good')
  return (
    <details className="small">
      <summary>Everything in this plan</summary>
      <dl className="facts">
        <dt>AWS role</dt>
        <dd className="mono exact">{plan.roleArn}</dd>
        <dt>Session policy</dt>
        <dd className="mono">
          {plan.sessionPolicy === null ? 'none: all that the role may do' : <Exact>{plan.sessionPolicy}</Exact>}
        </dd>
        <dt>Regions, in order</dt>
        <dd className="mono exact">
          {plan.regions.map(({ region, endpoint }) => `${region}  ${endpoint}`).join('\n')}
        </dd>
        <Trust plan={plan} />
        <dt>May issue, in order</dt>
        <dd>
          <Names people={plan.issuers} />
          {plan.requesterMayIssue ? '; the device of whoever asks may issue too' : '; never the device of whoever asks'}
        </dd>
        <dt>Acknowledged</dt>
        <dd>
          {plan.witness === 'required'
            ? 'another device must have the record before the credential is touched'
            : 'no other device needs to have the record first'}
        </dd>
        {plan.whyTight !== '' && (
          <>
            <dt>Why this tight</dt>
            <dd>
              <Exact>{plan.whyTight}</Exact>
            </dd>
          </>
        )}
        <dt>Accepted by</dt>
        <dd>{plan.acceptedBy.length === 0 ? 'nobody yet' : <Names people={plan.acceptedBy} />}</dd>
        <dt>Drafted by</dt>
        <dd>
          <Exact>{plan.by.name}</Exact>
        </dd>
        <dt>Due afterwards</dt>
        <dd>
          the credential replaced within {plan.obligations.rotationHours} h, the review held within{' '}
          {plan.obligations.reviewHours} h, a drill every {plan.obligations.drillDays} days
        </dd>
        <dt>Locking</dt>
        <dd>
          {plan.lockEndsSession
            ? 'locking the app of whoever asked ends the session'
            : 'a running session outlives the lock of the app'}
        </dd>
        {good.length > 0 && (
          <>
            <dt>At 3 a.m.</dt>
            <dd>
              <CheckList checks={good} />
            </dd>
          </>
        )}
        <dt>Runbook</dt>
        <dd>
          <Runbook text={plan.runbook} />
        </dd>
      </dl>
    </details>
  )
}

function Actions({ plan }: { readonly plan: PlanView }) {
  const { client, desk } = useApp()
  const { me } = useSnapshot()
  const go = useGo()
  const confirm = useConfirm()
  const action = useAction()
  const admin = me?.roles.includes('admin') === true
  const sign = (verb: string, past: string) =>
    action.run(async () => {
      const draft = await client.endorse.draft({ of: plan.id, compared: false })
      const what = `the plan ${plan.name}`
      if ((await desk.review(draft, `${verb} ${what}`, `${verb.toLowerCase()} ${what}`)) === 'done')
        confirm(`You ${past} ${what}.`)
    })
  return (
    <div className="stack">
      <div className="row">
        {plan.state === 'draft' && admin && !plan.consent.mine && (
          <Button kind="primary" icon={KeyRound} busy={action.busy} onClick={() => sign('Endorse', 'endorsed')}>
            Endorse the plan {plan.name}
          </Button>
        )}
        {plan.mustAccept && (
          <Button kind="primary" icon={KeyRound} busy={action.busy} onClick={() => sign('Accept', 'accepted')}>
            Accept the plan {plan.name}
          </Button>
        )}
        {plan.state === 'effective' && plan.mayAsk && (
          <Button icon={Play} onClick={() => go({ screen: 'ask', plan: plan.id, drill: true })}>
            Start a drill
          </Button>
        )}
        {plan.state === 'effective' && admin && (
          <Button icon={Upload} onClick={() => go({ screen: 'deposit', plan: plan.id })}>
            Deposit a key
          </Button>
        )}
        {admin && plan.state !== 'draft' && (
          <Button kind="quiet" icon={Pencil} onClick={() => go({ screen: 'plan-form', replaces: plan.id })}>
            Draft a new version
          </Button>
        )}
      </div>
      {action.trouble}
    </div>
  )
}
