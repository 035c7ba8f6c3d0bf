import type { Digest } from '../../shared/bytes.ts'
import { ConnectionError } from './exchange.ts'
import { MAX_WANTED } from './messages.ts'
import type { FlowPort, FlowShared } from './statement-flow.ts'

/** Ids that a peer may ask for before it has got what it asked for first. */
const MAX_SERVING = 16 * MAX_WANTED

/** The statements that a peer asked for, given in the order in which it did (docs/formats/lan.md §5). */
export class Serving {
  readonly #store: FlowShared['store']
  readonly #port: Pick<FlowPort, 'hasRoom' | 'pace' | 'send' | 'takeQuestion'>
  readonly #knows: Set<Digest>
  readonly #asked: Digest[] = []

  /** @param knows - takes in what the peer was given. */
  constructor(
    { store }: Pick<FlowShared, 'store'>,
    port: Pick<FlowPort, 'hasRoom' | 'pace' | 'send' | 'takeQuestion'>,
    knows: Set<Digest>,
  ) {
    this.#store = store
    this.#port = port
    this.#knows = knows
  }

  /**
   * The peer asks for these; those that are not here are passed over, and nothing of them is kept.
   *
   * @throws {ConnectionError} `flood` if it asks for more than it takes, or too often in vain.
   */
  onWant(ids: readonly Digest[]): void {
    if (this.#asked.length + ids.length > MAX_SERVING)
      throw new ConnectionError('flood', 'the peer asks for more than it takes')
    const here = ids.filter((id) => this.#store.has(id))
    // A sound app asks for what it was offered, which is here.
    if (here.length < ids.length) this.#port.takeQuestion()
    this.#asked.push(...here)
  }

  /** Gives as much as there is room for and the rate allows. */
  goOn(): void {
    while (this.#asked.length > 0 && this.#port.hasRoom && this.#port.pace.given.left >= 0) {
      const id = this.#asked.shift() as Digest
      const envelope = this.#store.envelope(id)
      if (envelope !== undefined) {
        this.#port.pace.given.spend(envelope.length)
        this.#port.send({ type: 'statement', id, envelope })
      }
      this.#knows.add(id)
    }
  }
}
