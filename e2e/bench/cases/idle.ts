import { setTimeout as delay } from 'node:timers/promises'
import { exchangeStoreOf } from '../../../main/app/meeting.ts'
import { LanExchange } from '../../../main/exchange/lan.ts'
import { identityOf, person } from '../../../main/exchange/testing/people.ts'
import type { BenchCase } from '../case.ts'
import { startIdleEnds } from '../idle-ends.ts'
import { lineOf } from '../line.ts'
import type { Round } from '../measure.ts'
import { emptyDevice } from '../one-device.ts'

const PEERS = 20
/** How long an app is looked at that has nothing to do. */
const LOOK_MS = 5000
/** Until the connections are made, and all has been said over them. */
const SETTLE_MS = 2000
const BARE = 'the same app with nobody connected'

/** What an app costs that has nothing to do but to stay connected: milliseconds of processor a second. */
export const idle: BenchCase = {
  name: 'idle',
  async run({ effort, worker, say }) {
    const me = person('idle')
    const { party, device, close } = await emptyDevice(worker)
    const lan = new LanExchange()
    const ends = await startIdleEnds(me.peer, PEERS)
    try {
      const rounds = effort.rounds(5)
      const alone = await busyFor(rounds, effort.calm(LOOK_MS))
      const store = exchangeStoreOf(device(), party.running.app.desk().notary)
      const identity = identityOf(me, () => [me.peer, ...ends.peers])
      await lan.start({ host: '127.0.0.1', discover: false, log: () => undefined, identity, store })
      for (const port of ends.ports) lan.addAddress(`127.0.0.1:${port}`)
      say(`idle: one app with ${PEERS} peers`)
      while (lan.peersState().length < PEERS) await delay(50)
      await delay(effort.calm(SETTLE_MS))
      const together = await busyFor(rounds, effort.calm(LOOK_MS))
      const measured: Round[] = together.map((ours, at) => ({ ours, bare: alone[at] ?? ours }))
      const what = `processor a second of an unlocked app with ${PEERS} connected peers`
      return [lineOf({ name: 'idle', what, bareIs: BARE, unit: 'ms', targets: [{ most: 10 }] }, measured)]
    } finally {
      await lan.stop()
      await ends.stop()
      await close()
    }
  },
}

async function busyFor(rounds: number, ms: number): Promise<number[]> {
  const all: number[] = []
  while (all.length < rounds) all.push(await busy(ms))
  return all
}

/** Milliseconds of processor that this process used in a second. */
async function busy(ms: number): Promise<number> {
  const from = process.cpuUsage()
  await delay(ms)
  const { user, system } = process.cpuUsage(from)
  return (user + system) / ms
}
