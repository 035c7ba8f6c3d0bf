import { Cloud, Square } from 'lucide-react'
import { useEffect, useState } from 'react'
import { LockboxError } from '../../shared/errors.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { isUsable } from '../session/session-card.tsx'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Choice, Group, Line } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { attachedWords } from './words.ts'

type With = 'session' | 'file'
/** What came of asking: whether anything was attached, the regions that were asked, and those that did not answer all. */
interface Answer {
  readonly attached: boolean
  readonly regions: readonly string[]
  readonly unanswered: readonly { readonly region: string; readonly says: string }[]
}

/** Asks CloudTrail about a case: with its session, if that is live here, or with credentials that main reads from a file. */
export function AskTrail({ one, onDone }: { readonly one: CaseView; readonly onDone: () => void }) {
  const { client } = useApp()
  const { sessions } = useSnapshot()
  const confirm = useConfirm()
  const action = useAction()
  const read = useRead(one.id)
  // The session of a drill may do nothing.
  const isLive = one.purpose === 'access' && sessions.some((each) => each.case === one.id && isUsable(each))
  const [wish, setWish] = useState<With>('session')
  const [path, setPath] = useState('')
  const [wrong, setWrong] = useState('')
  const [came, setCame] = useState<Answer | null>(null)
  const signed = isLive ? wish : 'file'

  const ask = () => {
    const isMissing = signed === 'file' && path.trim() === ''
    setWrong(isMissing ? 'Name the file with the credentials.' : '')
    if (isMissing) return
    setCame(null)
    read.reset()
    action.run(async () => {
      const more = signed === 'file' ? { path: path.trim() } : {}
      const found = await client.cases.lookUp({ request: one.id, ...more }).catch((error: unknown) => {
        if (error instanceof LockboxError && error.code === 'lookup-stopped') return null
        throw error
      })
      if (found === null) return
      setCame(found)
      if (found.attached) confirm(attachedWords(found))
      if (found.attached && found.unanswered.length === 0) onDone()
    })
  }
  return (
    <Form className="card stack" label="Ask CloudTrail" onSubmit={ask}>
      <p>
        CloudTrail is asked for the calls of this case’s session and for the uses of its long-lived key, in the regions
        of the plan and in that in which AWS records IAM, such as us-east-1. It knows management events of the last 90
        days, each about a quarter of an hour after it happened, and answers two calls a second: this may take minutes.
        What was done in other regions, and what it does not know, is in the files of a trail.
      </p>
      {isLive && (
        <Group legend="Whose credentials sign the calls" across>
          <Choice
            type="radio"
            name="signed"
            label="The session of this case"
            hint="Its calls will stand in AWS’s record too. Ask again when it is over: most of it is written down only then."
            checked={signed === 'session'}
            onChoose={() => setWish('session')}
          />
          <Choice
            type="radio"
            name="signed"
            label="Credentials in a file"
            checked={signed === 'file'}
            onChoose={() => setWish('file')}
          />
        </Group>
      )}
      {signed === 'file' && (
        <Line
          label="Path of the file with the credentials"
          hint="Of somebody who may call cloudtrail:LookupEvents in the account of the role, such as “aws configure export-credentials” writes it. Lockbox reads it once and keeps nothing of it; remove it yourself."
          code
          value={path}
          onValue={setPath}
          maxLength={1024}
          wrong={wrong === '' ? undefined : wrong}
        />
      )}
      {came !== null && <Came attached={came.attached} regions={came.regions} unanswered={came.unanswered} />}
      {action.trouble}
      <div className="row">
        <Button type="submit" kind="primary" icon={Cloud} busy={action.busy}>
          Ask CloudTrail
        </Button>
        {action.busy ? (
          <Button icon={Square} onClick={() => void client.cases.stopLookUp({ request: one.id })}>
            Stop asking
          </Button>
        ) : (
          <Button onClick={onDone}>Not now</Button>
        )}
        {action.busy && (
          <span className="muted" role="status">
            Asking… {read.count === 1 ? 'one event' : `${read.count} events`} so far
          </span>
        )}
      </div>
    </Form>
  )
}

/** What did not come, and why. */
function Came({ attached, regions, unanswered }: Answer) {
  return (
    <>
      {unanswered.length > 0 && (
        <Note
          level="attention"
          what={`CloudTrail did not answer everything in ${unanswered.map(({ region }) => region).join(', ')}.`}
          means={attached ? 'What was attached does not reach over these regions.' : 'Nothing was attached.'}
        >
          <ul className="bullets">
            {unanswered.map(({ region, says }) => (
              <li key={region}>
                <Exact>{says.includes(region) ? says : `${region}: ${says}`}</Exact>
              </li>
            ))}
          </ul>
        </Note>
      )}
      {/* Of a region that did not answer nobody knows what it knows. */}
      {!attached && regions.length > unanswered.length && (
        <Note
          level="info"
          what={`CloudTrail knows nothing of this case so far${unanswered.length === 0 ? '' : ' in the regions that answered'}.`}
          means="Nothing was attached. It writes events down about a quarter of an hour late, and keeps them for 90 days."
          todo="Ask again later, or attach files of a trail."
        />
      )}
    </>
  )
}

/** How many events were read about a case so far. */
function useRead(id: string): { readonly count: number; readonly reset: () => void } {
  const { client } = useApp()
  const [count, setCount] = useState(0)
  useEffect(
    () =>
      client.cases.lookedUp(({ request, read }) => {
        if (request === id) setCount(read)
      }),
    [client, id],
  )
  return { count, reset: () => setCount(0) }
}
