import { setTimeout as delay } from 'node:timers/promises'
import type { Digest } from '../../../shared/bytes.ts'
import { BareIssue } from '../bare/issue.ts'
import type { BenchCase } from '../case.ts'
import { ask, type FiveDevices, finish, fiveDevices, meetsAll, reachForKey, readyToIssue } from '../five-devices.ts'
import { lineOf } from '../line.ts'
import { interleaved, timed } from '../measure.ts'

const BARE =
  'each signature, seal, share, message over an open TLS connection, durable write and the call to STS once, in one line'
/** People need seconds to reach for a key; meanwhile the worker that was made ready has rehearsed. */
const REACH_MS = 800

/**
 * From the approval that completes the quorum, as it reaches the issuing device, to the session that can be used in the
 * requester's app. Each app, the worker and the sandbox AWS are processes of their own on this machine.
 */
export const quorum: BenchCase = {
  name: 'quorum',
  async run({ effort, worker, say }) {
    say('quorum: five apps in processes of their own found an organization')
    const five = await fiveDevices(worker)
    const bare = await BareIssue.open(five.dir, five.sandbox)
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
      const targets = [{ times: 2 }, { most: 150 }] as const
      return [
        lineOf(
          { ...shared, what: 'from the deciding approval at the issuing device to the usable session', targets },
          warm,
        ),
        lineOf(
          {
            ...shared,
            what: 'the same where that device is unlocked last, with the start of the worker',
            targets: [{ most: 150 }],
          },
          cold,
        ),
      ]
    } finally {
      await bare.close()
      await five.close()
    }
  },
}

async function lastTouch(five: FiveDevices, reference: string): Promise<number> {
  const { Raj, Mia, Leo, Zoe } = five.people
  const request = await ask(five, reference)
  for (const party of [Raj, Zoe]) await (await reachForKey(party, request)).touch()
  for (const party of [Raj, Mia, Leo, Zoe]) await readyToIssue(party, request)
  await delay(REACH_MS)
  const { id, touch } = await reachForKey(Leo, request)
  await touch()
  return sinceArrival(five, request, [id])
}

async function issuerComes(five: FiveDevices, reference: string): Promise<number> {
  const { Raj, Mia, Leo, Zoe } = five.people
  await Mia.call.vault.lock()
  const request = await ask(five, reference)
  const decisions: Digest[] = []
  for (const party of [Raj, Leo, Zoe]) {
    const { id, touch } = await reachForKey(party, request)
    await touch()
    decisions.push(id)
  }
  await Mia.unlock()
  const took = await sinceArrival(five, request, decisions)
  await meetsAll(Mia)
  return took
}

/** Milliseconds from the arrival of the last of these decisions at Mia's device until Ana can use the session, which then ends. */
async function sinceArrival(five: FiveDevices, request: Digest, decisions: readonly Digest[]): Promise<number> {
  const { Ana, Mia } = five.people
  const usable = await Ana.running.moment('usable', request)
  const arrived: number[] = []
  for (const id of decisions) arrived.push(await Mia.running.moment('arrived', id))
  await finish(five, request)
  return usable - Math.max(...arrived)
}
