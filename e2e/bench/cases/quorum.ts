import { setTimeout as delay } from 'node:timers/promises'
import { BareIssue } from '../bare/issue.ts'
import type { BenchCase } from '../case.ts'
import { ask, type FiveDevices, finished, fiveDevices, reachForKey, readyToIssue, sessionAt } from '../five-devices.ts'
import { lineOf } from '../line.ts'
import { interleaved, timed } from '../measure.ts'

const BARE = 'each signature, seal, share, durable write and the call to STS once, in one line'
/** People need seconds to reach for a key; meanwhile the worker that was made ready has rehearsed. */
const REACH_MS = 800

/**
 * From the approval that completes the quorum to the session in the requester's hands. All five apps, the worker and the
 * sandbox AWS share this machine; between them there is no network.
 */
export const quorum: BenchCase = {
  name: 'quorum',
  async run({ effort, worker, say }) {
    const five = await fiveDevices(worker)
    const bare = new BareIssue(five.world.dir, five.world.sandbox)
    let count = 0
    const next = () => `INC-${++count}`
    try {
      say('quorum: a device is ready when the last approval comes')
      const warm = await interleaved(effort.rounds(15), {
        ours: () => lastTouch(five, next()),
        bare: () => timed(() => bare.run()),
      })
      say('quorum: the issuing device comes when all have approved')
      const cold = await interleaved(effort.rounds(10), {
        ours: () => issuerComes(five, next()),
        bare: () => timed(() => bare.run()),
      })
      const shared = { name: 'quorum', bareIs: BARE, unit: 'ms' } as const
      return [
        lineOf({ ...shared, what: 'from the last approval to the session', targets: [{ times: 2 }] }, warm),
        lineOf({ ...shared, what: 'with the start of the worker', targets: [{ most: 150 }] }, cold),
      ]
    } finally {
      bare.close()
      await five.close()
    }
  },
}

async function lastTouch(five: FiveDevices, reference: string): Promise<number> {
  const { Ana, Raj, Mia, Leo } = five.people
  const request = await ask(five, reference)
  for (const party of [Raj, Leo]) await (await reachForKey(party, request))()
  for (const party of [Raj, Mia, Leo]) await readyToIssue(party, request)
  await delay(REACH_MS)
  const touch = await reachForKey(Mia, request)
  const at = sessionAt(Ana, request)
  const began = performance.now()
  await touch()
  return await finished(five, request, began, at)
}

async function issuerComes(five: FiveDevices, reference: string): Promise<number> {
  const { Ana, Raj, Leo, Zoe } = five.people
  await five.plug('Mia', false)
  const request = await ask(five, reference)
  for (const party of [Raj, Leo, Zoe]) await (await reachForKey(party, request))()
  const at = sessionAt(Ana, request)
  const began = performance.now()
  await five.plug('Mia', true)
  return await finished(five, request, began, at)
}
