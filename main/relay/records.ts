import { type BrokerForm, brokerForm } from '../../shared/carriers/broker.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { digestField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import type { Journal } from '../vault/journal.ts'

const BROKERS = 'relay-broker'
const PLACES = 'relay-place'

const placeField = z.strictObject({
  /** When the broker says that its stream was made: another one counts from the start. */
  created: z.string().max(64),
  /** Everything that was there for this device up to this message of the stream was read … */
  read: z.int().min(0),
  /** … in the lanes of these devices: SHA-256 of the JCS of their keys. */
  peers: digestField,
})

/** A broker as its owner named it. */
export type BrokerSettings = BrokerForm & { readonly id: string }
/** How far a broker was read. */
export type BrokerPlace = Readonly<z.infer<typeof placeField>>

/** Reads the brokers that were not removed, in the order in which they were added, and how far each was read. */
export async function loadBrokers(
  journal: Journal,
): Promise<{ settings: BrokerSettings; place: BrokerPlace | null }[]> {
  const settings = new Map<string, BrokerSettings>()
  const places = new Map<string, BrokerPlace>()
  for await (const { key, value } of journal.records(BROKERS))
    if (value.length === 0) settings.delete(key)
    else settings.set(key, { ...brokerForm.parse(parseJcs(value)), id: key })
  for await (const { key, value } of journal.records(PLACES)) places.set(key, placeField.parse(parseJcs(value)))
  return [...settings.values()].map((one) => ({ settings: one, place: places.get(one.id) ?? null }))
}

/** Keeps a new broker, its credentials with it. @throws {JournalError} if it could not be made durable. */
export async function saveBroker(journal: Journal, { id, ...settings }: BrokerSettings): Promise<void> {
  await journal.append(BROKERS, id, jcs(brokerForm.parse(settings)))
}

/** Forgets a broker from now on; the journal, which only grows, still has its settings, sealed. */
export async function removeBroker(journal: Journal, id: string): Promise<void> {
  await journal.append(BROKERS, id, new Uint8Array())
}

/** Keeps how far a broker was read. Never at the cost of the room that a grant needs on a full disk. */
export async function saveBrokerPlace(journal: Journal, id: string, place: BrokerPlace): Promise<void> {
  await journal.append(PLACES, id, jcs(placeField.parse(place)), { deferrable: true })
}
