import { useApp, useSnapshot } from '../store/app.ts'
import { useNow } from '../store/clock.ts'
import { useAction } from './action.tsx'
import { Button } from './button.tsx'
import { errorWords } from './error-words.ts'
import { Exact } from './exact-text.tsx'
import { Note } from './note.tsx'

/** What the disk does that people should know: it is full, takes nothing, failed, or keeps everybody waiting. */
export function DiskNotes() {
  const { vault } = useSnapshot()
  const { condition, detail } = vault.disk
  if (condition === 'well') return <SlowDisk />
  const { what, means, todo } = errorWords(condition)
  return (
    <Note level="danger" what={what} means={means} todo={todo}>
      {detail !== '' && (
        <p className="small muted">
          In detail: <Exact>{detail}</Exact>
        </p>
      )}
      {condition !== 'disk-full' && vault.status === 'open' && <ReadAgain />}
    </Note>
  )
}

/** What was appended last is known only once the journal was opened again, and that takes the owner's key. */
function ReadAgain() {
  const { client } = useApp()
  const { run, busy, trouble } = useAction()
  return (
    <>
      <div className="row">
        <Button busy={busy} onClick={() => run(() => client.vault.lock())}>
          Lock, to read the disk again
        </Button>
      </div>
      {trouble}
    </>
  )
}

function SlowDisk() {
  const { vault } = useSnapshot()
  const { slowSince } = vault.disk
  return slowSince === null ? null : <Busy since={slowSince} />
}

function Busy({ since }: { readonly since: number }) {
  const seconds = Math.max(1, Math.round((useNow() - since) / 1000))
  return (
    <Note
      level="attention"
      what={`The disk is slow: it has been busy with one step for ${seconds} s.`}
      means="Lockbox waits until what it records is on the disk. Nothing is lost meanwhile, and nothing goes out before."
      todo="Wait, or use another member’s device if it is urgent."
    />
  )
}
