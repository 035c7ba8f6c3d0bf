import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../shared/carriers/frame.ts'
import type { CloseReason } from './exchange.ts'
import { encodeMessage, FRAME, type Message } from './messages.ts'
import { SUMMARY_BYTES } from './reconcile.ts'
import { isConnected, join, type RawPeer, rawPeer, reasons, startTeam, until } from './testing/apps.ts'
import { helloFrame } from './testing/hello.ts'
import { idOf, person } from './testing/people.ts'

const push = (text: string): Message => ({ type: 'statement', id: idOf(text), envelope: Buffer.from(text) })
const frame = (type: number, text: string | Uint8Array) => encodeFrame(type, Buffer.from(text))
const header = (length: number, type: number) => Buffer.from([0, 0, 0, 0, type]).fill(length >> 16, 1, 2)

/** What a member's app sends after its hello, and why that ends the connection. */
const FAULTS: readonly [string, Uint8Array, CloseReason][] = [
  ['an unknown frame', frame(200, ''), 'malformed'],
  ['a frame larger than its type allows', header(0x10_0000, FRAME.statement), 'too-large'],
  ['a blob larger than any may be', header(0x05_0000, FRAME.blob), 'too-large'],
  ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'malformed'],
  ['a second hello', helloFrame(), 'malformed'],
  ['ids that are not whole', frame(FRAME.have, Buffer.alloc(33)), 'malformed'],
  ['a summary that is too short', frame(FRAME.summary, Buffer.alloc(SUMMARY_BYTES - 1)), 'malformed'],
  ['a statement without an envelope', frame(FRAME.statement, Buffer.alloc(32)), 'malformed'],
  ['a statement under another id', encodeMessage({ ...push('a'), id: idOf('b') } as Message), 'malformed'],
  ['a note that is not UTF-8', frame(FRAME.note, Buffer.from([0xff])), 'malformed'],
  ['JSON that is not canonical', frame(FRAME.ping, '{"sent": 1}'), 'malformed'],
  ['JSON with a field that is not known', frame(FRAME.ping, '{"more":1,"sent":1}'), 'malformed'],
  ['JSON with an unsafe number', frame(FRAME.ping, '{"sent":9007199254740993}'), 'malformed'],
  [
    'a witness request with more hashes than a proof can have',
    frame(
      FRAME.witness,
      JSON.stringify({ from: 1, id: 0, note: 'n', proof: Array.from({ length: 65 }, () => idOf('h')) }),
    ),
    'malformed',
  ],
  ['a witness request without a note', frame(FRAME.witness, '{"from":0,"id":0,"note":"","proof":[]}'), 'malformed'],
]

