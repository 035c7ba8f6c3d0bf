import { createSocket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { isIPv4, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import Bonjour, { type Browser, type Service } from 'bonjour-service'
import type { Digest } from '../../shared/bytes.ts'
import { formatAddress, isLinkLocal } from './addresses.ts'
import { codeOf } from './connection.ts'
import { type Announcement, announcementFor, isOurs } from './discovery-tag.ts'
import type { DiscoveryState } from './exchange.ts'
import { type Spot, spotsToUse } from './interfaces.ts'
import type { Monotonic } from './limits.ts'

const TYPE = 'lockbox'
/** Apps remembered of one network; a stranger may announce any number. */
const MAX_APPS = 512
const MAX_ADDRESSES = 6
/** Questions are asked after 1, 2, 4 … seconds, then every minute. */
const ASK_MS = 1000
const ASK_MOST_MS = 60_000
const LOOK_AT_INTERFACES_MS = 3000
/** After a problem an interface is set up anew. */
const TRY_AGAIN_MS = 30_000
const FAREWELL_MS = 500

/** Who hears what was found. An app is named by its instance, which is random. */
export interface DiscoveryListener {
  onFound(app: string, addresses: readonly string[]): void
  onLost(app: string): void
  onState(state: DiscoveryState): void
}

/** One interface on which we announce and look around, in one family of addresses. */
interface Station {
  /** The interface. */
  readonly name: string
  readonly bonjour: Bonjour
  browser: Browser
  problem: string | null
  readonly since: number
  askAt: number
  askAfterMs: number
}

/**
 * DNS-SD (RFC 6763) over multicast DNS (RFC 6762), over IPv4 and IPv6, on every network interface by itself: the library's own choice
 * follows the default route, and a network in an emergency may have none. What goes wrong is a state, never an
 * exception; what is found is a hint where to dial, never trusted.
 */
export class Discovery {
  readonly #organization: Digest
  readonly #port: number
  readonly #listener: DiscoveryListener
  readonly #monotonic: Monotonic
  readonly #announcement: Announcement
  /** By {@link Spot.at}. */
  readonly #stations = new Map<string, Station>()
  #lookAt = 0
  #told = ''
  #stopped = false

  constructor(organization: Digest, port: number, monotonic: Monotonic, listener: DiscoveryListener) {
    this.#organization = organization
    this.#port = port
    this.#monotonic = monotonic
    this.#listener = listener
    this.#announcement = announcementFor(organization)
  }

  /** What is announced. */
  get announcement(): Announcement {
    return this.#announcement
  }

  /** How it stands. */
  get state(): DiscoveryState {
    const stations = [...this.#stations.values()]
    const problem = stations.find((station) => station.problem !== null)?.problem ?? null
    const working = new Set(stations.filter((station) => station.problem === null).map(({ name }) => name))
    if (working.size > 0) return { state: 'on', interfaces: working.size, problem }
    return { state: 'unavailable', problem: problem ?? 'this computer has no network interface that is up' }
  }

  /** To be called now and then, and once at the start: follows the interfaces, and asks again. */
  tick(): void {
    if (this.#stopped) return
    const now = this.#monotonic()
    if (now >= this.#lookAt) this.#followInterfaces(now)
    for (const station of this.#stations.values()) if (now >= station.askAt) this.#ask(station, now)
    this.#tellState()
  }

  /** Says goodbye and stops; resolves when it is said, or cannot be. */
  async stop(): Promise<void> {
    this.#stopped = true
    const stations = [...this.#stations.values()]
    this.#stations.clear()
    await Promise.all(stations.map(leave))
  }

  #followInterfaces(now: number): void {
    this.#lookAt = now + LOOK_AT_INTERFACES_MS
    const wanted = new Map(spotsToUse(networkInterfaces()).map((spot) => [spot.at, spot]))
    for (const [at, station] of this.#stations) {
      const isWorn = station.problem !== null && now - station.since > TRY_AGAIN_MS
      if (wanted.has(at) && !isWorn) continue
      this.#stations.delete(at)
      void leave(station)
    }
    for (const [at, spot] of wanted) if (!this.#stations.has(at)) this.#enter(spot, now)
  }

  #enter(spot: Spot, now: number): void {
    const fail = (error: unknown) => this.#onProblem(spot, codeOf(error))
    try {
      const bonjour = new Bonjour(socketOptions(spot), fail)
      guard(bonjour['server'], fail)
      const { instance: name, host, tag } = this.#announcement
      // Not probed for: 128 random bits are nobody else's, and probing takes a second.
      bonjour.publish({ name, host, type: TYPE, port: this.#port, probe: false, txt: { v: '1', t: tag } })
      const browser = this.#browse(bonjour)
      this.#stations.set(spot.at, {
        name: spot.name,
        bonjour,
        browser,
        problem: null,
        since: now,
        askAt: now + ASK_MS,
        askAfterMs: ASK_MS,
      })
    } catch (error) {
      this.#tellState(codeOf(error))
    }
  }

  #browse(bonjour: Bonjour): Browser {
    const browser = bonjour.find({ type: TYPE })
    browser.on('up', (service) => this.#onUp(service))
    browser.on('srv-update', (service) => this.#onUp(service))
    browser.on('down', (service) => {
      const isElsewhere = [...this.#stations.values()].some(
        (station) => station.browser !== browser && station.browser.services.some(({ name }) => name === service.name),
      )
      if (isInstance(service.name) && !isElsewhere) this.#listener.onLost(service.name)
    })
    return browser
  }

  #ask(station: Station, now: number): void {
    station.askAt = now + station.askAfterMs
    station.askAfterMs = Math.min(ASK_MOST_MS, station.askAfterMs * 2)
    station.browser.expire()
    if (station.browser.services.length > MAX_APPS) {
      station.browser.removeAllListeners()
      station.browser.stop()
      station.browser = this.#browse(station.bonjour)
    } else station.browser.update()
  }

  #onUp(service: Service): void {
    const txt: unknown = service.txt
    const tag = typeof txt === 'object' && txt !== null && 't' in txt ? txt.t : undefined
    if (this.#stopped || !isInstance(service.name) || service.name === this.#announcement.instance) return
    if (!isOurs(this.#organization, service.name, tag)) return
    const addresses = dialable(service)
    if (addresses.length > 0) this.#listener.onFound(service.name, addresses)
  }

  #onProblem({ at, name, family }: Spot, code: string): void {
    const station = this.#stations.get(at)
    if (station !== undefined) station.problem = `multicast over ${family} does not work on ${name} (${code})`
    this.#tellState()
  }

  #tellState(code?: string): void {
    const state: DiscoveryState =
      code === undefined || this.#stations.size > 0
        ? this.state
        : { state: 'unavailable', problem: `discovery could not be started (${code})` }
    const told = JSON.stringify(state)
    if (told === this.#told || this.#stopped) return
    this.#told = told
    this.#listener.onState(state)
  }
}

/** Options of multicast-dns, most of which the types of bonjour-service leave out. */
function socketOptions({ family, at }: Spot) {
  // Bound to the interface's own address a socket would get no multicast.
  if (family === 'IPv4') return { port: 5353, interface: at, bind: '0.0.0.0' }
  // Of both families at once it would hear what the other sockets hear.
  const socket = createSocket({ type: 'udp6', reuseAddr: true, ipv6Only: true })
  return { port: 5353, type: 'udp6', ip: 'ff02::fb', interface: at, bind: '::', socket }
}

/**
 * The library throws out of its socket's events: for errors that nobody listens to, and for answers that are not as
 * it expects. A stranger's packet must not end the app, so everything it emits is caught here.
 */
function guard(server: unknown, onError: (error: unknown) => void): void {
  const mdns: unknown = typeof server === 'object' && server !== null && 'mdns' in server ? server.mdns : null
  if (!(mdns instanceof EventEmitter)) throw new TypeError('expected the library’s socket to be an EventEmitter')
  const emit = mdns.emit.bind(mdns)
  mdns.emit = (event: string | symbol, ...args: unknown[]) => {
    try {
      return emit(event, ...args)
    } catch (error) {
      if (event === 'error') onError(error)
      return false
    }
  }
}

function isInstance(name: unknown): name is string {
  return typeof name === 'string' && /^[0-9a-f]{32}$/.test(name)
}

/** Where an announced app may be dialed: where its packet came from first, since that way works. */
function dialable(service: Service): string[] {
  const { port } = service
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return []
  const hosts = [service.referer?.address, ...(service.addresses ?? [])]
    .filter((host) => host !== undefined)
    // A link-local address leads nowhere without its interface, which only where the packet came from names.
    .filter((host) => isIPv4(host) || (isIPv6(host) && (!isLinkLocal(host) || host.includes('%'))))
  return [...new Set(hosts)].slice(0, MAX_ADDRESSES).map((host) => formatAddress({ host, port }))
}

async function leave(station: Station): Promise<void> {
  station.browser.removeAllListeners()
  station.browser.stop()
  await withinFarewell((done) => station.bonjour.unpublishAll(done))
  await withinFarewell((done) => station.bonjour.destroy(done))
}

// Without a network a goodbye is never sent, and the library does not say so.
function withinFarewell(act: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FAREWELL_MS)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    try {
      act(done)
    } catch {
      // Closed already: that is what was asked for.
      done()
    }
  })
}
