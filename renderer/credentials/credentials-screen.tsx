import { Plus } from 'lucide-react'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { useGo, useSnapshot } from '../store/app.ts'
import { currentPlans } from '../store/needs.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Empty } from '../ui/note.tsx'
import { Page, Section } from '../ui/page.tsx'
import { awsSteps } from './aws-standing.ts'
import { AwsSteps } from './aws-steps.tsx'
import { GenerationCard } from './generation-card.tsx'
import { PlanCard } from './plan-card.tsx'

/** Each credential with its plans and generations, and what can be done about them. */
export function CredentialsScreen() {
  const { plans, generations, me } = useSnapshot()
  const go = useGo()
  const admin = me?.roles.includes('admin') === true
  const credentials = [...new Map(plans.map(({ credential }) => [credential.credential, credential])).values()]
  const current = currentPlans(plans)
  return (
    <Page headline={headline(current)}>
      {admin && plans.length > 0 && (
        <div className="row">
          <Button icon={Plus} onClick={() => go({ screen: 'plan-form', replaces: null })}>
            Draft a plan
          </Button>
        </div>
      )}
      {plans.length === 0 && !admin && (
        <Empty>
          <p>
            A plan says who may ask for which credential, in which emergency, for how long, and who must approve. An
            admin drafts the first one.
          </p>
        </Empty>
      )}
      {credentials.map(({ credential, name }) => (
        <Credential key={credential} id={credential} name={name} plans={current} />
      ))}
      {admin && <FromNothing isOver={awsSteps(current, generations, null).isOver} />}
    </Page>
  )
}

/** The way there: open until it was gone once, and in reach from then on. */
function FromNothing({ isOver }: { readonly isOver: boolean }) {
  return (
    <details className="card" open={!isOver}>
      <summary>
        <h2>AWS, from nothing to a deposited credential</h2>
      </summary>
      <AwsSteps />
    </details>
  )
}

function headline(plans: readonly PlanView[]): string {
  const effective = plans.filter(({ state }) => state === 'effective').length
  if (plans.length === 0) return 'No plan and no credential yet'
  return `${effective} ${effective === 1 ? 'plan is' : 'plans are'} in effect`
}

function Credential({
  id,
  name,
  plans,
}: {
  readonly id: string
  readonly name: string
  readonly plans: readonly PlanView[]
}) {
  const { generations } = useSnapshot()
  const mine = plans.filter(({ credential }) => credential.credential === id)
  const held = generations.filter(({ credential }) => credential === id).sort((a, b) => b.generation - a.generation)
  return (
    <Section title={name}>
      {mine.map((plan) => (
        <PlanCard key={plan.id} plan={plan} />
      ))}
      {held.map((generation) => (
        <GenerationCard key={generation.id} generation={generation} />
      ))}
      {held.length === 0 && mine.some(({ state }) => state === 'effective') && (
        <p className="muted">
          Nothing is deposited for <Exact>{name}</Exact> yet: an admin deposits its key, and every custodian accepts a
          share.
        </p>
      )}
    </Section>
  )
}
