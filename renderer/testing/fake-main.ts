import { contract } from '../../shared/ipc.ts'
import { ToldPicture } from '../../shared/views/following.ts'
import type { PictureChange } from '../../shared/views/picture-change.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { snapshotSchema } from '../../shared/views/views.ts'
import { channelsOf, type WindowTransport } from '../../shared/wire.ts'
import { crossing, pack, unpack } from '../../shared/wire-text.ts'
import * as z from '../../shared/zod.ts'

/** What a test or story answers to a call; whatever it gives is checked against the contract. */
export type Answers = Readonly<Record<string, (request: unknown) => unknown>>

const requestText = z.strictObject({ id: z.int(), channel: z.string(), payload: z.unknown().optional() })

/** Main as the window sees it: texts in, texts out, everything parsed on the way, and a snapshot that can be changed. */
export class FakeMain {
  readonly calls: { readonly channel: string; readonly request: unknown }[] = []
  readonly transport: WindowTransport
  readonly #told = new ToldPicture()
  #snapshot: Snapshot
  #receive: (text: string) => void = () => {}
  readonly #answers: Answers

  constructor(snapshot: Snapshot, answers: Answers = {}) {
    this.#snapshot = snapshotSchema.parse(snapshot)
    this.#answers = answers
    this.transport = {
      send: (text) => void this.#answer(text),
      listen: (receive) => {
        this.#receive = receive
      },
    }
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  /** Pushes a changed snapshot under the next number. */
  show(changes: Partial<Snapshot>): void {
    this.#snapshot = snapshotSchema.parse({ ...this.#snapshot, number: this.#snapshot.number + 1, ...changes })
    const change = this.#told.change(this.#snapshot)
    if (change !== null) this.push(change)
  }

  /** Pushes this very change. */
  push(change: PictureChange): void {
    this.tell('app.changed', change)
  }

  /** Pushes any event. */
  tell(event: string, payload: unknown): void {
    this.#receive(pack({ event, payload }))
  }

  async #answer(text: string): Promise<void> {
    const { id, channel, payload } = requestText.parse(unpack(text))
    try {
      const spec = channelsOf(contract)[channel]
      if (spec?.is !== 'call') throw new TypeError(`no such call: ${channel}`)
      const request = spec.request.parse(payload)
      this.calls.push({ channel, request })
      const given: unknown = await (channel === 'app.snapshot'
        ? this.#told.whole(this.#snapshot)
        : this.#answers[channel]?.(request))
      const result = spec.response.parse(given)
      this.#receive(pack({ id, result }))
    } catch (error) {
      this.#receive(pack({ id, error: crossing(error) }))
    }
  }
}
