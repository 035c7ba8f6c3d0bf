import { fromBase64Url } from '../../../shared/bytes.ts'
import { LockboxError } from '../../../shared/errors.ts'
import type * as z from '../../../shared/zod.ts'
import type { ShellWorker } from '../../shell/shell.ts'
import type { Unheld } from '../issuer.ts'
import { type Message, messageBytes, parseMessage, wipe } from './messages.ts'
import {
  type AfterAnswer,
  type AfterFacts,
  afterAnswer,
  type CheckFacts,
  type DealFacts,
  type DepositHeader,
  dealtFacts,
  type FailedAnswer,
  type GoFacts,
  type IssuedAnswer,
  issueAnswer,
  readyFacts,
  refusedFacts,
  type SharesAnswer,
} from './protocol.ts'

/** `gone`: the worker ended before it answered; `refused`: it did not do the job; `confused`: its answer made no sense. */
export type WorkerErrorCode = 'gone' | 'refused' | 'confused'
/** What became of a worker that did not do its work. */
export class WorkerError extends LockboxError<WorkerErrorCode> {}

/** A generation as it was dealt: what the deposit statement says, and the blobs that travel beside it. */
export interface Dealt {
  readonly header: DepositHeader
  readonly ciphertext: Uint8Array
  /** Sealed shares, index 1 first. */
  readonly boxes: readonly Uint8Array[]
}

/**
 * Deals a credential in a worker, which ends afterwards.
 *
 * @param credential - the caller's to wipe; the copy that crosses is wiped here.
 * @throws {WorkerError}
 */
export async function dealInWorker(
  worker: ShellWorker,
  facts: Omit<DealFacts, 'job'>,
  credential: Uint8Array<ArrayBuffer>,
): Promise<Dealt> {
  const answers = worker.frames[Symbol.asyncIterator]()
  try {
    const message = { facts: { job: 'deal', ...facts }, parts: [credential] }
    return dealtFrom(await ask(worker, answers, message), facts.custodians.length)
  } finally {
    await end(worker)
  }
}

/** A generation in a worker's answer. @throws {WorkerError} */
export function dealtFrom(answer: Message, custodians: number): Dealt {
  const { header } = parsed(dealtFacts, answer.facts)
  const [ciphertext, ...boxes] = answer.parts
  if (!ciphertext || boxes.length !== custodians)
    throw new WorkerError('confused', 'the worker dealt another number of shares than there are custodians')
  return { header, ciphertext, boxes }
}

/** A custodian's release with its box. */
export type Release = CheckFacts['releases'][number] & { readonly box: Uint8Array<ArrayBuffer> }
type WithBoxes<Facts> = Omit<Facts, 'releases'> & { readonly releases: readonly Release[] }

/**
 * What came of a `go`. After `shares` nothing was touched and another `go` may follow. After `issued` the worker waits for
 * `aftercare`, if the plan has any; else it was told to end.
 */
export type Gone = SharesAnswer | FailedAnswer | (IssuedAnswer & { readonly handover: Uint8Array })

/** A session sealed to several devices, each in a box of its own, in the order of their ids. */
export interface SealedSession {
  readonly expires: number
  readonly boxes: readonly { readonly device: string; readonly box: Uint8Array }[]
}

/**
 * What came of the aftercare: as an `aftercare` statement wants it, with the boxes themselves. `own` is the box of whoever
 * asked, sealed to the key that was given as `holder`.
 */
export interface Aftercared {
  readonly revoker: (SealedSession & { readonly userId: string; readonly own: Uint8Array }) | null
  readonly rotator: SealedSession | null
  /** What the plan wants and is lacking, in words; empty if nothing. */
  readonly lacks: string
  /** Where one more may have been made that nobody holds. */
  readonly unheld: readonly Unheld[]
}

/** A worker at `ready`: it has made its one-time box key and waits. */
export interface IssueWorker {
  /** X25519, for the `ready` statement. */
  readonly boxPublicKey: Uint8Array
  /** Checks releases as they come in, so that a bad one is named before `issuing`; keeps and combines nothing. */
  check(facts: WithBoxes<CheckFacts>): Promise<SharesAnswer>
  /**
   * Reassembles and issues. Call it only once `issuing` is recorded: with M good shares the credential is touched.
   * If the worker dies meanwhile the answer is `failed` with the code `worker-gone`, and a session may exist.
   *
   * @throws {WorkerError} `refused` or `confused`: faults of ours.
   */
  go(facts: WithBoxes<GoFacts>, ciphertext: Uint8Array<ArrayBuffer>): Promise<Gone>
  /**
   * Has the narrow sessions made and sealed; then the worker ends. For after an `issued` answer of a plan that has
   * aftercare, and within 20 seconds of it: then the worker has wiped the credential. What fails is said in `lacks`.
   */
  aftercare(facts: AfterFacts): Promise<Aftercared>
  /** Ends the worker at once; its key, and with it every box sealed to it, is lost. Safe to call twice. */
  abandon(): Promise<void>
}

