import { lineField } from '../statements/fields.ts'
import * as z from '../zod.ts'
import { FORMATS, type Format } from './format-names.ts'

/** PEM of the only CAs that the other end may have its certificate from; null: those this machine trusts. */
const caField = z.string().max(32_000).nullable()

/** Where an outlet leads. */
export const destinationField = z.discriminatedUnion('via', [
  z.strictObject({ via: z.literal('udp'), address: lineField(256) }),
  z.strictObject({ via: z.literal('tcp'), address: lineField(256) }),
  z.strictObject({ via: z.literal('tls'), address: lineField(256), ca: caField }),
  z.strictObject({ via: z.literal('webhook'), url: lineField(1024), ca: caField }),
])
export type Destination = z.infer<typeof destinationField>
export type Via = Destination['via']

/** What a person says of a new outlet. */
export const outletForm = z.strictObject({
  name: lineField(64),
  format: z.enum(FORMATS),
  to: destinationField,
  /** The first statement that goes out: the log's first, or the next one that comes. */
  from: z.enum(['beginning', 'now']),
})
export type OutletForm = z.infer<typeof outletForm>

/**
 * Which formats travel which way. A datagram holds what may be cut at its end; a syslog message holds no file of many
 * lines; a webhook gets bodies, and a syslog message is none.
 */
export const CARRIED: Readonly<Record<Via, readonly Format[]>> = {
  udp: ['syslog', 'cef'],
  tcp: ['syslog', 'cef', 'jsonl', 'ocsf'],
  tls: ['syslog', 'cef', 'jsonl', 'ocsf'],
  webhook: ['jsonl', 'ocsf', 'csv', 'cef'],
}
