import { KeyRound, TriangleAlert, Wifi, WifiOff } from 'lucide-react'
import { useState } from 'react'
import { isOpen } from '../../shared/case/types.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { PresenceState, Relayed } from '../people/presence.tsx'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { issuersWords, reachNow, reachNowMore, reachNowWords } from '../store/reach.ts'
import { awaitShown } from '../store/snapshot-store.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Check, Choice, Group, Line, Text } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Empty, Note } from '../ui/note.tsx'
import { Page, Section } from '../ui/page.tsx'
import { Runbook } from '../ui/runbook.tsx'
import { State } from '../ui/state.tsx'
import { durationWords } from '../ui/time-words.ts'
import { type AskForm, chosen, type Emergency, emergenciesOf, requestOf, sentence, wrongs } from './ask-form.ts'

const EMPTY: AskForm = { emergency: '', plan: '', what: '', reference: '', seconds: 1800, drill: false }

/** Asking: the emergency first, since it picks the plan. */
export function AskScreen({ plan, drill }: { readonly plan: string | null; readonly drill: boolean }) {
  const { plans } = useSnapshot()
  const emergencies = emergenciesOf(plans)
  const [form, setForm] = useState<AskForm>(() => begin(emergencies, plan, drill))
  if (emergencies.length === 0) return <Nobody />
  const emergency = emergencies.find((each) => each.emergency === form.emergency)
  const picked = emergency?.plans.find(({ id }) => id === form.plan)
  return (
    <Page headline={form.drill ? 'Ask for a drill' : 'What is the emergency?'}>
      <Group legend="Emergency" across={emergencies.length > 2}>
        {emergencies.map((each) => (
          <Choice
            key={each.emergency}
            type="radio"
            name="emergency"
            label={each.name}
            hint={each.says}
            checked={each.emergency === form.emergency}
            onChoose={() => setForm(chosen(form, each, null))}
          />
        ))}
      </Group>
      {emergency && emergency.plans.length > 1 && (
        <Group legend="Plan" hint="More than one plan counts this emergency.">
          {emergency.plans.map((each) => (
            <Choice
              key={each.id}
              type="radio"
              name="plan"
              label={`${each.name}: ${each.credential.name}`}
              hint={each.rule}
              checked={each.id === form.plan}
              onChoose={() => setForm(chosen(form, emergency, each.id))}
            />
          ))}
        </Group>
      )}
      {picked && picked.runbook !== '' && (
        <Section title="Runbook">
          <div className="card">
            <Runbook text={picked.runbook} lead={1} />
          </div>
        </Section>
      )}
      {emergency && picked && <Details form={form} setForm={setForm} emergency={emergency} plan={picked} />}
    </Page>
  )
}

function begin(emergencies: readonly Emergency[], plan: string | null, drill: boolean): AskForm {
  const fits = emergencies.filter(({ plans }) => plan === null || plans.some(({ id }) => id === plan))
  const [only] = fits
  const form = { ...EMPTY, drill }
  return only !== undefined && (fits.length === 1 || plan !== null) ? chosen(form, only, plan) : form
}

function Nobody() {
  const { plans } = useSnapshot()
  const go = useGo()
  return (
    <Page headline="You cannot ask for anything now">
      <Empty>
        <p>
          {plans.some(({ state }) => state === 'effective')
            ? 'No plan names you among those who may ask. In an emergency call a commander; Credentials shows who may ask under each plan.'
            : 'No plan is in effect yet. An admin drafts one under Credentials, and more than half of the admins endorse it.'}
        </p>
        <div className="row">
          <Button onClick={() => go({ screen: 'credentials' })}>Open Credentials</Button>
        </div>
      </Empty>
    </Page>
  )
}

interface DetailsProps {
  readonly form: AskForm
  readonly setForm: (form: AskForm) => void
  readonly emergency: Emergency
  readonly plan: PlanView
}

