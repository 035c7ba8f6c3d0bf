import { Ban, Check, KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { CaseView } from '../../shared/views/views.ts'
import { useApp, useConfirm } from '../store/app.ts'
import { type Action, useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Text } from '../ui/fields.tsx'
import { tidyText, wrongText } from '../ui/tidy.ts'
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
        {mine.mayDecide && mine.decided !== 'deny' && (
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

function Deny({
  one,
  onClose,
  onDeny,
}: {
  readonly one: CaseView
  readonly onClose: () => void
  readonly onDeny: (reason: string) => void
}) {
  const [reason, setReason] = useState('')
  const wrong = wrongText(tidyText(reason), 1000)
  return (
    <Dialog
      title={`Deny ${one.requester.name}’s request?`}
      onClose={onClose}
      actions={
        <>
          <Button kind="danger" big icon={Ban} onClick={() => wrong === undefined && onDeny(tidyText(reason))}>
            Deny {whatIsAsked(one)}
          </Button>
          <Button big onClick={onClose}>
            Go back
          </Button>
        </>
      }
    >
      <p>
        Your denial stands for this request and cannot be taken back. {one.requester.name} can ask again.{' '}
        {one.mine.veto.length > 0
          ? `The plan gives ${one.mine.veto.join(' and ')} a veto: your denial alone stops this request for everybody.`
          : 'Others may still approve: it takes your approval away, and stops nobody else’s.'}
      </p>
      <Text
        label="Reason"
        hint="Everybody in the case sees it. May stay empty."
        value={reason}
        onValue={setReason}
        wrong={wrong}
        maxLength={1000}
      />
    </Dialog>
  )
}

/** Lets the person who asked take the request back. */
export function Withdraw({ one, action }: { readonly one: CaseView; readonly action: Action }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const wrong = wrongText(tidyText(reason), 1000)
  const withdraw = () => {
    if (wrong !== undefined) return
    setOpen(false)
    action.run(async () => {
      await client.cases.withdraw({ request: one.id, reason: tidyText(reason) })
      confirm('Your request is withdrawn.')
    })
  }
  return (
    <>
      <Button busy={action.busy} onClick={() => setOpen(true)}>
        Withdraw my request…
      </Button>
      {open && (
        <Dialog
          title="Withdraw your request?"
          onClose={() => setOpen(false)}
          actions={
            <>
              <Button kind="danger" big onClick={withdraw}>
                Withdraw the request for {one.credential}
              </Button>
              <Button big onClick={() => setOpen(false)}>
                Keep it
              </Button>
            </>
          }
        >
          <p>Approvals given so far are lost. You can ask again at any time.</p>
          <Text
            label="Reason"
            hint="Everybody in the case sees it. May stay empty."
            value={reason}
            onValue={setReason}
            wrong={wrong}
            maxLength={1000}
          />
        </Dialog>
      )}
    </>
  )
}
