import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { brokerForm } from '../../shared/carriers/broker.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { button, fill, freshPages, open, part, press, show } from '../testing/page.tsx'
import { everybody } from '../testing/people.ts'
import { brokerView, someBrokers } from '../testing/relay.ts'
import { memberSnapshot } from '../testing/snapshots.ts'

freshPages()

const settings = { screen: 'settings' } as const
const page = () => document.body.textContent ?? ''

describe('the relay in Settings', () => {
  it('is off until a broker is named, and says what a broker learns', async () => {
    await open(memberSnapshot('ana'), settings)
    expect(page()).toMatch(/Relay, for people elsewhere.*Off/)
    expect(page()).toContain('which of four sizes it has')
    expect(page()).toContain('nobody is shown as reachable because of it')
  })

  it('each broker says how it stands, and what lay there that nobody can read', async () => {
    await open(memberSnapshot('ana', { relay: someBrokers() }), settings)
    const list = part('Brokers')
    expect(list).toContain('48 messages left there, 31 read')
    expect(list).toMatch(/Not used since [^:]+:[^:]+(:[^:]+)?: connection refused\. It is tried again by itself\./)
    expect(list).toContain('4 still to be sent')
    expect(list).not.toContain('did not get there')
    expect(list).toContain('2 of what lay there for this device could not be read')
  })

  it('says what did not get to a broker that is in use, and nothing if all did', async () => {
    await open(memberSnapshot('ana', { relay: [brokerView({ dropped: 3 })] }), settings)
    expect(page()).toContain('In use')
    expect(page()).toContain('3 messages did not get there: more waited than is kept, or the broker refused.')
  })

  it('is not said to be on while no broker is connected', async () => {
    await open(
      memberSnapshot('ana', { relay: [brokerView({ state: 'waiting', trouble: 'no answer in time' })] }),
      settings,
    )
    expect(page()).toMatch(/Relay, for people elsewhere.*Not connected/)
  })

  it('adds what was typed, and has the password nowhere afterwards', async () => {
    const { app, main } = await appWith(memberSnapshot('ana'))
    go(app.view, settings)
    await show(app)
    await press('Add a broker')
    await fill('Address of the broker', ' tls://relay.example:4222 ')
    await fill('User', 'lockbox')
    await fill('Password', 'a secret of the broker')
    await press('Use this broker')
    const { channel, request } = main.calls.at(-1) ?? {}
    expect(channel).toBe('relay.add')
    expect(brokerForm.parse(request)).toEqual({
      url: 'tls://relay.example:4222',
      ca: null,
      credentials: { as: 'user', user: 'lockbox', password: 'a secret of the broker' },
    })
    expect(document.documentElement.outerHTML).not.toContain('a secret of the broker')
    expect(JSON.stringify([app.view.getState(), app.shown.getState()])).not.toContain('a secret of the broker')
  })

  it('asks for nothing while a field is wrong, and says which', async () => {
    const main = await open(memberSnapshot('ana'), settings)
    await press('Add a broker')
    await fill('Address of the broker', 'tls://relay.example')
    await press('Use this broker')
    expect(main.calls.some(({ channel }) => channel === 'relay.add')).toBe(false)
    expect(part('New broker')).toContain('This is needed.')
  })

  it('tries one, and removes one after a second look', async () => {
    const broker = brokerView()
    const main = await open(memberSnapshot('ana', { relay: [broker] }), settings)
    await press(`Try ${broker.url} now`)
    expect(main.calls.at(-1)).toEqual({ channel: 'relay.tryNow', request: { id: broker.id } })
    await press(`Remove ${broker.url}…`)
    expect(main.calls.at(-1)?.channel).toBe('relay.tryNow')
    await act(async () => button(`Remove ${broker.url}`)?.click())
    expect(main.calls.at(-1)).toEqual({ channel: 'relay.remove', request: { id: broker.id } })
  })
})

describe('somebody who was heard of by relay', () => {
  const heard = (at: number) =>
    everybody('ana').map((person) =>
      person.name.startsWith('Omar') && person.reach !== null
        ? { ...person, reach: { ...person.reach, relayedAt: at } }
        : person,
    )

  it('is not said to be reachable, only when that was', async () => {
    await open(memberSnapshot('ana', { people: heard(Date.now() - 60_000) }), { screen: 'people' })
    expect(page()).toMatch(/By relay, last heard/)
    expect(page()).toContain('Not reachable')
    expect(page().match(/By relay/g)).toHaveLength(1)
  })
})
