import { networkInterfaces } from 'node:os'
import { isLinkLocal } from './addresses.ts'
import type { Interfaces } from './interfaces.ts'
import { type ExchangeLimits, type Monotonic, TokenBucket } from './limits.ts'

/** Sources remembered for their rate of connections. */
const MAX_SOURCES = 1024
/** For so long after one of its connections was taken, a source is no newcomer. */
const NEW_AGAIN_MS = 10_000
/** How long it is taken as known which networks this computer is on. */
const LOOK_MS = 3000

/** Where connections come from, and how many may come from there. */
export class Sources {
  readonly #limits: ExchangeLimits
  readonly #monotonic: Monotonic
  readonly #rates = new Map<string, TokenBucket>()
  /** When a connection from there was taken last. */
  readonly #taken = new Map<string, number>()
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
    if (!this.#rateOf(source).take()) return false
    if (this.#welcome.has(source)) return true
    if (!this.#strangers.take() && !(this.#isNew(source) && this.#newcomers.take())) return false
    if (this.#taken.size >= MAX_SOURCES) this.#taken.clear()
    this.#taken.set(source, this.#monotonic())
    return true
  }

  #isNew(source: string): boolean {
    const taken = this.#taken.get(source)
    return taken === undefined || this.#monotonic() - taken >= NEW_AGAIN_MS
  }

  /** Whether who came from there last was let in: then what strangers elsewhere use up does not keep it out. */
  onJudged(source: string, isLetIn: boolean): void {
    if (!isLetIn) return void this.#welcome.delete(source)
    if (this.#welcome.size >= MAX_SOURCES) this.#welcome.clear()
    this.#welcome.add(source)
  }

  #rateOf(source: string): TokenBucket {
    const { connectionsBurst, connectionsPerSecond } = this.#limits
    const known = this.#rates.get(source)
    if (known !== undefined) return known
    if (this.#rates.size >= MAX_SOURCES) this.#rates.clear()
    const rate = new TokenBucket(connectionsBurst, connectionsPerSecond, this.#monotonic)
    this.#rates.set(source, rate)
    return rate
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
