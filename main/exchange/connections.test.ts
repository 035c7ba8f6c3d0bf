import { describe, expect, it } from 'vitest'
import { LanExchange } from './lan.ts'
import { isConnected, join, rawPeer, reasons, startApp, startTeam, until } from './testing/apps.ts'
import { MemoryStore } from './testing/memory-store.ts'
import { identityOf, idOf, person } from './testing/people.ts'

const ELEVEN_MINUTES_MS = 660_000

describe('a connection', () => {
  it('is one, however many ways lead to the peer', async () => {
    for (let round = 0; round < 5; round++) {
      const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
      alice.lan.addAddress(bob.address)
      bob.lan.addAddress(alice.address)
      alice.lan.addAddress(bob.address.replace('127.0.0.1', 'localhost'))
      await until(() => isConnected(alice, bob) && isConnected(bob, alice))
      alice.lan.announce(alice.store.add('over the one that is kept'))
      await until(() => bob.store.statements.size === 1)
      const [kept] = [alice, bob].map(({ lan }) => lan.peersState().map(({ via }) => via.how))
      expect(kept).toHaveLength(1)
      expect([reasons(alice, 'disconnected'), reasons(bob, 'disconnected')]).toEqual([[], []])
      expect(alice.events.filter(({ event }) => event === 'connected')).toHaveLength(1)
      await Promise.all([alice.lan.stop(), bob.lan.stop()])
    }
  })

  it('says since when, by which way, and when the peer was heard', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const from = Date.now()
    await join(alice, bob)
    const [state] = alice.lan.peersState()
    const { device, member, name } = bob.person.peer
    expect(state).toMatchObject({ device, member, name, via: { how: 'typed', address: bob.address } })
    expect(bob.lan.peersState()[0]?.via.how).toBe('incoming')
    for (const time of [state?.connectedAt, state?.lastHeardAt]) {
      expect(time).toBeGreaterThanOrEqual(from)
      expect(time).toBeLessThanOrEqual(Date.now())
    }
  })

  it('measures how far the clocks are apart, on both sides', async () => {
    const [alice, bob] = [person('alice'), person('bob')]
    const roster = () => [alice.peer, bob.peer]
    const right = await startApp(alice, roster)
    const fast = await startApp(bob, roster, { host: { now: () => Date.now() + ELEVEN_MINUTES_MS } })
    await join(right, fast)
    const connected = right.events.find((one) => one.event === 'connected')
    for (const [difference, expected] of [
      [connected?.event === 'connected' ? connected.peer.clockDifferenceMs : null, ELEVEN_MINUTES_MS],
      [right.lan.peersState()[0]?.clockDifferenceMs, ELEVEN_MINUTES_MS],
      [fast.lan.peersState()[0]?.clockDifferenceMs, -ELEVEN_MINUTES_MS],
    ])
      expect(Math.abs((difference ?? 0) - (expected ?? 0))).toBeLessThan(2000)
  })

  it('tells when the peer’s clock is changed', async () => {
    const [alice, bob] = [person('alice'), person('bob')]
    const roster = () => [alice.peer, bob.peer]
    let skewMs = 0
    const right = await startApp(alice, roster, { limits: { heartbeatMs: 20 } })
    const other = await startApp(bob, roster, { host: { now: () => Date.now() + skewMs } })
    await join(right, other)
    skewMs = ELEVEN_MINUTES_MS
    await until(() => right.events.some((one) => one.event === 'clock' && one.differenceMs > ELEVEN_MINUTES_MS - 2000))
    expect(right.lan.peersState()[0]?.clockDifferenceMs).toBeGreaterThan(ELEVEN_MINUTES_MS - 2000)
  })

  it('is made as soon as somebody answers at a typed address, and again after the peer was gone', async () => {
    const [alice, bob] = [person('alice'), person('bob')]
    const roster = () => [alice.peer, bob.peer]
    const first = await startApp(bob, roster)
    const { port } = first.lan
    await first.lan.stop()
    const app = await startApp(alice, roster)
    app.lan.addAddress(first.address)
    await until(() => app.lan.addresses()[0]?.lastFailure === 'unreachable')
    const restart = { identity: identityOf(bob, roster), store: first.store, discover: false, log: () => undefined }
    for (let round = 1; round <= 2; round++) {
      await first.lan.start({ ...restart, host: '127.0.0.1', port: port ?? 0 })
      await until(() => isConnected(app, first))
      await first.lan.stop()
      await until(() => !isConnected(app, first))
    }
    expect(reasons(app, 'disconnected')).toEqual(['closed-by-peer', 'closed-by-peer'])
  })

  it('of a restarted app replaces the one that it left behind', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const left = await rawPeer(alice, bob.person, { hello: true })
    await until(() => alice.lan.peersState().length === 1)
    await join(bob, alice)
    await left.closed
    expect(alice.lan.peersState()).toHaveLength(1)
    expect(reasons(alice, 'disconnected')).toEqual([])
  })

  it('that brings nothing for too long is given up', async () => {
    const limits = { silentMs: 60, heartbeatMs: 20 }
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits })).apps
    const silent = await rawPeer(alice, bob.person, { hello: true })
    await silent.closed
    expect(reasons(alice, 'disconnected')).toEqual(['silent'])
  })

  it('stays while both are there, by heartbeats alone', async () => {
    const limits = { silentMs: 200, heartbeatMs: 20 }
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits })).apps
    await join(alice, bob)
    const before = alice.lan.peersState()[0]?.bytesReceived ?? 0
    await until(() => (alice.lan.peersState()[0]?.bytesReceived ?? 0) > before + 2000)
    expect(reasons(alice, 'disconnected')).toEqual([])
  })

  it('ends with a word to the peer when an app stops', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    await join(alice, bob)
    await bob.lan.stop()
    await until(() => !isConnected(alice, bob))
    expect(alice.events.at(-1)).toMatchObject({
      event: 'disconnected',
      message: 'the peer closed the connection (stopped)',
    })
  })
})

