import { KeyRound } from 'lucide-react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useApp, useConfirm, useGo } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/note.tsx'

/** That this person's approval brings no share yet, and the way to change that. */
export function Withheld({ one }: { readonly one: CaseView }) {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const go = useGo()
  const action = useAction()
  const { withheld } = one.mine
  if (withheld === null) return null
  const isPlan = withheld.why === 'plan-not-accepted'
  const what = `the plan ${one.plan.name}`
  const accept = () =>
    action.run(async () => {
      const draft = await client.endorse.draft({ of: withheld.of, compared: false })
      if ((await desk.review(draft, `Accept ${what}`, `accept ${what}`)) === 'done') confirm(`You accepted ${what}.`)
    })
  return (
    <Note
      level="attention"
      what={withheld.says}
      means={isPlan ? 'Your app releases no share before.' : 'Your approval brings no share before.'}
    >
      <div className="row">
        {isPlan ? (
          <Button icon={KeyRound} busy={action.busy} onClick={accept}>
            Accept {what}
          </Button>
        ) : (
          <Button icon={KeyRound} onClick={() => go({ screen: 'credentials' })}>
            Accept it under Credentials
          </Button>
        )}
      </div>
      {action.trouble}
    </Note>
  )
}
