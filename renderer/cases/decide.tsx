import { Ban, Check, KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useApp, useConfirm } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { useReason } from './reason.tsx'
import { Withheld } from './withheld.tsx'
import { whatIsAsked } from './words.ts'

/** The decisions this person may take about a case, each with its consequence in the button. */
export function Decide({ one }: { readonly one: CaseView }) {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [denying, setDenying] = useState(false)
  const { mine } = one
  const asked = whatIsAsked(one)
  const decide = (verdict: 'approve' | 'deny', reason: string, title: string, doing: string, done: string) =>
    action.run(async () => {
      const draft = await client.cases.decide({ request: one.id, verdict, reason })
      if ((await desk.review(draft, title, doing)) === 'done') confirm(done)
    })
  const approve = () => decide('approve', '', `Approve ${asked}`, `approve ${asked}`, `You approved ${asked}.`)
  const release = () =>
    decide('approve', '', `Release your share for ${asked}`, `release your share for ${asked}`, 'Your share is ready.')
  const deny = (reason: string) => {
    setDenying(false)
    decide('deny', reason, `Deny ${asked}`, `deny ${asked}`, `You denied ${asked}.`)
  }
  return (
    <div className="stack">
      <Withheld one={one} />
      <div className="row">
        {mine.needsTouch && (
          <Button kind="primary" big icon={KeyRound} busy={action.busy} onClick={release}>
            Release my share for {asked}
          </Button>
        )}
        {mine.mayDecide && mine.decided === null && (
          <Button kind="primary" big icon={Check} busy={action.busy} onClick={approve}>
            Approve {asked}
          </Button>
        )}
        {mine.mayDeny && mine.decided !== 'deny' && (
          <Button big icon={Ban} busy={action.busy} onClick={() => setDenying(true)}>
            Deny…
          </Button>
        )}
      </div>
      {action.trouble}
      {denying && <Deny one={one} onClose={() => setDenying(false)} onDeny={deny} />}
    </div>
  )
}

interface DenyProps {
  readonly one: CaseView
  readonly onClose: () => void
  readonly onDeny: (reason: string) => void
}

function Deny({ one, onClose, onDeny }: DenyProps) {
  const { reason, fits, field } = useReason()
  return (
    <Dialog
      title={`Deny ${one.requester.name}’s request?`}
      onClose={onClose}
      actions={
        <>
          <Button kind="danger" big icon={Ban} onClick={() => fits && onDeny(reason)}>
            Deny {whatIsAsked(one)}
          </Button>
          <Button big onClick={onClose}>
            Go back
          </Button>
        </>
      }
    >
      <p>
        Your denial stands for this request and cannot be taken back. <Exact>{one.requester.name}</Exact> can ask again.{' '}
        {one.mine.veto.length > 0
          ? `The plan gives ${one.mine.veto.join(' and ')} a veto: your denial alone stops this request for everybody.`
          : 'Others may still approve: it takes your approval away, and stops nobody else’s.'}
        {one.state === 'issuing' &&
          ' A device is at it already: your denial counts only if it comes there before that uses the credential. It ends no session.'}
      </p>
      {field}
    </Dialog>
  )
}
