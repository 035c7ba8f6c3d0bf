import type { Snapshot } from '../../shared/views/views.ts'
import type { WindowTransport } from '../../shared/wire.ts'
import { pack } from '../../shared/wire-text.ts'
import type { Point } from './mortal-fs.ts'

/** A running app, as the person before it reaches it. */
export interface RunningApp {
  readonly transport: WindowTransport
  /** Ends it as a person would. */
  quit(): Promise<void>
  /** Ends it as SIGKILL does: at once, in the middle of whatever it does. */
  kill(): Promise<void>
  /** Lets it die at a durable step, counted from now; null lets it live. */
  dieAt(point: Point | null): Promise<void>
  /** Has its window be sent what becomes different as it does, from now on: see `app.changed` of the contract. */
  readonly watch?: () => void
  /** What its window was shown by itself after a moment (`performance.now()`), as drawn; none where only what is asked for is seen. */
  readonly cameAfter?: (time: number) => Snapshot | null
  /** Settles when it was killed, by whomever. */
  readonly died: Promise<void>
}

/** What an app does to the machine it runs on. */
export interface Hands {
  copied(text: string): void
  /** What is on the clipboard by now. */
  clipboard(): string
  /** The window would show something else now. */
  changed(): void
}

/** Starts an app on a profile. */
export type Launch = (profileDir: string, hands: Hands) => Promise<RunningApp>

// Both ends pack `id` first; parsing a whole snapshot only to read it would double the work.
const idOf = (text: string): number | null => {
  const found = /^\{"id":(\d+)[,}]/.exec(text)
  return found === null ? null : Number(found[1])
}

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
      const id = idOf(text)
      if (id === null) throw new TypeError('a call without an id')
      if (dead) return void setImmediate(refuse, id)
      open.add(id)
      transport.send(text)
    },
    listen: (listener) => {
      receive = listener
      transport.listen((text) => {
        if (dead) return
        const id = idOf(text)
        if (id !== null) open.delete(id)
        listener(text)
      })
    },
  }
}
