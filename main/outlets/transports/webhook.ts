import { createHmac } from 'node:crypto'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { utf8 } from '../../../shared/bytes.ts'
import type { OutletEvent } from '../../../shared/outlets/event.ts'
import type { Format } from '../../../shared/outlets/format-names.ts'
import { type Exporter, LINES, linesOf } from '../../../shared/outlets/formats.ts'
import { within } from '../../within.ts'
import { DeliveryFailure, OutletError } from '../failure.ts'
import type { Patience, Transport } from './transport.ts'
import { trustOf } from './trust.ts'

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\])$/

/** A webhook: where it is, how it proves itself, and the key that our batches are signed with. */
export interface Webhook {
  /** Names the outlet in the id of each batch. */
  readonly id: string
  readonly url: string
  readonly ca: string | null
  readonly key: Uint8Array
  readonly format: Format
}

/**
 * Reads the address of a webhook.
 *
 * @throws {OutletError} `bad-url` unless it is https, or http to this very machine, without a password in it.
 */
export function parseWebhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isSafe =
    url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname)))
  if (!isSafe || url.username !== '' || url.password !== '' || url.hash !== '')
    throw new OutletError('bad-url', 'expected an https address, without user name, password or #')
  return url
}

/**
 * POSTs batches, signed as Standard Webhooks (standardwebhooks.com, version 1) say. Any 2xx answer acknowledges; a
 * redirect is none: who may get the events was decided by whoever typed the address.
 */
export function webhookTransport(
  webhook: Webhook,
  exporter: Exporter,
  patience: Patience,
  now: () => number,
): Transport {
  const url = parseWebhookUrl(webhook.url)
  return {
    most: 200,
    async deliver(events, signal) {
      const body = utf8(linesOf(webhook.format, events, exporter))
      const seconds = Math.floor(now() / 1000)
      const id = batchId(webhook.id, events)
      const headers = {
        'content-type': LINES[webhook.format].mediaType,
        'content-length': body.length,
        'user-agent': `Lockbox/${exporter.version}`,
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': webhookSignature(webhook.key, id, seconds, body),
      }
      const { status, retryAfter } = await within(signal, patience.timeoutMs, (both) =>
        post(url, webhook.ca, headers, body, both),
      )
      if (isGood(status)) return
      if (status >= 300 && status < 400)
        throw new DeliveryFailure(`it redirects elsewhere (${status}), which is not followed`)
      const waitMs = status === 429 || status === 503 ? retryAfterMs(retryAfter, now()) : 0
      throw new DeliveryFailure(`it answered ${status}`, status === 413 ? 'too much' : 'other', waitMs)
    },
  }
}

/** The same for the same events, so that a receiver knows a repetition of a batch; each event has its own id besides. */
function batchId(outlet: string, events: readonly OutletEvent[]): string {
  const [first, last] = [events.at(0)?.position, events.at(-1)?.position]
  return first === undefined ? `lb_${outlet}_probe` : `lb_${outlet}_${first}_${last}`
}

/** `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`. */
function webhookSignature(key: Uint8Array, id: string, seconds: number, body: Uint8Array): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`
}

/** `Retry-After` (RFC 9110 §10.2.3), seconds or a date, as milliseconds from now; 0 if it is neither. */
function retryAfterMs(text: string | undefined, now: number): number {
  if (text === undefined) return 0
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}

/** What of an answer counts. */
interface Answered {
  readonly status: number
  readonly retryAfter: string | undefined
}

const isGood = (status: number): boolean => status >= 200 && status < 300

function post(
  url: URL,
  ca: string | null,
  headers: Record<string, string | number>,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    // No agent that keeps connections: a batch that failed tells nothing about the next one's.
    const options = { method: 'POST', headers, agent: false as const, maxHeaderSize: 16 * 1024 }
    const request =
      url.protocol === 'https:' ? requestHttps(url, { ...options, ...trustOf(ca) }) : requestHttp(url, options)
    let status = 0
    let retryAfter: string | undefined
    const done = () => {
      resolve({ status, retryAfter })
      request.destroy()
    }
    request.once('response', (response) => {
      status = response.statusCode ?? 0
      retryAfter = response.headers['retry-after']
      if (isGood(status)) onceTaken(request, response, done)
      else done()
    })
    const onAbort = () => request.destroy(new DeliveryFailure('no answer in time', 'slow'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    request.on('error', reject)
    // Whatever else ends it, such as a change to another protocol (101), which is neither answer nor error.
    request.once('close', () =>
      isGood(status) && request.writableFinished ? done() : reject(new DeliveryFailure('the connection was cut')),
    )
    request.end(body)
  })
}

/** What of an answer is read beside its number, and thrown away: so many bytes, for so long. */
const MOST_READ = 64 * 1024
const READ_MS = 1000

/**
 * A receiver may say 2xx before it has read everything. So the rest of the body goes out first, and its answer is read, since a
 * connection that is closed with bytes unread is reset, and takes with it what the other end has not read yet.
 */
function onceTaken(request: ClientRequest, response: IncomingMessage, done: () => void): void {
  let read = 0
  const onSent = () => {
    const timer = setTimeout(done, READ_MS)
    response.on('data', () => read > MOST_READ && done())
    response.once('end', done)
    request.once('close', () => clearTimeout(timer))
    if (response.readableEnded) done()
  }
  response.on('error', () => undefined)
  response.on('data', (chunk: Uint8Array) => {
    read += chunk.length
  })
  if (request.writableFinished) onSent()
  else request.once('finish', onSent)
}
