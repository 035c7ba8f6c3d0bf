import { createHmac } from 'node:crypto'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { utf8 } from '../../../shared/bytes.ts'
import type { OutletEvent } from '../../../shared/outlets/event.ts'
import type { Format } from '../../../shared/outlets/format-names.ts'
import { type Exporter, LINES, linesOf } from '../../../shared/outlets/formats.ts'
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
      const status = await post(url, webhook.ca, headers, body, [signal, AbortSignal.timeout(patience.timeoutMs)])
      if (status >= 200 && status < 300) return
      if (status >= 300 && status < 400)
        throw new DeliveryFailure(`it redirects elsewhere (${status}), which is not followed`)
      throw new DeliveryFailure(`it answered ${status}`, status === 413)
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

function post(
  url: URL,
  ca: string | null,
  headers: Record<string, string | number>,
  body: Uint8Array,
  signals: readonly AbortSignal[],
): Promise<number> {
  const signal = AbortSignal.any([...signals])
  return new Promise((resolve, reject) => {
    // No agent that keeps connections: a batch that failed tells nothing about the next one's.
    const options = { method: 'POST', headers, agent: false as const, maxHeaderSize: 16 * 1024 }
    const answered = (response: IncomingMessage) => {
      // What it says beside the number is not needed, so none of it is taken.
      resolve(response.statusCode ?? 0)
      response.destroy()
    }
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, { ...options, ...trustOf(ca) }, answered)
        : requestHttp(url, options, answered)
    const onAbort = () => request.destroy(new DeliveryFailure('no answer in time'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    request.on('error', reject)
    request.on('close', () => signal.removeEventListener('abort', onAbort))
    request.end(body)
  })
}
