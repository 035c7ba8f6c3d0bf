import { jcs, parseJcs } from '../../shared/jcs.ts'
import { FORMATS } from '../../shared/outlets/format-names.ts'
import { destinationField } from '../../shared/outlets/settings.ts'
import { bytesField, digestField, lineField, timeField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import type { Journal } from '../vault/journal.ts'

const SETTINGS = 'outlet'
const PLACES = 'outlet-place'

const settingsField = z.strictObject({
  name: lineField(64),
  format: z.enum(FORMATS),
  to: destinationField,
  /** Signs what goes to a webhook; null elsewhere. */
  key: bytesField(32).nullable(),
  /** The first entry of the ledger that goes out. */
  start: z.int().min(0),
})
const placeField = z.strictObject({
  /** The entry to be delivered next. */
  next: z.int().min(0),
  /** The id of the one before it. */
  last: digestField,
  /** When a batch was acknowledged last; null if none was. */
  at: timeField.nullable(),
  /** How many entries it passed over since they had been removed from this device before; 0 is left out. */
  gone: z.int().min(1).optional(),
})

/** An outlet as its owner set it up. */
export type Settings = Readonly<z.infer<typeof settingsField>> & { readonly id: string }
/** How far an outlet is. */
export type OutletPlace = Readonly<z.infer<typeof placeField>>

/** Reads the outlets that were not removed, in the order in which they were added, and how far each is. */
export async function loadOutlets(journal: Journal): Promise<{ settings: Settings; place: OutletPlace | null }[]> {
  const settings = new Map<string, Settings>()
  const places = new Map<string, OutletPlace>()
  for await (const { key, value } of journal.records(SETTINGS))
    if (value.length === 0) settings.delete(key)
    else settings.set(key, { ...settingsField.parse(parseJcs(value)), id: key })
  for await (const { key, value } of journal.records(PLACES)) places.set(key, placeField.parse(parseJcs(value)))
  return [...settings.values()].map((one) => ({ settings: one, place: places.get(one.id) ?? null }))
}

/** Keeps the settings of a new outlet. @throws {JournalError} if they could not be made durable. */
export async function saveOutlet(journal: Journal, { id, ...settings }: Settings): Promise<void> {
  await journal.append(SETTINGS, id, jcs(settingsField.parse(settings)))
}

/** Forgets an outlet from now on; the journal, which only grows, still has its settings, sealed. */
export async function removeOutlet(journal: Journal, id: string): Promise<void> {
  await journal.append(SETTINGS, id, new Uint8Array())
}

/** Keeps how far an outlet is. Never at the cost of the room that a grant needs on a full disk. */
export async function savePlace(journal: Journal, id: string, place: OutletPlace): Promise<void> {
  await journal.append(PLACES, id, jcs(placeField.parse(place)), { deferrable: true })
}
