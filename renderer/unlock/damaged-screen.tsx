import { Notices } from '../ceremony/notices.tsx'
import { useSnapshot } from '../store/app.ts'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'

/** A vault whose files cannot be read: what that means, and what not to do. */
export function DamagedScreen() {
  const { vault } = useSnapshot()
  return (
    <main className="alone">
      <Page headline="This device’s vault cannot be opened">
        <Note
          level="danger"
          what="The vault’s files are not as Lockbox left them."
          means="This device cannot ask, approve or issue now. Other members’ devices are not affected."
          todo="Do not delete anything. Use another member’s device for the incident, and tell your admins."
        />
        <Notices notices={vault.notices} />
      </Page>
    </main>
  )
}
