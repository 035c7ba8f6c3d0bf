import { FolderOpen, KeyRound } from 'lucide-react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { awaitShown } from '../store/snapshot-store.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'

interface Props {
  readonly one: CaseView
  readonly asks: NonNullable<NonNullable<CaseView['rotation']>['asks']>
}

/** Where nobody has what replaces the used key: whoever may ask for it does so here. */
export function AskToRotate({ one, asks: { may, why, who, onItsWay, asked } }: Props) {
  if (onItsWay === one.id)
    return <Note level="attention" what="The issuing device has not said yet that what may replace the key is made." />
  if (onItsWay !== null)
    return (
      <Note level="attention" what="Nobody has what may replace the key now. Another case is about to bring it.">
        <OpenCase id={onItsWay} />
      </Note>
    )
  return (
    <Note
      level="danger"
      what="Nobody has what may replace the key. Until somebody does, it stays as it is."
      means="A rotation makes it anew: approvers decide as they do about access, nobody gets access, and any admin but whoever asked goes on here."
    >
      {asked !== null && (
        <>
          <p>A rotation was asked for; it is not approved yet.</p>
          <OpenCase id={asked} />
        </>
      )}
      {may ? (
        <Ask one={one} />
      ) : (
        <p>
          {why}
          {who.length > 0 && (
            <>
              {' '}
              These may ask: <Exact>{who.map(({ name }) => name).join(', ')}</Exact>.
            </>
          )}
        </p>
      )}
    </Note>
  )
}

function OpenCase({ id }: { readonly id: string }) {
  const go = useGo()
  return (
    <div className="row">
      <Button icon={FolderOpen} onClick={() => go({ screen: 'case', id })}>
        Open that case
      </Button>
    </div>
  )
}

function Ask({ one }: { readonly one: CaseView }) {
  const { client, desk, shown } = useApp()
  const { me, cases } = useSnapshot()
  const go = useGo()
  const confirm = useConfirm()
  const action = useAction()
  const ask = () =>
    action.run(async () => {
      const before = new Set(cases.map(({ id }) => id))
      const draft = await client.cases.askToRotate({ request: one.id })
      const what = `a rotation of ${one.credential}`
      if ((await desk.review(draft, `Ask for ${what}`, `ask for ${what}`)) !== 'done') return
      confirm('Your request is sent to everybody who can be reached.')
      const isMine = ({ id, requester }: CaseView) => requester.member === me?.member && !before.has(id)
      const mine = await awaitShown(shown, (now) => now.cases.find(isMine))
      if (mine !== undefined) go({ screen: 'case', id: mine.id })
    })
  return (
    <div className="stack-8">
      <div className="row">
        <Button kind="primary" icon={KeyRound} busy={action.busy} onClick={ask}>
          Ask for a rotation of {one.credential}…
        </Button>
      </div>
      {action.trouble}
    </div>
  )
}
