import { useState } from 'react'
import type { Snapshot } from '../../shared/views/views.ts'
import { Report, type ReportOn } from '../log/report.tsx'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { useAction } from './action.tsx'
import { Button } from './button.tsx'
import { Exact } from './exact-text.tsx'
import { Note } from './note.tsx'
import { receiptWords } from './receipt-words.ts'

/** The file that a person opened with Lockbox from the desktop, on whatever screen they are: nothing was read yet. */
export function OpenedFile() {
  const { opened } = useSnapshot()
  return opened && <Offer key={opened.number} name={opened.name} />
}

function Offer({ name }: Pick<NonNullable<Snapshot['opened']>, 'name'>) {
  const { client } = useApp()
  const confirm = useConfirm()
  const { busy, trouble, run } = useAction()
  const [report, setReport] = useState<ReportOn | null>(null)
  const close = () => run(() => client.opened.close())
  const verify = () => run(async () => setReport({ name, ...(await client.opened.verify()) }))
  const take = () =>
    run(async () => {
      const receipt = await client.opened.take()
      await client.opened.close()
      confirm(receiptWords(receipt))
    })
  if (report !== null) return <Report {...report} onClose={close} />
  return (
    <Note
      level="info"
      what="A file was opened with Lockbox."
      means="Nothing of it was read yet."
      todo="Verify it if it is an exported log; take it in if somebody handed you statements."
    >
      <p>
        <Exact>{name}</Exact>
      </p>
      <div className="row">
        <Button busy={busy} onClick={verify}>
          Verify the log
        </Button>
        <Button busy={busy} onClick={take}>
          Take in the statements
        </Button>
        <Button kind="quiet" onClick={close}>
          Leave it closed
        </Button>
      </div>
      {trouble}
    </Note>
  )
}
