import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Host, Network, type Segment, whyNoHosts } from './hosts.ts'
import { agreement, connectedTo, decide, type HostParty, MOST_CROSSINGS, PORT, Team } from './team.ts'

const why = whyNoHosts()
if (why !== null) console.log(`LEFT OUT: apps on several hosts, because hosts cannot be made here: ${why}`)

const TUN = '/dev/net/tun'
if (!existsSync(TUN)) console.log(`LEFT OUT: a bad cable, because this machine has no ${TUN}`)

type Five<Of> = [Of, Of, Of, Of, Of]
const near = (at: number) => `10.77.0.${at + 1}`
const far = (at: number) => `10.78.0.${at + 1}`
const nearSix = (at: number) => `fd00:77::${at + 1}`
const farSix = (at: number) => `fd00:78::${at + 1}`

// One organization through everything that a network does; each test goes on where the one before ended.
describe.skipIf(why !== null)('five apps on five hosts have the same', () => {
  let network: Network
  let lan: Segment
  let elsewhere: Segment
  let hosts: Five<Host>
  let parties: Five<HostParty>
  let team: Team

  const type = (party: HostParty, host: string) =>
    party.call.exchange.addAddress({ address: host.includes(':') ? `[${host}]:${PORT}` : `${host}:${PORT}` })
  const forget = async (party: HostParty) => {
    const { typed } = (await party.snapshot()).exchange
    for (const address of typed) await party.call.exchange.removeAddress({ address })
  }

  beforeAll(async () => {
    network = new Network()
    lan = network.segment('lan')
    elsewhere = network.segment('elsewhere')
    hosts = ['Ana', 'Raj', 'Mia', 'Leo', 'Zoe'].map((name) => network.host(name)) as Five<Host>
    for (const [at, host] of hosts.entries()) {
      host.plug(lan)
      host.setAddresses(`${near(at)}/24`)
    }
    team = await Team.make()
    await team.arrive(hosts)
    parties = team.parties as Five<HostParty>
  }, 60_000)
  afterAll(async () => {
    await team.close()
    network.remove()
  })

  test('where there is multicast, and they find each other', async () => {
    await team.found(3)
    await team.meet()
    expect(await agreement(team, 'founding')).toBeLessThan(MOST_CROSSINGS)
    const [ana, raj, mia, leo] = parties
    await team.incident(ana, raj, mia, leo)
    expect(await agreement(team, 'multicast')).toBeLessThan(MOST_CROSSINGS)
  })

  test('when the network falls apart, and is whole again', async () => {
    const [ana, raj, mia, leo, zoe] = parties
    for (const host of hosts.slice(3)) host.plug(elsewhere)
    for (const party of [ana, raj, mia]) await connectedTo(party, 2)
    for (const party of [leo, zoe]) await connectedTo(party, 1)
    const [here, there] = await Promise.all([team.incident(ana, raj), team.incident(zoe, leo)])
    for (const host of hosts.slice(3)) host.plug(lan)
    await team.meet()
    // Only now do those of one side get to know what was asked on the other.
    await Promise.all([decide(leo, here, 'deny'), decide(mia, there, 'deny')])
    expect(await agreement(team, 'a partition that healed')).toBeLessThan(MOST_CROSSINGS)
  })

  test('when a host gets another address', async () => {
    const [ana, raj, mia] = parties
    hosts[2].setAddresses('10.77.0.33/24')
    await team.incident(ana, raj, mia)
    await team.meet()
    // The system is asked now and then.
    await mia.until('its new address', ({ exchange }) => exchange.addresses.includes(`10.77.0.33:${PORT}`))
    expect(await agreement(team, 'another address')).toBeLessThan(MOST_CROSSINGS)
  })

  test('where multicast is filtered, by addresses that people typed', async () => {
    lan.setMulticast(false)
    await team.restart(...parties)
    for (const [at, party] of parties.entries())
      for (let other = 0; other < at; other++) await type(party, other === 2 ? '10.77.0.33' : near(other))
    await team.meet()
    const [ana, raj, mia, , zoe] = parties
    await team.incident(zoe, ana, raj, mia)
    expect(await agreement(team, 'no multicast')).toBeLessThan(MOST_CROSSINGS)
    for (const party of parties) await forget(party)
    lan.setMulticast(true)
  })

  test('where there is IPv6 alone, on the addresses that cards give themselves', async () => {
    const [ana, raj, mia, leo] = parties
    for (const host of hosts) host.setAddresses()
    await team.restart(...parties)
    await team.meet()
    await team.incident(ana, raj, mia, leo)
    expect(await agreement(team, 'IPv6 alone')).toBeLessThan(MOST_CROSSINGS)
    for (const [at, party] of parties.entries()) {
      const { addresses, says, peers } = (await party.snapshot()).exchange
      const [host] = [hosts[at]?.linkLocal()]
      expect({ addresses, says }).toEqual({ addresses: [`[${host}]:${PORT}`], says: 'Others are found by themselves.' })
      expect(peers.filter(({ via }) => /^\[fe80:[0-9a-f:]+%\w+\]:/.test(via))).toHaveLength(4)
    }
  })

  const ROUTER = { near: ['10.77.0.254', 'fd00:77::fe'], far: ['10.78.0.254', 'fd00:78::fe'] } as const
  /** Three on one side of a router, two on the other. */
  const partBy = (family: 0 | 1, addressOf: (isFar: boolean, at: number) => string) => {
    for (const [at, host] of hosts.entries()) {
      const isFar = at >= 3
      host.plug(isFar ? elsewhere : lan)
      host.setAddresses(addressOf(isFar, at))
      host.setGateway(ROUTER[isFar ? 'far' : 'near'][family])
    }
  }
  /** Leo types Ana's address, and nobody anything else. */
  const meetOver = async (address: string) => {
    const [ana, raj, mia, leo, zoe] = parties
    await team.restart(...parties)
    await connectedTo(leo, 1)
    await connectedTo(ana, 2)
    await type(leo, address)
    for (const [party, count] of [
      [ana, 3],
      [raj, 2],
      [mia, 2],
      [leo, 2],
      [zoe, 1],
    ] as const)
      await connectedTo(party, count)
    await team.incident(zoe, raj, mia)
  }

  test('in two subnets, over the one address that somebody typed', async () => {
    network.router([
      [lan, ['10.77.0.254/24', 'fd00:77::fe/64']],
      [elsewhere, ['10.78.0.254/24', 'fd00:78::fe/64']],
    ])
    partBy(0, (isFar, at) => `${(isFar ? far : near)(at)}/24`)
    await meetOver(near(0))
    expect(await agreement(team, 'two subnets')).toBeLessThan(MOST_CROSSINGS)
    await forget(parties[3])
  })

  test('in two subnets of IPv6 alone, over the one address that somebody typed', async () => {
    partBy(1, (isFar, at) => `${(isFar ? farSix : nearSix)(at)}/64`)
    await meetOver(nearSix(0))
    expect(await agreement(team, 'two subnets of IPv6 alone')).toBeLessThan(MOST_CROSSINGS)
    expect((await parties[0].snapshot()).exchange.addresses).toEqual([`[${nearSix(0)}]:${PORT}`])
    await forget(parties[3])
  })

  test.skipIf(!existsSync(TUN))('over a cable that loses, delays and reorders what passes', async () => {
    const [ana, raj, mia, leo, zoe] = parties
    for (const [at, host] of hosts.entries()) {
      host.plug(at < 3 ? lan : elsewhere)
      host.setAddresses(`${near(at)}/24`)
    }
    const cable = await network.badCable(lan, elsewhere, 0.05, 20)
    await team.meet()
    await team.incident(zoe, raj, mia, leo)
    await team.incident(ana, leo, mia, zoe)
    expect(await agreement(team, 'a bad cable')).toBeLessThan(MOST_CROSSINGS)
    const { seen, lost, overtook } = await cable.cut()
    expect(lost).toBeGreaterThan(seen / 100)
    expect(overtook).toBeGreaterThan(seen / 100)
  })

  test('a week after one of them was last there', async () => {
    const [ana, raj, mia, leo, zoe] = parties
    for (const [at, host] of hosts.entries()) {
      host.plug(lan)
      host.setAddresses(`${near(at)}/24`)
    }
    await team.quit(zoe)
    await team.incident(ana, raj)
    await team.pass(7 * 24 * 3600 * 1000)
    // Nobody touched them for a week, so they are locked by now.
    for (const party of [ana, raj, mia, leo]) await party.call.vault.lock()
    await Promise.all([ana, raj, mia, leo].map((party) => party.unlock()))
    const reference = await team.incident(ana, raj, mia)
    await team.start(zoe)
    await decide(zoe, reference, 'deny')
    await team.meet()
    expect(await agreement(team, 'after a week')).toBeLessThan(MOST_CROSSINGS)
  })
})
