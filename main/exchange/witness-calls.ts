import {
  ExchangeError,
  type ExchangeStore,
  type PeerName,
  type WitnessAnswer,
  type WitnessRequest,
} from './exchange.ts'
import type { Witness, Witnessed } from './messages.ts'

/** Requests at once to one peer; more is a fault of ours. */
const MAX_CALLS = 16

interface Call {
  resolve(answer: WitnessAnswer): void
  reject(error: ExchangeError): void
  readonly timer: NodeJS.Timeout
}

/** Witness requests that wait for one peer's answer, whichever way they go. */
export class WitnessCalls {
  readonly #send: (witness: Witness) => void
  readonly #nextId: () => number
  readonly #calls = new Map<number, Call>()
  #ended = false

  /** @param nextId - another number for each request, below 2^32. */
  constructor(send: (witness: Witness) => void, nextId: () => number) {
    this.#send = send
    this.#nextId = nextId
  }

  /**
   * Sends a request and waits.
   *
   * @throws {ExchangeError} `not-connected` if the connection is or gets lost, `timed-out`.
   */
  ask(request: WitnessRequest, timeoutMs: number): Promise<WitnessAnswer> {
    if (this.#ended || this.#calls.size >= MAX_CALLS) return Promise.reject(notConnected())
    const id = this.#nextId()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#take(id)?.reject(timedOut(timeoutMs)), timeoutMs)
      this.#calls.set(id, { resolve, reject, timer })
      const { from, note, proof } = request
      this.#send({ from, id, note, proof: [...proof] })
    })
  }

  /** An answer came; one that nobody waits for any more is passed over. */
  onAnswer(witnessed: Witnessed): void {
    const call = this.#take(witnessed.id)
    if ('cosigned' in witnessed) call?.resolve({ cosigned: witnessed.cosigned })
    else call?.resolve({ refused: witnessed.refused, last: witnessed.last })
  }

  /** The connection is over. */
  end(): void {
    this.#ended = true
    for (const id of this.#calls.keys()) this.#take(id)?.reject(notConnected())
  }

  #take(id: number): Call | undefined {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    if (call !== undefined) clearTimeout(call.timer)
    return call
  }
}

/**
 * The answer of this device to a request, as its message. Never rejects: a store that fails refuses (`internal`).
 *
 * @param onFault - told of that.
 */
export async function answerWitness(
  store: Pick<ExchangeStore, 'witness'>,
  { id, note, proof, from }: Witness,
  peer: PeerName,
  onFault: (error: unknown) => void,
): Promise<Witnessed> {
  try {
    const answer = await store.witness({ note, proof, from }, peer)
    if ('cosigned' in answer) return { id, cosigned: answer.cosigned }
    return { id, refused: answer.refused, ...(answer.last === undefined ? {} : { last: answer.last }) }
  } catch (error) {
    onFault(error)
    return { id, refused: 'internal' }
  }
}

function notConnected(): ExchangeError {
  return new ExchangeError('not-connected', 'the connection to this device was lost; ask another one')
}

function timedOut(timeoutMs: number): ExchangeError {
  return new ExchangeError('timed-out', `this device did not answer within ${timeoutMs} ms; ask another one`)
}
