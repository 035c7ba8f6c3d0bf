import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFrameDecoder, encodeFrame } from '../../shared/carriers/frame.ts'
import { makeCredentials } from '../exchange/certificate.ts'
import { LanExchange } from '../exchange/lan.ts'
import { decodeMessage, encodeMessage, FRAME, FRAME_LIMITS, type Message } from '../exchange/messages.ts'
import { until } from '../exchange/testing/apps.ts'
import { helloFrame } from '../exchange/testing/hello.ts'
import { MemoryStore } from '../exchange/testing/memory-store.ts'
import { identityOf, idOf, ORGANIZATION, type Person, person } from '../exchange/testing/people.ts'
import { expectTls13Alone } from '../exchange/testing/scanner.ts'
import { TLS_OPTIONS } from '../exchange/tls.ts'
import { diskFs } from '../vault/files.ts'
import { Inbox, MOST_FROM_ONE } from './inbox.ts'
import { MailDoor } from './mail-door.ts'
import { newMailKey } from './mail-file.ts'

const HERE = { host: '127.0.0.1', discover: false, log: () => undefined }
const box = new Uint8Array(100).fill(1)

/** Mia's app is locked, and knows Ana's and Raj's keys. */
async function locked(limits: Parameters<typeof MailDoor.open>[1] = {}) {
  const [ana, raj, mia] = [person('ana'), person('raj'), person('mia')]
  const dir = await mkdtemp(join(tmpdir(), 'mail-'))
  const inbox = await Inbox.open(diskFs, dir)
  const key = newMailKey()
  const peers = [ana, raj].map(({ peer: { device, tls } }) => ({ device, tls }))
  const file = { ...key, device: mia.peer.device, organization: ORGANIZATION, peers, port: null }
  const heard: { id: string; urgent: boolean }[] = []
  const failures: string[] = []
  const door = await MailDoor.open(
    { ...HERE, file, inbox, onMail: (mail) => heard.push(mail), onFailure: (says) => failures.push(says) },
    limits,
  )
  onTestFinished(async () => {
    await door.close()
    await inbox.close()
    await rm(dir, { recursive: true })
  })
  return { ana, raj, mia, key, inbox, heard, failures, dir, door, address: `127.0.0.1:${door.port}` }
}

/** Dials a locked app by hand. */
async function dialed(port: number, who: Person | null) {
  const credentials = who === null ? {} : await makeCredentials(who.tlsPrivateKey, who.peer.tls)
  const socket: TLSSocket = connect({ ...TLS_OPTIONS, ...credentials, host: '127.0.0.1', port, servername: '' })
  onTestFinished(() => void socket.destroy())
  const decoder = createFrameDecoder(FRAME_LIMITS)
  const got: Message[] = []
  socket.on('data', (chunk: Buffer) => got.push(...decoder.push(chunk).frames.map(decodeMessage)))
  socket.on('error', () => socket.destroy())
  const closed = once(socket, 'close')
  await once(socket, 'secureConnect')
  return { socket, got, closed, send: (message: Message) => socket.write(encodeMessage(message)) }
}

const mail = (text: string, urgent = false) => ({ type: 'mail', id: idOf(text), urgent, box }) as const

