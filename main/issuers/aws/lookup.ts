import type { LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail'
import type { UnixMilliseconds } from '../../../shared/bytes.ts'
import { EvidenceError, type TrailEvent } from '../../../shared/evidence/event.ts'
import { MOST_BYTES, MOST_RECORDS } from '../../../shared/evidence/file.ts'
import {
  type IssueLookup,
  issuesToLookFor,
  type Lookup,
  lookupBegin,
  lookupsOf,
} from '../../../shared/evidence/lookup.ts'
import type { Span } from '../../../shared/evidence/reconcile.ts'
import { eventOfAnswer, merged } from '../../../shared/evidence/record.ts'
import type { Subject } from '../../../shared/evidence/subject.ts'
import { within } from '../../within.ts'
import type { Endpoint, Keys } from './client.ts'
import { failureOf } from './failure.ts'
import { cloudTrail } from './load-sdk.ts'
import { LookupError, lookupError, stopped } from './lookup-error.ts'
import { trailCall } from './trail-call.ts'

/** CloudTrail answers two calls a second, for an account and region. */
const APART_MS = 500
/** How long a call that was throttled, or not answered, waits until it is made again; after the last it has failed. */
const THROTTLED_MS = [1000, 2000, 4000, 8000]
const UNANSWERED_MS = [1000, 4000]
/** Events of one answer: AWS's most. */
const PAGE = 50
/** Questions for one case, and pages of one answer: of more than this a case has files. */
const MOST_LOOKUPS = 200
const MOST_PAGES = MOST_RECORDS / PAGE
/** The same for all calls of a name: an account may make more of them than anybody waits for. */
const MOST_NAME_PAGES = 100

/** What is asked about, and where. */
export interface LookupOrder {
  readonly subject: Subject
  readonly regions: readonly Endpoint[]
  /** Ends it at once. */
  readonly signal: AbortSignal
  /** Told how many events were read so far. */
  readonly onRead: (count: number) => void
}

/** Clock and timers; tests give their own. */
export interface LookupMeans {
  readonly now: () => { readonly wall: UnixMilliseconds; readonly monotonic: number }
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** How long one call may take. */
  readonly timeoutMs: number
}

/** What LookupEvents answered about a case. */
export interface Looked {
  /** Each once. */
  readonly events: readonly TrailEvent[]
  /** Where all that there was to ask was answered and read, and over which time, by AWS's clock. */
  readonly spans: readonly Span[]
  /** Where it was not, and why. Of what was read there nothing is lost. */
  readonly unanswered: readonly { readonly region: string; readonly error: Flaw }[]
}

/** Why a region's answers are not whole. */
type Flaw = LookupError | EvidenceError

/**
 * Asks CloudTrail for what concerns a case, in all regions at once: first by the keys and names that the case knows, then by those that
 * the answers tell of, and at last for the issue of a session that no key leads to. Whoever is looked at may have made that more than is
 * read, or what cannot be: then the rest is read, and no span says that it is whole.
 *
 * @param keys - they sign every call.
 * @param mayGoOn - throws once they may not be used any more; asked before each call.
 * @throws {LookupError}, {EvidenceError} of the first region if nothing was read and no region answered; `lookup-stopped`; what `mayGoOn` throws.
 */
export async function lookUp(order: LookupOrder, keys: Keys, mayGoOn: () => void, means: LookupMeans): Promise<Looked> {
  // Whatever ends one region ends the others.
  const ending = new AbortController()
  const signal = AbortSignal.any([order.signal, ending.signal])
  const found = new Found(order.onRead)
  const from = lookupBegin(order.subject, means.now().wall)
  const places = order.regions.map((at) => new Place({ at, keys, mayGoOn, signal, found, from: from ?? 0 }, means))
  try {
    if (from !== null) await askAll(order.subject, places, found)
    return lookedFrom(places, found)
  } catch (error) {
    throw order.signal.aborted ? stopped() : error
  } finally {
    ending.abort()
  }
}

async function askAll(subject: Subject, places: readonly Place[], found: Found): Promise<void> {
  const asked = new Set<string>()
  for (;;) {
    const open = lookupsOf(subject, found.events).filter((one) => !asked.has(nameOf(one)))
    const next = open.slice(0, MOST_LOOKUPS - asked.size)
    for (const one of next) asked.add(nameOf(one))
    await Promise.all(places.map((place) => place.ask(next)))
    if (next.length < open.length) for (const place of places) place.lacks(tooMuch(`${MOST_LOOKUPS} keys and names`))
    if (next.length === 0) break
  }
  const missing = issuesToLookFor(subject, found.events, spansOf(places))
  await Promise.all(places.map((place) => place.ask(missing.filter(({ region }) => region === place.region))))
}

function nameOf({ attribute, value }: Lookup): string {
  return `${attribute} ${value}`
}

function spansOf(places: readonly Place[]): Span[] {
  return places.flatMap(({ span }) => (span === null ? [] : [span])).sort((a, b) => (a.region < b.region ? -1 : 1))
}

function lookedFrom(places: readonly Place[], { events }: Found): Looked {
  const unanswered = places.flatMap(({ region, flaw }) => (flaw === null ? [] : [{ region, error: flaw }]))
  const [first] = unanswered
  if (first !== undefined && unanswered.length === places.length && events.length === 0) throw first.error
  return { events, spans: spansOf(places), unanswered }
}

/** The events that were read, each once, and no more than the files of a trail may hold. */
class Found {
  readonly events: TrailEvent[] = []
  readonly #byId = new Map<string, TrailEvent>()
  #length = 0
  readonly #onRead: (count: number) => void

  constructor(onRead: (count: number) => void) {
    this.#onRead = onRead
  }

  /**
   * Takes what can be read of an answer.
   *
   * @returns why the first of what cannot be read cannot; null if everything can.
   * @throws {LookupError} if all together is too much.
   */
  take(texts: readonly string[]): EvidenceError | null {
    this.#length += texts.reduce((sum, { length }) => sum + length, 0)
    if (this.#length > MOST_BYTES) throw tooMuch(`${MOST_BYTES / 2 ** 20} MiB`)
    let unread: EvidenceError | null = null
    for (const text of texts) {
      try {
        this.#keep(eventOfAnswer(text))
      } catch (error) {
        if (!(error instanceof EvidenceError)) throw error
        unread ??= error
      }
    }
    this.#onRead(this.events.length)
    return unread
  }

  #keep(event: TrailEvent): void {
    const known = this.#byId.get(event.id)
    // Two that differ are refused.
    if (known !== undefined) return void [...merged([[known], [event]])]
    if (this.events.length === MOST_RECORDS) throw tooMuch(`${MOST_RECORDS} events`)
    this.#byId.set(event.id, event)
    this.events.push(event)
  }
}

function tooMuch(than: string): LookupError {
  return new LookupError(
    'lookup-refused',
    `CloudTrail has more than ${than} of this case, the most that it is asked for. What was read was kept. Attach files of a trail for the rest.`,
  )
}

interface PlaceParts {
  readonly at: Endpoint
  readonly keys: Keys
  readonly mayGoOn: () => void
  readonly signal: AbortSignal
  readonly found: Found
  readonly from: UnixMilliseconds
}

type Page = { readonly texts: readonly string[]; readonly token: string | undefined; readonly skewMs: number | null }

/** CloudTrail of one region: one call after the other, as far apart as it wants them. */
class Place {
  readonly #parts: PlaceParts
  readonly #means: LookupMeans
  #next = Number.NEGATIVE_INFINITY
  /** When it was first asked, by AWS's clock: what came later may not be in its answers. */
  #until: UnixMilliseconds | null = null
  /** Whether it is asked no more. */
  #isOver = false
  /** Why its answers are not whole; null while they are. */
  flaw: Flaw | null = null

  constructor(parts: PlaceParts, means: LookupMeans) {
    this.#parts = parts
    this.#means = means
  }

  get region(): string {
    return this.#parts.at.region
  }

  /** Over which time its answers reach; null if they are not whole. */
  get span(): Span | null {
    const { from } = this.#parts
    return this.flaw !== null || this.#until === null || this.#until < from
      ? null
      : { region: this.region, from, until: this.#until }
  }

  /** Its answers are not whole, for this reason. Of several the first is told. */
  lacks(flaw: Flaw): void {
    this.flaw ??= flaw
  }

  /**
   * Asks one question after the other, until one is not answered; one whose answer cannot be read takes nothing from the others.
   *
   * @throws as {@link lookUp}, but for a region's own failure.
   */
  async ask(lookups: readonly (Lookup | IssueLookup)[]): Promise<void> {
    for (const one of lookups) {
      if (this.#isOver) return
      try {
        await this.#askOne(one)
      } catch (error) {
        const isOwn = error instanceof LookupError || error instanceof EvidenceError
        if (!isOwn || this.#parts.signal.aborted) throw error
        this.#isOver = error instanceof LookupError
        this.lacks(error)
      }
    }
  }

  async #askOne(lookup: Lookup | IssueLookup): Promise<void> {
    const { found, from } = this.#parts
    const isShort = 'from' in lookup
    const input: LookupEventsCommandInput = {
      LookupAttributes: [{ AttributeKey: lookup.attribute, AttributeValue: lookup.value }],
      StartTime: new Date(isShort ? lookup.from : from),
      ...(isShort ? { EndTime: new Date(lookup.until) } : {}),
      MaxResults: PAGE,
    }
    let token: string | undefined
    for (let page = 0; page < (isShort ? MOST_NAME_PAGES : MOST_PAGES); page++) {
      const askedAt = this.#means.now().wall
      const answer = await this.#repeated(token === undefined ? input : { ...input, NextToken: token })
      this.#until ??= Math.floor(askedAt + (answer.skewMs ?? 0))
      const unread = found.take(answer.texts)
      if (unread !== null) this.lacks(unread)
      token = answer.token
      if (token === undefined) return
    }
    throw new LookupError(
      'lookup-refused',
      `CloudTrail in ${this.region} has more calls than anybody waits for. Attach files of a trail.`,
    )
  }

  /** One call, made again as often as it is worth. */
  async #repeated(input: LookupEventsCommandInput): Promise<Page> {
    const [throttled, unanswered] = [[...THROTTLED_MS], [...UNANSWERED_MS]]
    for (;;) {
      const answer = await this.#once(input)
      if (!(answer instanceof LookupError)) return answer
      const wait =
        answer.code === 'lookup-throttled'
          ? throttled.shift()
          : answer.code === 'lookup-unreachable'
            ? unanswered.shift()
            : undefined
      if (wait === undefined) throw answer
      await this.#means.pause(wait, this.#parts.signal)
    }
  }

  async #once(input: LookupEventsCommandInput): Promise<Page | LookupError> {
    const { at, keys, mayGoOn, signal } = this.#parts
    const { now, pause, timeoutMs } = this.#means
    await pause(Math.max(0, this.#next - now().monotonic), signal)
    signal.throwIfAborted()
    mayGoOn()
    this.#next = now().monotonic + APART_MS
    const { LookupEventsCommand } = await cloudTrail()
    const { client, skewMs } = await trailCall(at, keys, timeoutMs)
    try {
      const { Events = [], NextToken } = await within(signal, timeoutMs, (abortSignal) =>
        client.send(new LookupEventsCommand(input), { abortSignal }),
      )
      return { texts: Events.map((event) => event.CloudTrailEvent ?? ''), token: NextToken, skewMs: skewMs() }
    } catch (error) {
      if (error instanceof EvidenceError || signal.aborted) throw error
      return lookupError(failureOf(error), at.region)
    } finally {
      client.destroy()
    }
  }
}
