import { performance } from 'node:perf_hooks'
import type { Attempted } from '../issuer.ts'
import type { Endpoint } from './client.ts'
import type { Failure } from './failure.ts'

/** What one region answered to one call. */
export type Answered<Good> = { readonly skewMs: number | null } & (
  | { readonly good: Good }
  | { readonly failure: Failure }
)

/** One call to one region; it ends at once, and does not throw, when the signal aborts. */
export type Ask<Good> = (at: Endpoint, signal: AbortSignal) => Promise<Answered<Good>>

/** What came of asking several. */
export interface Outcome<Good> {
  /** The first good answer, and who gave it. */
  readonly got: { readonly good: Good; readonly at: Endpoint; readonly tookMs: number } | null
  /** Why there is none: the answer that ended it, or the last one. */
  readonly failure: Failure | null
  readonly skewMs: number | null
  /** Every region that was asked and gave no session, in the order in which they were asked. */
  readonly attempted: readonly Attempted[]
}

/** One whom nobody waited for any longer. */
const LEFT: Failure = { code: 'timed-out', mayExist: true, elsewhere: true, words: '' }

interface Asking<Good> {
  readonly at: Endpoint
  readonly begun: number
  readonly answer: Promise<{ readonly from: Asking<Good>; readonly answered: Answered<Good> }>
}

/**
 * Asks one region after another: the next one when the one before failed in a way that it may not, or has said nothing
 * for `patienceMs`. A slow region is not given up for it: the first good answer counts, whoever gives it. A refusal that
 * would be the same everywhere ends it.
 *
 * @param regions - at least one.
 */
export async function askRegions<Good>(
  regions: readonly Endpoint[],
  ask: Ask<Good>,
  patienceMs: number,
): Promise<Outcome<Good>> {
  const stop = new AbortController()
  const waiting = [...regions]
  const asking = new Set<Asking<Good>>()
  const attempted: Attempted[] = []
  let skewMs: number | null = null
  let failure: Failure | null = null
  const ended = (one: Asking<Good>, { code, mayExist }: Failure) => {
    asking.delete(one)
    attempted.push({ ...one.at, outcome: code, mayExist, tookMs: Math.round(performance.now() - one.begun) })
  }
  const leave = () => {
    for (const one of asking) ended(one, LEFT)
    stop.abort()
    attempted.sort((a, b) => place(regions, a) - place(regions, b))
  }
  begin(asking, waiting.shift(), ask, stop.signal)
  while (asking.size > 0) {
    const first = await nextOf(asking, waiting.length > 0 ? patienceMs : null)
    if (first === null) {
      begin(asking, waiting.shift(), ask, stop.signal)
      continue
    }
    const { from, answered } = first
    skewMs = answered.skewMs ?? skewMs
    if ('good' in answered) {
      asking.delete(from)
      leave()
      const got = { good: answered.good, at: from.at, tookMs: Math.round(performance.now() - from.begun) }
      return { got, failure: null, skewMs, attempted }
    }
    failure = answered.failure
    ended(from, failure)
    if (!failure.elsewhere) break
    begin(asking, waiting.shift(), ask, stop.signal)
  }
  leave()
  return { got: null, failure, skewMs, attempted }
}

function begin<Good>(asking: Set<Asking<Good>>, at: Endpoint | undefined, ask: Ask<Good>, signal: AbortSignal): void {
  if (at === undefined) return
  const one: Asking<Good> = {
    at,
    begun: performance.now(),
    answer: ask(at, signal).then((answered) => ({ from: one, answered })),
  }
  asking.add(one)
}

/** The first answer that comes, or null when patience is over. */
async function nextOf<Good>(asking: ReadonlySet<Asking<Good>>, patienceMs: number | null) {
  const answers = [...asking].map(({ answer }) => answer)
  if (patienceMs === null) return Promise.race(answers)
  let timer: NodeJS.Timeout | undefined
  const impatience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patienceMs)
  })
  try {
    return await Promise.race([...answers, impatience])
  } finally {
    clearTimeout(timer)
  }
}

function place(regions: readonly Endpoint[], { region, endpoint }: Endpoint): number {
  return regions.findIndex((one) => one.region === region && one.endpoint === endpoint)
}
