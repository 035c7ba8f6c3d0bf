import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import { type NatsConnection, nanos } from '@nats-io/nats-core'
import { digest, fromUtf8, utf8 } from '../../shared/bytes.ts'
import { KEPT_DAYS } from '../../shared/carriers/relay.ts'
import * as z from '../../shared/zod.ts'
import { LinkFailure } from './failure.ts'

/** The one stream of a broker that is used. */
export const STREAM = 'LOCKBOX'
const SUBJECTS = 'lockbox.*'
const DAY_MS = 86_400_000

const infoField = z.object({ created: z.string(), state: z.object({ last_seq: z.int().min(0) }) })
const errorField = z.object({ error: z.object({ code: z.int(), err_code: z.int() }) })

/** When the stream was made, as its broker says: a name for it of bounded length; and the place of its last message. */
export interface StreamFacts {
  readonly created: string
  readonly last: number
}

/**
 * Asks a broker about its stream: one request and one answer. The client's own way asks on and on for as many pages as a broker
 * claims to have, and keeps them all.
 *
 * @param timeout - milliseconds.
 * @throws {JetStreamApiError} as the broker says; {@link LinkFailure} if it says what nobody asked; whatever the client throws.
 */
export async function askStream(client: NatsConnection, timeout: number): Promise<StreamFacts> {
  const { data } = await client.request(`$JS.API.STREAM.INFO.${STREAM}`, undefined, { timeout })
  const answer = jsonIn(data)
  const refused = errorField.safeParse(answer)
  if (refused.success) throw new JetStreamApiError({ ...refused.data.error, description: 'refused' })
  const info = infoField.safeParse(answer)
  if (!info.success) throw new LinkFailure('it answers what was not asked', true)
  const { created, state } = info.data
  return { created: digest(utf8(JSON.stringify([created]))), last: state.last_seq }
}

function jsonIn(data: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(data))
  } catch {
    return null
  }
}

/** Whether there is no stream yet. */
export function hasNoStream(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound
}

/** Makes the stream. @throws as the client does. */
export async function makeStream(manager: JetStreamManager): Promise<void> {
  await manager.streams.add({
    name: STREAM,
    subjects: [SUBJECTS],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    storage: StorageType.File,
    max_age: nanos(KEPT_DAYS * DAY_MS),
    max_msgs_per_subject: 256,
    max_msg_size: 72 * 1024,
    max_bytes: 256 * 1024 * 1024,
  })
}
