import { toBase64Url } from '../../../shared/bytes.ts'
import {
  type Answer,
  type AskStep,
  type CeremonyKind,
  type Notice,
  refusalCodeSchema,
  type Step,
} from '../../../shared/ceremony.ts'
import { isLockboxError, LockboxError } from '../../../shared/errors.ts'
import { diskFault } from '../disk-error.ts'
import { randomBytes } from '../sodium.ts'
import { webauthn } from './load-webauthn.ts'
import { CeremonyRefusal, refusal } from './refusal.ts'

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never

/** What a script asks of the key; the desk adds which ceremony it belongs to. */
export type Ask = Without<AskStep, 'ceremony' | 'task'>

/** A ceremony as a list of questions: yields what to ask next, is given the answer, returns what came of it. */
export type Script<Result> = AsyncGenerator<Ask | CeremonyRefusal, Result, Answer>

/**
 * Asks one thing until the answer is good, or cannot become good. `make` is called for each try, so that no
 * challenge is ever used twice; `take` throws a {@link CeremonyRefusal} for an answer it does not accept.
 */
export async function* asking<Result>(
  make: () => Ask,
  take: (answer: Answer, ask: Ask) => Promise<Result>,
): Script<Result> {
  // Loaded while the person reaches for the key; whoever checks the answer hears of its failure.
  webauthn().catch(() => undefined)
  for (;;) {
    const ask = make()
    const answer = yield ask
    try {
      return await take(answer, ask)
    } catch (error) {
      if (!(error instanceof CeremonyRefusal) || !error.mayRetry) throw error
      yield* waitingForAgain(error)
    }
  }
}

/** Shows a refusal and waits until the person wants to try again. */
export async function* waitingForAgain(error: CeremonyRefusal): Script<void> {
  const answer = yield error
  if (answer.kind !== 'again') throw refusal('unexpected-answer')
}

interface Running {
  readonly id: string
  readonly task: CeremonyKind
  advance(answer?: Answer): Promise<Step>
  end(): Promise<void>
}

/**
 * Runs one ceremony at a time. Each has a random id that every answer names, so that a late answer cannot enter
 * another ceremony; secrets in answers are wiped once the script has used them.
 */
export class Desk {
  #running: Running | null = null
  #busy = false
  #turn: Promise<unknown> = Promise.resolve()

  /**
   * Starts a ceremony, ending the one before.
   *
   * @param finish - what to do with the result before the window hears `done`; what it throws is a refusal too.
   */
  async start<Result>(
    task: CeremonyKind,
    script: Script<Result>,
    finish: (result: Result) => Promise<Notice[]>,
  ): Promise<Step> {
    await this.end()
    const running = run(task, script, finish)
    this.#running = running
    return await this.#advance(running)
  }

  /** The next step after the window's answer. Answers for a ceremony that is over change nothing. */
  async answer(ceremony: string, answer: Answer): Promise<Step> {
    try {
      const running = this.#running
      if (!running || running.id !== ceremony || this.#busy) return refusedStep(ceremony, refusal('out-of-date'))
      if (answer.kind !== 'cancel') return await this.#advance(running, answer)
      await this.end()
      return refusedStep(ceremony, refusal('cancelled'))
    } finally {
      if (answer.kind === 'asserted') answer.secret?.fill(0)
    }
  }

  /** Ends whatever runs, after the turn that is under way; its script wipes what it holds. */
  async end(): Promise<void> {
    const running = this.#running
    this.#running = null
    await this.#turn.catch(() => undefined)
    await running?.end()
  }

  async #advance(running: Running, answer?: Answer): Promise<Step> {
    this.#busy = true
    try {
      const turn = running.advance(answer)
      this.#turn = turn
      const step = await turn
      if (this.#running !== running) return refusedStep(running.id, refusal('out-of-date'))
      if (step.kind === 'done' || (step.kind === 'refused' && !step.mayRetry)) this.#running = null
      return step
    } finally {
      this.#busy = false
    }
  }
}

function run<Result>(
  task: CeremonyKind,
  script: Script<Result>,
  finish: (result: Result) => Promise<Notice[]>,
): Running {
  const id = toBase64Url(randomBytes(16))
  const step = (value: Ask | CeremonyRefusal): Step =>
    value instanceof CeremonyRefusal ? refusedStep(id, value) : { ...value, ceremony: id, task }
  return {
    id,
    task,
    async advance(answer) {
      try {
        const turn = await (answer === undefined ? script.next() : script.next(answer))
        if (!turn.done) return step(turn.value)
        return { kind: 'done', ceremony: id, task, notices: await finish(turn.value) }
      } catch (error) {
        return refusedStep(id, asFinal(error))
      }
    },
    async end() {
      // `return` runs the script's own `finally`; what it would still have given is of no use.
      await script.return(undefined as never).catch(() => undefined)
    },
  }
}

function asFinal(error: unknown): CeremonyRefusal {
  if (error instanceof CeremonyRefusal) return new CeremonyRefusal(error.code, error.message, false, { cause: error })
  const code = refusalCodeSchema.safeParse(error instanceof LockboxError ? error.code : diskFault(error))
  if (code.success) return refusal(code.data, undefined, error)
  // Ours speak to people and hold no secret; anything else might quote one.
  if (error instanceof LockboxError) return new CeremonyRefusal('failed', error.message, false, { cause: error })
  return refusal('failed', undefined, error)
}

function refusedStep(ceremony: string, { code, message, mayRetry, cause }: CeremonyRefusal): Step {
  const because = code === 'failed' && isLockboxError(cause) ? cause.code : null
  return { kind: 'refused', ceremony, code, because, message, mayRetry }
}
