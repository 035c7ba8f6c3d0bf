import { newWorld } from '../in-process/world.ts'
import { PartyActor } from './party-actor.ts'
import type { DrillOptions, DrillSetting } from './run.ts'

/** Five (or as many as asked for) apps in this process, without windows, on a carrier in memory. */
export async function settingInProcess(names: readonly string[], options: DrillOptions): Promise<DrillSetting> {
  const world = await newWorld(options.sessionSeconds)
  const actors = await Promise.all(names.map(async (name) => new PartyActor(await world.arrive(name))))
  return { actors, sandbox: world.sandbox, typeAddresses: false, close: () => world.close() }
}
