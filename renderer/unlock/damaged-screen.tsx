import { Notices } from '../ceremony/notices.tsx'
import { useSnapshot } from '../store/app.ts'
import { errorWords } from '../ui/error-words.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'

/** A vault that cannot be used: why, what that means, and what to do or not to do. */
export function DamagedScreen() {
  const { vault } = useSnapshot()
  const { what, means, todo } = errorWords(vault.trouble?.code ?? 'unreadable')
  return (
    <main className="alone">
      <Page headline="This device’s vault cannot be opened">
        <Note level="danger" what={what} means={means} todo={todo}>
          {vault.trouble && (
            <p className="small muted">
              In detail: <Exact>{vault.trouble.detail}</Exact>
            </p>
          )}
        </Note>
        <Notices notices={vault.notices} />
      </Page>
    </main>
  )
}
