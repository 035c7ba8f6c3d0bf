import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { BrokerForm } from '../../shared/carriers/broker.ts'
import { newCa } from '../outlets/testing/certificates.ts'
import { checkBroker } from './address.ts'
import { BROKER_BOUNDS } from './bounds.ts'
import { linkWords } from './failure.ts'
import { type Link, openNatsLink } from './link.ts'
import { hasNatsServer, LEFT_OUT, NatsServer, type NatsServerOptions } from './testing/nats-server.ts'
import { BoundedTransport } from './transport.ts'

const NOBODY = { as: 'nobody' } as const
const settings = (url: string, more: Partial<BrokerForm> = {}): BrokerForm =>
  checkBroker({ url, ca: null, credentials: NOBODY, ...more })

async function server(options: NatsServerOptions = {}): Promise<NatsServer> {
  const started = await NatsServer.start(options)
  onTestFinished(() => started.close())
  return started
}

async function link(form: BrokerForm, onHint: (subject: string) => void = () => undefined): Promise<Link> {
  const opened = await openNatsLink(form, onHint, new AbortController().signal)
  onTestFinished(() => opened.close())
  return opened
}

const trouble = (form: BrokerForm) =>
  openNatsLink(form, () => undefined, new AbortController().signal).then(
    async (opened) => {
      await opened.close()
      return 'none'
    },
    (error: unknown) => linkWords(error),
  )

describe.runIf(hasNatsServer)(`a link to a real broker${LEFT_OUT}`, () => {
  it('leaves, finds, and finds no more', async () => {
    const { url } = await server()
    const one = await link(settings(url))
    for (const text of ['first', 'second']) await one.publish('lockbox.a', Buffer.from(text))
    await one.publish('lockbox.b', Buffer.from('other'))
    const first = await one.next('lockbox.a', 1)
    const second = await one.next('lockbox.a', (first?.seq ?? 0) + 1)
    expect([first, second].map((stored) => Buffer.from(stored?.bytes ?? []).toString())).toEqual(['first', 'second'])
    expect(await one.next('lockbox.a', (second?.seq ?? 0) + 1)).toBeNull()
    expect(await one.next('lockbox.c', 1)).toBeNull()
    expect((await one.stream()).last).toBe(3)
  })

  it('finds what was left before a broker died, in the stream that another app made', async () => {
    const one = await server()
    const before = await link(settings(one.url))
    await before.publish('lockbox.a', Buffer.from('kept'))
    const { created } = await before.stream()
    await one.kill()
    expect(linkWords(await before.over)).toBe('the connection was cut')
    await one.begin()
    const after = await link(settings(one.url))
    expect(Buffer.from((await after.next('lockbox.a', 1))?.bytes ?? []).toString()).toBe('kept')
    expect((await after.stream()).created).toBe(created)
  })

  it('says at once under which watched subject something came, and no more of others', async () => {
    const { url } = await server()
    const hints: string[] = []
    const reader = await link(settings(url), (subject) => hints.push(subject))
    reader.watch(['lockbox.a', 'lockbox.b'])
    reader.watch(['lockbox.b', 'lockbox.c'])
    await reader.stream()
    const writer = await link(settings(url))
    for (const subject of ['lockbox.a', 'lockbox.c', 'lockbox.b']) await writer.publish(subject, Buffer.from('x'))
    await vi.waitFor(() => expect(hints).toEqual(['lockbox.c', 'lockbox.b']))
  })

  it('keeps no more than so many messages of one subject, and none that is larger than ours are', async () => {
    const { url } = await server()
    const one = await link(settings(url))
    for (let count = 0; count < 258; count++) await one.publish('lockbox.a', Buffer.from(`${count}`))
    expect(Buffer.from((await one.next('lockbox.a', 1))?.bytes ?? []).toString()).toBe('2')
    await expect(one.publish('lockbox.a', Buffer.alloc(73 * 1024))).rejects.toThrow('its JetStream refused')
  })

  it('says so where JetStream is not enabled', async () => {
    const { url } = await server({ jetStream: false })
    expect(await trouble(settings(url))).toBe('JetStream is not enabled there, so it keeps nothing')
  })

  it('says so where it is not let in, and is let in with the password', async () => {
    const user = { user: 'lockbox', password: 'right' }
    const { url } = await server({ user })
    expect(await trouble(settings(url))).toBe('it does not accept this user or these credentials')
    const wrong = settings(url, { credentials: { as: 'user', user: 'lockbox', password: 'wrong' } })
    expect(await trouble(wrong)).toBe('it does not accept this user or these credentials')
    expect(await trouble(settings(url, { credentials: { as: 'user', ...user } }))).toBe('none')
  })

  it('goes over TLS to whom its CA names, and to nobody else', async () => {
    const [ca, otherCa] = [await newCa(), await newCa()]
    const { url } = await server({ tls: await ca.issue() })
    expect(await trouble(settings(url, { ca: ca.pem }))).toBe('none')
    expect(await trouble(settings(url, { ca: otherCa.pem }))).toMatch(/^its certificate is not trusted/)
    expect(await trouble(settings(url))).toMatch(/^its certificate is not trusted/)
    const other = await server({ tls: await ca.issue('elsewhere.example') })
    expect(await trouble(settings(other.url, { ca: ca.pem }))).toBe('its certificate is for another name')
    const expired = await server({ tls: await ca.issue('localhost', new Date(Date.now() - 1000)) })
    expect(await trouble(settings(expired.url, { ca: ca.pem }))).toBe('its certificate has expired')
  })

  it('tells a server that offers no TLS nothing, the password least of all', async () => {
    const { port } = await server()
    const credentials = { as: 'user', user: 'lockbox', password: 'secret' } as const
    expect(await trouble(settings(`tls://127.0.0.1:${port}`, { credentials }))).toBe('it does not offer TLS')
  })
})

