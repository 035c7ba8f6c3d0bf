import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { Notice } from '../../shared/ceremony.ts'
import { contract } from '../../shared/ipc.ts'
import { Notices } from '../ceremony/notices.tsx'
import { PinNote } from '../ceremony/pin-note.tsx'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Line } from '../ui/fields.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { tidyLine, wrongLine } from '../ui/tidy.ts'

const EMPTY = { person: '', contact: '', deviceName: '', first: 'Main key', second: 'Backup key' }

/** First start: who this is, and two keys. */
export function SetupScreen() {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const { vault } = useSnapshot()
  const [form, setForm] = useState(EMPTY)
  const [tried, setTried] = useState(false)
  const [notices, setNotices] = useState<readonly Notice[]>([])
  const set = (field: keyof typeof EMPTY) => (value: string) => setForm({ ...form, [field]: value })
  const request = {
    person: tidyLine(form.person),
    contact: tidyLine(form.contact),
    deviceName: tidyLine(form.deviceName),
    labels: [tidyLine(form.first), tidyLine(form.second)] as [string, string],
  }
  const sameLabels = request.labels[0] === request.labels[1]
  const fits = contract.vault.setUp.request.safeParse(request).success && !sameLabels
  const start = async () => {
    setTried(true)
    if (!fits) return
    const { end, notices } = await desk.run(client.vault.setUp(request), { doing: 'enrol it', draft: null })
    setNotices(notices)
    if (end === 'done') confirm('Both keys are enrolled, and each opened the vault.')
  }
  const wrong = (value: string, most: number, least = 1) => (tried ? wrongLine(value, most, least) : undefined)
  return (
    <main className="alone wide">
      <p className="wordmark">
        <KeyRound size={20} aria-hidden="true" /> Lockbox
      </p>
      <Page headline="Set up this device">
        <p className="large">
          You need two FIDO2 security keys, each with a PIN or a fingerprint. Every later step is done with either of
          them; there is no password, and losing one locks nobody out.
        </p>
        <PinNote />
        <Notices notices={[...vault.notices, ...notices]} />
        <form
          className="stack-32"
          onSubmit={(event) => {
            event.preventDefault()
            void start()
          }}
        >
          <section className="card stack" aria-label="Who you are">
            <h2>Who you are</h2>
            <Line
              label="Your name"
              hint="As your colleagues know you; it stands in every record."
              value={form.person}
              onValue={set('person')}
              wrong={wrong(request.person, 64)}
              maxLength={64}
            />
            <Line
              label="How to reach you in an emergency"
              hint="A phone number, for example. Members of your organization see it. May stay empty."
              value={form.contact}
              onValue={set('contact')}
              wrong={wrong(request.contact, 128, 0)}
              maxLength={128}
            />
            <Line
              label="Name of this device"
              hint="Such as “Ana’s laptop”."
              value={form.deviceName}
              onValue={set('deviceName')}
              wrong={wrong(request.deviceName, 64)}
              maxLength={64}
            />
          </section>
          <section className="card stack" aria-label="Your two keys">
            <h2>Your two keys</h2>
            <p className="muted">
              Give each a name you will recognise in a hurry. Keep the second one in another place.
            </p>
            <Line
              label="Name of the first key"
              value={form.first}
              onValue={set('first')}
              wrong={wrong(request.labels[0], 64)}
              maxLength={64}
            />
            <Line
              label="Name of the second key"
              value={form.second}
              onValue={set('second')}
              wrong={tried && sameLabels ? 'The two keys need different names.' : wrong(request.labels[1], 64)}
              maxLength={64}
            />
          </section>
          {tried && !fits && (
            <Note level="attention" what="Something above is missing." todo="Fill in what is marked, then go on." />
          )}
          <div className="row">
            <Button type="submit" kind="primary" big icon={KeyRound}>
              Enrol both keys
            </Button>
            <p className="muted">Sixteen touches, eight for each key; about four minutes.</p>
          </div>
        </form>
      </Page>
    </main>
  )
}
