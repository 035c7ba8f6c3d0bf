import { ExchangeError, type WitnessAnswer, type WitnessRequest } from './exchange.ts'
import type { Message, Witnessed } from './messages.ts'

/** Requests at once to one peer; more is a fault of ours. */
const MAX_CALLS = 16

interface Call {
  resolve(answer: WitnessAnswer): void
  reject(error: ExchangeError): void
  readonly timer: NodeJS.Timeout
}

/** Witness requests that wait for one peer's answer. */
export class WitnessCalls {
  readonly #send: (message: Message) => void
  readonly #calls = new Map<number, Call>()
  #next = 0
  #ended = false

  constructor(send: (message: Message) => void) {
    this.#send = send
  }

  /**
   * Sends a request and waits.
   *
   * @throws {ExchangeError} `not-connected` if the connection is or gets lost, `timed-out`.
   */
  ask(request: WitnessRequest, timeoutMs: number): Promise<WitnessAnswer> {
    if (this.#ended || this.#calls.size >= MAX_CALLS) return Promise.reject(notConnected())
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#take(id)?.reject(timedOut(timeoutMs)), timeoutMs)
      this.#calls.set(id, { resolve, reject, timer })
      const { from, note, proof } = request
      this.#send({ type: 'witness', witness: { from, id, note, proof: [...proof] } })
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

function notConnected(): ExchangeError {
  return new ExchangeError('not-connected', 'the connection to this device was lost; ask another one')
}

function timedOut(timeoutMs: number): ExchangeError {
  return new ExchangeError('timed-out', `this device did not answer within ${timeoutMs} ms; ask another one`)
}
