import { useSnapshot } from '../store/app.ts'
import { Note } from '../ui/note.tsx'

/** Where this window cannot ask for a key's PIN: says so before anybody tries, and how to get one that can. */
export function PinNote() {
  const { browserModeCommand } = useSnapshot()
  if (browserModeCommand === null) return null
  return (
    <Note
      level="attention"
      what="On this system, this window cannot ask for your key’s PIN."
      means="A key with a fingerprint reader works here. A key with a PIN works in browser mode only."
      todo="If your keys have a PIN: close this window, and start Lockbox in browser mode with"
    >
      <p>
        <code className="exact">{browserModeCommand}</code>
      </p>
    </Note>
  )
}
