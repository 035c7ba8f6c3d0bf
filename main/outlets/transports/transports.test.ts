import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttp, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { OutletEvent } from '../../../shared/outlets/event.ts'
import type { Format } from '../../../shared/outlets/format-names.ts'
import { LINES } from '../../../shared/outlets/formats.ts'
import type { Destination } from '../../../shared/outlets/settings.ts'
import { drill, EXPORTER, liveEvents } from '../../../shared/outlets/testing/drill.ts'
import { readCef, readCsv, readSyslog } from '../../../shared/outlets/testing/parsers.ts'
import { failureWords } from '../failure.ts'
import { type Ca, newCa } from '../testing/certificates.ts'
import {
  type Call,
  type Manner,
  type Receiver,
  streamReceiver,
  udpReceiver,
  webhookReceiver,
} from '../testing/receivers.ts'
import { checkDestination, transportOf } from '../way-out.ts'
import type { Patience } from './transport.ts'

const KEY = new Uint8Array(32).fill(7)
const NOW = 1_800_000_000_123
const events = liveEvents(await drill())
const open: Receiver[] = []
let ca: Ca
let other: Ca

beforeAll(async () => {
  ca = await newCa()
  other = await newCa()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function opened<One extends Receiver>(receiver: Promise<One>): Promise<One> {
  const one = await receiver
  open.push(one)
  return one
}

/** What an outlet set up like that delivers with. */
function wayTo(to: Destination, format: Format, patience: Partial<Patience> = {}) {
  const settings = { id: 'AAAAAAAAAAA', name: 'test', format, key: toBase64Url(KEY), start: 0 }
  const checked = checkDestination(format, to)
  const times = { timeoutMs: 5000, lingerMs: 20, ...patience }
  return transportOf({ ...settings, to: checked }, EXPORTER, times, () => NOW)
}

const never = new AbortController().signal
const deliver = (to: Destination, format: Format, some = events, patience: Partial<Patience> = {}) =>
  wayTo(to, format, patience).deliver(some, never)
const failure = (delivery: Promise<void>) =>
  delivery.then(
    () => 'delivered',
    (error: unknown) => failureWords(error),
  )

const at = (port: number) => `127.0.0.1:${port}`

describe.each(['tcp', 'tls'] as const)('syslog over %s', (via) => {
  const receiver = async (manner: Manner = 'reads') =>
    opened(streamReceiver({ now: manner }, via === 'tls' ? await ca.issue() : null))
  const to = ({ port }: Receiver): Destination =>
    via === 'tls' ? { via, address: at(port), ca: ca.pem } : { via, address: at(port) }

  it('delivers every event in order, each a message of RFC 5424', async () => {
    const one = await receiver()
    await deliver(to(one), 'syslog')
    expect(one.messages.map((text) => readSyslog(text).data.get('lockbox@32473')?.get('id'))).toEqual(
      events.map(({ id }) => id),
    )
    expect(one.attempts()).toBe(1)
  })

  it.each(['cef', 'jsonl', 'ocsf'] as const)('carries %s', async (format) => {
    const one = await receiver()
    await deliver(to(one), format)
    const bodies = one.messages.map((text) => readSyslog(text).message)
    expect(bodies).toEqual(events.map((event) => LINES[format].line(event, EXPORTER)))
  })

  it.each([
    ['stalls', 'no answer in time'],
    ['cuts', 'the connection was cut'],
    ['talks', 'the other end is no receiver of syslog'],
    ['closes', 'the receiver closed before it had everything'],
  ] as const)('a receiver that %s has not got them', async (manner, says) => {
    const one = await receiver(manner)
    expect(await failure(deliver(to(one), 'syslog', events, { timeoutMs: 400, lingerMs: 200 }))).toBe(says)
  })

  it('a receiver that is not there has not got them', async () => {
    const one = await receiver()
    await one.close()
    expect(await failure(deliver(to(one), 'syslog'))).toBe('connection refused')
  })

  it('without events, tries whether there is a way', async () => {
    const one = await receiver()
    await deliver(to(one), 'syslog', [])
    expect([one.attempts(), one.messages]).toEqual([1, []])
  })

  it('ends at once when it is given up', async () => {
    const one = await receiver('stalls')
    const stop = new AbortController()
    const delivery = failure(wayTo(to(one), 'syslog', { timeoutMs: 60_000 }).deliver(events, stop.signal))
    await one.until(() => one.attempts() === 1)
    stop.abort()
    expect(await delivery).not.toBe('delivered')
  })
})

describe('trust', () => {
  const receive = async (certificate: Promise<{ key: string; cert: string }>) =>
    opened(streamReceiver({ now: 'reads' }, await certificate))

  it.each([
    ['a certificate by another CA', () => other.issue(), /^its certificate is not trusted/],
    ['a certificate for another name', () => ca.issue('elsewhere.example'), /^its certificate is for another name/],
    [
      'an expired certificate',
      () => ca.issue('localhost', new Date(Date.now() - 1000)),
      /^its certificate has expired/,
    ],
  ])('is not given to %s, and not one event goes out', async (_, certificate, says) => {
    const one = await receive(certificate())
    expect(await failure(deliver({ via: 'tls', address: at(one.port), ca: ca.pem }, 'syslog'))).toMatch(says)
    expect(one.messages).toEqual([])
  })

  it('is not given to a CA of our own where the machine’s CAs are meant', async () => {
    const one = await receive(ca.issue())
    const delivery = deliver({ via: 'tls', address: at(one.port), ca: null }, 'syslog')
    expect(await failure(delivery)).toMatch(/^its certificate is not trusted/)
  })

  it('stays whatever the environment says', async () => {
    const one = await receive(other.issue())
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      const delivery = deliver({ via: 'tls', address: at(one.port), ca: ca.pem }, 'syslog')
      expect(await failure(delivery)).toMatch(/^its certificate is not trusted/)
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
  })

  it('plain TCP where TLS was meant is seen', async () => {
    const one = await opened(streamReceiver({ now: 'talks' }))
    const delivery = deliver({ via: 'tls', address: at(one.port), ca: ca.pem }, 'syslog')
    expect(await failure(delivery)).toBe('the other end does not speak TLS')
  })
})

describe('syslog over UDP', () => {
  it('sends a datagram an event, in order', async () => {
    const one = await opened(udpReceiver())
    await deliver({ via: 'udp', address: at(one.port) }, 'syslog', events.slice(0, 30))
    await one.until(() => one.messages.length === 30)
    expect(one.messages.map((text) => readSyslog(text).data.get('lockbox@32473')?.get('id'))).toEqual(
      events.slice(0, 30).map(({ id }) => id),
    )
  })

  it.each(['syslog', 'cef'] as const)('a long text loses its end: %s', async (format) => {
    const one = await opened(udpReceiver())
    const long = events.map((event) => ({ ...event, says: 'é=\\|]"'.repeat(2000) })).slice(0, 1)
    await deliver({ via: 'udp', address: at(one.port) }, format, long)
    await one.until(() => one.messages.length === 1)
    const [message = ''] = one.messages
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(2048)
    const read = readSyslog(message)
    if (format === 'cef') readCef(read.message)
  })

  // The broadcast address may not be connected to; a network that is not there is refused in the same place.
  it.each([
    ['with events', events],
    ['as a test', []],
  ])('says so if there is no way to the receiver: %s', async (_, some) => {
    expect(await failure(deliver({ via: 'udp', address: '255.255.255.255:514' }, 'syslog', some))).toBe(
      'failed (EACCES)',
    )
  })

  it('says so if nobody listens', async () => {
    const one = await udpReceiver()
    await one.close()
    expect(await failure(deliver({ via: 'udp', address: at(one.port) }, 'syslog'))).toBe('connection refused')
  })
})

describe('a webhook', () => {
  const answering =
    (status: number, headers: Record<string, string> = {}, body = '') =>
    (_: Call, response: ServerResponse) => {
      response.writeHead(status, headers).end(body)
      return status >= 200 && status < 300
    }
  const https = async (...given: Parameters<typeof answering>) =>
    opened(webhookReceiver(answering(...given), await ca.issue()))
  const to = ({ port }: Receiver): Destination => ({
    via: 'webhook',
    url: `https://127.0.0.1:${port}/in?from=lockbox`,
    ca: ca.pem,
  })

  it('gets one signed POST, which a receiver can check by Standard Webhooks', async () => {
    const one = await https(204)
    await deliver(to(one), 'jsonl')
    const [call] = one.calls as [Call]
    const id = `lb_AAAAAAAAAAA_0_${events.length - 1}`
    const signature = createHmac('sha256', KEY).update(`${id}.1800000000.${call.body.toString()}`).digest('base64')
    expect(call.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'user-agent': 'Lockbox/1.2.3',
      'webhook-id': id,
      'webhook-timestamp': '1800000000',
      'webhook-signature': `v1,${signature}`,
    })
    expect(one.messages.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(events.map(({ id }) => id))
  })

  it('gets CSV with its header in each batch', async () => {
    const one = await https(200)
    await deliver(to(one), 'csv', events.slice(0, 2))
    expect(readCsv((one.calls[0] as Call).body.toString())).toHaveLength(3)
  })

  it.each([
    [301, 'it redirects elsewhere (301), which is not followed'],
    [308, 'it redirects elsewhere (308), which is not followed'],
    [400, 'it answered 400'],
    [413, 'it answered 413'],
    [503, 'it answered 503'],
  ])('that answers %d has not acknowledged', async (status, says) => {
    const elsewhere = await https(200)
    const one = await https(status, { location: `https://127.0.0.1:${elsewhere.port}/` })
    expect(await failure(deliver(to(one), 'jsonl'))).toBe(says)
    expect(elsewhere.attempts()).toBe(0)
  })

  it('that answers without end has answered', async () => {
    const one = await opened(
      webhookReceiver(
        (_, response) => {
          response.writeHead(200)
          response.write(Buffer.alloc(1024 * 1024))
          return true
        },
        await ca.issue(),
      ),
    )
    expect(await failure(deliver(to(one), 'jsonl'))).toBe('delivered')
  })

  it.each([
    ['says nothing', () => undefined, 'no answer in time'],
    ['hangs up', (socket: { destroy: () => unknown }) => socket.destroy(), 'the connection was cut'],
  ] as const)('that %s has not acknowledged', async (_, act, says) => {
    const one = await opened(
      webhookReceiver(
        (__, response) => {
          if (response.socket !== null) act(response.socket)
          return false
        },
        await ca.issue(),
      ),
    )
    expect(await failure(deliver(to(one), 'jsonl', events, { timeoutMs: 400 }))).toBe(says)
  })

  it.each([
    [429, '120', 120_000],
    [503, new Date(NOW + 60_000).toUTCString(), 60_000 - (NOW % 1000)],
    [503, new Date(NOW - 60_000).toUTCString(), 0],
    [429, 'when we are back', 0],
    [429, '-1', 0],
    [500, '120', 0],
    [400, '120', 0],
  ])('that answers %i and asks to wait (%s) is asked again so much later', async (status, retryAfter, waitMs) => {
    const busy = createHttp((_, response) => response.writeHead(status, { 'retry-after': retryAfter }).end())
    await once(busy.listen(0, '127.0.0.1'), 'listening')
    const { port } = busy.address() as AddressInfo
    const failed = deliver({ via: 'webhook', url: `http://127.0.0.1:${port}/`, ca: null }, 'jsonl', events.slice(0, 1))
    await expect(failed).rejects.toMatchObject({ message: `it answered ${status}`, waitMs })
    busy.closeAllConnections()
    busy.close()
  })

  it('that says yes before it has read everything still gets everything', async () => {
    let isWhole: (whole: boolean) => void
    const whole = new Promise<boolean>((resolve) => (isWhole = resolve))
    const early = createHttp((request, response) => {
      response.writeHead(200).flushHeaders()
      // As slow as one that stores what it reads.
      request.on('data', () => {
        request.pause()
        setTimeout(() => request.resume(), 2)
      })
      request.on('end', () => isWhole(true))
      request.on('error', () => isWhole(false))
    })
    await once(early.listen(0, '127.0.0.1'), 'listening')
    const { port } = early.address() as AddressInfo
    const long = Array.from({ length: 200 }, () => ({ ...events[0], says: 'x'.repeat(30_000) }) as OutletEvent)
    await deliver({ via: 'webhook', url: `http://127.0.0.1:${port}/`, ca: null }, 'jsonl', long)
    expect(await whole).toBe(true)
    early.closeAllConnections()
    early.close()
  })

  it.each([
    [
      'changes to another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      'the connection was cut',
    ],
    ['speaks none that we know', 'SSH-2.0-OpenSSH_9.2\r\n', 'its answer is not HTTP'],
    ['only says that it is listening', 'HTTP/1.1 100 Continue\r\n\r\n', 'no answer in time'],
  ])('that %s has not acknowledged, and holds nobody', async (_, text, says) => {
    const odd = createTcp((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.write(text))
    })
    await once(odd.listen(0, '127.0.0.1'), 'listening')
    const { port } = odd.address() as AddressInfo
    const to = { via: 'webhook', url: `http://127.0.0.1:${port}/`, ca: null } as const
    expect(await failure(deliver(to, 'jsonl', events, { timeoutMs: 400 }))).toBe(says)
    odd.close()
  })

  it('with a certificate by another CA gets nothing', async () => {
    const one = await opened(webhookReceiver(answering(200), await other.issue()))
    expect(await failure(deliver(to(one), 'jsonl'))).toMatch(/^its certificate is not trusted/)
    expect(one.attempts()).toBe(0)
  })

  it('may be plain http on this very machine', async () => {
    const one = await opened(webhookReceiver(answering(200)))
    await deliver({ via: 'webhook', url: `http://127.0.0.1:${one.port}/`, ca: null }, 'jsonl')
    expect(one.attempts()).toBe(1)
  })
})

describe('a destination', () => {
  const hook = (url: string): Destination => ({ via: 'webhook', url, ca: null })
  it.each([
    ['plain http elsewhere', 'jsonl', hook('http://siem.example/'), 'bad-url'],
    ['plain http to a name that may lead anywhere', 'jsonl', hook('http://localhost/'), 'bad-url'],
    ['a password in the address', 'jsonl', hook('https://me:secret@siem.example/'), 'bad-url'],
    ['no address at all', 'jsonl', hook('siem.example'), 'bad-url'],
    ['another protocol', 'jsonl', hook('file:///etc/passwd'), 'bad-url'],
    ['a port that is none', 'syslog', { via: 'tcp', address: 'siem.example:99999' }, 'bad-address'],
    ['no certificate', 'syslog', { via: 'tls', address: 'siem.example:6514', ca: 'hello' }, 'bad-certificate'],
    ['CSV in syslog', 'csv', { via: 'tls', address: 'siem.example:6514', ca: null }, 'not-carried'],
    ['JSON in datagrams', 'jsonl', { via: 'udp', address: 'siem.example:514' }, 'not-carried'],
    ['syslog in a webhook', 'syslog', hook('https://siem.example/'), 'not-carried'],
  ] as const)('is refused with %s', (_, format, to, code) => {
    expect(() => checkDestination(format, to)).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('keeps the certificates of a PEM file and nothing else of it', () => {
    const to = { via: 'tls', address: 'Siem.Example:6514', ca: `# ours\n${ca.pem}\n-----BEGIN KEY-----` } as const
    expect(checkDestination('syslog', to)).toEqual({
      via: 'tls',
      address: 'siem.example:6514',
      ca: `${ca.pem.trim()}\n`,
    })
  })
})
