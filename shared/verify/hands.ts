import type { Job, Outcome } from './batch.ts'
import type { Briefing } from './case-bench.ts'
import type { Examiner, KnownRoster } from './examine.ts'
import type { Crew } from './flow.ts'

/** What a hand of a crew is told and asked. */
export type Order =
  | { readonly what: 'learn'; readonly rosters: readonly KnownRoster[] }
  | { readonly what: 'brief'; readonly briefing: Briefing }
  | { readonly what: 'examine'; readonly id: number; readonly jobs: readonly Job[] }

/** What a hand answers; first of all that it is there. */
export type Answer =
  | { readonly there: true }
  | { readonly id: number; readonly outcomes: readonly Outcome[] }
  | { readonly id: number; readonly error: string }

/** A thread or worker with an examiner in it; what that one does with orders is {@link servingOrders}. */
export interface Hand {
  /** Sends an order; the buffers go over and are gone here. */
  readonly tell: (order: Order, buffers: ArrayBuffer[]) => void
  readonly close: () => Promise<void>
}

/** An order that was not answered yet. */
interface Waiting {
  readonly id: number
  readonly resolve: (outcomes: readonly Outcome[]) => void
  readonly reject: (error: Error) => void
}

/** How many orders a hand has before it: one that it carries out, and one so that it need not wait for the next. */
const AHEAD = 2

/**
 * A crew of several hands, each with an examiner of its own. Bytes go over and back without a copy.
 *
 * @param start - starts one hand, which hands its answers to `take`, and to `fail` why it ended before its time.
 * @param own - examines here too, whenever all hands have enough to do, or are not there yet: reading alone would leave most of a core.
 */
export function crewOfHands(
  count: number,
  start: (take: (answer: Answer) => void, fail: (error: Error) => void) => Hand,
  own: Crew | null = null,
): Crew {
  // A list of the few that there are, and no map, for the reason that Flow has.
  const waiting: Waiting[] = []
  let next = 0
  let failure: Error | null = null
  const fail = (error: Error) => {
    failure = error
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  // To wait for a thread that still starts would leave this one idle as well.
  const whileAway = own === null ? 0 : AHEAD
  const crew = Array.from({ length: count }, () => {
    const hand = {
      ...start((answer) => {
        hand.under -= 'there' in answer ? whileAway : 1
        if ('there' in answer) return
        const at = waiting.findIndex(({ id }) => id === answer.id)
        const [order] = at < 0 ? [] : waiting.splice(at, 1)
        if ('error' in answer) order?.reject(new Error(answer.error))
        else order?.resolve(answer.outcomes)
      }, fail),
      /** How many orders it has not answered. */
      under: whileAway,
    }
    return hand
  })
  const tellAll = (order: Order) => {
    for (const { tell } of crew) tell(order, [])
  }
  return {
    width: count * AHEAD + (own?.width ?? 0),
    learn(rosters) {
      tellAll({ what: 'learn', rosters })
      own?.learn(rosters)
    },
    brief(briefing) {
      tellAll({ what: 'brief', briefing })
      own?.brief(briefing)
    },
    examine(jobs) {
      if (failure !== null) return Promise.reject(failure)
      const hand = crew.reduce((least, one) => (one.under < least.under ? one : least))
      if (own !== null && hand.under >= AHEAD) return own.examine(jobs)
      hand.under++
      const id = next++
      return new Promise((resolve, reject) => {
        waiting.push({ id, resolve, reject })
        hand.tell({ what: 'examine', id, jobs }, buffersOfJobs(jobs))
      })
    },
    async close() {
      await Promise.all(crew.map(({ close }) => close()))
    },
  }
}

/**
 * Does what a hand is told and asked, one order after the other. Whatever goes wrong, each question is answered: nobody else ends the wait
 * for it.
 *
 * @param examiner - who carries it out, now or once it is there.
 */
export function servingOrders(
  examiner: Examiner | Promise<Examiner>,
  answer: (answer: Answer, buffers: ArrayBuffer[]) => void,
): (order: Order) => void {
  // One that never comes says so with the first order, and with each that follows.
  let ready: Promise<Examiner> = Promise.resolve(examiner)
  ready.then(
    () => answer({ there: true }, []),
    () => undefined,
  )
  return (order) => {
    ready = ready.then(async (one) => {
      await carryOut(one, order, answer)
      return one
    })
    ready.catch((error: unknown) => {
      if (order.what === 'examine') answer({ id: order.id, error: wordsOf(error) }, [])
    })
  }
}

async function carryOut(
  examiner: Examiner,
  order: Order,
  answer: (answer: Answer, buffers: ArrayBuffer[]) => void,
): Promise<void> {
  if (order.what === 'learn') return examiner.learn(order.rosters)
  if (order.what === 'brief') return examiner.brief(order.briefing)
  // What fails is a bug of ours: the run ends, and concludes nothing.
  const outcomes = await examiner.examine(order.jobs)
  answer({ id: order.id, outcomes }, buffersOfOutcomes(outcomes))
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function buffersOfJobs(jobs: readonly Job[]): ArrayBuffer[] {
  return jobs.flatMap(({ batches }) =>
    batches.flatMap(({ bytes, ends, places }) => [bytes.buffer, ends.buffer, places.buffer]),
  )
}

function buffersOfOutcomes(outcomes: readonly Outcome[]): ArrayBuffer[] {
  return outcomes.flatMap(({ doored }) =>
    doored.flatMap(({ places, hashes, flags, sequences, devices, keys }) =>
      [places, hashes, flags, sequences, devices, keys].map(({ buffer }) => buffer),
    ),
  )
}
