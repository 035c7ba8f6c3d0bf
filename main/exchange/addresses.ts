import { isIP, isIPv6 } from 'node:net'
import { ExchangeError } from './exchange.ts'

/** Where to connect to. */
export interface Address {
  /** IPv4, IPv6 without brackets, or a host name in lower case. */
  readonly host: string
  readonly port: number
}

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/

/**
 * Reads an address as people type it: `192.0.2.7:4711`, `[2001:db8::7]:4711`, `[fe80::7%eth0]:4711`, `desk-7.local:4711`.
 *
 * @throws {ExchangeError} `bad-address`.
 */
export function parseAddress(typed: string): Address {
  const [, bracketed, plain, digits] =
    /^(?:\[([^[\]]{1,64})\]|([^:[\]\s]{1,253})):([1-9]\d{0,4})$/.exec(typed.trim()) ?? []
  const port = Number(digits)
  const host = bracketed === undefined ? plain?.toLowerCase() : inLowerCase(bracketed)
  const fits = bracketed === undefined ? host !== undefined && isHost(host) : isIPv6(bracketed)
  if (host === undefined || !fits || port > 65_535)
    throw new ExchangeError(
      'bad-address',
      'expected a host and a port, such as 192.0.2.7:4711, [2001:db8::7]:4711 or desk-7.local:4711',
    )
  return { host, port }
}

// The names of interfaces are not.
function inLowerCase(ipv6: string): string {
  const [address = '', ...zone] = ipv6.split('%')
  return [address.toLowerCase(), ...zone].join('%')
}

function isHost(host: string): boolean {
  if (isIP(host) === 4) return true
  // 1.2.3 or 999.1.1.1 is a mistyped IPv4 address, not a name.
  const labels = host.replace(/\.$/, '').split('.')
  return labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
}

/** Whether an IPv6 address is one that every network has: it leads nowhere without the interface that it is meant for. */
export function isLinkLocal(host: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(host)
}

/** The text of an address, an IPv6 host in brackets. An IPv4 address that came in an IPv6 socket is shown as such. */
export function formatAddress({ host, port }: Address): string {
  const plain = host.replace(/^::ffff:(?=\d+\.)/, '')
  return isIPv6(plain) ? `[${plain}]:${port}` : `${plain}:${port}`
}
