import { CircleCheck, Clock3, Plus, RadioTower, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { BrokerView } from '../../shared/views/relay.ts'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { useNow } from '../store/clock.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Section } from '../ui/page.tsx'
import { State, type Tone } from '../ui/state.tsx'
import { AddBroker } from './add-broker.tsx'
import { brokerDropped, brokerIdentity, brokerProgress, brokerTrouble } from './relay-words.ts'

const STATES = {
  on: ['green', CircleCheck, 'In use'],
  connecting: ['plain', Clock3, 'Connecting'],
  waiting: ['amber', Clock3, 'Waiting'],
} as const satisfies Record<BrokerView['state'], readonly [Tone, typeof Clock3, string]>

/** The meeting point of people who are not in one room: which brokers are used, what they learn, and a new one. */
export function RelaySection() {
  const { relay } = useSnapshot()
  const [isAdding, setAdding] = useState(false)
  const on = relay.some(({ state }) => state === 'on')
  return (
    <Section
      title="Relay, for people elsewhere"
      aside={
        <State tone={on ? 'green' : relay.length > 0 ? 'amber' : 'plain'} icon={RadioTower}>
          {on ? 'On' : relay.length > 0 ? 'Not connected' : 'Off'}
        </State>
      }
    >
      <p>
        Devices that are not on one network can leave each other sealed messages at a broker (NATS with JetStream) of
        your organization. All devices have to name the same broker; with several, one may fail. It works while Lockbox
        is unlocked, and what comes meanwhile waits there for seven days.
      </p>
      <p className="muted">
        The broker learns this device’s address, when something is left and fetched, and which of four sizes it has. It
        cannot read, change or add anything. It can hold things back: nobody is shown as reachable because of it.
      </p>
      {relay.length > 0 && (
        <ul className="list" aria-label="Brokers">
          {relay.map((broker) => (
            <li key={broker.id}>
              <Broker broker={broker} />
            </li>
          ))}
        </ul>
      )}
      {isAdding ? (
        <AddBroker onDone={() => setAdding(false)} />
      ) : (
        <div className="row">
          <Button icon={Plus} onClick={() => setAdding(true)}>
            Add a broker
          </Button>
        </div>
      )}
    </Section>
  )
}

function Broker({ broker }: { readonly broker: BrokerView }) {
  const { client } = useApp()
  const now = useNow(1000)
  const action = useAction()
  const [isRemoving, setRemoving] = useState(false)
  const [tone, icon, words] = STATES[broker.state]
  const trouble = brokerTrouble(broker, now)
  const dropped = brokerDropped(broker)
  return (
    <div className="stack-8">
      <div className="row-between">
        <span>
          <Exact>{broker.url}</Exact> <span className="muted">{brokerIdentity(broker)}</span>
        </span>
        <State tone={tone} icon={icon}>
          {words}
        </State>
      </div>
      <p>{brokerProgress(broker)}</p>
      {trouble !== '' && <p className="muted">{trouble}</p>}
      {dropped !== '' && <p>{dropped}</p>}
      {broker.unreadable > 0 && (
        <p>
          {broker.unreadable} of what lay there for this device could not be read. It changed nothing here. If it goes
          on, tell whoever runs the broker.
        </p>
      )}
      <div className="row">
        <Button
          kind="quiet"
          icon={RefreshCw}
          busy={action.busy}
          onClick={() => action.run(() => client.relay.tryNow({ id: broker.id }))}
        >
          Try {broker.url} now
        </Button>
        <Button kind="quiet" icon={Trash2} onClick={() => setRemoving(true)}>
          Remove {broker.url}…
        </Button>
      </div>
      {action.trouble}
      {isRemoving && <Removing broker={broker} onClose={() => setRemoving(false)} />}
    </div>
  )
}

function Removing({ broker, onClose }: { readonly broker: BrokerView; readonly onClose: () => void }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const remove = () =>
    action.run(async () => {
      await client.relay.remove({ id: broker.id })
      confirm(`${broker.url} is not used any more.`)
    })
  return (
    <Dialog
      title={`Remove ${broker.url}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" icon={Trash2} busy={action.busy} onClick={remove}>
            Remove {broker.url}
          </Button>
        </>
      }
    >
      <p>
        This device leaves and fetches nothing there any more
        {broker.waiting > 0 ? `; ${broker.waiting} messages have not been sent there yet` : ''}. What lies there is gone
        after seven days.
      </p>
      {action.trouble}
    </Dialog>
  )
}
