import type { Digest } from '../../shared/bytes.ts'
import { subjectOf } from '../../shared/evidence/subject.ts'
import { type Looked, type LookupMeans, type LookupOrder, lookUp } from '../issuers/aws/lookup.ts'
import { stopped } from '../issuers/aws/lookup-error.ts'
import { readingKeysIn, refuseOtherAccount } from '../issuers/aws/reading-keys.ts'
import { accountEndpoints, trailEndpoints } from '../issuers/aws/trail-endpoints.ts'
import type { Time } from '../sessions/session.ts'
import { wipe } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import { type Attached, attachable, attachEvents } from './attaching.ts'
import type { Device } from './device.ts'
import { readKeyFile } from './key-file.ts'
import type { Sessions } from './using.ts'

/** How long one call of CloudTrail may take. */
const CALL_MS = 15_000
/** How often it is told how much was read. */
const TOLD_MS = 250

interface Parts {
  readonly time: Time
  readonly sessions: Sessions
  /** CloudTrail in the place of AWS's, by region, for a sandbox; null for AWS's own. */
  readonly instead: Readonly<Record<string, string>> | null
  /** Told how many events were read about a case so far. */
  readonly onRead: (id: Digest, read: number) => void
}

/** What came of asking. */
interface Asked extends Attached {
  /** Whether anything was attached. */
  readonly attached: boolean
  readonly regions: string[]
  readonly unanswered: { region: string; says: string }[]
}

/** Asks CloudTrail about cases: with the session of the case, which signs the calls here, or with credentials for reading. */
export class Lookups {
  readonly #parts: Parts
  readonly #running = new Map<Digest, AbortController>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Asks about a case and attaches what concerns it. Nothing is attached if CloudTrail knows nothing of the case, which it
   * hardly does in the first minutes: a member may not attach to a case as often as they like.
   *
   * @param path - of a file with credentials, of which nothing is kept; null for the session of the case that is here.
   * @throws {AppError} `not-found`, `not-allowed`, `no-session`, `key-file`; {LookupError}; {EvidenceError}; {SessionError} `over`.
   */
  async attach(device: Device, request: Digest, path: string | null): Promise<Asked> {
    const { org, one } = attachable(device, request)
    const subject = subjectOf(org, one)
    const access = subject.attempts.find((attempt) => attempt.request === request)?.access
    if (access === undefined)
      throw new AppError(
        'not-allowed',
        'AWS was asked for nothing in this case that counts, so there is nothing to ask for.',
      )
    if (this.#running.has(request))
      throw new AppError('not-allowed', 'CloudTrail is being asked about this case already. Wait for it, or stop it.')
    const regions = trailEndpoints(access, this.#parts.instead)
    const running = new AbortController()
    this.#running.set(request, running)
    const order = { subject, regions, signal: running.signal, onRead: this.#teller(request) }
    try {
      const looked =
        path === null
          ? await this.#parts.sessions.lookUp(request, order, this.#means())
          : await this.#withFile(path, access, order)
      if (running.signal.aborted) throw stopped()
      const { events, spans, unanswered } = looked
      const found = await attachEvents(device, request, { source: 'lookup-events', events, spans })
      return {
        ...found,
        attached: found.kept > 0 || found.differs > 0,
        regions: regions.map(({ region }) => region),
        unanswered: unanswered.map(({ region, error }) => ({ region, says: error.message })),
      }
    } finally {
      this.#running.delete(request)
    }
  }

  /** Ends what is being asked about a case. */
  stop(request: Digest): void {
    this.#running.get(request)?.abort()
  }

  /** The app locks. */
  stopAll(): void {
    for (const running of this.#running.values()) running.abort()
  }

  async #withFile(path: string, access: Parameters<typeof trailEndpoints>[0], order: LookupOrder): Promise<Looked> {
    const { bytes } = await readKeyFile(path)
    try {
      const keys = readingKeysIn(bytes)
      await refuseOtherAccount(keys, access.roleArn, accountEndpoints(access, this.#parts.instead), order.signal)
      return await lookUp(order, keys, () => undefined, this.#means())
    } finally {
      wipe(bytes)
    }
  }

  #teller(request: Digest): (read: number) => void {
    let toldAt = Number.NEGATIVE_INFINITY
    return (read) => {
      const { monotonic } = this.#parts.time.now()
      if (monotonic < toldAt + TOLD_MS) return
      toldAt = monotonic
      this.#parts.onRead(request, read)
    }
  }

  #means(): LookupMeans {
    const { time } = this.#parts
    return {
      now: () => time.now(),
      pause: (ms, signal) => (ms === 0 ? Promise.resolve() : paused(time, ms, signal)),
      timeoutMs: CALL_MS,
    }
  }
}

/** Resolves after so many milliseconds, or as soon as it is ended. */
function paused(time: Time, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = time.after(ms, () => {
      signal.removeEventListener('abort', ended)
      resolve()
    })
    const ended = () => {
      stop()
      resolve()
    }
    if (signal.aborted) ended()
    else signal.addEventListener('abort', ended, { once: true })
  })
}
