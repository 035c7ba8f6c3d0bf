import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import { LanExchange } from '../../main/exchange/lan.ts'
import { identityOf, type Person, person } from '../../main/exchange/testing/people.ts'
import { handsOut } from './cases/sync.ts'

/** The first word of the bench's own command line for a process that is the peers of `idle`. */
export const IDLE_ENDS = 'idle-ends'

const start = z.object({
  me: z.object({ device: z.string(), member: z.string(), name: z.string(), tls: z.string() }),
  count: z.int(),
})
const started = z.object({ peers: z.array(start.shape.me), ports: z.array(z.int()) })

/** Peers that run in another process, so that what they cost is not counted. */
export interface IdleEnds {
  readonly peers: readonly Person['peer'][]
  readonly ports: readonly number[]
  stop(): Promise<void>
}

/** Starts so many peers of somebody in a process of their own. */
export async function startIdleEnds(me: Person['peer'], count: number): Promise<IdleEnds> {
  const [, program = ''] = process.argv
  const child: ChildProcess = fork(program, [IDLE_ENDS], { execArgv: process.execArgv })
  child.send({ me, count })
  const answers: unknown[] = await once(child, 'message')
  return {
    ...started.parse(answers[0]),
    stop: async () => {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

/** Is those peers, until whoever started it lets go. */
export async function idleEnds(): Promise<void> {
  const messages: unknown[] = await once(process, 'message')
  const { me, count } = start.parse(messages[0])
  const people = Array.from({ length: count }, (_, at) => person(`idle ${at}`))
  const peers = [me, ...people.map(({ peer }) => peer)]
  const ends = people.map(() => new LanExchange())
  for (const [at, end] of ends.entries()) {
    const identity = identityOf(people[at] as Person, () => peers)
    await end.start({ host: '127.0.0.1', discover: false, log: () => undefined, identity, store: handsOut(new Map()) })
  }
  process.send?.({ peers: peers.slice(1), ports: ends.map(({ port }) => port) })
  await once(process, 'disconnect')
}
