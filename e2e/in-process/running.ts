import type { WindowTransport } from '../../shared/wire.ts'
import { pack } from '../../shared/wire-text.ts'
import { z } from '../../shared/zod.ts'

/** A running app, as the person before it reaches it. */
export interface RunningApp {
  readonly transport: WindowTransport
  /** Ends it as a person would. */
  quit(): Promise<void>
  /** Ends it as SIGKILL does: at once, in the middle of whatever it does. */
  kill(): Promise<void>
  /** Settles when it was killed, by whomever. */
  readonly died: Promise<void>
}

/** What an app does to the machine it runs on. */
export interface Hands {
  copied(text: string): void
}

/** Starts an app on a profile. */
export type Launch = (profileDir: string, hands: Hands) => Promise<RunningApp>

const asked = z.object({ id: z.int() })

/** A transport whose calls are refused with `closed` when the app dies before it answers. */
export function mortalTransport(transport: WindowTransport, died: Promise<void>): WindowTransport {
  const open = new Set<number>()
  let receive: (text: string) => void = () => undefined
  let dead = false
  const refuse = (id: number) => receive(pack({ id, error: { code: 'closed', message: 'the app is gone' } }))
  void died.then(() => {
    dead = true
    for (const id of open) refuse(id)
  })
  return {
    send: (text) => {
      const { id } = asked.parse(JSON.parse(text))
      if (dead) return void setImmediate(refuse, id)
      open.add(id)
      transport.send(text)
    },
    listen: (listener) => {
      receive = listener
      transport.listen((text) => {
        if (dead) return
        const answered = asked.safeParse(JSON.parse(text))
        if (answered.success) open.delete(answered.data.id)
        listener(text)
      })
    },
  }
}
