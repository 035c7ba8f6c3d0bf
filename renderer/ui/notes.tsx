import { useApp, useSnapshot } from '../store/app.ts'
import { useAction } from './action.tsx'
import { Note } from './note.tsx'

const MOST = 3

/** What main has to say, newest first; a long list shows the newest only and says how many more there are. */
export function Notes() {
  const { client } = useApp()
  const { notes, organization } = useSnapshot()
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
