import { utf8 } from '../../../shared/bytes.ts'
import type { DraftView } from '../../../shared/ipc-values.ts'
import { machineMs } from '../../devices/moments.ts'
import { BareDeal } from '../bare/deal.ts'
import type { BenchCase } from '../case.ts'
import { type FiveDevices, fiveDevices, NAMES, reach } from '../five-devices.ts'
import { lineOf } from '../line.ts'
import { interleaved, timed } from '../measure.ts'

/** A credential dealt three of five: first in the depositor's worker, then, after the touch, to all custodians over TLS. */
export const deal: BenchCase = {
  name: 'deal',
  async run({ effort, worker, say }) {
    say('deal: five apps in processes of their own found an organization')
    const five = await fiveDevices(worker)
    const bare = await BareDeal.open(five.dir)
    try {
      const rounds = effort.rounds(15)
      const drafts: DraftView[] = []
      const split = await interleaved(rounds, {
        ours: () => timed(async () => drafts.push(await drafted(five))),
        bare: () => timed(() => bare.split()),
      })
      for (const { draft } of drafts) await five.people.Ana.call.sign.drop({ draft })
      const told = await interleaved(rounds, {
        ours: async () => untilHeld(five, await drafted(five)),
        bare: () => timed(() => bare.tell()),
      })
      const shared = { name: 'deal', unit: 'ms' } as const
      return [
        lineOf(
          { ...shared, what: 'the key split and sealed, in a worker of its own', bareIs: SPLIT, targets: [] },
          split,
        ),
        lineOf({ ...shared, what: 'from the touch to five held shares', bareIs: TELL, targets: [{ most: 15 }] }, told),
      ]
    } finally {
      await bare.close()
      await five.close()
    }
  },
}

const SPLIT = 'one sharing, five boxes sealed'
const TELL =
  'one Ed25519 signature; to four over open TLS connections; by five, two signatures verified and three durable writes'

function drafted({ people: { Ana }, plan, sandbox }: FiveDevices): Promise<DraftView> {
  const { accessKeyId, secretAccessKey } = sandbox.accessKey
  return Ana.call.credentials.deposit({
    plan,
    key: { from: 'typed', accessKeyId, secretAccessKey: utf8(secretAccessKey) },
  })
}

/** From the touch until each of the five has the credential and the own share on the disk. */
async function untilHeld({ people }: FiveDevices, one: DraftView): Promise<number> {
  const { id, touch } = await reach(people.Ana, one)
  const began = machineMs()
  await touch()
  const held = await Promise.all(NAMES.map((name) => people[name].running.moment('held', id)))
  return Math.max(...held) - began
}
