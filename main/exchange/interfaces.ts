import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { formatAddress, isLinkLocal } from './addresses.ts'

/** This computer's network interfaces by name, as `os.networkInterfaces` gives them. */
export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/** One place where multicast is spoken: an interface, in one family of addresses. */
export interface Spot {
  /** The interface. */
  readonly name: string
  readonly family: 'IPv4' | 'IPv6'
  /** The interface as its sockets name it: by its IPv4 address, or as the zone of an IPv6 one, such as `::%eth0`. */
  readonly at: string
}

/** Every interface in each of its families; the loopback's IPv4 only where no other interface has any. */
export function spotsToUse(interfaces: Interfaces): Spot[] {
  const each = Object.entries(interfaces).map(([name, infos = []]) => ({ name, infos }))
  const inner = each.flatMap(({ name, infos }) => {
    const info = infos.find(({ family }) => family === 'IPv4')
    return info === undefined ? [] : [{ spot: { name, family: 'IPv4', at: info.address } as const, info }]
  })
  const outer = inner.filter(({ info }) => !info.internal)
  const fours: Spot[] = (outer.length > 0 ? outer : inner).map(({ spot }) => spot)
  return [
    ...fours,
    ...zonesOf(interfaces).map(({ name, zone }) => ({ name, family: 'IPv6' as const, at: `::%${zone}` })),
  ]
}

/**
 * Where others may reach this computer: its addresses, link-local ones only where there is nothing else, and the loopback
 * only where there is not even that.
 *
 * @param host - the one address that is listened on; nothing for all.
 */
export function ownAddresses(
  host: string | undefined,
  port: number,
  interfaces: Interfaces = networkInterfaces(),
): string[] {
  if (host !== undefined) return [formatAddress({ host, port })]
  const all = Object.values(interfaces).flatMap((infos) => infos ?? [])
  const outside = all.filter(({ internal }) => !internal)
  const wide = outside.filter(({ address }) => !isLinkLocal(address))
  const [shown = []] = [wide, outside, all.filter(({ family }) => family === 'IPv4')].filter(({ length }) => length > 0)
  return shown.map(({ address }) => formatAddress({ host: address, port }))
}

/**
 * A link-local address that names no interface, as it can be reached: over one of this computer's, each time perhaps
 * another. The interface that its owner would name is on another computer, so nobody can be asked to type it. Every other
 * host is left as it is.
 *
 * @param random - from 0 up to 1; needs no secrecy.
 */
export function withZone(host: string, interfaces: Interfaces = networkInterfaces(), random = Math.random): string {
  if (!isLinkLocal(host) || host.includes('%')) return host
  const zones = zonesOf(interfaces)
  const zone = zones[Math.floor(random() * zones.length)]?.zone
  return zone === undefined ? host : `${host}%${zone}`
}

/** Interfaces with IPv6, as addresses name them: Windows by number, others by name. */
function zonesOf(interfaces: Interfaces): { name: string; zone: string }[] {
  return Object.entries(interfaces).flatMap(([name, infos = []]) => {
    const sixes = infos.flatMap((info) => (info.family === 'IPv6' && !info.internal ? [info] : []))
    if (sixes.length === 0) return []
    if (process.platform !== 'win32') return [{ name, zone: name }]
    const number = sixes.find(({ scopeid }) => scopeid > 0)?.scopeid
    return number === undefined ? [] : [{ name, zone: String(number) }]
  })
}
