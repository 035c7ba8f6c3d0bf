import { KeyRound } from 'lucide-react'
import { type RefObject, useRef, useState } from 'react'
import { dealtOtherwise } from '../../shared/views/dealt.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Check, Choice, Group, Line } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { tidyLine, wrongLine } from '../ui/tidy.ts'
import { SecretLine, withTyped } from '../ui/typed-secret.tsx'

/** Deposits an access key under a plan: typed once, or from a file that main reads and wipes. */
export function DepositScreen({ plan: id }: { readonly plan: string }) {
  const { client, desk } = useApp()
  const { plans } = useSnapshot()
  const go = useGo()
  const confirm = useConfirm()
  const action = useAction()
  const secret = useRef<HTMLInputElement>(null)
  const seed = useRef<HTMLInputElement>(null)
  const [from, setFrom] = useState<From>('typed')
  const [accessKeyId, setAccessKeyId] = useState('')
  const [path, setPath] = useState('')
  const [wipe, setWipe] = useState(true)
  const [wrong, setWrong] = useState('')
  const plan = plans.find((each) => each.id === id)
  if (plan === undefined) return <Page headline="This plan is not on this device">{null}</Page>
  const name = plan.credential.name

  const deposit = () => {
    const keyProblem =
      from === 'typed' ? typedProblem(accessKeyId, secret.current) : path === '' ? 'Name the file.' : ''
    const problem = keyProblem === '' ? seedProblem(plan.mfa, seed.current) : keyProblem
    setWrong(problem)
    if (problem !== '') return
    action.run(async () => {
      const draft = await withTyped(seed.current, (typedSeed) => {
        const more = plan.mfa === null ? {} : { mfaSeed: typedSeed }
        return from === 'typed'
          ? withTyped(secret.current, (secretAccessKey) =>
              client.credentials.deposit({
                plan: id,
                key: { from: 'typed', accessKeyId: tidyLine(accessKeyId), secretAccessKey, ...more },
              }),
            )
          : client.credentials.deposit({ plan: id, key: { from: 'file', path, wipe, ...more } })
      })
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
      <Form onSubmit={deposit}>
        <WhereFrom from={from} onFrom={setFrom} />
        {from === 'typed' ? (
          <TypedKey accessKeyId={accessKeyId} onAccessKeyId={setAccessKeyId} secret={secret} />
        ) : (
          <KeyFile path={path} onPath={setPath} wipe={wipe} onWipe={setWipe} />
        )}
        {plan.mfa !== null && <MfaSeed device={plan.mfa} seed={seed} />}
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
        <p className="muted">
          Custodians of <Exact>{plan.name}</Exact>: <Exact>{plan.custodians.map((one) => one.name).join(', ')}</Exact>
        </p>
      </Form>
    </Page>
  )
}

type From = 'typed' | 'file'

function WhereFrom({ from, onFrom }: { readonly from: From; readonly onFrom: (from: From) => void }) {
  return (
    <Group legend="Where the key comes from" across>
      <Choice
        type="radio"
        name="from"
        label="I type or paste it"
        checked={from === 'typed'}
        onChoose={() => onFrom('typed')}
      />
      <Choice
        type="radio"
        name="from"
        label="From a file on this computer"
        hint="AWS’s own CSV, for example."
        checked={from === 'file'}
        onChoose={() => onFrom('file')}
      />
    </Group>
  )
}

interface TypedKeyProps {
  readonly accessKeyId: string
  readonly onAccessKeyId: (accessKeyId: string) => void
  readonly secret: RefObject<HTMLInputElement | null>
}

function TypedKey({ accessKeyId, onAccessKeyId, secret }: TypedKeyProps) {
  return (
    <div className="card stack">
      <Line label="Access key id" code value={accessKeyId} onValue={onAccessKeyId} maxLength={128} />
      <SecretLine
        label="Secret access key"
        hint="It leaves this field once, and is wiped at once."
        field={secret}
        maxLength={128}
      />
    </div>
  )
}

function MfaSeed({ device, seed }: { readonly device: string; readonly seed: RefObject<HTMLInputElement | null> }) {
  return (
    <div className="card stack">
      <p>
        The plan gives AWS a code of the MFA device <span className="mono exact">{device}</span>.
      </p>
      <SecretLine
        label="Seed of the MFA device"
        hint="The secret key that AWS shows beside the QR code, in letters and digits. It is encrypted and split with the access key."
        field={seed}
        maxLength={200}
      />
    </div>
  )
}

interface KeyFileProps {
  readonly path: string
  readonly onPath: (path: string) => void
  readonly wipe: boolean
  readonly onWipe: (wipe: boolean) => void
}

function KeyFile({ path, onPath, wipe, onWipe }: KeyFileProps) {
  return (
    <div className="card stack">
      <Line
        label="Path of the file"
        code
        value={path}
        onValue={onPath}
        maxLength={1024}
        placeholder="…/Downloads/prod-root_accessKeys.csv"
      />
      <Check
        label="Wipe the file afterwards"
        hint="It is overwritten and deleted. On some disks and in backups copies remain; Lockbox cannot reach those."
        checked={wipe}
        onCheck={onWipe}
      />
    </div>
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

function typedProblem(accessKeyId: string, secret: HTMLInputElement | null): string {
  if (wrongLine(tidyLine(accessKeyId), 128) !== undefined) return 'Enter the access key id.'
  return secret === null || secret.value.trim() === '' ? 'Enter the secret access key.' : ''
}

function seedProblem(device: string | null, seed: HTMLInputElement | null): string {
  if (device === null || /^[A-Za-z2-7]{16,128}$/.test(seed?.value.replace(/[\s=-]/g, '') ?? '')) return ''
  return 'Enter the seed of the MFA device: letters and the digits 2 to 7.'
}
