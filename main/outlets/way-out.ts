import { fromBase64Url } from '../../shared/bytes.ts'
import { cefLine } from '../../shared/outlets/cef.ts'
import type { OutletEvent } from '../../shared/outlets/event.ts'
import type { Format } from '../../shared/outlets/format-names.ts'
import { type Exporter, LINES } from '../../shared/outlets/formats.ts'
import { CARRIED, type Destination } from '../../shared/outlets/settings.ts'
import { syslogAround, syslogMessage } from '../../shared/outlets/syslog.ts'
import { formatAddress, parseAddress } from '../exchange/addresses.ts'
import { OutletError } from './failure.ts'
import type { Settings } from './records.ts'
import { streamTransport } from './transports/stream.ts'
import type { Patience, Transport } from './transports/transport.ts'
import { parseCas } from './transports/trust.ts'
import { udpTransport } from './transports/udp.ts'
import { parseWebhookUrl, webhookTransport } from './transports/webhook.ts'

/** What the other end is, in words. */
export function destinationWords(to: Destination): string {
  return to.via === 'webhook' ? to.url : `${{ udp: 'UDP', tcp: 'TCP', tls: 'TLS' }[to.via]} ${to.address}`
}

/**
 * A destination as it is kept: addresses and certificates read once.
 *
 * @throws {OutletError} `not-carried`, `bad-url`, `bad-certificate`; {@link parseAddress} throws `bad-address`.
 */
export function checkDestination(format: Format, to: Destination): Destination {
  if (!CARRIED[to.via].includes(format))
    throw new OutletError('not-carried', `expected ${CARRIED[to.via].join(', ')} over ${to.via}, and not ${format}`)
  const ca = 'ca' in to && to.ca !== null ? parseCas(to.ca) : null
  if (to.via === 'webhook') return { ...to, url: parseWebhookUrl(to.url).href, ca }
  const address = formatAddress(parseAddress(to.address))
  return to.via === 'tls' ? { ...to, address, ca } : { ...to, address }
}

/** The way out that an outlet's settings name. */
export function transportOf(settings: Settings, exporter: Exporter, patience: Patience, now: () => number): Transport {
  const { id, format, to, key } = settings
  const message = (event: OutletEvent, most?: number) => messageOf(format, event, exporter, most)
  switch (to.via) {
    case 'udp':
      return udpTransport(parseAddress(to.address), message, patience)
    case 'tcp':
      return streamTransport(parseAddress(to.address), null, message, patience)
    case 'tls':
      return streamTransport(parseAddress(to.address), to, message, patience)
    case 'webhook':
      return webhookTransport({ ...to, id, format, key: fromBase64Url(key ?? '') }, exporter, patience, now)
  }
}

/** An event as a syslog message, or as what one carries. */
function messageOf(format: Format, event: OutletEvent, exporter: Exporter, most?: number): string {
  const { device, version } = exporter
  if (format === 'syslog') return syslogMessage(event, device, most)
  const line = (left: number) =>
    format === 'cef' ? cefLine(event, version, left) : LINES[format].line(event, exporter)
  return syslogAround(event, device, line, most)
}
