import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { BrokerForm } from '../../shared/carriers/broker.ts'
import { useApp, useConfirm } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Line, Text } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Select } from '../ui/select.tsx'
import { tidyLine, wrongLine } from '../ui/tidy.ts'

type As = BrokerForm['credentials']['as']

const WAYS: readonly (readonly [As, string])[] = [
  ['nobody', 'It asks for nothing'],
  ['user', 'User and password'],
  ['file', 'Credentials file (.creds)'],
]
const NOTHING = { url: '', ca: '', as: 'user' as As, user: '', password: '', file: '' }
type Draft = typeof NOTHING

/** The form of a new broker. What is typed of credentials is gone with it. */
export function AddBroker({ onDone }: { readonly onDone: () => void }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [draft, setDraft] = useState<Draft>(NOTHING)
  const [isTried, setTried] = useState(false)
  const change = (to: Partial<Draft>) => setDraft({ ...draft, ...to })
  const wrong = wrongOf(draft)
  const shown: Partial<typeof wrong> = isTried ? wrong : {}
  const add = () => {
    setTried(true)
    if (Object.values(wrong).some((one) => one !== undefined)) return
    action.run(async () => {
      const form = formOf(draft)
      await client.relay.add(form)
      confirm(`${form.url} is used from now on.`)
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
          <Line
            label="Password"
            hint="Kept in the vault, and never shown again."
            type="password"
            value={draft.password}
            onValue={(password) => change({ password })}
            maxLength={256}
            wrong={shown.password}
          />
        </>
      )}
      {draft.as === 'file' && (
        <Text
          label="Text of the credentials file"
          hint="With the JWT and the seed. Kept in the vault, and never shown again."
          value={draft.file}
          onValue={(file) => change({ file })}
          rows={4}
          maxLength={16_000}
          wrong={shown.file}
          code
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

/** What is wrong with each field; nothing where all is well. */
function wrongOf({ url, as, user, password, file }: Draft) {
  const needed = (text: string) => (text === '' ? wrongLine('', 256) : undefined)
  return {
    url: wrongLine(tidyLine(url), 256),
    user: as === 'user' ? wrongLine(tidyLine(user), 256) : undefined,
    password: as === 'user' ? needed(password) : undefined,
    file: as === 'file' ? needed(file.trim()) : undefined,
  }
}

/** The broker that is asked for. */
function formOf({ url, ca, as, user, password, file }: Draft): BrokerForm {
  const credentials: BrokerForm['credentials'] =
    as === 'user' ? { as, user: tidyLine(user), password } : as === 'file' ? { as, text: file.trim() } : { as }
  return { url: tidyLine(url), ca: ca.trim() === '' ? null : ca.trim(), credentials }
}
