import {
  Circle,
  CircleCheck,
  CircleHelp,
  Download,
  Hand,
  Hourglass,
  Plus,
  SearchCheck,
  TriangleAlert,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { AwsTemplate } from '../../shared/ipc-values.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { useApp, useGo, useSnapshot } from '../store/app.ts'
import { currentPlans } from '../store/needs.ts'
import { Button } from '../ui/button.tsx'
import { useSave } from '../ui/save.ts'
import { State, type Tone } from '../ui/state.tsx'
import { Moment } from '../ui/time.tsx'
import { awsSteps, type Standing } from './aws-standing.ts'

const LOOKS: Readonly<Record<Standing['is'], readonly [Tone, typeof Circle]>> = {
  'not-yet': ['plain', Circle],
  unseen: ['plain', Hand],
  waits: ['amber', Hourglass],
  unknown: ['amber', CircleHelp],
  wrong: ['red', TriangleAlert],
  done: ['green', CircleCheck],
}

/** From nothing to a deposited credential, for admins: what comes next, and how far each step is as far as this app knows. */
export function AwsSteps() {
  const { plans, generations } = useSnapshot()
  const { view } = useApp()
  const checked = useStore(view, (now) => now.checked)
  const go = useGo()
  const current = currentPlans(plans)
  const steps = awsSteps(current, generations, checked)
  const { toDeposit } = steps
  return (
    <ol className="steps">
      <Step title="Set AWS up" standing={steps.setUp}>
        <p>
          Give these files to whoever administers AWS. They make an emergency user, the roles it may assume, the two
          roles that end a session and replace a used key, alarms on any use, and a guard-rail. They make no key.
        </p>
        <Templates />
      </Step>
      <Step title="Make a plan" standing={steps.plan}>
        <p>
          It says who may ask for the credential, in which emergency, for how long, who must approve, and which of the
          roles is given. It takes effect when more than half of the admins have endorsed it.
        </p>
        {plans.length === 0 && (
          <div className="row">
            <Button kind="primary" big icon={Plus} onClick={() => go({ screen: 'plan-form', replaces: null })}>
              Draft a plan
            </Button>
          </div>
        )}
      </Step>
      <Step title="Check with AWS" standing={steps.check} at={checked?.at ?? null}>
        <p>
          Whoever administers AWS makes the key: <code>aws iam create-access-key --user-name lockbox-emergency</code>.
          Before it is deposited, Lockbox asks AWS with it whether all is there that the plan needs.
        </p>
        {toDeposit !== null && <ToDeposit plan={toDeposit} />}
      </Step>
      <Step title="Deposit the key" standing={steps.deposit}>
        <p>
          On the same screen. The key is encrypted and split; every custodian accepts a share with a touch. Then delete
          every other copy, and do a drill.
        </p>
      </Step>
    </ol>
  )
}

function ToDeposit({ plan }: { readonly plan: PlanView }) {
  const go = useGo()
  return (
    <div className="row">
      <Button kind="primary" icon={SearchCheck} onClick={() => go({ screen: 'deposit', plan: plan.id })}>
        Check and deposit the key of {plan.credential.name}
      </Button>
    </div>
  )
}

interface StepProps {
  readonly title: string
  readonly standing: Standing
  /** Since when it stands so, if that is known. */
  readonly at?: number | null
  readonly children: ReactNode
}

function Step({ title, standing, at = null, children }: StepProps) {
  const [tone, icon] = LOOKS[standing.is]
  return (
    <li className="stack-8">
      <div className="row-between">
        <h3>{title}</h3>
        <State tone={tone} icon={icon}>
          {standing.words}
          {at !== null && (
            <>
              , <Moment at={at} />
            </>
          )}
        </State>
      </div>
      {children}
    </li>
  )
}

const TOOLS = [
  ['cloudformation', 'CloudFormation'],
  ['terraform', 'Terraform'],
] as const
const PARTS = [
  ['account', 'Account'],
  ['alarms', 'Alarms'],
  ['organization', 'Guard-rail'],
] as const

function Templates() {
  const { client } = useApp()
  const { save, busy, trouble } = useSave()
  const give = (as: AwsTemplate['as'], of: AwsTemplate['of']) => save(() => client.plans.awsTemplate({ as, of }))
  return (
    <>
      {TOOLS.map(([as, tool]) => (
        <div key={as} role="group" aria-label={`Save for ${tool}`} className="row">
          <span className="tool">{tool}</span>
          {PARTS.map(([of, part]) => (
            <Button
              key={of}
              icon={Download}
              busy={busy}
              aria-label={`${part}: save for ${tool}`}
              onClick={() => give(as, of)}
            >
              {part}
            </Button>
          ))}
        </div>
      ))}
      {trouble}
      <p className="hint">
        Account: where the emergency roles are to be. Alarms: in every region that is switched on there, since whoever
        has the key chooses one. Guard-rail: in the organization’s management account, last. One tool is enough; for
        Terraform put each file into a folder of its own.
      </p>
      <details className="small">
        <summary>Commands of CloudFormation</summary>
        <pre className="mono commands">{COMMANDS}</pre>
      </details>
    </>
  )
}

const COMMANDS = `aws cloudformation deploy --stack-name lockbox \\
  --template-file account.template.json --capabilities CAPABILITY_NAMED_IAM
aws cloudformation deploy --stack-name lockbox-alarms \\
  --template-file alarms.template.json \\
  --parameter-overrides AlarmEmail=soc@example.com --region eu-west-1
aws cloudformation deploy --stack-name lockbox-guard-rail \\
  --template-file organization.template.json \\
  --parameter-overrides TargetIds=123456789012 \\
  'DeployerArn=arn:aws:iam::*:role/security-deployer'`
