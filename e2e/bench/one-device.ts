import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Device } from '../../main/app/device.ts'
import { toBase64Url } from '../../shared/bytes.ts'
import { LocalApp } from '../in-process/local-app.ts'
import { Party } from '../in-process/party.ts'
import { Switchboard } from '../in-process/switchboard.ts'
import { found, type LocalParty } from '../in-process/world.ts'

/** One person with the whole app but for its window; nothing else runs beside. */
export interface OneDevice {
  readonly party: LocalParty
  /** What is unlocked now. */
  readonly device: () => Device
  readonly close: () => Promise<void>
}

/** A device with a vault and no organization. @param worker - the worker program. */
export async function emptyDevice(worker: string): Promise<OneDevice> {
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-bench-'))
  const switchboard = new Switchboard()
  const carrier = () => switchboard.carrier()
  const party = await Party.arrive({
    name: 'Ana',
    dir,
    launch: (profileDir, hands) => LocalApp.start(profileDir, { worker, carrier }, hands),
  })
  await party.setUp()
  return {
    party,
    device: () => party.running.app.desk().device,
    close: async () => {
      await party.quit()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A device whose owner founded an organization alone. */
export async function foundersDevice(worker: string): Promise<OneDevice> {
  const founder = await emptyDevice(worker)
  await found([founder.party])
  return founder
}

/** The id of a request that nobody made. */
export const noRequest = () => toBase64Url(randomBytes(32))