describe('a locked app', () => {
  it('keeps what a pinned peer brings, and says so once it is on the disk', async () => {
    const { ana, door, inbox, heard } = await locked()
    const peer = await dialed(door.port, ana)
    peer.send(mail('request', true))
    await until(() => peer.got.length === 1)
    expect(peer.got).toEqual([{ type: 'mailed', id: idOf('request') }])
    expect(inbox.letters).toMatchObject([{ from: ana.peer.device, id: idOf('request'), urgent: true }])
    expect(new Set(heard.map(({ id }) => id))).toEqual(new Set([idOf('request')]))
    peer.send(mail('request', true))
    await until(() => peer.got.length === 2)
    expect(inbox.letters).toHaveLength(1)
  })

  it('answers a ping, so that others know it is there', async () => {
    const { ana, door } = await locked()
    const peer = await dialed(door.port, ana)
    peer.send({ type: 'ping', sent: 5 })
    await until(() => peer.got.length === 1)
    expect(peer.got[0]).toMatchObject({ type: 'pong', sent: 5 })
  })

  it.each([
    ['somebody of no roster', () => person('stranger')],
    ['somebody without a certificate', () => null],
  ])('does not listen to %s', async (_who, who) => {
    const { door, inbox, ana } = await locked()
    const stranger = await dialed(door.port, who())
    stranger.send(mail('request', true))
    await stranger.closed
    expect(stranger.got).toEqual([])
    const peer = await dialed(door.port, ana)
    peer.send(mail('after'))
    await until(() => peer.got.length === 1)
    expect(inbox.letters.map(({ id }) => id)).toEqual([idOf('after')])
  })

  it.each([
    ['a hello', helloFrame()],
    ['a statement', encodeMessage({ type: 'statement', id: idOf('x'), envelope: box })],
    ['a witness request', encodeMessage({ type: 'witness', witness: { from: 0, id: 1, note: 'n', proof: [] } })],
    ['a confirmation', encodeMessage({ type: 'mailed', id: idOf('x') })],
    [
      'a mailbox of its own',
      encodeMessage({
        type: 'mailbox',
        mailbox: { key: newMailKey().public, port: 1, proof: Buffer.alloc(64).toString('base64url') },
      }),
    ],
    ['a pong', encodeMessage({ type: 'pong', clock: 1, sent: 1 })],
    ['a note', encodeMessage({ type: 'note', note: 'n' })],
    ['mail with less than a box', encodeFrame(FRAME.mail, new Uint8Array(60))],
  ])('is left by whoever says %s, and tells nothing', async (_what, frame) => {
    const { ana, raj, door, inbox } = await locked()
    const liar = await dialed(door.port, ana)
    const other = await dialed(door.port, raj)
    liar.socket.write(frame)
    await liar.closed
    expect(liar.got).toEqual([{ type: 'bye', reason: 'malformed' }])
    other.send(mail('goes on'))
    await until(() => other.got.length === 1)
    expect(inbox.letters).toHaveLength(1)
  })

  it('offers a scanner TLS 1.3 and nothing else', async () => {
    const { address, inbox, heard } = await locked({ connectionsBurst: 10_000 })
    await expectTls13Alone(address)
    expect([inbox.letters, heard]).toEqual([[], []])
  })

  it('does not say that it keeps what it does not, and keeps room for the others', async () => {
    const { ana, raj, door, inbox } = await locked()
    const greedy = await dialed(door.port, ana)
    for (let count = 0; count <= MOST_FROM_ONE; count++) greedy.send(mail(`${count}`, true))
    greedy.send({ type: 'ping', sent: 1 })
    await until(() => greedy.got.some(({ type }) => type === 'pong'))
    expect(greedy.got.filter(({ type }) => type === 'mailed')).toHaveLength(MOST_FROM_ONE)
    const other = await dialed(door.port, raj)
    other.send(mail('request'))
    await until(() => other.got.length === 1)
    expect(inbox.letters).toHaveLength(MOST_FROM_ONE + 1)
  })

  it('calls its owner to a request for which there is no room, and does not say that it keeps it', async () => {
    const { ana, door, heard } = await locked()
    const peer = await dialed(door.port, ana)
    for (let count = 0; count < MOST_FROM_ONE; count++) peer.send(mail(`${count}`, true))
    peer.send(mail('one too many', true))
    peer.send({ type: 'ping', sent: 1 })
    await until(() => peer.got.some(({ type }) => type === 'pong'))
    expect(heard.some(({ id }) => id === idOf('one too many'))).toBe(true)
    expect(peer.got).not.toContainEqual({ type: 'mailed', id: idOf('one too many') })
  })

  it('keeps places for requests that nothing else takes', async () => {
    const { ana, door } = await locked()
    const peer = await dialed(door.port, ana)
    for (let count = 0; count < MOST_FROM_ONE; count++) peer.send(mail(`${count}`))
    peer.send(mail('request', true))
    await until(() => peer.got.some((one) => one.type === 'mailed' && one.id === idOf('request')))
    expect(peer.got.filter(({ type }) => type === 'mailed').length).toBeLessThan(MOST_FROM_ONE)
  })

  it('says that the disk keeps nothing, calls its owner all the same, and goes on', async () => {
    const { ana, door, heard, failures, dir } = await locked()
    await mkdir(join(dir, 'inbox'))
    const peer = await dialed(door.port, ana)
    peer.send(mail('request', true))
    await until(() => failures.length > 0)
    expect(failures[0]).toMatch(/^the disk does not keep what comes \(E[A-Z]+\)$/)
    expect(heard).toMatchObject([{ id: idOf('request'), urgent: true }])
    peer.send({ type: 'ping', sent: 1 })
    await until(() => peer.got.length === 1)
    expect(peer.got[0]).toMatchObject({ type: 'pong' })
  })

  it('is flooded by nobody, not by dialing again either', async () => {
    const { ana, door } = await locked({ uninvitedPerMinute: 3 })
    const first = await dialed(door.port, ana)
    for (const text of ['1', '2', '3']) first.send(mail(text))
    await until(() => first.got.length === 3)
    const again = await dialed(door.port, ana)
    again.send(mail('4'))
    await again.closed
    expect(again.got).toEqual([{ type: 'bye', reason: 'flood' }])
  })

  it('is asked again and again by nobody', async () => {
    const { ana, door } = await locked({ questionsPerMinute: 3 })
    const peer = await dialed(door.port, ana)
    for (let sent = 1; sent <= 4; sent++) peer.send({ type: 'ping', sent })
    await peer.closed
    expect(peer.got.map(({ type }) => type)).toEqual(['pong', 'pong', 'pong', 'bye'])
  })

  it('keeps out for a while who broke the rules, and nobody else', async () => {
    const { ana, raj, door } = await locked()
    const liar = await dialed(door.port, ana)
    liar.socket.write(helloFrame())
    await liar.closed
    const again = await dialed(door.port, ana)
    again.send({ type: 'ping', sent: 1 })
    await again.closed
    expect(again.got).toEqual([])
    const other = await dialed(door.port, raj)
    other.send({ type: 'ping', sent: 1 })
    await until(() => other.got.length === 1)
    expect(other.got[0]).toMatchObject({ type: 'pong' })
  })

  it('keeps one connection of each device', async () => {
    const { ana, door } = await locked()
    const first = await dialed(door.port, ana)
    const second = await dialed(door.port, ana)
    await first.closed
    expect(first.got).toEqual([{ type: 'bye', reason: 'duplicate' }])
    second.send(mail('request'))
    await until(() => second.got.length === 1)
  })
})

