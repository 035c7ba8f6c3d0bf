import { exchangeStoreOf } from '../../../main/app/meeting.ts'
import { LanExchange } from '../../../main/exchange/lan.ts'
import { identityOf, person } from '../../../main/exchange/testing/people.ts'
import type { Exported } from '../../../shared/verify/testing/exported.ts'
import { bareEntries, verifyBare } from '../bare/signatures.ts'
import { bareDialler } from '../bare/tls.ts'
import type { BenchCase } from '../case.ts'
import { type EarlyDevice, startEarlyDevice } from '../early-device.ts'
import { lineOf } from '../line.ts'
import { logOf } from '../log.ts'
import { interleaved, timed } from '../measure.ts'
import { emptyDevice } from '../one-device.ts'

const BARE = 'all the bytes by one TLS connection, every signature verified'
const LATE = person('late')

/** A device that was off meets one that has everything: from the first dial to the last statement accepted and durable. */
export const sync: BenchCase = {
  name: 'sync',
  async run({ effort, worker, say }) {
    const size = effort.size(1000)
    say(`sync: writing a log of ${size} statements first`)
    const log = await logOf(size)
    const entries = bareEntries(log.entries)
    const bytes = log.entries.reduce((sum, { length }) => sum + length, 0)
    const early = await startEarlyDevice(LATE.peer, log)
    const dial = await bareDialler()
    const rounds = await interleaved(effort.rounds(7), {
      ours: () => lateJoiner(early, log, worker),
      bare: () =>
        timed(async () => {
          const connection = await dial(early.barePort)
          await connection.fetch(bytes)
          for (const entry of entries) verifyBare(entry)
          await connection.close()
        }),
    })
    await early.stop()
    const what = `a late joiner takes ${log.entries.length} statements`
    return [lineOf({ name: 'sync', what, bareIs: BARE, unit: 'ms', targets: [{ times: 2 }] }, rounds)]
  },
}

/** The whole app but for its window, with nothing in its log. */
async function lateJoiner(
  early: EarlyDevice,
  { entries, organization, pin }: Exported,
  worker: string,
): Promise<number> {
  const { party, device, close } = await emptyDevice(worker)
  const lan = new LanExchange()
  try {
    await device().movePin(pin)
    const store = exchangeStoreOf(device(), party.running.app.desk().notary)
    const identity = identityOf(LATE, () => [early.peer, LATE.peer], organization)
    await lan.start({ identity, store, host: '127.0.0.1', discover: false, log: () => undefined })
    return await timed(async () => {
      const all = new Promise<void>((resolve) =>
        device().store.onAccepted(() => device().store.ids().length === entries.length && resolve()),
      )
      lan.addAddress(`127.0.0.1:${early.port}`)
      await all
    })
  } finally {
    await lan.stop()
    await close()
  }
}
