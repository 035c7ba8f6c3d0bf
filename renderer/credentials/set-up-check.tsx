import { CircleCheck, CircleHelp, Hand, SearchCheck, TriangleAlert, X } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type SetUpLine, type SetUpVerdict, VERDICT_WORDS, verdictOf } from '../../shared/views/set-up-lines.ts'
import { useApp } from '../store/app.ts'
import { useMonotonic } from '../store/clock.ts'
import { announce, keepCheck } from '../store/view-store.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { State } from '../ui/state.tsx'

interface SetUpCheckProps {
  /** By what people know the key. */
  readonly name: string
  /** How often the form was changed: what was found is of the key that was in it then, and of no other. */
  readonly edits: number
  /** Whether the form has all that a key needs; says in the form what is missing. */
  readonly isComplete: () => boolean
  /** Has main ask; null if it was stopped. */
  readonly ask: () => Promise<readonly SetUpLine[] | null>
}

interface Found extends Pick<SetUpCheckProps, 'name' | 'edits'> {
  readonly lines: readonly SetUpLine[]
}

/** Asks AWS, before a key is deposited, whether all is there that its plans need. It keeps nobody from depositing. */
export function SetUpCheck({ name, edits, isComplete, ask }: SetUpCheckProps) {
  const { client, view } = useApp()
  const action = useAction()
  const [found, setFound] = useState<Found | null>(null)
  const isAsking = useRef(false)
  // A lock stops it as well, and then there is nobody to tell.
  const stop = useCallback(() => void client.credentials.stopCheck().catch(() => undefined), [client])
  useEffect(
    () => () => {
      if (isAsking.current) stop()
    },
    [stop],
  )
  const check = () => {
    if (!isComplete()) return
    action.run(async () => {
      setFound(null)
      isAsking.current = true
      const lines = await ask().finally(() => {
        isAsking.current = false
      })
      if (lines === null) return
      setFound({ name, edits, lines })
      const verdict = verdictOf(lines)
      keepCheck(view, verdict, Date.now())
      // What is wrong is an alert of its own.
      if (verdict !== 'wrong') announce(view, sentence(verdict))
    })
  }
  return (
    <section className="stack" aria-label="Is AWS set up for it?">
      <h2>Is AWS set up for it?</h2>
      <p>
        Lockbox can ask AWS with this key whether all is there that its plans need. That changes nothing and is not
        recorded here; it is a use of the key, so AWS’s alarms must ring.
      </p>
      <div className="row">
        <Button icon={SearchCheck} busy={action.busy} onClick={check}>
          Check it with AWS
        </Button>
        {action.busy && (
          <Button icon={X} onClick={stop}>
            Stop checking
          </Button>
        )}
      </div>
      {action.busy && <Asking />}
      {action.trouble}
      {found !== null &&
        (found.edits === edits ? (
          <Report {...found} />
        ) : (
          <p className="muted">What stands above was changed since the check. Check it again.</p>
        ))}
    </section>
  )
}

function Asking() {
  const now = useMonotonic()
  const [since] = useState(now)
  return (
    <p className="muted" role="status">
      Asking AWS, for {Math.round((now - since) / 1000)} s. It takes some seconds, and up to a minute where AWS answers
      slowly or an MFA code has to be waited for.
    </p>
  )
}

const WORDS = { right: 'Right', wrong: 'Wrong', unknown: 'Unknown' } as const
const sentence = (verdict: SetUpVerdict) => `${WORDS[verdict]}: ${VERDICT_WORDS[verdict]}`

const NOTES = {
  right: ['info', 'Look by hand at what this key cannot see.'],
  wrong: ['danger', 'Mend in AWS or in the plan what is named first, and check again.'],
  unknown: ['attention', 'Find out why, and check again.'],
} as const satisfies Record<SetUpVerdict, unknown>

const KINDS = {
  wrong: ['red', TriangleAlert, 'Wrong'],
  unknown: ['amber', CircleHelp, 'Unknown'],
  'by-hand': ['amber', Hand, 'By hand'],
  right: ['green', CircleCheck, 'Right'],
} as const
const FIRST = ['wrong', 'unknown', 'by-hand'] as const

function Report({ name, lines }: Found) {
  const verdict = verdictOf(lines)
  const [level, todo] = NOTES[verdict]
  const right = lines.filter(({ says }) => says === 'right')
  return (
    <div className="stack">
      <Note level={level} what={sentence(verdict)} means={counted(lines)} todo={todo} />
      <p className="muted small">
        Checked with <Exact>{name}</Exact>. Below each line stands who says that it should be so.
      </p>
      <Lines lines={FIRST.flatMap((kind) => lines.filter(({ says }) => says === kind))} />
      {right.length > 0 && (
        <details>
          <summary>What is right ({right.length})</summary>
          <Lines lines={right} />
        </details>
      )}
    </div>
  )
}

function counted(lines: readonly SetUpLine[]): string {
  const counts = [...FIRST, 'right' as const].map((kind) => {
    const count = lines.filter(({ says }) => says === kind).length
    return `${count} ${KINDS[kind][2].toLowerCase()}`
  })
  return `${counts.join(', ')}. This keeps nobody from depositing.`
}

function Lines({ lines }: { readonly lines: readonly SetUpLine[] }) {
  return (
    <ul className="list checks">
      {lines.map(({ says, words, source }, at) => {
        const [tone, icon, kind] = KINDS[says]
        return (
          // One list is of one check, so a line's place is its name.
          <li key={`${at}${words}`}>
            <State tone={tone} icon={icon}>
              {kind}
            </State>
            <div>
              <p>
                <Exact>{words}</Exact>
              </p>
              <p className="muted small mono exact">{source}</p>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
