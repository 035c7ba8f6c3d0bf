import { useState } from 'react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useApp, useConfirm } from '../store/app.ts'
import type { Action } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useReason } from './reason.tsx'

/** Lets the person who asked take the request back. */
export function Withdraw({ one, action }: { readonly one: CaseView; readonly action: Action }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)
  const withdraw = (reason: string) => {
    close()
    action.run(async () => {
      await client.cases.withdraw({ request: one.id, reason })
      confirm('Your request is withdrawn.')
    })
  }
  return (
    <>
      <Button busy={action.busy} onClick={() => setOpen(true)}>
        Withdraw my request…
      </Button>
      {open && <Withdrawing one={one} onClose={close} onWithdraw={withdraw} />}
    </>
  )
}

interface WithdrawingProps {
  readonly one: CaseView
  readonly onClose: () => void
  readonly onWithdraw: (reason: string) => void
}

function Withdrawing({ one, onClose, onWithdraw }: WithdrawingProps) {
  const { reason, fits, field } = useReason()
  return (
    <Dialog
      title="Withdraw your request?"
      onClose={onClose}
      actions={
        <>
          <Button kind="danger" big onClick={() => fits && onWithdraw(reason)}>
            Withdraw the request for {one.credential}
          </Button>
          <Button big onClick={onClose}>
            Keep it
          </Button>
        </>
      }
    >
      <p>Approvals given so far are lost. You can ask again at any time.</p>
      {field}
    </Dialog>
  )
}
