import { Check, Circle, Hourglass, KeyRound } from 'lucide-react'
import type { ReactNode } from 'react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Section } from '../ui/page.tsx'
import { State } from '../ui/state.tsx'
import { Clock, Moment } from '../ui/time.tsx'
import { AskToRotate } from './ask-to-rotate.tsx'

type Rotation = NonNullable<CaseView['rotation']>
const STEPS: readonly Rotation['at'][] = ['make', 'deposit', 'custody', 'delete']

/** How the key that a case used is replaced: by touches here where the plan names a role for it, else by hand. */
export function Replacing({ one }: { readonly one: CaseView }) {
  const { me } = useSnapshot()
  if (one.rotation !== null) return <ByTouch one={one} rotation={one.rotation} />
  // Admins alone can do it, and only once access is over is there nothing more urgent.
  const isTheirs = one.state === 'ended' && me?.roles.includes('admin') === true
  return isTheirs && one.obligations.some(({ code }) => code === 'rotate') ? <ByHand /> : null
}

function ByTouch({ one, rotation }: { readonly one: CaseView; readonly rotation: Rotation }) {
  const { says, todo, trouble, custody, deletesAt, offAt, alarms, also } = rotation
  const at = STEPS.indexOf(rotation.at === 'begin' ? 'make' : rotation.at === 'switch' ? 'delete' : rotation.at)
  return (
    <Section title="Replacing the key">
      <div className="card stack">
        <p>
          {says} {todo}
        </p>
        <Touch one={one} rotation={rotation} />
        {rotation.asks !== null && <AskToRotate one={one} asks={rotation.asks} />}
        <ol className="list" aria-label="Steps">
          <Step at={0} now={at}>
            One touch: this app makes a new key at AWS and tries it.
          </Step>
          <Step at={1} now={at}>
            Another touch: the new key is deposited, dealt to the custodians.
          </Step>
          <Step at={2} now={at}>
            Custodians accept their shares
            {custody === null ? '.' : `: ${custody.have} of ${custody.of} hold one.`}
          </Step>
          <Step at={3} now={at}>
            The old key <code>{rotation.accessKeyId}</code> is switched off
            {offAt !== null && (
              <>
                {' '}
                (at <Clock at={offAt} />)
              </>
            )}
            , then deleted
            {deletesAt === null ? (
              ' an hour later.'
            ) : (
              <> at {<Clock at={deletesAt} />} or, if nothing else is owed, before.</>
            )}
          </Step>
        </ol>
        {trouble !== '' && <Note level="attention" what={trouble} />}
        {alarms.map((id) => (
          <Note
            key={id}
            level="danger"
            what={`AWS has a key that nobody accounts for: ${id}.`}
            means="Lockbox does not touch it. Whoever made it may use the emergency role."
            todo={`${findOut(also)} who made it, turn it off in the AWS console, and delete it when you know.`}
          />
        ))}
        <Who rotation={rotation} />
      </div>
    </Section>
  )
}

/** A device that has begun and deposited nothing may have made a key that no deposit names yet. */
function findOut(also: Rotation['also']): string {
  if (also === null || also.key !== 'none') return 'Find out'
  return `Ask ${also.person.name} first, whose device began to replace the key as well and may have made it. If it did not, find out`
}

function Step({ at, now, children }: { readonly at: number; readonly now: number; readonly children: ReactNode }) {
  return (
    <li className="row">
      {at < now ? (
        <State tone="green" icon={Check}>
          Done
        </State>
      ) : at === now ? (
        <State tone="amber" icon={Hourglass}>
          Now
        </State>
      ) : (
        <State tone="plain" icon={Circle}>
          Later
        </State>
      )}
      <span>{children}</span>
    </li>
  )
}

function Touch({ one, rotation: { may, at } }: { readonly one: CaseView; readonly rotation: Rotation }) {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  if (may === null) return null
  const begin = () =>
    action.run(async () => {
      const draft = await client.cases.replaceKey({ request: one.id })
      const what = `the key of ${one.credential}`
      if ((await desk.review(draft, `Replace ${what}`, `replace ${what}`)) === 'done')
        confirm(
          `This app ${at === 'switch' || at === 'delete' ? 'goes on' : 'makes the new key'}. It takes some seconds.`,
        )
    })
  const deposit = () =>
    action.run(async () => {
      const draft = await client.cases.depositNewKey({ request: one.id })
      const what = `the new key of ${one.credential}`
      if ((await desk.review(draft, `Deposit ${what}`, `deposit ${what}`)) === 'done')
        confirm('The new key is deposited. Its custodians accept their shares now.')
    })
  return (
    <div className="stack-8">
      <div className="row">
        {may === 'begin' ? (
          <Button kind="primary" icon={KeyRound} busy={action.busy} onClick={begin}>
            {at === 'begin' ? 'Replace the key now' : 'Go on replacing the key'}
          </Button>
        ) : (
          <Button kind="primary" icon={KeyRound} busy={action.busy} onClick={deposit}>
            Deposit the new key
          </Button>
        )}
      </div>
      {action.trouble}
    </div>
  )
}

function Who({ rotation: { by, begun, also, ends, may } }: { readonly rotation: Rotation }) {
  return (
    <p className="muted small">
      {also !== null && (
        <>
          <Exact>{also.person.name}</Exact>’s device began at <Moment at={also.at} />, and can go on until{' '}
          <Moment at={also.until} />.{' '}
        </>
      )}
      {begun !== null && begun.person.member !== also?.person.member && (
        <>
          Begun by <Exact>{begun.person.name}</Exact> at <Moment at={begun.at} />.{' '}
        </>
      )}
      {ends !== null && (
        <>
          This app may replace it until <Moment at={ends} />.{' '}
        </>
      )}
      {may === null && ends === null && by.length > 0 && (
        <>
          These have what may replace it: <Exact>{by.map(({ name }) => name).join(', ')}</Exact>.
        </>
      )}
    </p>
  )
}

/** What is to be done where no role may do it. */
function ByHand() {
  const go = useGo()
  return (
    <Section title="Replacing the key">
      <div className="card stack">
        <p>The plan names no role that may replace the key, so an admin does it by hand.</p>
        <ol>
          <li>In AWS, make a second access key for the emergency user.</li>
          <li>Deposit it under Credentials.</li>
          <li>Custodians accept their shares there, until the new key is held.</li>
          <li>In AWS, switch the old key off, and delete it a day later.</li>
        </ol>
        <p className="muted small">
          Lockbox sees that the new key is held. That the old one was deleted it cannot see.
        </p>
        <div className="row">
          <Button icon={KeyRound} onClick={() => go({ screen: 'credentials' })}>
            Open Credentials
          </Button>
        </div>
      </div>
    </Section>
  )
}
