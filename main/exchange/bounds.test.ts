import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { encodeFrame } from '../../shared/carriers/frame.ts'
import { encodeMessage, FRAME, MAX_BLOB_BYTES, MAX_IDS, MAX_WANTED } from './messages.ts'
import { isConnected, join, type RawPeer, rawPeer, reasons, startTeam, until } from './testing/apps.ts'
import { buildChild, Child } from './testing/children.ts'
import { idOf, person } from './testing/people.ts'

// What one hostile peer may cost an app in memory, seen from outside: an app in a process of its own.

/** More than all bounds of one peer together: 16 MiB unread, ids offered, what is read and not handled, and waste. */
const MOST_GROWTH_KIB = 96 * 1024

const ids = (count: number, of: string) => Array.from({ length: count }, (_, at) => idOf(`${of} ${at}`))
const repeated = (count: number, bytes: (at: number) => Uint8Array) =>
  Buffer.concat(Array.from({ length: count }, (_, at) => bytes(at)))

const OFFERS = Array.from({ length: 195 }, (_, frame) =>
  encodeMessage({ type: 'have', ids: ids(MAX_IDS, `offer ${frame}`) }),
)

/** What a member’s app may do to fill another one’s memory. */
const ATTACKS: readonly (readonly [string, (peer: RawPeer, kept: readonly string[]) => void])[] = [
  [
    'offers as many statements as it may, and gives none',
    ({ socket }) => {
      for (const offer of OFFERS) socket.write(offer)
    },
  ],
  [
    'begins the largest frame again and again, and finishes none',
    ({ socket }) => socket.write(encodeFrame(FRAME.blob, Buffer.alloc(MAX_BLOB_BYTES)).subarray(0, -1)),
  ],
  [
    'wants all that there is, and reads nothing',
    ({ socket }, kept) => {
      socket.pause()
      for (let times = 0; times < 16; times++)
        socket.write(
          encodeMessage({ type: 'want', ids: ids(MAX_WANTED, 'kept').map((_, at) => kept[at % kept.length] ?? '') }),
        )
    },
  ],
  [
    'sends more than anybody can handle',
    ({ socket }) => {
      const pings = repeated(2000, (at) => encodeMessage({ type: 'ping', sent: at }))
      for (let times = 0; times < 500; times++) socket.write(pings)
    },
  ],
]

describe('a member’s app that', () => {
  let built: Awaited<ReturnType<typeof buildChild>>
  beforeAll(async () => {
    built = await buildChild()
  }, 60_000)
  afterAll(() => built.remove())

  it.each(ATTACKS)('%s costs no more memory than it may, and the others go on', async (_what, attack) => {
    const people = ['alice', 'bob', 'carol'].map(person)
    const [who, hostile, other] = people
    if (who === undefined || hostile === undefined || other === undefined) throw new Error('three people were made')
    const [alice, carol] = [new Child(built.program, who), new Child(built.program, other)]
    for (const app of [alice, carol]) {
      onTestFinished(() => app.end())
      app.start(
        people.map(({ peer }) => peer),
        { host: '127.0.0.1', limits: { coolingMs: 0, unreadBytes: 16 * 1024 * 1024 } },
      )
    }
    await until(() => alice.port !== null && carol.port !== null)
    carol.order({ order: 'dial', address: `127.0.0.1:${alice.port}` })
    const kept = Array.from({ length: 32 }, (_, at) => `${at} ${'x'.repeat(90_000)}`)
    alice.order({ order: 'add', texts: kept })
    await until(() => carol.received.length === kept.length)
    const before = alice.peakKib
    for (let times = 0; times < 4; times++) {
      const peer = await rawPeer({ address: `127.0.0.1:${alice.port}` }, hostile, { hello: true })
      // It may be put out in the midst of it, or not.
      peer.closed.catch(() => undefined)
      attack(peer, kept.map(idOf))
      carol.order({ order: 'add', texts: [`news ${times}`] })
      await until(() => alice.received.includes(`news ${times}`))
    }
    expect(alice.peakKib - before).toBeLessThan(MOST_GROWTH_KIB)
    expect(alice.errors).toBe('')
  })
})

describe('strangers and a member who was removed', () => {
  it('cost no more than their handshakes, however many they are, and the others go on', async () => {
    const limits = { connectionsBurst: 1000, handshakesPerAddress: 100 }
    const { apps, roster } = await startTeam(['alice', 'bob', 'carol'], { limits })
    const { alice, bob, carol } = apps
    await join(alice, carol)
    await join(bob, alice)
    roster.splice(1, 1)
    alice.lan.refreshPeers()
    await until(() => !isConnected(alice, bob))
    await bob.lan.stop()
    const refused = reasons(alice, 'refused').length
    const mallory = person('mallory')
    for (const who of [bob.person, mallory, bob.person, mallory]) {
      const peer = await rawPeer(alice, who, { hello: true })
      peer.socket.write(encodeMessage({ type: 'have', ids: ids(MAX_IDS, 'offer') }))
      await peer.closed
      expect(peer.received()).toHaveLength(0)
    }
    expect(reasons(alice, 'refused').slice(refused)).toEqual(Array.from({ length: 4 }, () => 'unknown-key'))
    alice.lan.announce(alice.store.add('news'))
    await until(() => carol.store.has(idOf('news')))
    expect(alice.store.calls.filter(({ from }) => from !== 'carol')).toEqual([])
  })
})