describe('a member’s app that sends', () => {
  it.each(FAULTS)('%s is put out, and nothing is lost', async (_what, bytes, reason) => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'])).apps
    await join(alice, carol)
    alice.store.add('kept')
    const peer = await rawPeer(alice, bob.person, { hello: true })
    peer.socket.write(
      Buffer.concat([encodeMessage(push('good, and before it')), bytes, encodeMessage(push('behind it'))]),
    )
    await peer.closed
    expect(reasons(alice, 'disconnected')).toEqual([reason])
    expect(alice.store.texts().filter((text) => text !== 'a')).toEqual(['good, and before it', 'kept'])
    expect(peer.received().includes(`{"reason":"${reason}"}`)).toBe(true)
    await until(() => carol.store.has(idOf('good, and before it')))
    const again = await rawPeer(alice, bob.person)
    await again.closed
    expect(reasons(alice, 'refused')).toEqual(['cooling-down'])
  })

  it.each<[string, Uint8Array, CloseReason]>([
    ['something before its hello', encodeMessage(push('early')), 'malformed'],
    ['the hello of another organization', helloFrame({ organization: idOf('another') }), 'wrong-organization'],
    ['the hello of a version to come', helloFrame({ versions: [3] }), 'unsupported-version'],
    ['a hello without a version', helloFrame({ versions: [] }), 'malformed'],
    ['a hello with a field that is not known', helloFrame({ zeal: true }), 'malformed'],
  ])('%s is refused', async (_what, bytes, reason) => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const peer = await rawPeer(alice, bob.person)
    peer.socket.write(bytes)
    await peer.closed
    expect([reasons(alice, 'refused'), alice.store.calls, alice.lan.peersState()]).toEqual([[reason], [], []])
  })

  it('half a frame and is killed may come back at once', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    await until(() => alice.lan.peersState().length === 1)
    peer.socket.end(encodeMessage(push('half of it')).subarray(0, 20))
    await peer.closed
    expect(reasons(alice, 'disconnected')).toEqual(['closed-by-peer'])
    await join(bob, alice)
    expect(alice.store.calls).toEqual([])
  })

  it('its hello again and again, each time from another address, is let in no more for a while, and the others are', async () => {
    const limits = { connectionsBurst: 3, connectionsPerSecond: 0.001 }
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits })).apps
    for (let at = 2; at < 7; at++) {
      const peer = await rawPeer(alice, bob.person, { hello: true, from: `127.0.0.${at}` })
      await until(() => peer.received().length > 0 || peer.socket.destroyed)
      peer.socket.destroy()
      await peer.closed
    }
    expect(reasons(alice, 'refused')).toEqual(['too-many-connections', 'too-many-connections'])
    await join(carol, alice)
  })

  it('statements that nobody asked for is put out before they are many', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { uninvitedPerMinute: 50 } })).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    for (let count = 0; count < 500; count++) peer.socket.write(encodeMessage(push(`flood ${count}`)))
    await peer.closed
    expect(reasons(alice, 'disconnected')).toEqual(['flood'])
    expect(alice.store.count('statement')).toBeLessThanOrEqual(51)
  })

  it('what it sent before, again and again, is put out, and dialing anew gives it no more', async () => {
    const limits = { uninvitedPerMinute: 50, coolingMs: 0 }
    const host = { monotonic: () => 0 }
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits, host })).apps
    await join(alice, carol)
    const replay = Buffer.concat(Array.from({ length: 40 }, () => encodeMessage(push('the same'))))
    for (let round = 0; round < 3; round++) {
      const peer = await rawPeer(alice, bob.person, { hello: true })
      peer.socket.write(Buffer.concat([replay, encodeMessage({ type: 'bye', reason: 'stopped' })]))
      await peer.closed
      await until(() => reasons(alice, 'disconnected').length === round + 1)
    }
    // 50 in all, however many connections they came by.
    expect(reasons(alice, 'disconnected')).toEqual(['closed-by-peer', 'flood', 'flood'])
    expect([alice.store.count('statement'), isConnected(alice, carol)]).toEqual([1, true])
  })

  it('statements that are refused is put out before they are many', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { refusedPerMinute: 20 } })).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    for (let count = 0; count < 500; count++) peer.socket.write(encodeMessage(push(`refused ${count}`)))
    await peer.closed
    expect(reasons(alice, 'disconnected')).toEqual(['flood'])
    expect(alice.store.count('statement')).toBeLessThanOrEqual(22)
  })

  it('blobs that nobody wants is put out before they are many', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { uninvitedPerMinute: 20 } })).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    for (let count = 0; count < 100; count++)
      peer.socket.write(encodeMessage({ type: 'blob', blob: Buffer.from(`blob ${count}`) }))
    await peer.closed
    expect([reasons(alice, 'disconnected'), alice.store.blobs.size]).toEqual([['flood'], 0])
  })

  it('a blob that is here already, again and again, is put out before they are many', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { uninvitedPerMinute: 20 } })).apps
    const blob = Buffer.from('a blob that came long ago')
    alice.store.wanted.add(alice.store.addBlob(blob.toString()))
    const peer = await rawPeer(alice, bob.person, { hello: true })
    for (let count = 0; count < 100; count++) peer.socket.write(encodeMessage({ type: 'blob', blob }))
    await peer.closed
    expect(reasons(alice, 'disconnected')).toEqual(['flood'])
  })

  it('each blob as often as it was asked for it stays, and once more costs it', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits: { uninvitedPerMinute: 20 } }))
      .apps
    const texts = Array.from({ length: 40 }, (_, at) => `blob ${at}`)
    for (const text of texts) alice.store.wanted.add(idOf(text))
    const blobs = Buffer.concat(texts.map((text) => encodeMessage({ type: 'blob', blob: Buffer.from(text) })))
    const asked = (peer: RawPeer) => peer.received().includes(Buffer.from(idOf('blob 39'), 'base64url'))
    const first = await rawPeer(alice, bob.person, { hello: true })
    const second = await rawPeer(alice, carol.person, { hello: true })
    await until(() => asked(first) && asked(second))
    first.socket.write(blobs)
    await until(() => alice.store.count('blob') === 40)
    // Of what both were asked for this one is the slower.
    second.socket.write(Buffer.concat([blobs, encodeMessage(push('after them'))]))
    await until(() => alice.store.has(idOf('after them')))
    expect(isConnected(alice, carol)).toBe(true)
    second.socket.write(blobs)
    await second.closed
    expect(reasons(alice, 'disconnected')).toEqual(['flood'])
  })

  it('more messages than it may, however short, is read later than the others, and stays', async () => {
    const limits = { messagesBurst: 100, messagesPerSecond: 25 }
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits })).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    await until(() => isConnected(alice, bob))
    const began = performance.now()
    peer.socket.write(Buffer.concat(Array.from({ length: 150 }, () => encodeMessage({ type: 'have', ids: [] }))))
    peer.socket.write(encodeMessage(push('after them')))
    const other = await rawPeer(alice, carol.person, { hello: true })
    other.socket.write(encodeMessage(push('of another')))
    await until(() => alice.store.has(idOf('after them')))
    // The 50 that were too many are paid for in two seconds; some of them while the first are still being read.
    expect(performance.now() - began).toBeGreaterThan(1000)
    expect(alice.store.received).toEqual(['of another', 'after them'])
    expect(isConnected(alice, bob)).toBe(true)
  })

  it('offers without end is put out', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { offered: 2000, passedOver: 1000 } })).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    for (let count = 0; count < 4; count++) {
      const ids = Array.from({ length: 1000 }, (_, index) => idOf(`${count}/${index}`))
      peer.socket.write(encodeMessage({ type: 'have', ids }))
    }
    await peer.closed
    expect(reasons(alice, 'disconnected')).toEqual(['flood'])
  })

  it('wishes without reading is put out', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const ids = alice.store.add(...Array.from({ length: 256 }, (_, index) => `${index} ${'x'.repeat(90_000)}`))
    const peer = await rawPeer(alice, bob.person, { hello: true })
    peer.socket.pause()
    for (let count = 0; count < 64; count++) peer.socket.write(encodeMessage({ type: 'want', ids }))
    await until(() => reasons(alice, 'disconnected').length === 1)
    expect(reasons(alice, 'disconnected')).toEqual(['flood'])
  })

  it('more notes than there are members is not listened to any more, and stays', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { uninvitedPerMinute: 10 } })).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    for (let count = 0; count < 100; count++) peer.socket.write(encodeMessage({ type: 'note', note: `note ${count}` }))
    peer.socket.write(encodeMessage(push('after them')))
    await until(() => alice.store.has(idOf('after them')))
    expect(alice.store.count('note')).toBeLessThanOrEqual(41)
    expect(isConnected(alice, bob)).toBe(true)
  })

  it('faster than it may is read no faster, and loses nothing', async () => {
    const limits = { bytesBurst: 256 * 1024, bytesPerSecond: 2 * 1024 * 1024 }
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits })).apps
    bob.store.add(...Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(50_000)}`))
    const from = performance.now()
    await join(alice, bob)
    await until(() => alice.store.statements.size === 40)
    expect(performance.now() - from).toBeGreaterThan(700)
    expect(isConnected(alice, bob)).toBe(true)
  })

  it('nothing after the handshake is put out after a while', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { handshakeMs: 60 } })).apps
    const peer = await rawPeer(alice, bob.person)
    await peer.closed
    expect(reasons(alice, 'refused')).toEqual(['handshake-timeout'])
  })

  it('answers to witness requests that nobody made changes nothing', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    peer.socket.write(encodeMessage({ type: 'witnessed', witnessed: { id: 7, cosigned: 'a note' } }))
    peer.socket.write(encodeMessage(push('after it')))
    await until(() => alice.store.has(idOf('after it')))
    expect(alice.store.calls).toEqual([{ what: 'statement', from: 'bob' }])
  })
})

describe('a peer that does not read', () => {
  it('is given up when too much is waiting for it', async () => {
    const { alice, bob } = (
      await startTeam(['alice', 'bob'], { limits: { unreadBytes: 512 * 1024, silentMs: 60_000 } })
    ).apps
    const peer = await rawPeer(alice, bob.person, { hello: true })
    await until(() => alice.lan.peersState().length === 1)
    peer.socket.pause()
    const blobs = Array.from({ length: 100 }, (_, index) => `${index}${'x'.repeat(200_000)}`)
    const ids = blobs.map((text) => alice.store.addBlob(text, bob.person.peer.device))
    peer.socket.write(encodeMessage({ type: 'blobsWanted', ids }))
    for (let count = 0; count < 2000; count++) peer.socket.write(encodeMessage({ type: 'ping', sent: count }))
    for (let round = 0; reasons(alice, 'disconnected').length === 0; round++) {
      alice.store.own = `${round} ${'n'.repeat(30_000)}`
      if (round > 10_000) break
      alice.lan.refresh()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(reasons(alice, 'disconnected')).toEqual(['slow'])
  })
})

describe('a person who is not in the organization', () => {
  it('stays out however often the roster is read', async () => {
    const { alice } = (await startTeam(['alice'])).apps
    const mallory = person('mallory')
    for (let times = 0; times < 3; times++) {
      alice.lan.refreshPeers()
      await (await rawPeer(alice, mallory, { hello: true })).closed
    }
    expect([alice.lan.strangers, alice.store.calls]).toEqual([3, []])
  })
})
