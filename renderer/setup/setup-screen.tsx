import { KeyRound } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Notice } from '../../shared/ceremony.ts'
import { Notices } from '../ceremony/notices.tsx'
import { PinNote } from '../ceremony/pin-note.tsx'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { Alone } from '../ui/alone.tsx'
import { Button } from '../ui/button.tsx'
import { Line } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { EMPTY, MOST, requestOf, type SetUpForm, wrongs } from './set-up-form.ts'

/** First start: who this is, and two keys. */
export function SetupScreen() {
  const { vault } = useSnapshot()
  const [notices, setNotices] = useState<readonly Notice[]>([])
  return (
    <Alone wide>
      <Page headline="Set up this device">
        <p className="large">
          You need two FIDO2 security keys, each with a PIN or a fingerprint. Every later step is done with either of
          them; there is no password, and losing one locks nobody out.
        </p>
        <PinNote />
        <Notices notices={[...vault.notices, ...notices]} />
        <Enrolment onNotices={setNotices} />
      </Page>
    </Alone>
  )
}

/** @param props.onNotices - told what people should know although the keys were enrolled. */
function Enrolment({ onNotices }: { readonly onNotices: (notices: readonly Notice[]) => void }) {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const [form, setForm] = useState(EMPTY)
  const [tried, setTried] = useState(false)
  const wrong = wrongs(form)
  const fits = Object.keys(wrong).length === 0
  const enrol = async () => {
    setTried(true)
    if (!fits) return
    const about = { doing: 'enrol it', draft: null }
    const { end, notices } = await desk.run(client.vault.setUp(requestOf(form)), about)
    onNotices(notices)
    if (end === 'done') confirm('Both keys are enrolled, and each opened the vault.')
  }
  const field = (name: keyof SetUpForm) => ({
    value: form[name],
    onValue: (value: string) => setForm({ ...form, [name]: value }),
    wrong: tried ? wrong[name] : undefined,
    maxLength: MOST[name],
  })
  return (
    <Form onSubmit={() => void enrol()}>
      <Part title="Who you are">
        <Line label="Your name" hint="As your colleagues know you; it stands in every record." {...field('person')} />
        <Line
          label="How to reach you in an emergency"
          hint="A phone number, for example. Members of your organization see it. May stay empty."
          {...field('contact')}
        />
        <Line label="Name of this device" hint="Such as “Ana’s laptop”." {...field('deviceName')} />
      </Part>
      <Part title="Your two keys">
        <p className="muted">Give each a name you will recognise in a hurry. Keep the second one in another place.</p>
        <Line label="Name of the first key" {...field('first')} />
        <Line label="Name of the second key" {...field('second')} />
      </Part>
      {tried && !fits && (
        <Note level="attention" what="Something above is missing." todo="Fill in what is marked, then go on." />
      )}
      <div className="row">
        <Button type="submit" kind="primary" big icon={KeyRound}>
          Enrol both keys
        </Button>
        <p className="muted">Sixteen touches, eight for each key; about four minutes.</p>
      </div>
    </Form>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="card stack" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}