describe('the head roster', () => {
  it('drops a peer that it no longer names', async () => {
    const { apps, roster } = await startTeam(['alice', 'bob', 'carol'])
    const { alice, bob, carol } = apps
    await join(alice, bob, carol)
    roster.splice(1, 1)
    alice.lan.refreshPeers()
    await until(() => !isConnected(bob, alice))
    expect([reasons(alice, 'disconnected'), isConnected(alice, carol)]).toEqual([['not-in-roster'], true])
    await until(() => reasons(alice, 'refused').includes('unknown-key'))
  })

  it('drops a peer whose TLS key changed in it', async () => {
    const { apps, roster } = await startTeam(['alice', 'bob'])
    const { alice, bob } = apps
    await join(alice, bob)
    roster[1] = { ...bob.person.peer, tls: person('bob').peer.tls }
    alice.lan.refreshPeers()
    await until(() => alice.lan.peersState().length === 0)
    expect(reasons(alice, 'disconnected')).toEqual(['not-in-roster'])
  })

  it('lets in whom it names anew, at once', async () => {
    const { apps, roster } = await startTeam(['alice', 'bob'], { limits: { retryMs: 60_000, retryMostMs: 600_000 } })
    const { alice, bob } = apps
    const [bobs] = roster.splice(1, 1)
    alice.lan.addAddress(bob.address)
    await until(() => reasons(alice, 'refused').length === 1)
    if (bobs !== undefined) roster.push(bobs)
    alice.lan.refreshPeers()
    await until(() => isConnected(alice, bob))
    expect(reasons(alice, 'refused')).toEqual(['unknown-key'])
  })
})

describe('starting the exchange', () => {
  const alice = person('alice')
  const options = {
    identity: identityOf(alice, () => [alice.peer]),
    store: new MemoryStore(),
    host: '127.0.0.1',
    discover: false,
    log: () => undefined,
  }

  it('names the port that is taken', async () => {
    const { bob } = (await startTeam(['bob'])).apps
    await expect(new LanExchange().start({ ...options, port: bob.lan.port ?? 0 })).rejects.toMatchObject({
      code: 'port-in-use',
    })
  })

  it('refuses an address that is not this computer’s', async () => {
    await expect(new LanExchange().start({ ...options, host: '192.0.2.254' })).rejects.toMatchObject({
      code: 'listen-failed',
    })
  })

  it('refuses a key that is not the roster’s', async () => {
    const identity = { ...options.identity, tlsPublic: person('mallory').peer.tls }
    await expect(new LanExchange().start({ ...options, identity })).rejects.toMatchObject({ code: 'bad-key' })
  })

  it('that is stopped before it was started is not there afterwards', async () => {
    const lan = new LanExchange()
    const starting = lan.start(options)
    await lan.stop()
    await starting
    expect([lan.port, lan.discoveryState().state]).toEqual([null, 'off'])
  })

  it('refuses to start twice', async () => {
    const { bob } = (await startTeam(['bob'])).apps
    await expect(bob.lan.start(options)).rejects.toMatchObject({ code: 'already-started' })
  })

  it('leaves the private key to its owner and itself without a copy of it in its state', async () => {
    const before = idOf(options.identity.tlsPrivateKey)
    const lan = new LanExchange()
    await lan.start(options)
    await lan.stop()
    expect(idOf(options.identity.tlsPrivateKey)).toBe(before)
  })
})
