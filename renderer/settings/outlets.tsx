import { CircleCheck, Clock3, Plus, RefreshCw, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { OutletView } from '../../shared/views/outlets.ts'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { useNow } from '../store/clock.ts'
import { unsentCount } from '../store/needs.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Section } from '../ui/page.tsx'
import { State, type Tone } from '../ui/state.tsx'
import { AddOutlet, Secret } from './add-outlet.tsx'
import { formatWords } from './outlet-model.ts'
import { nextTryWords, progressWords } from './outlet-words.ts'

const STATES = {
  'up-to-date': ['green', CircleCheck, 'Up to date'],
  sending: ['plain', Send, 'Sending'],
  waiting: ['amber', Clock3, 'Waiting'],
} as const satisfies Record<OutletView['state'], readonly [Tone, typeof Send, string]>

/** Ways out of the log to other systems: how far each is, and a new one. */
export function Outlets() {
  const { outlets } = useSnapshot()
  const [isAdding, setAdding] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <Section title="Out to other systems">
      <p>
        Each statement of the log also goes to these systems, in order and at least once. They work while Lockbox is
        unlocked; what comes meanwhile goes out after the next unlock. No secret is in what is sent.
      </p>
      {outlets.length > 0 && (
        <ul className="list" aria-label="Outlets">
          {outlets.map((outlet) => (
            <li key={outlet.id}>
              <Outlet outlet={outlet} />
            </li>
          ))}
        </ul>
      )}
      {isAdding ? (
        <AddOutlet
          onDone={(born) => {
            setAdding(false)
            setSecret(born)
          }}
        />
      ) : (
        <div className="row">
          <Button icon={Plus} onClick={() => setAdding(true)}>
            Add an outlet
          </Button>
        </div>
      )}
      {secret !== null && <Secret secret={secret} onClose={() => setSecret(null)} />}
    </Section>
  )
}

function Outlet({ outlet }: { readonly outlet: OutletView }) {
  const { client } = useApp()
  const now = useNow(1000)
  const action = useAction()
  const [isRemoving, setRemoving] = useState(false)
  const [tone, icon, words] = STATES[outlet.state]
  const next = nextTryWords(outlet, now)
  return (
    <div className="stack-8">
      <div className="row-between">
        <span>
          <Exact>{outlet.name}</Exact>{' '}
          <span className="muted">
            {formatWords(outlet.format)} to <Exact>{outlet.to}</Exact>
          </span>
        </span>
        <State tone={tone} icon={icon}>
          {words}
        </State>
      </div>
      <p>{progressWords(outlet, now)}</p>
      {next !== '' && <p className="muted">{next}</p>}
      <div className="row">
        <Button
          kind="quiet"
          icon={RefreshCw}
          busy={action.busy}
          onClick={() => action.run(() => client.outlets.tryNow({ id: outlet.id }))}
        >
          Test {outlet.name} now
        </Button>
        <Button kind="quiet" icon={Trash2} onClick={() => setRemoving(true)}>
          Remove {outlet.name}…
        </Button>
      </div>
      {action.trouble}
      {isRemoving && <Removing outlet={outlet} onClose={() => setRemoving(false)} />}
    </div>
  )
}

function Removing({ outlet, onClose }: { readonly outlet: OutletView; readonly onClose: () => void }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const left = unsentCount(outlet)
  const remove = () =>
    action.run(async () => {
      await client.outlets.remove({ id: outlet.id })
      confirm(`Nothing goes to ${outlet.name} any more.`)
    })
  return (
    <Dialog
      title={`Remove ${outlet.name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" icon={Trash2} busy={action.busy} onClick={remove}>
            Remove {outlet.name}
          </Button>
        </>
      }
    >
      <p>
        Nothing goes to <Exact>{outlet.to}</Exact> any more
        {left > 0 ? `; ${left} of the log’s entries have not gone out yet` : ''}. What is there stays there.
      </p>
      {action.trouble}
    </Dialog>
  )
}
