import { setImmediate } from 'node:timers/promises'

/** Whoever waits for something else has a turn after so long. */
const TURN_MS = 20

/** All of it, in order. Where that takes long, whatever else this process has to do goes on in between. */
export async function unhurried<T>(source: Iterable<T>): Promise<T[]> {
  const all: T[] = []
  let began = performance.now()
  for (const one of source) {
    all.push(one)
    if (performance.now() - began < TURN_MS) continue
    await setImmediate()
    began = performance.now()
  }
  return all
}
