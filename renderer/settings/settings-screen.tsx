import { LockKeyhole, Plus, Trash2, Wifi, WifiOff } from 'lucide-react'
import { useState } from 'react'
import type { Snapshot } from '../../shared/views/views.ts'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Choice, Group, Line } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { KeyName } from '../ui/key-name.tsx'
import { Page, Section } from '../ui/page.tsx'
import { State } from '../ui/state.tsx'
import { tidyLine, wrongLine } from '../ui/tidy.ts'
import { Clock } from '../ui/time.tsx'
import { Outlets } from './outlets.tsx'
import { RelaySection } from './relay.tsx'

/** Out of the way of the emergency: lock, network, keys. */
export function SettingsScreen() {
  const { vault, shell } = useSnapshot()
  return (
    <Page headline="Settings of this device">
      <p className="muted">
        <Exact>{vault.deviceName}</Exact>, {shell === 'browser' ? 'in browser mode' : 'as a desktop app'}
      </p>
      <Idle />
      <Retention />
      <Exchange />
      <RelaySection />
      <Outlets />
      <Section title="Keys">
        <ul className="list">
          {vault.keys.map(({ name, model }) => (
            <li key={name} className="row-between">
              <KeyName>{name}</KeyName>
              <span className="muted">{model}</span>
            </li>
          ))}
        </ul>
        <p className="muted">
          Either key opens this vault. A lost key is reported to your admins, who change the roster.
        </p>
      </Section>
    </Page>
  )
}

const MINUTES = [1, 5, 10, 15]

function Idle() {
  const { client } = useApp()
  const { vault } = useSnapshot()
  const confirm = useConfirm()
  const action = useAction()
  const set = (minutes: number) =>
    action.run(async () => {
      await client.vault.setIdle({ minutes })
      confirm(`Lockbox locks after ${minutes} min without anybody.`)
    })
  return (
    <Section title="Idle lock">
      <Group legend="Lock when nobody is there for" across>
        {MINUTES.map((minutes) => (
          <Choice
            key={minutes}
            type="radio"
            name="idle"
            label={`${minutes} min`}
            checked={vault.idleMinutes === minutes}
            onChoose={() => set(minutes)}
          />
        ))}
      </Group>
      {action.trouble}
    </Section>
  )
}

const RETENTIONS = [
  ['12-months', '12 months'],
  ['6-years', '6 years'],
] as const

/** How long the log is kept here; what is older goes only by its owner's touch. */
function Retention() {
  const { client, desk } = useApp()
  const { vault, stage } = useSnapshot()
  const confirm = useConfirm()
  const action = useAction()
  const keep = (retention: (typeof RETENTIONS)[number][0], label: string) =>
    action.run(async () => {
      await client.log.keepFor({ retention })
      confirm(`The log is kept for ${label} on this device.`)
    })
  const remove = () =>
    action.run(async () => {
      const draft = await client.log.prune()
      if ((await desk.review(draft, 'Remove old entries', 'remove old entries')) === 'done')
        confirm('The old entries were removed from this device.')
    })
  return (
    <Section title="How long the log is kept">
      <Group legend="Keep the log on this device for" across>
        {RETENTIONS.map(([retention, label]) => (
          <Choice
            key={retention}
            type="radio"
            name="retention"
            label={label}
            checked={vault.retention === retention}
            onChoose={() => keep(retention, label)}
          />
        ))}
      </Group>
      <p className="muted">
        Under Log the cases of the newest three months are listed at once, older ones when you ask for them. Nothing
        goes by itself. What is removed was over before then and owes nothing; its hashes stay, so that the rest can
        still be proved. Other devices keep theirs, and see that you did it.
      </p>
      {stage === 'member' && (
        <div className="row">
          <Button icon={Trash2} busy={action.busy} onClick={remove}>
            Remove what is older
          </Button>
        </div>
      )}
      {action.trouble}
    </Section>
  )
}

function Exchange() {
  const { exchange } = useSnapshot()
  const on = exchange.state === 'on'
  return (
    <Section
      title="Exchange on the local network"
      aside={
        <State tone={on ? 'green' : exchange.state === 'failed' ? 'red' : 'plain'} icon={on ? Wifi : WifiOff}>
          {on ? 'On' : exchange.state === 'failed' ? 'Failed' : 'Off'}
        </State>
      }
    >
      <p>{exchange.says}</p>
      {exchange.addresses.length > 0 && (
        <dl className="facts">
          <dt>This device’s addresses</dt>
          <dd className="mono">{exchange.addresses.join(', ')}</dd>
        </dl>
      )}
      {exchange.peers.length > 0 && (
        <ul className="list" aria-label="Devices">
          {exchange.peers.map(({ person, device, connected, mailbox, via, since, why }) => (
            <li key={device} className="row-between">
              <span>
                <Exact>{person.name}</Exact> <span className="muted">{connected || mailbox !== null ? via : why}</span>
              </span>
              <State
                tone={connected ? 'green' : 'amber'}
                icon={connected ? Wifi : mailbox !== null ? LockKeyhole : WifiOff}
              >
                {connected ? 'Connected' : mailbox !== null ? mailboxWords(mailbox) : 'Not connected'}
                {since !== null && (
                  <span>
                    since <Clock at={since} />
                  </span>
                )}
              </State>
            </li>
          ))}
        </ul>
      )}
      {exchange.strangers > 0 && (
        <p className="muted">
          {exchange.strangers} {exchange.strangers === 1 ? 'connection' : 'connections'} from devices outside the roster
          {exchange.strangers === 1 ? ' was' : ' were'} turned away.
        </p>
      )}
      <Typed />
    </Section>
  )
}

/** Addresses that were typed in, where devices do not find each other by themselves. */
function Typed() {
  const { client } = useApp()
  const { exchange } = useSnapshot()
  const action = useAction()
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string>()
  const add = () => {
    const address = tidyLine(typed)
    const problem = wrongLine(address, 256)
    setWrong(problem)
    if (problem !== undefined) return
    action.run(async () => {
      await client.exchange.addAddress({ address })
      setTyped('')
    })
  }
  return (
    <div className="stack">
      <Form className="stack-8" onSubmit={add}>
        <Line
          label="Address of another member’s device"
          hint="Where devices do not find each other by themselves: host:port, as their Settings show it."
          value={typed}
          onValue={setTyped}
          wrong={wrong}
          maxLength={256}
        />
        <div className="row">
          <Button type="submit" icon={Plus} busy={action.busy}>
            Add address
          </Button>
        </div>
      </Form>
      {exchange.typed.length > 0 && (
        <ul className="list" aria-label="Typed addresses">
          {exchange.typed.map((one) => (
            <li key={one} className="row-between">
              <code>{one}</code>
              <Button
                kind="quiet"
                icon={Trash2}
                onClick={() => action.run(() => client.exchange.removeAddress({ address: one }))}
              >
                Remove {one}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {action.trouble}
    </div>
  )
}

/** What a locked device keeps of what it should hear. */
function mailboxWords({ told, waiting }: NonNullable<Snapshot['exchange']['peers'][number]['mailbox']>): string {
  if (told + waiting === 0) return 'Locked, is called'
  return waiting === 0 ? `Locked, keeps ${told} statements` : `Locked, keeps ${told} statements, not yet ${waiting}`
}
