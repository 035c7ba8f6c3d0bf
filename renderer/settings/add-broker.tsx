import { Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import type { BrokerForm } from '../../shared/carriers/broker.ts'
import { useApp, useConfirm } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Line, Text } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Select } from '../ui/select.tsx'
import { tidyLine, wrongLine } from '../ui/tidy.ts'
import { SecretLine, SecretText, typedIn } from '../ui/typed-secret.tsx'

type As = BrokerForm['credentials']['as']

const WAYS: readonly (readonly [As, string])[] = [
  ['nobody', 'It asks for nothing'],
  ['user', 'User and password'],
  ['file', 'Credentials file (.creds)'],
]
const NOTHING = { url: '', ca: '', as: 'user' as As, user: '' }
const MISSING = wrongLine('', 256)
type Draft = typeof NOTHING

/** The form of a new broker. What is typed in secret leaves its field once, and stands in no state. */
export function AddBroker({ onDone }: { readonly onDone: () => void }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [draft, setDraft] = useState<Draft>(NOTHING)
  const password = useRef<HTMLInputElement>(null)
  const file = useRef<HTMLTextAreaElement>(null)
  const [isTried, setTried] = useState(false)
  const [isLacking, setLacking] = useState(false)
  const change = (to: Partial<Draft>) => setDraft({ ...draft, ...to })
  const wrong = wrongOf(draft)
  const shown: Partial<typeof wrong> = isTried ? wrong : {}
  const add = () => {
    const typed = draft.as === 'user' ? password.current : draft.as === 'file' ? file.current : null
    const lacks = draft.as !== 'nobody' && (typed === null || typed.value.trim() === '')
    setTried(true)
    setLacking(lacks)
    if (lacks || Object.values(wrong).some((one) => one !== undefined)) return
    action.run(async () => {
      await typedIn(typed, (secret) => client.relay.add(formOf(draft, secret)))
      confirm(`${tidyLine(draft.url)} is used from now on.`)
      onDone()
    })
  }
  return (
    <Form label="New broker" className="card stack" onSubmit={add}>
      <Line
        label="Address of the broker"
        hint="tls://relay.example:4222. Without TLS (nats://) only on this very computer."
        value={draft.url}
        onValue={(url) => change({ url })}
        maxLength={256}
        wrong={shown.url}
        code
      />
      <Select label="How it knows you" value={draft.as} onValue={(as) => change({ as: as as As })} options={WAYS} />
      {draft.as === 'user' && (
        <>
          <Line
            label="User"
            value={draft.user}
            onValue={(user) => change({ user })}
            maxLength={256}
            wrong={shown.user}
          />
          <SecretLine
            label="Password"
            hint="Kept in the vault, and never shown again."
            field={password}
            maxLength={256}
            wrong={isLacking ? MISSING : undefined}
          />
        </>
      )}
      {draft.as === 'file' && (
        <SecretText
          label="Text of the credentials file"
          hint="With the JWT and the seed. Kept in the vault, and never shown again."
          field={file}
          maxLength={16_000}
          wrong={isLacking ? MISSING : undefined}
        />
      )}
      <Text
        label="Certificate of its CA, if it is your own"
        hint="PEM. Then no other CA counts. Left empty, the CAs that this machine trusts count."
        value={draft.ca}
        onValue={(ca) => change({ ca })}
        rows={3}
        maxLength={32_000}
        code
      />
      <div className="row">
        <Button type="submit" kind="primary" icon={Plus} busy={action.busy}>
          Use this broker
        </Button>
        <Button kind="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
      {action.trouble}
    </Form>
  )
}

/** What is wrong with each field that is no secret; nothing where all is well. */
function wrongOf({ url, as, user }: Draft) {
  return {
    url: wrongLine(tidyLine(url), 256),
    user: as === 'user' ? wrongLine(tidyLine(user), 256) : undefined,
  }
}

/** The broker that is asked for. */
function formOf({ url, ca, as, user }: Draft, secret: string): BrokerForm {
  const credentials: BrokerForm['credentials'] =
    as === 'user'
      ? { as, user: tidyLine(user), password: secret }
      : as === 'file'
        ? { as, text: secret.trim() }
        : { as }
  return { url: tidyLine(url), ca: ca.trim() === '' ? null : ca.trim(), credentials }
}