function Details({ form, setForm, emergency, plan }: DetailsProps) {
  const { client, desk, shown } = useApp()
  const { me, cases } = useSnapshot()
  const go = useGo()
  const confirm = useConfirm()
  const action = useAction()
  const [tried, setTried] = useState(false)
  const wrong = wrongs(form)
  const says = sentence(form, emergency, plan, me?.name ?? '')
  const send = () => {
    setTried(true)
    if (wrong.what !== undefined || wrong.reference !== undefined) return
    action.run(async () => {
      const before = new Set(cases.map(({ id }) => id))
      const draft = await client.cases.request(requestOf(form))
      const what = `${form.drill ? 'a drill of ' : ''}${durationWords(form.seconds)} of ${plan.credential.name}`
      if ((await desk.review(draft, `Ask for ${what}`, `ask for ${what}`)) !== 'done') return
      confirm('Your request is sent to everybody who can be reached.')
      const mine = await awaitShown(shown, (now) => now.cases.find((one) => isMine(one, me) && !before.has(one.id)))
      go(mine === undefined ? { screen: 'now' } : { screen: 'case', id: mine.id })
    })
  }
  return (
    <Form onSubmit={send}>
      <SecondRequest plan={plan} />
      <div className="stack">
        <Text
          label="What happened"
          hint="Approvers read exactly this. Say what is down and what you will do."
          value={form.what}
          onValue={(what) => setForm({ ...form, what })}
          wrong={tried ? wrong.what : undefined}
        />
        <Line
          label="Incident reference"
          hint="Such as INC-2041. May stay empty."
          value={form.reference}
          onValue={(reference) => setForm({ ...form, reference })}
          wrong={tried ? wrong.reference : undefined}
          maxLength={128}
        />
      </div>
      <Group legend="Duration" hint="The shortest that is enough." across>
        {plan.durations.map((seconds) => (
          <Choice
            key={seconds}
            type="radio"
            name="duration"
            label={durationWords(seconds)}
            checked={seconds === form.seconds}
            onChoose={() => setForm({ ...form, seconds })}
          />
        ))}
      </Group>
      <Check
        label="This is a drill"
        hint="The same path, with a session that may do nothing. Everybody sees that it is a drill. The key is used, so it has to be replaced afterwards."
        checked={form.drill}
        onCheck={(drill) => setForm({ ...form, drill })}
      />
      <Reach plan={plan} />
      <section className="card stack" aria-label="What you will ask for">
        <h2>What you will ask for</h2>
        <p className="large" role="status">
          <Exact>{says}</Exact>
        </p>
        {tried && (wrong.what ?? wrong.reference) !== undefined && (
          <Note level="attention" what="Something above is missing or too long." todo="Correct what is marked." />
        )}
        {action.trouble}
        <div className="row">
          <Button type="submit" kind="primary" big icon={KeyRound} busy={action.busy}>
            Review and send with my key
          </Button>
        </div>
      </section>
    </Form>
  )
}

const isMine = (one: CaseView, me: Snapshot['me']): boolean => one.requester.member === me?.member

function SecondRequest({ plan }: { readonly plan: PlanView }) {
  const { cases } = useSnapshot()
  const go = useGo()
  const open = cases.find((one) => one.plan.id === plan.id && isOpen(one))
  if (open === undefined) return null
  return (
    <Note
      level="attention"
      what={`${open.requester.name} already has an open case for ${open.credential}.`}
      means="Two requests for the same plan split the approvers’ attention."
      todo="Look at that case first; ask a second time only if it does not help."
    >
      <div className="row">
        <Button icon={TriangleAlert} onClick={() => go({ screen: 'case', id: open.id })}>
          Open that case
        </Button>
      </div>
    </Note>
  )
}

/** Who decides under this plan, and who of them can be reached now. */
function Reach({ plan }: { readonly plan: PlanView }) {
  const snapshot = useSnapshot()
  const { people, me, relay } = snapshot
  const now = reachNow(plan, snapshot)
  const deciders = plan.custodians.filter(({ member }) => member !== me?.member)
  const person = (member: string) => people.find((each) => each.member === member)
  const presence = (member: string) => person(member)?.reach?.presence ?? 'gone'
  return (
    <Section
      title="Who decides"
      aside={
        <State tone={now.isEnough ? 'green' : 'amber'} icon={now.isEnough ? Wifi : WifiOff}>
          {reachNowWords(now)}
        </State>
      }
    >
      {reachNowMore(now).map((words) => (
        <p key={words}>
          <Exact>{words}</Exact>
        </p>
      ))}
      <ul className="seats">
        {deciders.map(({ member, name }) => {
          return (
            <li key={member} className="seat">
              <strong>
                <Exact>{name}</Exact>
              </strong>
              <PresenceState presence={presence(member)} />
              <span className="small muted">
                <Exact>{person(member)?.contact ?? ''}</Exact>
              </span>
              <span className="small muted">{person(member)?.reach?.why}</span>
              <Relayed at={person(member)?.reach?.relayedAt ?? null} />
            </li>
          )
        })}
      </ul>
      <p>
        <State tone={now.canIssue ? 'green' : 'amber'} icon={now.canIssue ? Wifi : WifiOff}>
          <Exact>{issuersWords(now)}</Exact>
        </State>
      </p>
      {!now.isEnough && (
        <p className="muted">
          Call those who are not reachable. A request can also be handed to them as a code or a file; it waits for 60
          minutes.
          {relay.some(({ state }) => state === 'on') && ' It is left for them at the relay as well.'}
        </p>
      )}
    </Section>
  )
}