describe('a link to a hostile server', () => {
  const INFO = 'INFO {"server_id":"X","version":"2.9.10","max_payload":1048576,"proto":1,"headers":true}\r\n'
  const TLS_INFO = INFO.replace('"proto"', '"tls_available":true,"proto"')

  /** Everything that anybody printed. */
  const printed: unknown[] = []
  beforeEach(() => {
    printed.length = 0
    const spies = (['log', 'info', 'warn', 'error', 'trace'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...words: unknown[]) => void printed.push(...words)),
    )
    onTestFinished(() => {
      for (const spy of spies) spy.mockRestore()
    })
  })

  /** A server that says what a test wants once somebody connects, and once that one has said so much. */
  async function hostile(hello: string, then: (socket: Socket, heard: string) => void = () => undefined) {
    const heard: string[] = []
    const listening = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.write(hello)
      let text = ''
      then(socket, text)
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        heard.push(chunk.toString())
        then(socket, text)
      })
      onTestFinished(() => void socket.destroy())
    })
    listening.listen(0, '127.0.0.1')
    await once(listening, 'listening')
    onTestFinished(() => void listening.close())
    return { url: `nats://127.0.0.1:${(listening.address() as AddressInfo).port}`, heard }
  }

  it('is left when its first line has no end', async () => {
    const { url } = await hostile(`INFO ${'x'.repeat(BROKER_BOUNDS.lineBytes)}`)
    expect(await trouble(settings(url))).toBe('it sent more at once than any message of ours has')
  })

  it.each([
    'MSG a 1 200000\r\n',
    'HMSG a 1 12 999999999\r\n',
    'MSG a 1 _ 99999999999\r\n',
    `-ERR '${'x'.repeat(40_000)}`,
  ])('is left at the announcement of too much: %#', async (line) => {
    const { url } = await hostile(INFO, (socket, text) => {
      if (text.includes('CONNECT')) socket.write(line)
    })
    expect(await trouble(settings(url))).toBe('it sent more at once than any message of ours has')
  })

  // An error that nobody listens for would end the app; here it would fail the run.
  it('is left when too much comes along with its first line', async () => {
    const { url } = await hostile(`${INFO}MSG a 1 200000\r\n`)
    expect(await trouble(settings(url))).toBe('it sent more at once than any message of ours has')
  })

  it('is left when anything comes along with its first line before TLS, which anybody on the way may have said', async () => {
    const { url, heard } = await hostile(`${TLS_INFO}PING\r\n`)
    expect(await trouble(settings(url.replace('nats:', 'tls:')))).toBe(
      'it said more than its first line before TLS was there',
    )
    expect(heard).toEqual([])
  })

  it.each([
    // An alert that there is nothing both speak.
    ['\u0015\u0003\u0001\u0000\u0002\u0002(', /^it refuses our TLS \(ERR_SSL_/],
    ['x'.repeat(100), /does not speak TLS$|^failed \(ERR_SSL_/],
    ['PING\r\n', /does not speak TLS$|^failed \(ERR_SSL_/],
  ])('is left when it answers the beginning of TLS with a refusal, or with what is none: %j', async (answer, says) => {
    const { url } = await hostile(TLS_INFO, (socket, text) => {
      if (text !== '') socket.write(answer)
    })
    expect(await trouble(settings(url.replace('nats:', 'tls:')))).toMatch(says)
  })

  it.each([
    ['at once', '', () => true],
    ['after half of its first line', INFO.slice(0, 20), () => true],
    ['after its first line', INFO, () => true],
    ['at the beginning of TLS', TLS_INFO, (heard: string) => heard !== ''],
    ['after the client said who it is', INFO, (heard: string) => heard.includes('CONNECT')],
    ['when it is asked', INFO, (heard: string) => heard.includes('$JS')],
  ] as const)('that resets the connection %s is one that was cut', async (_, hello, when) => {
    const { url } = await hostile(hello, (socket, heard) => {
      if (heard.endsWith('PING\r\n')) socket.write('PONG\r\n')
      if (when(heard)) socket.resetAndDestroy()
    })
    const form = settings(hello === TLS_INFO ? url.replace('nats:', 'tls:') : url)
    expect(await trouble(form)).toBe('the connection was cut')
  })

  it('is left when it floods', async () => {
    const { url } = await hostile(INFO, (socket, text) => {
      if (text.includes('CONNECT'))
        for (let count = 0; count < 200; count++) socket.write(`MSG a 1 100000\r\n${'x'.repeat(100_000)}\r\n`)
    })
    expect(await trouble(settings(url))).toBe('it sent more than anybody can read')
  })

  it('is given up when it says nothing that is NATS', async () => {
    const { url } = await hostile('SSH-2.0-OpenSSH_9.9\r\n')
    expect(await trouble(settings(url))).not.toBe('none')
  })

  it('that resets the connection while nobody reads is heard all the same', async () => {
    const sockets: Socket[] = []
    const { url } = await hostile(INFO, (socket) => void sockets.push(socket))
    const { port } = new URL(url.replace('nats:', 'http:'))
    const end = { host: '127.0.0.1', port: Number(port), tls: null, signal: new AbortController().signal }
    const transport = new BoundedTransport(end)
    await transport.connect()
    sockets[0]?.resetAndDestroy()
    expect(await transport.closed()).toMatchObject({ code: 'ECONNRESET' })
  })

  it('is left when it has everything answered and reads none of it', async () => {
    const { url } = await hostile(INFO, (socket, text) => {
      if (!text.includes('CONNECT')) return
      socket.pause()
      // Less than what may be read from it.
      socket.write('PING\r\n'.repeat(1_000_000))
    })
    expect(await trouble(settings(url))).toBe('it does not read what is sent to it')
  })

  it('is left when it says nothing that is NATS', async () => {
    const { url } = await hostile('SSH-2.0-OpenSSH_9.9\r\n')
    expect(await trouble(settings(url))).toBe('what answers there does not speak NATS')
  })

  it.each([
    'SSH\u001b[2J\r\n',
    'PINX\u001b[2J\r\n',
    '\u001b]0;owned\u0007\r\n',
    'MSG secret\r\n',
    'MSG secret x 1\r\n',
    'HMSG secret 1 13 12\r\n',
    'INFO {"secret\r\n',
    'INFO null\r\n',
  ])('is left at what nobody can read, and nothing of it is printed: %j', async (line) => {
    const { url } = await hostile(INFO, (socket, text) => {
      if (text.includes('CONNECT')) socket.write(line)
    })
    expect(await trouble(settings(url))).toBe('what answers there does not speak NATS')
    expect(printed).toEqual([])
  })

  it('is left when nobody can read of which version it is, and nothing of it is printed', async () => {
    const { url } = await hostile(INFO.replace('2.9.10', 'secret'))
    expect(await trouble(settings(url))).toBe('what answers there does not speak NATS')
    expect(printed).toEqual([])
  })

  it('is left at a message with headers that nobody can read, and nothing of them is printed', async () => {
    const headers = 'NATS/1.0\r\n a:x\r\n\r\n'
    const { url } = await hostile(INFO, (socket, text) => {
      if (text.endsWith('PING\r\n')) socket.write('PONG\r\n')
      const [, inbox] = /PUB \$JS\S+ (_INBOX\S+)/.exec(text) ?? []
      if (inbox !== undefined) socket.write(`HMSG ${inbox} 1 ${headers.length} ${headers.length}\r\n${headers}\r\n`)
    })
    expect(await trouble(settings(url))).toBe('what answers there does not speak NATS')
    expect(printed).toEqual([])
  })

  /** A server that answers each question about the stream with this. @returns how often it was asked. */
  async function answering(answer: string) {
    let [asked, read] = [0, 0]
    const { url } = await hostile(INFO, (socket, text) => {
      if (!text.endsWith('\r\n')) return
      if (text.slice(read).includes('PING\r\n')) socket.write('PONG\r\n')
      for (const [, inbox] of text.slice(read).matchAll(/PUB \$JS\.API\.STREAM\.INFO\.LOCKBOX (_INBOX\S+)/g)) {
        asked++
        socket.write(`MSG ${inbox} 1 ${answer.length}\r\n${answer}\r\n`)
      }
      read = text.length
    })
    return { url, asked: () => asked }
  }

  it('is asked once about its stream, however many pages it claims to have of it', async () => {
    const pages = { created: 'x', state: { last_seq: 7, subjects: {} }, total: 1e15, offset: 0, limit: 0 }
    const { url, asked } = await answering(JSON.stringify(pages))
    const one = await link(settings(url))
    expect(asked()).toBe(1)
    expect((await one.stream()).last).toBe(7)
    expect(asked()).toBe(2)
  })

  it.each([
    'null',
    '{',
    '{"created":{},"state":{"last_seq":7}}',
    '{"created":"x","state":{"last_seq":-1}}',
    '{"created":"x","state":{"last_seq":1e16}}',
    '{"created":"x","state":{}}',
    '{"error":{"code":"secret","err_code":"secret"}}',
  ])('is left for longer when it says of its stream what nobody asked: %s', async (answer) => {
    const { url } = await answering(answer)
    const opening = openNatsLink(settings(url), () => undefined, new AbortController().signal)
    await expect(opening).rejects.toMatchObject({ message: 'it answers what was not asked', isMisdeed: true })
  })

  it('that has JetStream for others only keeps nothing for us', async () => {
    const { url } = await answering('{"error":{"code":503,"err_code":10039,"description":"not for this account"}}')
    expect(await trouble(settings(url))).toBe('JetStream is not enabled there, so it keeps nothing')
  })

  it('is read to the byte however it cuts what it sends, and whatever follows a message on its line', async () => {
    // The client passes over what follows a message up to the end of its line: a count of its own would be out of step.
    const said = 'PONG\r\nMSG a 1 3\r\nabcMSG b 1 131072\r\nPING\r\nMSG c 1 131073\r\n'
    const { url } = await hostile(INFO, (socket, text) => {
      if (!text.endsWith('PING\r\n')) return
      socket.setNoDelay(true)
      for (const byte of said) socket.write(byte)
    })
    expect(await trouble(settings(url))).toBe('it sent more at once than any message of ours has')
  })

  it('learns no password before TLS is there', async () => {
    const { url, heard } = await hostile(INFO)
    const credentials = { as: 'user', user: 'lockbox', password: 'secret' } as const
    expect(await trouble(settings(url.replace('nats:', 'tls:'), { credentials }))).toBe('it does not offer TLS')
    expect(heard).toEqual([])
  })
})

describe('a broker', () => {
  it.each([
    ['tls://relay.example', 'tls://relay.example:4222'],
    ['relay.example:4443', 'tls://relay.example:4443'],
    ['nats://localhost', 'nats://localhost:4222'],
    ['nats://[::1]:4222', 'nats://[::1]:4222'],
    ['TLS://Relay.Example:4222/', 'tls://relay.example:4222'],
  ])('%s is kept as %s', (typed, kept) => {
    expect(settings(typed).url).toBe(kept)
  })

  it.each([
    'nats://relay.example',
    'nats://10.0.0.1:4222',
    'ws://relay.example',
    'tls://user:secret@relay.example',
    'tls://',
    'tls://a:0',
  ])('%s is refused', (typed) => {
    expect(() => settings(typed)).toThrow(expect.objectContaining({ code: 'bad-broker' }))
  })

  it('takes no credentials file that is none', () => {
    const credentials = { as: 'file', text: 'hello' } as const
    expect(() => settings('tls://a.example', { credentials })).toThrow(
      expect.objectContaining({ code: 'bad-credentials' }),
    )
  })
})
