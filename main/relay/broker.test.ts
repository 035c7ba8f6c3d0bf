import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { systemClock } from '../vault/clock.ts'
import { Broker, type BrokerParts } from './broker.ts'
import { type Link, openNatsLink } from './link.ts'
import { HASTE } from './testing/people.ts'

const LANES = ['lockbox.a', 'lockbox.b'].map((subject) => ({ subject, from: digest(utf8(subject)) }))

/** A broker that is used, and what it told: nothing lies there but what a test says. */
function using(parts: Partial<BrokerParts>): { broker: Broker; lost: () => number } {
  const lost = vi.fn<() => void>()
  const broker = new Broker({
    settings: { id: 'one', url: 'tls://broker.example:4222', ca: null, credentials: { as: 'nobody' } },
    place: null,
    clock: systemClock,
    pace: HASTE,
    open: async (_, __, signal) => emptyLink(signal),
    lanes: () => ({ all: LANES, live: [], peers: digest(utf8('peers')) }),
    wait: () => 0,
    take: async () => undefined,
    lost,
    savePlace: async () => undefined,
    onChange: () => undefined,
    ...parts,
  })
  onTestFinished(() => broker.close())
  broker.start()
  return { broker, lost: () => lost.mock.calls.length }
}

/** A link to a broker at which nothing lies. */
function emptyLink(signal: AbortSignal, changes: Partial<Link> = {}): Link {
  let close: () => void = () => undefined
  const over = new Promise<unknown>((resolve) => {
    close = () => resolve(null)
  })
  signal.addEventListener('abort', close)
  return {
    publish: async () => undefined,
    next: async () => null,
    stream: async () => ({ created: 'once', last: 0 }),
    watch: () => undefined,
    over,
    close: async () => close(),
    ...changes,
  }
}

describe('a broker', () => {
  it('has every lane looked at in its time, whatever it hints meanwhile', async () => {
    const looked = vi.fn<() => void>()
    let now = 0
    using({
      clock: () => ({ ...systemClock(), monotonic: now }),
      open: async (_, onHint, signal) =>
        emptyLink(signal, {
          stream: async () => {
            looked()
            return { created: 'once', last: 0 }
          },
          next: async (subject) => {
            // As often as anybody can look, without an end.
            now += HASTE.lookMs / 10
            setImmediate(() => onHint(subject))
            return null
          },
        }),
    })
    await vi.waitFor(() => expect(looked.mock.calls.length).toBeGreaterThan(4))
  })

  it('says at once what gave way, also while it is connected, and has it made up for once it takes messages again', async () => {
    let take: () => void = () => undefined
    const taking = new Promise<void>((resolve) => {
      take = resolve
    })
    const { broker, lost } = using({
      open: async (_, __, signal) => emptyLink(signal, { publish: () => taking }),
    })
    await vi.waitFor(() => expect(broker.standing().state).toBe('on'))
    for (let count = 0; count < 515; count++) broker.send('lockbox.c', Uint8Array.of(1))
    expect(broker.standing()).toMatchObject({ state: 'on', waiting: 512, dropped: 3 })
    expect(lost()).toBe(0)
    take()
    await vi.waitFor(() => expect(lost()).toBe(1))
    expect(broker.standing()).toMatchObject({ waiting: 0, dropped: 3 })
  })

  it('counts as dropped what was refused again and again', async () => {
    const { broker, lost } = using({
      open: async (_, __, signal) => emptyLink(signal, { publish: () => Promise.reject(new TypeError('no')) }),
    })
    broker.send('lockbox.c', Uint8Array.of(1))
    await vi.waitFor(() => expect(broker.standing()).toMatchObject({ waiting: 0, dropped: 1 }), { timeout: 5000 })
    await vi.waitFor(() => expect(lost()).toBe(1), { timeout: 5000 })
  })

  it('that is left while it is being connected to learns nothing more, and nobody waits for it', async () => {
    const heard: string[] = []
    const sockets: Socket[] = []
    const listening = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.on('data', (chunk: Buffer) => heard.push(chunk.toString()))
    })
    listening.listen(0, '127.0.0.1')
    await once(listening, 'listening')
    onTestFinished(() => void listening.close())
    const { broker } = using({
      settings: {
        id: 'one',
        url: `nats://127.0.0.1:${(listening.address() as AddressInfo).port}`,
        ca: null,
        credentials: { as: 'user', user: 'lockbox', password: 'secret' },
      },
      open: openNatsLink,
    })
    await vi.waitFor(() => expect(sockets).toHaveLength(1))
    const closed = broker.close()
    const [socket] = sockets
    socket?.write('INFO {"server_id":"X","version":"2.9.10","max_payload":1048576,"proto":1,"headers":true}\r\n')
    await closed
    await vi.waitFor(() => expect(socket?.closed).toBe(true))
    expect(heard).toEqual([])
  })
})
