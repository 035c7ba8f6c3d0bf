import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { Format } from '../../shared/outlets/format-names.ts'
import type { Via } from '../../shared/outlets/settings.ts'
import { useApp, useConfirm } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Choice, Group, Line, Text } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Select } from '../ui/select.tsx'
import { formatsFor, formOf, NEW_OUTLET, type OutletDraft, VIA_WORDS, withVia, wrongOf } from './outlet-model.ts'

const WAYS = (['tls', 'tcp', 'udp', 'webhook'] as const).map((via): [Via, string] => [via, VIA_WORDS[via]])

/** The form of a new outlet. @param props.onDone - with the secret that was born with it, if one was. */
export function AddOutlet({ onDone }: { readonly onDone: (secret: string | null) => void }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [draft, setDraft] = useState<OutletDraft>(NEW_OUTLET)
  const [isTried, setTried] = useState(false)
  const change = (to: Partial<OutletDraft>) => setDraft({ ...draft, ...to })
  const wrong = wrongOf(draft)
  const isWrong = Object.values(wrong).some((one) => one !== undefined)
  const add = () => {
    setTried(true)
    if (isWrong) return
    action.run(async () => {
      const form = formOf(draft)
      const { secret } = await client.outlets.add(form)
      confirm(`The log goes to ${form.name} from now on.`)
      onDone(secret)
    })
  }
  return (
    <Form label="New outlet" className="card stack" onSubmit={add}>
      <Line
        label="Name of the outlet"
        hint="What you call the other system, such as “SIEM”."
        value={draft.name}
        onValue={(name) => change({ name })}
        maxLength={64}
        wrong={isTried ? wrong.name : undefined}
      />
      <Where draft={draft} onChange={setDraft} wrong={isTried ? wrong.address : undefined} />
      <Group legend="Begin with" across>
        <Choice
          type="radio"
          name="from"
          label="the whole log"
          checked={draft.from === 'beginning'}
          onChoose={() => change({ from: 'beginning' })}
        />
        <Choice
          type="radio"
          name="from"
          label="what comes from now on"
          checked={draft.from === 'now'}
          onChoose={() => change({ from: 'now' })}
        />
      </Group>
      <div className="row">
        <Button type="submit" kind="primary" icon={Plus} busy={action.busy}>
          Send the log there
        </Button>
        <Button kind="quiet" onClick={() => onDone(null)}>
          Cancel
        </Button>
      </div>
      {action.trouble}
    </Form>
  )
}

interface WhereProps {
  readonly draft: OutletDraft
  readonly onChange: (draft: OutletDraft) => void
  readonly wrong: string | undefined
}

/** Which way, in which form, to where, and how the other end proves that it is who it says. */
function Where({ draft, onChange, wrong }: WhereProps) {
  const { via, format, address, ca } = draft
  const isHook = via === 'webhook'
  return (
    <>
      <Select label="Way out" value={via} onValue={(way) => onChange(withVia(draft, way as Via))} options={WAYS} />
      <Select
        label="Format"
        value={format}
        onValue={(chosen) => onChange({ ...draft, format: chosen as Format })}
        options={formatsFor(via)}
      />
      <Line
        label={isHook ? 'Address of the webhook' : 'Address of the receiver'}
        hint={isHook ? 'https://…; plain http only to 127.0.0.1.' : 'host:port, such as siem.example:6514.'}
        value={address}
        onValue={(typed) => onChange({ ...draft, address: typed })}
        maxLength={isHook ? 1024 : 256}
        wrong={wrong}
        code
      />
      {(isHook || via === 'tls') && (
        <Text
          label="Certificate of its CA, if it is your own"
          hint="PEM. Then no other CA counts. Left empty, the CAs that this machine trusts count."
          value={ca}
          onValue={(pem) => onChange({ ...draft, ca: pem })}
          rows={3}
          maxLength={32_000}
          code
        />
      )}
    </>
  )
}

/** The one moment in which a webhook's secret is shown. */
export function Secret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <Dialog
      title="The secret of this webhook"
      onClose={null}
      actions={
        <Button kind="primary" onClick={onClose}>
          I have stored it with the receiver
        </Button>
      }
    >
      <p>Its receiver checks with it that a batch is from this device. It is shown now and never again.</p>
      <p>
        <code className="exact">{secret}</code>
      </p>
      <p className="muted">If it gets lost, remove the outlet and add it anew.</p>
    </Dialog>
  )
}
