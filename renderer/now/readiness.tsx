import { CalendarClock, CircleCheck, KeyRound, ShieldCheck, TriangleAlert } from 'lucide-react'
import type { GenerationView, PlanView } from '../../shared/views/plan-views.ts'
import { noSpareWords } from '../../shared/views/spare-words.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { useGo } from '../store/app.ts'
import { currentPlans } from '../store/needs.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Section } from '../ui/page.tsx'
import { State } from '../ui/state.tsx'
import { Since } from '../ui/time.tsx'

/** Of each plan, whether it could be met now; of one whose key has nobody to spare, what that means. */
export function Readiness({ snapshot }: { readonly snapshot: Snapshot }) {
  const go = useGo()
  const plans = currentPlans(snapshot.plans).filter(({ state }) => state !== 'draft')
  if (plans.length === 0)
    return (
      <Section title="Readiness">
        <div className="card stack">
          <p>
            There is no plan yet, so nobody can ask for anything. An admin drafts a plan under Credentials; more than
            half of the admins endorse it.
          </p>
          <div className="row">
            <Button icon={KeyRound} onClick={() => go({ screen: 'credentials' })}>
              Open Credentials
            </Button>
          </div>
        </div>
      </Section>
    )
  return (
    <Section title="Readiness">
      <ul className="list">
        {plans.map((plan) => (
          <li key={plan.id} className="stack-8">
            <div className="row-between">
              <span>
                <Exact>{plan.name}</Exact>
                <span className="muted"> · {plan.rule}</span>
              </span>
              <Ready plan={plan} of={keyOf(plan, snapshot)} />
            </div>
            <NoSpare of={keyOf(plan, snapshot)} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

const keyOf = (plan: PlanView, { generations }: Snapshot) => generations.find(({ id }) => id === plan.key)

/** Said whatever else there is to say of the plan: a drill that is overdue is no reason to hide it. */
function NoSpare({ of: key }: { readonly of: GenerationView | undefined }) {
  if (key === undefined || key.hasSpare) return null
  return <p className="small">{noSpareWords(`key ${key.generation}`)}</p>
}

/** Whether a plan could be met now, as its checks and its own key say. */
function Ready({ plan, of: key }: { readonly plan: PlanView; readonly of: GenerationView | undefined }) {
  if (plan.state === 'impossible')
    return (
      <State tone="red" icon={TriangleAlert}>
        Can no longer be met
      </State>
    )
  if (key === undefined)
    return (
      <State tone="amber" icon={KeyRound}>
        No key serves it
      </State>
    )
  if (plan.drill?.state === 'overdue')
    return (
      <State tone="red" icon={TriangleAlert}>
        Drill overdue
      </State>
    )
  if (!key.hasSpare)
    return (
      <State tone="amber" icon={TriangleAlert}>
        Held by just enough
      </State>
    )
  const proofs = key.seats.flatMap(({ lastProof }) => lastProof ?? [])
  if (proofs.length < key.seats.length)
    return (
      <State tone="amber" icon={ShieldCheck}>
        Custody proved by {proofs.length} of {key.seats.length}
      </State>
    )
  if (key.opened === null)
    return (
      <State tone="amber" icon={KeyRound}>
        Key {key.generation} not yet opened in a drill
      </State>
    )
  if (plan.drill?.state === 'due')
    return (
      <State tone="amber" icon={CalendarClock}>
        Drill due now
      </State>
    )
  const look = plan.checks.filter(({ level }) => level !== 'good').length
  if (look > 0)
    return (
      <State tone="amber" icon={TriangleAlert}>
        {look === 1 ? '1 thing' : `${look} things`} to look at
      </State>
    )
  return (
    <State tone="green" icon={CircleCheck}>
      Custody proved <Since at={Math.min(...proofs)} />
    </State>
  )
}
