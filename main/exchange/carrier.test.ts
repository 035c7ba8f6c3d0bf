import { describe, expect, it, onTestFinished } from 'vitest'
import type { Carrier } from '../app/ports.ts'
import { LanCarrier } from './carrier.ts'
import { startTeam, until } from './testing/apps.ts'
import { MemoryStore } from './testing/memory-store.ts'
import { identityOf, person } from './testing/people.ts'

const LOOPBACK = { host: '127.0.0.1', discover: false }

/** A carrier that is stopped when the test is over. */
function carrier(...parts: ConstructorParameters<typeof LanCarrier>): Carrier {
  const made = new LanCarrier(...parts)
  onTestFinished(() => made.stop())
  return made
}

describe('the LAN as a carrier', () => {
  it('reaches the addresses that were typed before, and says by which way and since when', async () => {
    const { apps, roster } = await startTeam(['alice'])
    const { alice } = apps
    const bob = person('bob')
    roster.push(bob.peer)
    const lan = carrier([alice.address, 'no address'], LOOPBACK)
    const from = Date.now()
    await lan.start(
      identityOf(bob, () => roster),
      new MemoryStore(),
    )
    await until(() => lan.peers().length === 1)
    const [peer] = lan.peers()
    expect(peer).toMatchObject({
      device: alice.person.peer.device,
      connected: true,
      via: `${alice.address}, by its typed address`,
    })
    expect(peer?.since).toBeGreaterThanOrEqual(from)
    expect(lan.state()).toMatchObject({ state: 'on', typed: [alice.address], strangers: 0 })
    await alice.lan.stop()
    await until(() => lan.peers()[0]?.why === 'nobody answers at its address')
    expect(lan.peers()).toMatchObject([{ device: alice.person.peer.device, connected: false, via: '' }])
    lan.removeAddress(alice.address)
    expect(lan.state().typed).toEqual([])
  })

  it('takes another port when the preferred one is taken, but not when a port was asked for', async () => {
    const [alice, bob] = [person('alice'), person('bob')]
    const [one, two] = [carrier([], LOOPBACK), carrier([], LOOPBACK)]
    await one.start(
      identityOf(alice, () => []),
      new MemoryStore(),
    )
    await two.start(
      identityOf(bob, () => []),
      new MemoryStore(),
    )
    const { port } = one.state()
    expect(two.state().port).not.toBe(port)
    expect(two.state().addresses).toEqual([`127.0.0.1:${two.state().port}`])
    const strict = carrier([], { ...LOOPBACK, port: port ?? 0 })
    await expect(
      strict.start(
        identityOf(bob, () => []),
        new MemoryStore(),
      ),
    ).rejects.toMatchObject({ code: 'port-in-use' })
    expect(strict.state()).toMatchObject({ state: 'failed', port: null })
    expect(strict.state().says).toContain(`port ${port}`)
  })

  it('may stop and start again, and tells of every change', async () => {
    const { apps, roster } = await startTeam(['alice'])
    const bob = person('bob')
    roster.push(bob.peer)
    const lan = carrier([apps.alice.address], LOOPBACK)
    let changes = 0
    lan.onChange(() => changes++)
    for (let round = 0; round < 2; round++) {
      await lan.start(
        identityOf(bob, () => roster),
        new MemoryStore(),
      )
      await until(() => lan.peers().some(({ connected }) => connected))
      await lan.stop()
      expect([lan.peers(), lan.state().state, lan.state().says]).toEqual([[], 'off', 'Not on the network.'])
    }
    expect(changes).toBeGreaterThanOrEqual(4)
  })

  it('refuses to add what is no address', () => {
    expect(() => carrier().addAddress('nowhere')).toThrow('expected a host and a port')
  })
})