/** Readies a worker for one attempt. @throws {WorkerError} */
export async function readyWorker(worker: ShellWorker): Promise<IssueWorker> {
  const answers = worker.frames[Symbol.asyncIterator]()
  return {
    boxPublicKey: await boxKeyOf(worker, answers),
    check: async (given) => {
      const { boxes, facts } = split(given)
      const answer = await ask(worker, answers, { facts: { step: 'check', ...facts }, parts: boxes })
      return sharesIn(answer)
    },
    go: async (given, ciphertext) => {
      const { boxes, facts } = split(given)
      try {
        const answer = await ask(worker, answers, { facts: { step: 'go', ...facts }, parts: [...boxes, ciphertext] })
        const gone = goneFrom(answer)
        const isWaiting = gone.is === 'shares' || (gone.is === 'issued' && given.access.aftercare !== undefined)
        // Whoever asked waits for the session, and not until the worker is gone.
        if (!isWaiting) worker.kill()
        return gone
      } catch (error) {
        await end(worker)
        if (error instanceof WorkerError && error.code === 'gone') return WORKER_GONE
        throw error
      }
    },
    aftercare: async (given) => {
      const facts = { ...given, revoker: inOrder(given.revoker), rotator: inOrder(given.rotator) }
      try {
        const answer = await ask(worker, answers, { facts: { step: 'aftercare', ...facts }, parts: [] })
        return aftercaredFrom(parsed(afterAnswer, answer.facts), answer.parts)
      } catch (error) {
        if (!(error instanceof WorkerError)) throw error
        return {
          revoker: null,
          rotator: null,
          lacks: `Neither revoker nor rotator: ${error.message}. ${MAY_EXIST}`,
          unheld: [],
        }
      } finally {
        await end(worker)
      }
    },
    abandon: () => end(worker),
  }
}

const MAY_EXIST = 'AWS may have made them; nobody has them.'

/** Begins the job; a worker that cannot does not stay. */
async function boxKeyOf(worker: ShellWorker, answers: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  try {
    const { facts } = await ask(worker, answers, { facts: { job: 'issue' }, parts: [] })
    return fromBase64Url(parsed(readyFacts, facts).boxPublicKey)
  } catch (error) {
    await end(worker)
    throw error
  }
}

const WORKER_GONE: FailedAnswer = {
  is: 'failed',
  code: 'worker-gone',
  message:
    'The issuing process ended before it answered. A session that nobody holds may exist until it expires. Issue again.',
  mayExist: true,
  skewMs: null,
  attempted: [],
  bad: [],
}

/** As the statement lists them. */
function inOrder<One extends { readonly device: string }>(all: readonly One[]): One[] {
  return all.toSorted((one, other) => (one.device < other.device ? -1 : 1))
}

function aftercaredFrom({ revoker, rotator, lacks, unheld }: AfterAnswer, parts: readonly Uint8Array[]): Aftercared {
  const first = revoker?.devices.length ?? 0
  const second = first + (rotator?.devices.length ?? 0)
  if (parts.length !== second + (revoker === null ? 0 : 1))
    throw new WorkerError('confused', 'the worker sealed to another number of devices than it says')
  const boxesOf = (devices: readonly string[], from: number) =>
    devices.map((device, at) => ({ device, box: parts[from + at] ?? new Uint8Array(0) }))
  return {
    revoker:
      revoker === null
        ? null
        : {
            userId: revoker.userId,
            expires: revoker.expires,
            boxes: boxesOf(revoker.devices, 0),
            own: parts[second] ?? new Uint8Array(0),
          },
    rotator: rotator === null ? null : { expires: rotator.expires, boxes: boxesOf(rotator.devices, first) },
    lacks,
    unheld,
  }
}

function split<Facts extends { readonly releases: readonly Release[] }>(given: Facts) {
  const releases = given.releases.map(({ member, device, index }) => ({ member, device, index }))
  return { boxes: given.releases.map(({ box }) => box), facts: { ...given, releases } }
}

function sharesIn(answer: Message): SharesAnswer {
  const facts = parsed(issueAnswer, answer.facts)
  if (facts.is !== 'shares') throw new WorkerError('confused', 'the worker answered a check with something else')
  return facts
}

function goneFrom(answer: Message): Gone {
  const facts = parsed(issueAnswer, answer.facts)
  if (facts.is !== 'issued') return facts
  const [handover] = answer.parts
  if (!handover) throw new WorkerError('confused', 'the worker issued without a handover')
  return { ...facts, handover }
}

/** Says one thing to a worker, and waits for its answer. @throws {WorkerError} `gone`. */
export async function ask(worker: ShellWorker, answers: AsyncIterator<Uint8Array>, message: Message): Promise<Message> {
  const frame = messageBytes(message)
  try {
    await worker.send(frame)
    const next = await answers.next()
    if (next.done === true) throw new WorkerError('gone', 'the worker ended before it answered')
    return parseMessage(next.value)
  } catch (error) {
    if (error instanceof WorkerError) throw error
    throw new WorkerError('gone', 'the worker ended before it answered')
  } finally {
    wipe(frame)
  }
}

/** What a worker said. @throws {WorkerError} `refused`, `confused`. */
export function parsed<Schema extends z.ZodType>(schema: Schema, facts: unknown): z.output<Schema> {
  const refused = refusedFacts.safeParse(facts)
  if (refused.success)
    throw new WorkerError('refused', `the worker refused (${refused.data.code}): ${refused.data.message}`)
  const result = schema.safeParse(facts)
  if (result.success) return result.data
  throw new WorkerError('confused', 'the worker answered with something that makes no sense')
}

/** Ends a worker at once. Safe to call twice. */
export async function end(worker: ShellWorker): Promise<void> {
  worker.kill()
  await worker.exited
}
