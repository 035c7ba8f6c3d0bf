import { Archive, Check, CircleCheck, Hourglass, KeyRound, ShieldCheck, TriangleAlert } from 'lucide-react'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { GenerationView } from '../../shared/views/plan-views.ts'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { State, type Tone } from '../ui/state.tsx'
import { Moment, Since } from '../ui/time.tsx'
import { OPENED_BY } from './drill-line.tsx'

/** What is shown of a key's state. One that no other device than its dealer's has opened is never green. */
function stateOf({ state, opened, hasSpare }: GenerationView): readonly [Tone, typeof Check, string] {
  if (state === 'dealt') return ['amber', Hourglass, 'Dealt, waiting for custodians']
  if (state === 'retired') return ['plain', Archive, 'Retired']
  if (!hasSpare) return ['amber', TriangleAlert, 'Held by just enough']
  const held = state === 'held' ? 'Held' : 'Held and proven'
  return opened === null
    ? ['amber', Hourglass, `${held}, not yet opened in a drill`]
    : ['green', state === 'held' ? Check : ShieldCheck, `${held}, and opened`]
}

/** One key of a credential: its state, and each custodian's seat with the last proof. */
export function GenerationCard({ generation }: { readonly generation: GenerationView }) {
  const { plans, cases } = useSnapshot()
  const [tone, icon, words] = stateOf(generation)
  const name = plans.find(({ credential }) => credential.credential === generation.credential)?.credential.name ?? ''
  const of = cases.filter((one) => one.grant?.deposit === generation.id)
  const lastUse = newest(of.filter(({ purpose }) => purpose === 'access').map(({ askedAt }) => askedAt))
  return (
    <article className="card stack" aria-label={`Key ${generation.generation} of ${name}`}>
      <div className="row-between">
        <h3>
          Key {generation.generation} · <code>{generation.accessKeyId}</code>
        </h3>
        <State tone={tone} icon={icon}>
          {words}
        </State>
      </div>
      {generation.problems.length > 0 && (
        <Note
          level="danger"
          what={`This key is not usable: ${generation.problems.join('; ')}.`}
          todo="An admin deposits a new one."
        />
      )}
      <p className="muted small">
        Deposited by <Exact>{generation.by.name}</Exact> ·{' '}
        {lastUse === null ? (
          'not used in an emergency yet'
        ) : (
          <>
            last used in an emergency <Since at={lastUse} />
          </>
        )}
      </p>
      <Opened generation={generation} />
      <Serves generation={generation} />
      <ToReplace generation={generation} uses={of} />
      <ul className="seats">
        {generation.seats.map((seat) => (
          <li key={seat.person.member} className="seat">
            <strong>
              <Exact>{seat.person.name}</Exact>
              {seat.me && ' (you)'}
            </strong>
            <State tone={seat.accepted ? 'green' : 'amber'} icon={seat.accepted ? CircleCheck : Hourglass}>
              {seat.accepted ? 'Holds a share' : 'Not accepted yet'}
            </State>
            <span className="small muted">
              {seat.lastProof === null ? (
                'custody not proved yet'
              ) : (
                <>
                  custody proved <Since at={seat.lastProof} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      <Mine generation={generation} name={name} />
    </article>
  )
}

/** Which other device opened it last, or what is to be done so that one does. */
function Opened({ generation: { state, opened, openedByDealer } }: { readonly generation: GenerationView }) {
  if (opened !== null)
    return (
      <p>
        Opened by {OPENED_BY[opened.purpose]} on <Moment at={opened.at} />, issued by <Exact>{opened.by.name}</Exact>.
      </p>
    )
  if (state !== 'held' && state !== 'proven') return null
  return (
    <p>
      {openedByDealer === null ? (
        'No drill has opened it yet: one that is issued by another device than the one that deposited it shows that its shares open it.'
      ) : (
        <>
          Only the device that deposited it has opened it, <Since at={openedByDealer.at} />, which shows nothing of its
          shares: a drill that another device issues does.
        </>
      )}
    </p>
  )
}

/** The plans that this key serves: one deposit is enough for all that name its custodians and their number. */
function Serves({ generation }: { readonly generation: GenerationView }) {
  const { plans } = useSnapshot()
  const served = plans.filter(({ state, key }) => state === 'effective' && key === generation.id)
  const under = plans.find(({ id }) => id === generation.plan)
  return (
    <p>
      {served.length === 0 ? (
        'Serves no plan that is in effect.'
      ) : (
        <>
          Serves <Exact>{served.map((plan) => `“${plan.name}”`).join(', ')}</Exact>.
        </>
      )}{' '}
      <span className="muted">
        Any {generation.need} of its {generation.seats.length} shares open it.
        {under !== undefined && served.every(({ plan }) => plan !== under.plan) && ` Deposited under “${under.name}”.`}
      </span>
    </p>
  )
}

/** A key that was used has to be replaced by another, which retires it for every plan that it serves. */
function ToReplace({ generation, uses }: { readonly generation: GenerationView; readonly uses: readonly CaseView[] }) {
  if (generation.state === 'retired') return null
  const dues = uses.flatMap(({ obligations }) => obligations.filter(({ code }) => code === 'rotate'))
  if (dues.length === 0) return null
  const due = Math.min(...dues.map((one) => one.due))
  return (
    <Note
      level="attention"
      what="This key was used, so it has to be replaced."
      means="Until then it still works for every plan that it serves."
      todo="An admin makes a new key in AWS, deposits it, and deletes this one once the new one is held."
    >
      <p>
        Due <Moment at={due} />
      </p>
    </Note>
  )
}

const newest = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.max(...times))

function Mine({ generation, name }: { readonly generation: GenerationView; readonly name: string }) {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const accept = () =>
    action.run(async () => {
      const draft = await client.endorse.draft({ of: generation.id, compared: false })
      const what = `your share of ${name}`
      if ((await desk.review(draft, `Accept ${what}`, `accept ${what}`)) === 'done')
        confirm(`You hold a share of ${name}, and proved it.`)
    })
  if (generation.mine === 'waiting-for-box')
    return <p>Your share is on its way. It comes over the network or by file from whoever deposited it.</p>
  if (generation.mine === 'lost')
    return (
      <Note
        level="danger"
        what="Your share is not on this device any more."
        means="You may approve, but this device can release nothing; the other shares are not affected."
        todo="Let it meet the others: it comes back if one still has it. Else ask an admin to deposit a new key."
      />
    )
  if (generation.mine !== 'accept') return null
  return (
    <div className="stack-8">
      <div className="row">
        <Button kind="primary" icon={KeyRound} busy={action.busy} onClick={accept}>
          Accept my share of {name}
        </Button>
      </div>
      <p className="muted small">
        One touch opens its box, checks the share against the others’ commitments, and proves custody.
      </p>
      {action.trouble}
    </div>
  )
}
