import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

// Hosts and switches are network namespaces. Everything a test makes lies in them and goes with them; nothing is ever
// added to the network of the machine itself.

const FIRST_WORD = 'lockbox-net'

const ip = (...args: readonly string[]): string => execFileSync('ip', args, { stdio: 'pipe' }).toString()

/** Runs a command in a namespace. */
const run = (namespace: string, ...args: readonly string[]): string => ip('netns', 'exec', namespace, ...args)

function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // It was never made, or is gone already.
  }
}

/** Why hosts of their own cannot be made here, or null if they can. */
export function whyNoHosts(): string | null {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s'
  if (process.getuid?.() !== 0) return 'only root may make network namespaces'
  const name = `${FIRST_WORD}-${process.pid}-probe`
  try {
    ip('netns', 'add', name)
    ip('-n', name, 'link', 'add', 'probe', 'type', 'bridge')
    ip('-n', name, 'link', 'add', 'name', 'one', 'type', 'veth', 'peer', 'name', 'two')
    return null
  } catch (error) {
    return error instanceof Error ? error.message.trim() : 'unknown'
  } finally {
    quietly(() => ip('netns', 'del', name))
  }
}

/** A host with one network card, in which programs can be run. */
export interface Host {
  readonly name: string
  /** Put before a command, it runs there. */
  readonly prefix: readonly string[]
  /** Connects the card to a segment, in place of where it was before; null pulls the plug, which the host does not see. */
  plug(segment: Segment | null): void
  /** Gives the card these addresses, such as `10.0.1.7/24`, and no others but its own link-local one of IPv6. */
  setAddresses(...addresses: readonly string[]): void
  /** Sends what is not for its own subnet to a router. */
  setGateway(address: string): void
  /** How many TCP connections its programs have opened, to itself included. */
  opened(): number
  /** The card’s link-local address of IPv6. */
  linkLocal(): string
}

/** One Ethernet segment: what one of its hosts sends to all, all of its hosts get. */
export interface Segment {
  readonly name: string
  /** Whether it carries multicast; broadcast, which ARP needs, it carries always. IPv6 needs multicast for itself. */
  setMulticast(isOn: boolean): void
}

/** Frames that came to a bad cable, that it lost, and that came out after a later one. */
export interface CableCounts {
  readonly seen: number
  readonly lost: number
  readonly overtook: number
}

/** The network card of every host. */
export const CARD = 'eth0'

let made = 0

/** Segments, and hosts plugged into them. */
export class Network {
  readonly #id = `${FIRST_WORD}-${process.pid}-${made++}`
  readonly #switches = `${this.#id}-switches`
  readonly #namespaces: string[] = []
  readonly #cables: (() => void)[] = []
  readonly #ports = new Map<string, { port: string; segment: string | null }>()
  readonly #silent = new Set<string>()

  constructor() {
    removeLeftovers()
    this.#addNamespace(this.#switches)
  }

  /** The namespace with all switches, for what stands between hosts. */
  get switches(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#switches]
  }

