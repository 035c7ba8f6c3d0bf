import { useApp, useSnapshot } from '../store/app.ts'
import { useAction } from './action.tsx'
import { Button } from './button.tsx'
import { DiskNotes } from './disk-notes.tsx'
import { Note } from './note.tsx'
import { StandingNotes } from './standing-notes.tsx'

const MOST = 3

/** What main has to say, newest first; a long list shows the newest only and says how many more there are. */
export function Notes() {
  const { client } = useApp()
  const { notes, organization, vault } = useSnapshot()
  const { run } = useAction()
  const newest = [...notes].sort((a, b) => b.at - a.at)
  return (
    <>
      {organization !== null && organization.split !== null && (
        <Note
          level="danger"
          what="The organization has split in two."
          means={organization.split}
          todo="Change nothing about people until the two halves have talked. Open cases go on."
        />
      )}
      {organization?.supported === false && (
        <Note
          level="danger"
          what="Your organization uses rules that this version does not know."
          means="Cases can be read here; this device neither decides, releases nor issues."
          todo="Update Lockbox on this device, or use another one."
        />
      )}
      <DiskNotes />
      <StandingNotes />
      {vault.notices.map(({ code, message }) => (
        <Note key={`${code}${message}`} level={code === 'journal' ? 'danger' : 'attention'} what={message} />
      ))}
      {vault.notices.some(({ code }) => code === 'journal') && <GoOn />}
      {newest.slice(0, MOST).map(({ id, level, what, means, todo }) => (
        <Note
          key={id}
          level={level}
          what={what}
          means={means}
          todo={todo}
          onDismiss={() => run(() => client.app.dismiss({ note: id }))}
        />
      ))}
      {newest.length > MOST && (
        <p className="muted">{newest.length - MOST} more below these; dismiss what you have read.</p>
      )}
    </>
  )
}

/** After a damaged log was named: its owner decides whether to go on without what is missing. */
function GoOn() {
  const { client } = useApp()
  const { run, busy, trouble } = useAction()
  return (
    <Note
      level="attention"
      what="Until you decide, nothing new is recorded on this device."
      means="It can neither approve nor release, since it could not keep a record of it. Others are not affected."
      todo="Tell an auditor. Then go on: what is missing stays named in the log, and the other devices send what they have."
    >
      <div className="row">
        <Button busy={busy} onClick={() => run(() => client.vault.acceptDamage())}>
          Go on, and keep the damage on record
        </Button>
      </div>
      {trouble}
    </Note>
  )
}
