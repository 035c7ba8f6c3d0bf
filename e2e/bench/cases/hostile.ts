import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { exchangeStoreOf } from '../../../main/app/meeting.ts'
import { LanExchange } from '../../../main/exchange/lan.ts'
import { DEFAULT_LIMITS } from '../../../main/exchange/limits.ts'
import { identityOf, person } from '../../../main/exchange/testing/people.ts'
import { ATTACKS, type AttackName, startAttackers } from '../attackers.ts'
import type { BenchCase } from '../case.ts'
import { type Line, lineOf } from '../line.ts'
import type { Round } from '../measure.ts'
import { emptyDevice } from '../one-device.ts'

/** How long each look at an attack is: whoever says nothing is put out and dials anew twice in it. */
const LOOK_MS = 2 * DEFAULT_LIMITS.handshakeMs
/** Until what an app gives whoever is new is used up. */
const SETTLE_MS = 8000
/** Of whoever did nothing in a whole look; milliseconds a second. */
const LEAST = 0.001
const BARE = 'what the attackers compute themselves'

/** What hostile peers cost an app beside what it does anyway, and themselves: milliseconds of processor a second. */
export const hostile: BenchCase = {
  name: 'hostile',
  async run({ effort, worker, say }) {
    const me = person('attacked')
    // Each a member of their own: whoever was put out stays out for a while.
    const attackers = (Object.keys(ATTACKS) as AttackName[]).map((name) => ({ name, member: person(name) }))
    const { party, device, close } = await emptyDevice(worker)
    const lan = new LanExchange()
    try {
      const store = exchangeStoreOf(device(), party.running.app.desk().notary)
      const identity = identityOf(me, () => [me.peer, ...attackers.map(({ member }) => member.peer)])
      await lan.start({ host: '127.0.0.1', discover: false, log: () => undefined, identity, store })
      // Before any of them: what is left of an attack must not be taken off the next one.
      const anyway = (await busy(effort.calm(LOOK_MS), null)).ours
      const lines: Line[] = []
      for (const { name, member } of attackers) {
        const { who, isMember } = ATTACKS[name]
        say(`hostile: ${who}`)
        const attack = await startAttackers(name, lan.port ?? 0, isMember ? member : person('stranger'))
        await delay(effort.calm(SETTLE_MS))
        const rounds: Round[] = []
        while (rounds.length < effort.rounds(3)) rounds.push(await busy(effort.calm(LOOK_MS), attack.pid, anyway))
        await attack.stop()
        const what = `processor a second under ${who}`
        lines.push(lineOf({ name: 'hostile', what, bareIs: BARE, unit: 'ms', targets: [{ times: 1 }] }, rounds))
      }
      return lines
    } finally {
      await lan.stop()
      await close()
    }
  },
}

/**
 * Milliseconds of processor a second: of this process, and of another, if there is one.
 *
 * @param anyway - what this one computes without it, which is taken off.
 */
async function busy(ms: number, pid: number | null, anyway = 0): Promise<Round> {
  const theirs = await computedBy(pid)
  const [from, began] = [process.cpuUsage(), performance.now()]
  await delay(ms)
  const { user, system } = process.cpuUsage(from)
  const seconds = (performance.now() - began) / 1000
  const [ours, bare] = [(user + system) / 1000 / seconds - anyway, ((await computedBy(pid)) - theirs) / seconds]
  return { ours: Math.max(LEAST, ours), bare: Math.max(LEAST, bare) }
}

/** Milliseconds that the threads of a process have run (Linux: the first number of `schedstat`, nanoseconds). */
async function computedBy(pid: number | null): Promise<number> {
  if (pid === null) return 0
  const threads = await readdir(`/proc/${pid}/task`)
  const stats = await Promise.all(threads.map((one) => readFile(`/proc/${pid}/task/${one}/schedstat`, 'utf8')))
  return stats.reduce((sum, stat) => sum + Number(stat.split(' ')[0]) / 1e6, 0)
}