  segment(name: string): Segment {
    ip('-n', this.#switches, 'link', 'add', 'name', name, 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0')
    ip('-n', this.#switches, 'link', 'set', name, 'up')
    return {
      name,
      setMulticast: (isOn) => {
        if (isOn) this.#silent.delete(name)
        else this.#silent.add(name)
        for (const { port, segment } of this.#ports.values()) if (segment === name) this.#flood(port, isOn)
      },
    }
  }

  host(name: string): Host {
    const namespace = `${this.#id}-${name}`
    const port = `p${this.#ports.size}`
    this.#addNamespace(namespace)
    this.#addCard(namespace, CARD, port)
    return {
      name,
      prefix: ['ip', 'netns', 'exec', namespace],
      plug: (segment) => this.#plug(port, segment),
      setAddresses: (...addresses) => {
        ip('-n', namespace, '-4', 'addr', 'flush', 'dev', CARD)
        ip('-n', namespace, '-6', 'addr', 'flush', 'dev', CARD, 'scope', 'global')
        for (const address of addresses) ip('-n', namespace, 'addr', 'add', address, 'dev', CARD)
      },
      setGateway: (address) => {
        const family = address.includes(':') ? '-6' : '-4'
        ip('-n', namespace, family, 'route', 'replace', 'default', 'via', address)
      },
      opened: () => {
        const [names, values] = run(namespace, 'cat', '/proc/net/snmp')
          .split('\n')
          .filter((line) => line.startsWith('Tcp:'))
          .map((line) => line.split(' '))
        return Number(values?.[names?.indexOf('ActiveOpens') ?? -1])
      },
      linkLocal: () => {
        const [, address] = /inet6 (fe80:[0-9a-f:]+)/.exec(ip('-n', namespace, '-6', 'addr', 'show', CARD)) ?? []
        if (address === undefined) throw new Error(`${name} has no link-local address`)
        return address
      },
    }
  }

  /** Joins segments by a router, with its addresses on each. */
  router(legs: readonly (readonly [Segment, readonly string[]])[]): void {
    const namespace = `${this.#id}-router`
    this.#addNamespace(namespace)
    for (const [at, [segment, addresses]] of legs.entries()) {
      const port = `r${at}`
      this.#addCard(namespace, `leg${at}`, port)
      for (const address of addresses) ip('-n', namespace, 'addr', 'add', address, 'dev', `leg${at}`)
      this.#plug(port, segment)
    }
    const switches = ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'].map((name) => `echo 1 > /proc/sys/net/${name}`)
    run(namespace, 'sh', '-c', switches.join(' && '))
  }

  /**
   * Joins two segments by a bad cable, until it is cut.
   *
   * @param loss - from 0 to 1, of each frame.
   * @param delayMs - of each frame, and up to as much again, so that frames overtake each other.
   */
  async badCable(one: Segment, two: Segment, loss: number, delayMs: number): Promise<{ cut(): Promise<CableCounts> }> {
    const seconds = String(delayMs / 1000)
    const program = fileURLToPath(new URL('./bad-cable.pl', import.meta.url))
    const args = [...this.switches.slice(1), 'perl', program, 'cable0', 'cable1', String(loss), seconds, seconds]
    const cable = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#cables.push(() => cable.kill('SIGKILL'))
    const lines = createInterface({ input: cable.stdout })
    await once(lines, 'line')
    for (const [at, segment] of [one, two].entries())
      ip('-n', this.#switches, 'link', 'set', `cable${at}`, 'master', segment.name, 'up')
    return {
      cut: async () => {
        const told = once(lines, 'line') as Promise<[string]>
        cable.kill('SIGTERM')
        const [seen = 0, lost = 0, overtook = 0] = (await told)[0].split(' ').map(Number)
        return { seen, lost, overtook }
      },
    }
  }

  /** Everything is gone, with the programs’ connections; the programs are whoever’s started them. */
  remove(): void {
    for (const cut of this.#cables) cut()
    for (const namespace of this.#namespaces) quietly(() => ip('netns', 'del', namespace))
  }

  #addNamespace(name: string): void {
    ip('netns', 'add', name)
    this.#namespaces.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    // An address of IPv6 counts at once, without a second of asking whether another host has it.
    run(name, 'sh', '-c', 'for i in all default; do echo 0 > /proc/sys/net/ipv6/conf/$i/accept_dad; done')
  }

  #addCard(namespace: string, card: string, port: string): void {
    const peer = ['type', 'veth', 'peer', 'name', port, 'netns', this.#switches]
    ip('-n', namespace, 'link', 'add', 'name', card, ...peer)
    ip('-n', this.#switches, 'link', 'set', port, 'up')
    ip('-n', namespace, 'link', 'set', card, 'up')
    this.#ports.set(port, { port, segment: null })
  }

  #plug(port: string, segment: Segment | null): void {
    this.#ports.set(port, { port, segment: segment?.name ?? null })
    if (segment === null) return void ip('-n', this.#switches, 'link', 'set', port, 'nomaster')
    ip('-n', this.#switches, 'link', 'set', port, 'master', segment.name)
    this.#flood(port, !this.#silent.has(segment.name))
  }

  #flood(port: string, isOn: boolean): void {
    const flood = isOn ? 'on' : 'off'
    ip('-n', this.#switches, 'link', 'set', port, 'type', 'bridge_slave', 'mcast_flood', flood)
  }
}

/** What a run that was killed left behind. */
function removeLeftovers(): void {
  for (const name of ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')) {
    const [, pid] = new RegExp(`^${FIRST_WORD}-(\\d+)-`).exec(name) ?? []
    if (pid !== undefined && !readdirSync('/proc').includes(pid)) quietly(() => ip('netns', 'del', name))
  }
}
