import type { ShellWorker } from '../../shell/shell.ts'
import type { RecordFacts } from '../aws/rotating.ts'
import type { Progress } from '../aws/rotation.ts'
import { ask, type Dealt, dealtFrom, end, parsed } from './client.ts'
import {
  type DealNewFacts,
  keepFacts,
  type RotateFacts,
  startedFacts,
  type TurnAnswer,
  turnAnswer,
} from './protocol.ts'

/** What came of a turn, without any secret. */
export type Turned = Omit<TurnAnswer, 'is'>

/** A worker that has a rotator, and the key that it creates. One call at a time. */
export interface RotateWorker {
  /**
   * Takes the next step of replacing the key.
   *
   * @param keep - makes the progress durable; if it fails no key is created, and the worker ends.
   * @throws {WorkerError}; whatever `keep` throws.
   */
  turn(record: RecordFacts, progress: Progress, keep: (progress: Turned['progress']) => Promise<void>): Promise<Turned>
  /** Deals the key that it created. @throws {WorkerError} `refused` if it has none. */
  deal(facts: DealNewFacts): Promise<Dealt>
  /** Ends it at once; what it has is gone. Safe to call twice. */
  end(): Promise<void>
}

/** Gives a worker the rotator. @param rotator - the caller's to wipe; the copy that crosses is wiped here. */
export async function startRotation(
  worker: ShellWorker,
  facts: RotateFacts,
  rotator: Uint8Array<ArrayBuffer>,
): Promise<RotateWorker> {
  const answers = worker.frames[Symbol.asyncIterator]()
  const asking = (message: object, parts: Uint8Array<ArrayBuffer>[] = []) =>
    ask(worker, answers, { facts: message, parts })
  const begun = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act()
    } catch (error) {
      await end(worker)
      throw error
    }
  }
  await begun(async () => parsed(startedFacts, (await asking({ job: 'rotate', ...facts }, [rotator])).facts))
  return {
    turn: (record, progress, keep) =>
      begun(async () => {
        let answer = await asking({ step: 'turn', record, progress })
        const asked = keepFacts.safeParse(answer.facts)
        if (asked.success) {
          await keep(asked.data.progress)
          answer = await asking({ step: 'kept' })
        }
        return parsed(turnAnswer, answer.facts)
      }),
    deal: async (order) => dealtFrom(await asking({ step: 'deal', ...order }), order.custodians.length),
    end: () => end(worker),
  }
}