describe('an open app that meets a locked one', () => {
  /** Ana's exchange, which was told Mia's mail key. */
  async function meets(told: (given: Awaited<ReturnType<typeof locked>>) => string | null) {
    const given = await locked()
    const { ana, raj, mia, address } = given
    const store = new MemoryStore()
    const lan = new LanExchange({ tickMs: 20, retryMs: 50 })
    onTestFinished(() => lan.stop())
    const roster = [ana.peer, raj.peer, mia.peer]
    const identity = identityOf(ana, () => roster)
    const key = told(given)
    const mailKeyOf = (device: string) => (device === mia.peer.device ? key : null)
    store.mail.push({ id: idOf('request'), urgent: true, box })
    await lan.start({ ...HERE, identity: { ...identity, mailKeyOf }, store })
    lan.addAddress(address)
    return { ...given, lan, store, roster }
  }

  it('leaves there what it should hear of, each once, and says since when it is there', async () => {
    const { lan, store, inbox, mia } = await meets(({ key }) => key.public)
    await until(() => lan.mailboxes()[0]?.told === 1)
    expect(lan.mailboxes()).toMatchObject([{ device: mia.peer.device, name: 'mia', told: 1, waiting: 0 }])
    expect(lan.peersState()).toEqual([])
    store.mail.push({ id: idOf('decision'), urgent: false, box })
    lan.announce([])
    await until(() => lan.mailboxes()[0]?.told === 2)
    expect(inbox.letters.map(({ id }) => id)).toEqual([idOf('request'), idOf('decision')])
  })

  it('leaves all that there is, though it comes in several goes', async () => {
    const { lan, store, inbox } = await meets(({ key }) => key.public)
    store.mail.push(...['a', 'b', 'c', 'd', 'e', 'f'].map((text) => ({ id: idOf(text), urgent: false, box })))
    lan.announce([])
    await until(() => lan.mailboxes()[0]?.told === 7)
    expect(inbox.letters).toHaveLength(7)
  })

  it('leaves nothing where another key is shown than was told', async () => {
    const { lan, inbox } = await meets(() => newMailKey().public)
    await until(() => lan.addresses()[0]?.lastFailure === 'unknown-key')
    expect(lan.mailboxes()).toEqual([])
    expect(inbox.letters).toEqual([])
  })

  it('leaves it when the roster no longer names its device', async () => {
    const { lan, roster } = await meets(({ key }) => key.public)
    await until(() => lan.mailboxes().length === 1)
    roster.pop()
    lan.refreshPeers()
    await until(() => lan.mailboxes().length === 0)
    await until(() => lan.addresses()[0]?.lastFailure === 'unknown-key')
    expect(lan.mailboxes()).toEqual([])
  })

  it('tries where an app listened that is gone, for as long as the roster names it', async () => {
    const [ana, mia] = [person('ana'), person('mia')]
    const roster = [ana.peer, mia.peer]
    const [anas, mias] = [ana, mia].map(() => new LanExchange({ tickMs: 20, retryMs: 50 })) as [
      LanExchange,
      LanExchange,
    ]
    onTestFinished(async () => void (await Promise.all([anas.stop(), mias.stop()])))
    const mailKey = () => ({ key: newMailKey().public, proof: Buffer.alloc(64).toString('base64url') })
    await anas.start({ ...HERE, identity: identityOf(ana, () => roster), store: new MemoryStore() })
    await mias.start({ ...HERE, identity: { ...identityOf(mia, () => roster), mailKey }, store: new MemoryStore() })
    const where = `127.0.0.1:${mias.port}`
    mias.addAddress(`127.0.0.1:${anas.port}`)
    await until(() => anas.peersState().length === 1 && mias.peersState().length === 1)
    expect(anas.addresses()).toEqual([])
    await mias.stop()
    await until(() => anas.addresses().some(({ address }) => address === where))
    roster.pop()
    anas.refreshPeers()
    expect(anas.addresses()).toEqual([])
  })

  it('takes nobody in who dials with the key of a locked app', async () => {
    const { lan, key, mia } = await meets(({ key }) => key.public)
    const impostor = { peer: { ...mia.peer, tls: key.public }, tlsPrivateKey: Buffer.from(key.key, 'base64url') }
    const dialing = await dialed(lan.port ?? 0, impostor)
    await dialing.closed
    expect(dialing.got).toEqual([])
    expect(lan.peersState()).toEqual([])
  })

  it.each([
    ['keeps what was never sent', encodeMessage({ type: 'mailed', id: idOf('never sent') })],
    ['has statements', encodeMessage({ type: 'statement', id: idOf('x'), envelope: box })],
    ['greets', helloFrame()],
    ['asks', encodeMessage({ type: 'want', ids: [idOf('x')] })],
  ])('leaves a locked one that %s, and believes nothing of it', async (_what, frame) => {
    const [ana, mia] = [person('ana'), person('mia')]
    const key = newMailKey()
    const credentials = await makeCredentials(Buffer.from(key.key, 'base64url'), key.public)
    const server = createServer({ ...TLS_OPTIONS, ...credentials }, (socket) => {
      socket.on('error', () => socket.destroy())
      socket.write(frame)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const lan = new LanExchange({ tickMs: 20, retryMs: 50 })
    onTestFinished(async () => {
      await lan.stop()
      server.close()
    })
    const store = new MemoryStore()
    const identity = { ...identityOf(ana, () => [ana.peer, mia.peer]), mailKeyOf: () => key.public }
    const told: number[] = []
    lan.subscribe(() => told.push(...lan.mailboxes().map((one) => one.told)))
    await lan.start({ ...HERE, identity, store })
    const { port } = server.address() as AddressInfo
    lan.addAddress(`127.0.0.1:${port}`)
    await until(() => lan.addresses()[0]?.lastFailure === 'malformed')
    expect([store.calls, told.filter((count) => count > 0)]).toEqual([[], []])
  })
})
