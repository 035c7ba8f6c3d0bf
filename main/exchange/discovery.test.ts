import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { announcementFor, isOurs } from './discovery-tag.ts'
import { until } from './testing/apps.ts'
import { buildChild, Child } from './testing/children.ts'
import {
  type Computer,
  computer,
  linkLocalOf,
  listenTo,
  sendFrom,
  twoComputers,
  whyNoNamespaces,
} from './testing/namespaces.ts'
import { idOf, ORGANIZATION, type Person, person } from './testing/people.ts'

const OTHER = idOf('another organization')

describe('an announcement', () => {
  it('is recognized by members’ apps and by no others', () => {
    const { instance, tag } = announcementFor(ORGANIZATION)
    expect([isOurs(ORGANIZATION, instance, tag), isOurs(OTHER, instance, tag)]).toEqual([true, false])
  })

  it('is another one with every start, so that two of them cannot be linked', () => {
    const [one, two] = [announcementFor(ORGANIZATION), announcementFor(ORGANIZATION)]
    expect(new Set([one.instance, one.host, one.tag, two.instance, two.host, two.tag]).size).toBe(6)
  })

  it('does not carry over to another instance name', () => {
    const [one, two] = [announcementFor(ORGANIZATION), announcementFor(ORGANIZATION)]
    expect(isOurs(ORGANIZATION, two.instance, one.tag)).toBe(false)
  })

  it.each([undefined, null, 7, '', 'x', {}])('with the tag %j is nobody’s', (tag) => {
    expect(isOurs(ORGANIZATION, '0'.repeat(32), tag)).toBe(false)
  })
})

const why = whyNoNamespaces()
if (why !== null)
  console.log(`left out: discovery between computers, because network namespaces cannot be made: ${why}`)

describe.skipIf(why !== null)('discovery between computers', () => {
  let built: Awaited<ReturnType<typeof buildChild>>
  beforeAll(async () => {
    built = await buildChild()
  })
  afterAll(() => built.remove())

  async function launch(there: Computer, who: Person, people: readonly Person[], discover = true): Promise<Child> {
    const child = new Child(built.program, who, there.prefix)
    onTestFinished(() => child.end())
    child.start(
      people.map(({ peer }) => peer),
      { discover },
    )
    await until(() => child.port !== null)
    return child
  }

  it('brings apps together on a network without a router, and tells nobody who they are', async () => {
    const [here, there] = twoComputers()
    const people = [person('alice'), person('bob')] as const
    const packets = await listenTo(there, '10.77.0.2')
    const alice = await launch(here, people[0], people)
    const bob = await launch(there, people[1], people)
    await until(() => alice.connected.length === 1 && bob.connected.length === 1)
    alice.order({ order: 'add', texts: ['news'] })
    await until(() => bob.received.length === 1)
    await alice.quit()
    await until(() => bob.connected.length === 0)
    expect(packets.some((packet) => packet.includes('_lockbox'))).toBe(true)
    const telling = [
      // As a label, with its length before it: a short name like "vm" is in some random name by chance.
      `${String.fromCharCode(hostname().length)}${hostname()}`,
      ORGANIZATION,
      ...people.flatMap(({ peer }) => [peer.name, peer.device, peer.member, peer.tls]),
    ]
    for (const word of telling) expect(packets.filter((packet) => packet.includes(word))).toEqual([])
    expect([alice.errors, bob.errors]).toEqual(['', ''])
  })

  it('brings apps together where there is IPv6 alone, on the addresses that cards give themselves', async () => {
    const [here, there] = twoComputers([])
    const people = [person('alice'), person('bob')] as const
    const alice = await launch(here, people[0], people)
    const bob = await launch(there, people[1], people)
    await until(() => alice.connected.length === 1 && bob.connected.length === 1)
    const states = alice.reports.flatMap((one) => (one.report === 'event' ? [one.reason] : []))
    expect(states).toContain('{"state":"on","interfaces":2,"problem":null}')
    expect([alice.errors, bob.errors]).toEqual(['', ''])
  })

  it.each([
    ['with its interface', '%cable'],
    ['without one', ''],
  ])('is not needed for a typed link-local address, %s', async (_what, zone) => {
    const [here, there] = twoComputers([])
    const people = [person('alice'), person('bob')] as const
    const alice = await launch(here, people[0], people, false)
    const bob = await launch(there, people[1], people, false)
    alice.order({ order: 'dial', address: `[${linkLocalOf(there)}${zone}]:${bob.port}` })
    await until(() => alice.connected.length === 1)
    expect(alice.errors).toBe('')
  })

  it('finds an app that starts again on another port', async () => {
    const [here, there] = twoComputers()
    const people = [person('alice'), person('bob')] as const
    const alice = await launch(here, people[0], people)
    const bob = await launch(there, people[1], people)
    await until(() => alice.connected.length === 1)
    await bob.end('SIGKILL')
    await until(() => alice.connected.length === 0)
    const again = await launch(there, people[1], people)
    await until(() => again.connected.length === 1)
    expect(again.port).not.toBe(bob.port)
  })

  it('works between two apps on one computer without a network', async () => {
    const alone = computer()
    const people = [person('alice'), person('bob')] as const
    const alice = await launch(alone, people[0], people)
    await launch(alone, people[1], people)
    await until(() => alice.connected.length === 1)
    expect(alice.errors).toBe('')
  })

  it('says that it cannot where there is no interface, goes on, and begins when there is one', async () => {
    const [here, there] = twoComputers()
    for (const link of ['lo', 'cable']) here.down(link)
    const people = [person('alice'), person('bob')] as const
    const alice = await launch(here, people[0], people)
    const bob = await launch(there, people[1], people)
    const states = () =>
      alice.reports.flatMap((one) => (one.report === 'event' && one.event === 'discovery' ? [one.reason] : []))
    await until(() => states().length === 1)
    expect(states()[0]).toContain('"state":"unavailable"')
    for (const link of ['lo', 'cable']) here.up(link)
    await until(() => bob.connected.length === 1)
    expect([states().at(-1), alice.errors]).toEqual(['{"state":"on","interfaces":1,"problem":null}', ''])
  })

  it('is not ended by whatever a stranger sends', async () => {
    const [here, there] = twoComputers()
    const people = [person('alice'), person('bob')] as const
    const packets = await listenTo(there, '10.77.0.2')
    const alice = await launch(here, people[0], people)
    await until(() => packets.some((packet) => packet.includes('_lockbox')))
    sendFrom(there, '10.77.0.2', spoiled(packets))
    const bob = await launch(there, people[1], people)
    await until(() => bob.connected.length === 1)
    expect(alice.errors).toBe('')
  })
})

/** Heard packets with bytes changed and cut, the same in every run; and noise. */
function spoiled(packets: readonly string[]): Uint8Array[] {
  let state = 1
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  return Array.from({ length: 300 }, (_, index) => {
    const bytes = Buffer.from(packets[index % packets.length] ?? '', 'latin1')
    for (let changes = 0; changes < 4 && bytes.length > 0; changes++) bytes[random(bytes.length)] = random(256)
    return index % 3 === 0 ? bytes.subarray(0, random(bytes.length + 1)) : bytes
  })
}
