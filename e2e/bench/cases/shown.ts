import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Digest } from '../../../shared/bytes.ts'
import type { Snapshot } from '../../../shared/views/views.ts'
import type { BenchCase } from '../case.ts'
import { ask, type FiveDevices, finish, fiveDevices, reachForKey, readyToIssue } from '../five-devices.ts'
import { lineOf } from '../line.ts'
import { interleaved, timed } from '../measure.ts'

/** As long as an approval is. */
const APPROVAL = randomBytes(1400)
/** From the draft to the touch. What the request and the approvals before set off is over by then. */
const REACH_MS = 1500

/**
 * From the touch that completes the quorum to the picture of it in the hands of the window of the person who asked, in another
 * app, over TLS: pushed by the app as in the product, parsed, and put together. What the window then draws is not in it.
 */
export const shown: BenchCase = {
  name: 'shown',
  async run({ effort, worker, say }) {
    say('shown: five apps in processes of their own found an organization')
    const five = await fiveDevices(worker)
    await five.people.Ana.watch()
    const { privateKey } = generateKeyPairSync('ed25519')
    let count = 0
    try {
      const rounds = await interleaved(effort.rounds(15), {
        ours: () => untilShown(five, `INC-${++count}`),
        bare: () => timed(() => sign(null, APPROVAL, privateKey)),
      })
      const what = 'from an approval’s touch to the quorum in the window of who asked'
      return [
        lineOf({ name: 'shown', what, bareIs: 'one Ed25519 signature', unit: 'ms', targets: [{ most: 50 }] }, rounds),
      ]
    } finally {
      await five.close()
    }
  },
}

async function untilShown(five: FiveDevices, reference: string): Promise<number> {
  const { Ana, Raj, Mia, Leo } = five.people
  const request = await ask(five, reference)
  for (const party of [Raj, Leo]) await (await reachForKey(party, request)).touch()
  for (const party of [Ana, Mia]) await readyToIssue(party, request)
  const { touch } = await reachForKey(Mia, request)
  await delay(REACH_MS)
  const began = performance.now()
  const shownAt = Ana.until('the quorum', hasQuorum(request)).then(() => performance.now())
  await touch()
  const took = (await shownAt) - began
  await Ana.running.moment('usable', request)
  await finish(five, request)
  return took
}

function hasQuorum(request: Digest): (picture: Snapshot) => boolean {
  return ({ cases }) => cases.some(({ id, quorum }) => id === request && quorum?.met === true)
}
