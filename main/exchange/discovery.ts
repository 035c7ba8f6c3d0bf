import { EventEmitter } from 'node:events'
import { isIPv4, isIPv6 } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import Bonjour, { type Browser, type Service } from 'bonjour-service'
import type { Digest } from '../../shared/bytes.ts'
import { formatAddress } from './addresses.ts'
import { codeOf } from './connection.ts'
import { type Announcement, announcementFor, isOurs } from './discovery-tag.ts'
import type { DiscoveryState } from './exchange.ts'
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

/** One interface on which we announce and look around. */
interface Station {
  readonly bonjour: Bonjour
  browser: Browser
  problem: string | null
  readonly since: number
  askAt: number
  askAfterMs: number
}

/**
 * DNS-SD (RFC 6763) over multicast DNS (RFC 6762), on every network interface by itself: the library's own choice
 * follows the default route, and a network in an emergency may have none. What goes wrong is a state, never an
 * exception; what is found is a hint where to dial, never trusted.
 */
export class Discovery {
  readonly #organization: Digest
  readonly #port: number
  readonly #listener: DiscoveryListener
  readonly #monotonic: Monotonic
  readonly #announcement: Announcement
  /** By the interface's IPv4 address. */
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
    const working = stations.filter((station) => station.problem === null).length
    if (working > 0) return { state: 'on', interfaces: working, problem }
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
    const wanted = new Set(addressesToUse(networkInterfaces()))
    for (const [address, station] of this.#stations) {
      const isWorn = station.problem !== null && now - station.since > TRY_AGAIN_MS
      if (wanted.has(address) && !isWorn) continue
      this.#stations.delete(address)
      void leave(station)
    }
    for (const address of wanted) if (!this.#stations.has(address)) this.#enter(address, now)
  }

  #enter(address: string, now: number): void {
    const fail = (error: unknown) => this.#onProblem(address, codeOf(error))
    try {
      // `interface` and `bind` are options of multicast-dns, which the types of bonjour-service leave out. Bound to the
      // interface's own address a socket would get no multicast.
      const options = { port: 5353, interface: address, bind: '0.0.0.0' }
      const bonjour = new Bonjour(options, fail)
      guard(bonjour['server'], fail)
      const { instance: name, host, tag } = this.#announcement
      // Not probed for: 128 random bits are nobody else's, and probing takes a second.
      bonjour.publish({ name, host, type: TYPE, port: this.#port, probe: false, txt: { v: '1', t: tag } })
      const browser = this.#browse(bonjour)
      this.#stations.set(address, {
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
      if (isInstance(service.name)) this.#listener.onLost(service.name)
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

  #onProblem(address: string, code: string): void {
    const station = this.#stations.get(address)
    if (station !== undefined) station.problem = `multicast does not work on ${address} (${code})`
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
    // A link-local IPv6 address means nothing without its interface, which mDNS does not tell.
    .filter((host) => isIPv4(host) || (isIPv6(host) && !/^fe[89ab]/i.test(host)))
  return [...new Set(hosts)].slice(0, MAX_ADDRESSES).map((host) => formatAddress({ host, port }))
}

/** One IPv4 address of each interface; the loopback's only where there is no other, for apps on one computer. */
export function addressesToUse(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  const first = Object.values(interfaces)
    .map((infos) => infos?.find(({ family }) => family === 'IPv4'))
    .filter((info) => info !== undefined)
  const outside = first.filter(({ internal }) => !internal)
  return (outside.length > 0 ? outside : first).map(({ address }) => address)
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
