import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { dealtOtherwise } from '../../shared/views/dealt.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Form } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { useKeyForm } from './deposit-key.tsx'
import { SetUpCheck } from './set-up-check.tsx'

/** Deposits an access key under a plan: typed once, or from a file that main reads and wipes. */
export function DepositScreen({ plan: id }: { readonly plan: string }) {
  const { client, desk } = useApp()
  const { plans } = useSnapshot()
  const go = useGo()
  const confirm = useConfirm()
  const action = useAction()
  const [wrong, setWrong] = useState('')
  const [edits, setEdits] = useState(0)
  const plan = plans.find((each) => each.id === id)
  const form = useKeyForm(plan?.mfa ?? null)
  if (plan === undefined) return <Page headline="This plan is not on this device">{null}</Page>
  const name = plan.credential.name
  const isComplete = (): boolean => {
    const problem = form.problem()
    setWrong(problem)
    return problem === ''
  }

  const deposit = () => {
    if (!isComplete()) return
    action.run(async () => {
      const draft = await form.give((key) => client.credentials.deposit({ plan: id, key }))
      const what = `a key of ${name}`
      if ((await desk.review(draft, `Deposit ${what}`, `deposit ${what}`)) !== 'done') return
      confirm(`The key of ${name} is dealt. Its custodians accept their shares now.`)
      go({ screen: 'credentials' })
    })
  }
  return (
    <Page headline={`Deposit a key of ${name}`}>
      <p>
        The key is encrypted, and what opens it is split among {plan.custodians.length} custodians; any {plan.need} of
        them are needed. Whoever made this key has seen it: make it for this purpose, and delete every other copy.
      </p>
      <Serving plan={plan} plans={plans} />
      <Form onSubmit={deposit} onEdit={() => setEdits((before) => before + 1)}>
        {form.fields}
        {wrong !== '' && (
          <p className="wrong-line" role="alert">
            {wrong}
          </p>
        )}
        {action.trouble}
        <div className="row">
          <Button type="submit" kind="primary" big icon={KeyRound} busy={action.busy}>
            Review and deposit with my key
          </Button>
          <Button big onClick={() => go({ screen: 'credentials' })}>
            Go back
          </Button>
        </div>
        <SetUpCheck
          name={form.name}
          edits={edits}
          isComplete={isComplete}
          ask={() => form.lend((key) => client.credentials.check({ plan: id, key }))}
        />
        <p className="muted">
          Custodians of <Exact>{plan.name}</Exact>: <Exact>{plan.custodians.map((one) => one.name).join(', ')}</Exact>
        </p>
      </Form>
    </Page>
  )
}

/** Which other plans over this credential the new key serves as well, and from which it takes the key. */
function Serving({ plan, plans }: { readonly plan: PlanView; readonly plans: readonly PlanView[] }) {
  const others = plans.filter(
    (one) =>
      one.state === 'effective' && one.id !== plan.id && one.credential.credential === plan.credential.credential,
  )
  const isDealtAlike = (one: PlanView) => dealtOtherwise(dealtFor(plan), dealtFor(one), (member) => member) === null
  const names = (all: readonly PlanView[]) => all.map((one) => `“${one.name}”`).join(', ')
  const [served, bare] = [others.filter(isDealtAlike), others.filter((one) => !isDealtAlike(one))]
  return (
    <>
      {served.length > 0 && (
        <p>
          One deposit is enough: this key serves <Exact>{names(served)}</Exact> too.
        </p>
      )}
      {bare.length > 0 && (
        <Note
          level="attention"
          what={`This key cannot serve ${names(bare)}.`}
          means="Once it is held, the key before it is retired, and then nobody can use the credential under that plan."
          todo="Give all plans over one credential the same custodians, in one order, and as many approvals; or another credential."
        />
      )}
    </>
  )
}

/** How a key that is deposited under a plan is dealt. */
const dealtFor = ({ custodians, need }: PlanView) => ({ custodians: custodians.map(({ member }) => member), need })
