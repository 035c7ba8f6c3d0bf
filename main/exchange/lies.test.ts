import { describe, expect, it } from 'vitest'
import type { CloseReason } from './exchange.ts'
import { encodeMessage, FRAME, type Message } from './messages.ts'
import { SUMMARY_BYTES } from './reconcile.ts'
import { isConnected, join, type RawPeer, rawPeer, startTeam, type TestApp, until } from './testing/apps.ts'
import { JSON_MESSAGES, type Lie, liesInBytes, liesInJson } from './testing/lies.ts'
import { idOf } from './testing/people.ts'

const KEPT = 'kept'
const IN_JSON = Object.keys(JSON_MESSAGES) as (keyof typeof JSON_MESSAGES)[]
const SUMMARY_HEADER = String.fromCharCode(0, 0, SUMMARY_BYTES >> 8, SUMMARY_BYTES & 0xff, FRAME.summary)
// Who lied is let in again at once, so that one app can hear all lies.
const LIMITS = { coolingMs: 0, connectionsBurst: 10_000, handshakesPerAddress: 1000 }

/** Lets bob's app lie. @returns why the connection ended; null if it did not, and what came behind was heard. */
async function reactionTo(lie: Lie, greets: boolean, alice: TestApp, bob: TestApp): Promise<CloseReason | null> {
  const from = alice.events.length
  const ends = () =>
    alice.events.slice(from).flatMap((one) => ('reason' in one && one.peer?.name === 'bob' ? [one.reason] : []))
  const peer = await rawPeer(alice, bob.person, { hello: greets })
  peer.socket.write(lie.bytes)
  if (lie.ends === null) {
    peer.socket.write(encodeMessage({ type: 'ping', sent: 77 }))
    await until(() => peer.received().includes('"sent":77}') || ends().length > 0)
    const [ended = null] = ends()
    peer.socket.destroy()
    await until(() => !isConnected(alice, bob))
    return ended
  }
  await peer.closed
  await until(() => ends().length > 0)
  return ends()[0] ?? null
}

describe('a member’s app that lies about', () => {
  const groups: readonly (readonly [string, readonly Lie[]])[] = [
    ...IN_JSON.map((type) => [`the fields of ${type}`, liesInJson(type)] as const),
    ['everything else', liesInBytes(KEPT)],
  ]

  it.each(groups)('%s is put out or passed over, each time, and the others go on', async (_what, lies) => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits: LIMITS })).apps
    alice.store.add(KEPT)
    await join(alice, carol)
    for (const lie of lies) {
      const greets = !lie.about.startsWith('hello') || lie.ends === 'too-large'
      expect([lie.about, await reactionTo(lie, greets, alice, bob)]).toEqual([lie.about, lie.ends])
      expect([lie.about, isConnected(alice, carol)]).toEqual([lie.about, true])
    }
    // A wrong id shows when the store has the statement: it stays, since nothing is wrong with it.
    expect(alice.store.texts().filter((text) => text !== 'lie')).toEqual([KEPT])
    expect([alice.store.blobs.size, alice.logged]).toEqual([0, []])
    // Each key that was told is kept for good, so the store is asked to judge a few of them only.
    expect(alice.store.count('mail-key')).toBeLessThanOrEqual(8)
    expect(alice.store.count('note')).toBeLessThanOrEqual(1)
    alice.lan.announce(alice.store.add('news'))
    await until(() => carol.store.has(idOf('news')))
  })

  it('each message that there is', () => {
    // Of more than its length alone. The type stands behind the length.
    const lies = groups.flatMap(([, some]) => some)
    const types = new Set(lies.filter(({ ends }) => ends !== 'too-large').map(({ bytes }) => bytes[4]))
    for (const [name, type] of Object.entries(FRAME)) expect([name, types.has(type)]).toEqual([name, true])
  })
})

describe('a member’s app that wants the same again and again', () => {
  it('is given no more than it may read, and the others go on', async () => {
    const limits = { ...LIMITS, bytesBurst: 1024 * 1024, bytesPerSecond: 64 * 1024 }
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits })).apps
    const ids = alice.store.add(...Array.from({ length: 16 }, (_, at) => `${at} ${'x'.repeat(90_000)}`))
    const peer = await rawPeer(alice, bob.person, { hello: true })
    await until(() => isConnected(alice, bob))
    const from = performance.now()
    for (let count = 0; count < 100; count++) peer.socket.write(encodeMessage({ type: 'want', ids }))
    await until(() => peer.received().length > 1024 * 1024)
    await join(carol, alice)
    alice.lan.announce(alice.store.add('news'))
    await until(() => carol.store.has(idOf('news')))
    const mayMs = performance.now() - from
    // 100 times 1.4 MB were asked for. Besides the burst one statement more may be on its way.
    expect(peer.received().length).toBeLessThan(1024 * 1024 + (64 * 1024 * mayMs) / 1000 + 200_000)
  })
})

describe('a member’s app that wants the same blob again and again', () => {
  it('is given no more than it may read', async () => {
    const limits = { ...LIMITS, bytesBurst: 1024 * 1024, bytesPerSecond: 512 * 1024 }
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits })).apps
    const ids = [alice.store.addBlob('x'.repeat(200_000), bob.person.peer.device)]
    const peer = await rawPeer(alice, bob.person, { hello: true })
    await until(() => isConnected(alice, bob))
    const from = performance.now()
    const ask = () => peer.socket.write(encodeMessage({ type: 'blobsWanted', ids }))
    let bytes = 0
    peer.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      ask()
    })
    ask()
    await until(() => bytes > 1536 * 1024)
    const mayMs = performance.now() - from
    // Besides the burst one blob more may be on its way.
    expect(bytes).toBeLessThan(1024 * 1024 + (512 * 1024 * mayMs) / 1000 + 250_000)
  })
})

describe('a member’s app that names what is not here', () => {
  const summaries = (peer: RawPeer) => peer.received().toString('latin1').split(SUMMARY_HEADER).length

  it.each<[string, (text: string) => Message]>([
    ['as wanted', (text) => ({ type: 'want', ids: [idOf(text)] })],
    [
      'as a statement that cannot be judged yet',
      (text) => ({ type: 'statement', id: idOf(text), envelope: Buffer.from(text) }),
    ],
  ])('%s is not remembered for it: it is told when that comes, as everybody is', async (_how, names) => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { ...LIMITS, reconcileMs: 20 } })).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    peer.socket.write(encodeMessage(names('waiting for its roster')))
    peer.socket.write(encodeMessage({ type: 'ping', sent: 77 }))
    await until(() => peer.received().includes('"sent":77}'))
    const before = summaries(peer)
    await until(() => summaries(peer) > before + 1)
    alice.lan.announce(alice.store.add('waiting for its roster'))
    await until(() => peer.received().includes('waiting for its roster'))
    expect(isConnected(alice, bob)).toBe(true)
  })
})

describe('a stranger to the protocol, with a member’s key', () => {
  it('that greets a byte at a time is put out when its time is over', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { ...LIMITS, handshakeMs: 1000 } })).apps
    const peer = await rawPeer(alice, bob.person)
    const hello = encodeMessage({ type: 'hello', hello: { ...JSON_MESSAGES.hello, versions: [1] } as never })
    let at = 0
    const drip = setInterval(() => peer.socket.write(hello.subarray(at, ++at)), 50)
    await peer.closed
    clearInterval(drip)
    expect(at).toBeLessThan(hello.length)
    expect(alice.events.flatMap((one) => ('reason' in one ? [one.reason] : []))).toEqual(['handshake-timeout'])
  })
})
