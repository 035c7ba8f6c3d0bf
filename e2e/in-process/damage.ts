import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalParty } from './world.ts'

/** Quits the app and changes one bit of the last record of a table. */
export async function flipRecord(party: LocalParty, table: string): Promise<void> {
  const { journal } = party.running.app.desk().device.vault
  let last = -1
  for await (const { position } of journal.records(table)) last = position
  const place = journal.placeOf(last)
  if (place === undefined) throw new TypeError(`there is no record of table ${table}`)
  await party.quit()
  const file = await open(join(party.profileDir, 'vault', 'journal'), 'r+')
  const at = place.at + place.length - 1
  const byte = new Uint8Array(1)
  await file.read(byte, 0, 1, at)
  await file.write(
    byte.map((one) => one ^ 1),
    0,
    1,
    at,
  )
  await file.sync()
  await file.close()
}
