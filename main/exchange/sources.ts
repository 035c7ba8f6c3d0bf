import { networkInterfaces } from 'node:os'
import { isLinkLocal } from './addresses.ts'
import type { Interfaces } from './interfaces.ts'
import { type ExchangeLimits, type Monotonic, TokenBucket } from './limits.ts'

/** Sources remembered. */
const MAX_SOURCES = 1024
/** For so long after one of its connections was taken, a source is no newcomer. */
const NEW_AGAIN_MS = 10_000
/** How long it is taken as known which networks this computer is on. */
const LOOK_MS = 3000

/** What is known of a source. */
interface Known {
  readonly rate: TokenBucket
  /** When one of its connections was taken last. */
  takenAt: number
}

/** Where connections come from, and how many may come from there. */
export class Sources {
  readonly #limits: ExchangeLimits
  readonly #monotonic: Monotonic
  readonly #known = new Map<string, Known>()
  /** From where whoever came last was let in. */
  readonly #welcome = new Set<string>()
  /** Of all others together: whoever has a network to themselves has more addresses than can be told apart. */
  readonly #strangers: TokenBucket
  /** Of those among them who come for the first time in a while: who dials again and again must not keep them out. */
  readonly #newcomers: TokenBucket
  #interfaces: Interfaces = {}
  #lookAt = Number.NEGATIVE_INFINITY

  constructor(limits: ExchangeLimits, monotonic: Monotonic) {
    this.#limits = limits
    this.#monotonic = monotonic
    this.#strangers = new TokenBucket(limits.strangersBurst, limits.strangersPerSecond, monotonic)
    this.#newcomers = new TokenBucket(limits.newcomersBurst, limits.newcomersPerSecond, monotonic)
  }

  /** What counts as one source; see {@link sourceOf}. */
  of(host: string): string {
    if (!host.includes(':')) return host
    const now = this.#monotonic()
    if (now >= this.#lookAt) {
      this.#lookAt = now + LOOK_MS
      this.#interfaces = networkInterfaces()
    }
    return sourceOf(host, this.#interfaces)
  }

  /** Counts a new connection from a source; false if it has had its share for now. */
  take(source: string): boolean {
    const known = this.#knownOf(source)
    if (!known.rate.take()) return false
    if (this.#welcome.has(source)) return true
    const now = this.#monotonic()
    const isNew = now - known.takenAt >= NEW_AGAIN_MS
    if (!this.#strangers.take() && !(isNew && this.#newcomers.take())) return false
    known.takenAt = now
    return true
  }

  /** Whether who came from there last was let in: then what strangers elsewhere use up does not keep it out. */
  onJudged(source: string, isLetIn: boolean): void {
    if (!isLetIn) return void this.#welcome.delete(source)
    if (this.#welcome.size >= MAX_SOURCES) this.#welcome.clear()
    this.#welcome.add(source)
  }

  #knownOf(source: string): Known {
    const { connectionsBurst, connectionsPerSecond } = this.#limits
    const known = this.#known.get(source)
    if (known !== undefined) return known
    if (this.#known.size >= MAX_SOURCES) this.#known.clear()
    const rate = new TokenBucket(connectionsBurst, connectionsPerSecond, this.#monotonic)
    const fresh = { rate, takenAt: Number.NEGATIVE_INFINITY }
    this.#known.set(source, fresh)
    return fresh
  }
}

/**
 * Beyond our own network a household of IPv6 addresses is one source: a /64 has more addresses than we have patience. On
 * our own network everybody shares that /64, and one stranger in it must not use up what all others may.
 *
 * @param interfaces - this computer's.
 */
export function sourceOf(host: string, interfaces: Interfaces): string {
  const plain = host.replace(/^::ffff:(?=\d+\.)/, '')
  if (!plain.includes(':') || isLinkLocal(plain)) return plain
  const network = networkOf(plain)
  const isOurs = Object.values(interfaces).some((infos) =>
    infos?.some(({ address, family, internal }) => family === 'IPv6' && !internal && networkOf(address) === network),
  )
  return isOurs ? plain : network
}

/** The first 64 bits of an address, in one form. */
function networkOf(host: string): string {
  const [head = '', tail] = (host.split('%')[0] ?? '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  return [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':')].slice(0, 4).join(':')
}
