import { KeyRound, LoaderCircle, RotateCcw, X } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { LockboxError } from '../../shared/errors.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { useApp } from '../store/app.ts'
import { useMonotonic } from '../store/clock.ts'
import { clockText } from '../store/countdown.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import type { Desk } from './desk.ts'
import { KeyPicture } from './key-picture.tsx'
import { refusalTitle, touchReason, touchTitle } from './words.ts'

/** Whatever lies on the desk, as a panel over the screen. */
export function CeremonyPanels() {
  const { desk, shown } = useApp()
  const state = useStore(desk.store)
  const isReading = useStore(shown, ({ snapshot }) => snapshot?.stage === 'reading')
  // The touch that unlocked is over; what main still does is what that screen tells of.
  if (state.at === 'nothing' || (state.at === 'working' && isReading)) return null
  if (state.at === 'review') return <Review state={state} />
  if (state.at === 'touch') return <Touch state={state} />
  if (state.at === 'working') return <Working />
  if (state.at === 'refused') return <Refused state={state} />
  return (
    <Dialog title="The ceremony broke off" onClose={desk.cancel} actions={<Button onClick={desk.cancel}>Close</Button>}>
      <ErrorNote error={state.error} />
    </Dialog>
  )
}

type At<Place extends Desk['at']> = { readonly state: Extract<Desk, { at: Place }> }

/** From how many characters on a sentence is set smaller, so that 2000 of them are seen whole in a small window. */
const LONG = 500
const LONGEST = 1000

function Review({ state: { title, about, moved } }: At<'review'>) {
  const { desk } = useApp()
  const { length } = about.draft.sentence
  return (
    <Dialog
      title={title}
      wide={length > LONG}
      onClose={desk.cancel}
      actions={
        <>
          <Button kind="primary" big icon={KeyRound} onClick={desk.proceed}>
            Continue to my key
          </Button>
          <Button big onClick={desk.cancel}>
            Go back
          </Button>
        </>
      }
    >
      {moved && (
        <Note
          level="attention"
          what="Your app recorded something else while you read"
          means="Nothing was signed. What you are about to sign has another place in the record now."
          todo="Look at it once more, then go on to your key."
        />
      )}
      <p className={length > LONGEST ? 'sentence longest' : length > LONG ? 'sentence long' : 'sentence'}>
        <Exact>{about.draft.sentence}</Exact>
      </p>
      <Signed draft={about.draft} />
    </Dialog>
  )
}

/** Every field of what is signed, whole; and the very text, for whoever wants to compare it letter by letter. */
function Signed({ draft }: { readonly draft: DraftView }) {
  return (
    <section className="signed stack-8" aria-label="Everything that is signed">
      <h2 className="signed-title">Everything that is signed</h2>
      <Facts rows={draft.rows} />
      {draft.subject !== null && (
        <>
          <h3 className="signed-title">{draft.subject.title}</h3>
          <Facts rows={draft.subject.rows} />
        </>
      )}
      <h3 className="signed-title">Who signs, and its place in the record</h3>
      <Facts rows={draft.place} />
      <details>
        <summary>The exact text, and the id that your key signs</summary>
        <p className="mono exact">{draft.id}</p>
        <p className="mono exact">
          <Exact>{draft.text}</Exact>
        </p>
      </details>
    </section>
  )
}

function Facts({ rows }: { readonly rows: DraftView['rows'] }) {
  return (
    <dl className="facts">
      {rows.map(({ label, value }, at) => (
        // Labels may repeat; the rows of one draft never move.
        <div key={`${at}${label}`} className="fact">
          <dt>
            <Exact>{label}</Exact>
          </dt>
          <dd>
            <Exact>{value}</Exact>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Touch({ state: { step, about, since, other } }: At<'touch'>) {
  const { desk, shown } = useApp()
  const snapshot = useStore(shown, (state) => state.snapshot)
  const keys = snapshot?.vault.keys.map(({ name }) => name) ?? []
  const left = Math.max(0, since + step.options.timeout - useMonotonic(250))
  const title = touchTitle(step, about.doing)
  const mayChoose = step.kind === 'get' && step.key === null
  return (
    <Dialog
      title={title}
      onClose={desk.cancel}
      actions={
        <>
          {mayChoose && (
            <Button icon={RotateCcw} onClick={desk.otherKey}>
              Use my other key
            </Button>
          )}
          <Button icon={X} onClick={desk.cancel}>
            Cancel
          </Button>
        </>
      }
    >
      <div className="touch">
        <KeyPicture waiting />
        {about.draft && (
          <p className="sentence">
            <Exact>{about.draft.sentence}</Exact>
          </p>
        )}
        <p>
          {other
            ? `Take this key out and insert ${keys.length > 1 ? `the other one (${keys.join(' or ')})` : 'your other one'}, then touch it.`
            : touchReason(step)}
        </p>
        <p className="muted">
          Your system may ask for the key’s PIN first. After 3 wrong PINs take the key out and insert it again; after 8
          it locks itself for good.
        </p>
        <Left left={left} of={step.options.timeout} />
        {step.progress.of > 1 && (
          <p className="muted">
            Step {step.progress.at} of {step.progress.of}
          </p>
        )}
      </div>
    </Dialog>
  )
}

function Left({ left, of }: { readonly left: number; readonly of: number }) {
  return (
    <div className="stack-8">
      <p className="left">
        {left > 0 ? `The key waits for ${clockText(left)} more` : 'The time is over; the key is asked again on request'}
      </p>
      <div className="bar" aria-hidden="true">
        <span style={{ width: `${Math.min(100, (100 * left) / of)}%` }} />
      </div>
    </div>
  )
}

const PATIENCE_MS = 10_000

function Working() {
  const { desk, shown } = useApp()
  const snapshot = useStore(shown, (state) => state.snapshot)
  const now = useMonotonic(1000)
  const [since] = useState(() => performance.now())
  return (
    <Dialog
      title="Working on it"
      onClose={null}
      actions={
        now - since > PATIENCE_MS ? (
          <Button onClick={desk.reset}>Stop waiting</Button>
        ) : (
          <span className="row muted">
            <LoaderCircle size={18} aria-hidden="true" className="spin" /> A moment…
          </span>
        )
      }
    >
      <div className="touch">
        <KeyPicture waiting={false} />
        <p role="status">Checking, recording and sending. You can take your finger off the key.</p>
        {snapshot !== null && snapshot.vault.disk.slowSince !== null && (
          <p>The disk is slow. Lockbox waits until this is recorded, and sends nothing before.</p>
        )}
        {now - since > PATIENCE_MS && (
          <p>
            This takes longer than it should. Stopping the wait does not undo anything; look at the state afterwards.
          </p>
        )}
      </div>
    </Dialog>
  )
}

function Refused({ state: { refusal } }: At<'refused'>) {
  const { desk } = useApp()
  return (
    <Dialog
      title={refusalTitle(refusal.code)}
      onClose={desk.cancel}
      actions={
        <>
          {refusal.mayRetry && (
            <Button kind="primary" onClick={desk.again}>
              Try again
            </Button>
          )}
          <Button onClick={desk.cancel}>{refusal.mayRetry ? 'Cancel' : 'Close'}</Button>
        </>
      }
    >
      <ErrorNote error={new LockboxError(refusal.because ?? refusal.code, refusal.message)} />
    </Dialog>
  )
}
