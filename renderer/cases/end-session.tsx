import { CircleAlert, KeyRound, OctagonX } from 'lucide-react'
import { useState } from 'react'
import { NOBODY_DENIES, UNSURE } from '../../shared/views/aftercare-words.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useApp, useConfirm } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { State } from '../ui/state.tsx'
import { Moment, Since } from '../ui/time.tsx'
import { useReason } from './reason.tsx'

/** What a custodian may do about sessions of a case that live: order their end, each with its consequence in the button. */
export function EndSession({ one }: { readonly one: CaseView }) {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [ending, setEnding] = useState<string | null>(null)
  const end = (grant: string, reason: string) => {
    setEnding(null)
    const what = sessionWords(one, grant)
    action.run(async () => {
      const draft = await client.cases.revoke({ request: one.id, grant, reason })
      if ((await desk.review(draft, `End ${what} now`, `end ${what} now`)) === 'done')
        confirm(`You ordered the end of ${what}.`)
    })
  }
  if (one.mine.mayRevoke.length === 0) return null
  return (
    <div className="stack">
      <div className="row">
        {one.mine.mayRevoke.map(({ grant, confirmed }) => {
          // Of a rotation nobody was given it: there is no hurry.
          const isCalm = confirmed || one.forNobody
          const what = grant === one.grant?.id ? 'this session' : 'the second session'
          return (
            <Button
              key={grant}
              {...(isCalm ? {} : { kind: 'danger', big: true })}
              icon={OctagonX}
              busy={action.busy}
              onClick={() => setEnding(grant)}
            >
              {confirmed ? `Have AWS deny ${what} all the same…` : `End ${what} now…`}
            </Button>
          )
        })}
      </div>
      {action.trouble}
      {ending !== null && (
        <EndDialog one={one} grant={ending} onClose={() => setEnding(null)} onEnd={(reason) => end(ending, reason)} />
      )}
    </div>
  )
}

/** "Ana’s session for prod-root". */
function sessionWords({ forNobody, requester, credential, grant }: CaseView, id: string): string {
  if (forNobody) return `the ${id === grant?.id ? '' : 'second '}session of this rotation of ${credential}`
  return `${id === grant?.id ? '' : 'the second of '}${requester.name}’s session${id === grant?.id ? '' : 's'} for ${credential}`
}

interface EndProps {
  readonly one: CaseView
  readonly grant: string
  readonly onClose: () => void
  readonly onEnd: (reason: string) => void
}

function EndDialog({ one, grant, onClose, onEnd }: EndProps) {
  const { reason, fits, field } = useReason()
  const what = sessionWords(one, grant)
  return (
    <Dialog
      title={`End ${what} now?`}
      onClose={onClose}
      actions={
        <>
          <Button kind="danger" big icon={KeyRound} onClick={() => fits && onEnd(reason)}>
            End {what} now
          </Button>
          <Button big onClick={onClose}>
            Keep it
          </Button>
        </>
      }
    >
      <p>
        One custodian is enough, with one touch.{' '}
        {one.mine.mayRevoke.some((each) => each.grant === grant && !each.deniable)
          ? NOBODY_DENIES
          : 'AWS is told to deny everything to exactly this session; others go on. It cannot be recalled: it is ended only when AWS was seen to refuse a call.'}{' '}
        {one.forNobody ? (
          'It was made to do nothing, and handed to nobody; what may replace the key stays good.'
        ) : (
          <>
            <Exact>{one.requester.name}</Exact> is cut off in the middle of what runs, and can ask again.
          </>
        )}
      </p>
      {field}
    </Dialog>
  )
}

/** Sessions that are to end and may still be used: until when, and what is done about it. */
export function Endings({ one }: { readonly one: Pick<CaseView, 'endings' | 'grant'> }) {
  return (
    <>
      {one.endings.map(({ grant, since, dies, expired, denied, claimed, late, says, here }) => (
        <section key={grant} className="card stack-8" aria-label="A session that is ending">
          <div className="row">
            <State tone={denied || late ? 'amber' : 'red'} icon={CircleAlert}>
              {late
                ? 'Ended, not confirmed'
                : denied
                  ? 'Ending: AWS has the deny'
                  : `Ending: ${claimed ? UNSURE : 'AWS does not deny it'}`}
            </State>
          </div>
          <p>
            To be ended since <Since at={since} />; not yet confirmed.{' '}
            {expired || late ? (
              'By AWS’s clock its time is over.'
            ) : (
              <>
                It dies by itself at <Moment at={dies} />.
              </>
            )}
          </p>
          {says !== null && <p>{says}</p>}
          {here !== null && <p>{here}</p>}
        </section>
      ))}
    </>
  )
}
