import { z } from 'zod'
import { LanExchange } from '../../main/exchange/lan.ts'
import { identityOf, type Person, person } from '../../main/exchange/testing/people.ts'
import { handsOut } from './early-device.ts'
import { startOwnProcess } from './own-process.ts'

/** By which the bench's program is told that it is the peers of `idle`. */
export const IDLE_ENDS = 'idle-ends'

const start = z.object({
  me: z.object({ device: z.string(), member: z.string(), name: z.string(), tls: z.string() }),
  count: z.int(),
})
const started = z.object({ peers: z.array(start.shape.me), ports: z.array(z.int()) })

/** Peers that run in another process. */
export interface IdleEnds {
  readonly peers: readonly Person['peer'][]
  readonly ports: readonly number[]
  stop(): Promise<void>
}

/** Starts so many peers of somebody in a process of their own. */
export async function startIdleEnds(me: Person['peer'], count: number): Promise<IdleEnds> {
  const own = await startOwnProcess(IDLE_ENDS, { me, count })
  return { ...started.parse(own.said), stop: () => own.stop() }
}

/** Is those peers. */
export async function idleEnds(given: unknown): Promise<object> {
  const { me, count } = start.parse(given)
  const people = Array.from({ length: count }, (_, at) => person(`idle ${at}`))
  const peers = [me, ...people.map(({ peer }) => peer)]
  const ends = people.map(() => new LanExchange())
  for (const [at, end] of ends.entries()) {
    const identity = identityOf(people[at] as Person, () => peers)
    await end.start({ host: '127.0.0.1', discover: false, log: () => undefined, identity, store: handsOut(new Map()) })
  }
  return { peers: peers.slice(1), ports: ends.map(({ port }) => port) }
}
