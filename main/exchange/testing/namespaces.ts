import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' })

/** Why network namespaces cannot be made here, or null if they can. */
export function whyNoNamespaces(): string | null {
  const name = `lockbox-probe-${process.pid}`
  try {
    ip('netns', 'add', name)
    ip('-n', name, 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb')
    return null
  } catch (error) {
    return error instanceof Error ? error.message.trim() : 'unknown'
  } finally {
    quietly('netns', 'del', name)
  }
}

function quietly(...args: readonly string[]): void {
  try {
    ip(...args)
  } catch {
    // It was never made.
  }
}

/** A computer on a network of its own, in which commands can be run; removed when the test is over. */
export interface Computer {
  /** Put before a command, it runs there. */
  readonly prefix: readonly string[]
  up(link: string): void
  down(link: string): void
}

let made = 0

/** A computer without any network but its loopback, which is up. */
export function computer(): Computer {
  const name = `lockbox-${process.pid}-${made++}`
  ip('netns', 'add', name)
  onTestFinished(() => quietly('netns', 'del', name))
  ip('-n', name, 'link', 'set', 'lo', 'up')
  return {
    prefix: ['ip', 'netns', 'exec', name],
    up: (link) => void ip('-n', name, 'link', 'set', link, 'up'),
    down: (link) => void ip('-n', name, 'link', 'set', link, 'down'),
  }
}

/**
 * Two computers on one cable, without a router: addresses, but no route to anywhere else.
 *
 * @param addresses - none: then each has only the link-local one of IPv6 that its card gave itself.
 */
export function twoComputers(addresses: readonly string[] = ['10.77.0.1/24', '10.77.0.2/24']): [Computer, Computer] {
  const [a, b] = [computer(), computer()]
  const [nameA = '', nameB = ''] = [a.prefix.at(-1), b.prefix.at(-1)]
  ip('-n', nameA, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', nameB)
  for (const [at, name] of [nameA, nameB].entries()) {
    const address = addresses[at]
    if (address !== undefined) ip('-n', name, 'addr', 'add', address, 'dev', 'cable')
    // An address of IPv6 counts at once, without a second of asking whether another computer has it.
    const conf = '/proc/sys/net/ipv6/conf/cable/accept_dad'
    ip('netns', 'exec', name, 'sh', '-c', `[ ! -e ${conf} ] || echo 0 > ${conf}`)
    ip('-n', name, 'link', 'set', 'cable', 'up')
  }
  return [a, b]
}

/** A computer's link-local address on the cable. */
export function linkLocalOf({ prefix }: Computer): string {
  const shown = ip('-n', prefix.at(-1) ?? '', '-6', 'addr', 'show', 'cable').toString()
  const [, address] = /inet6 (fe80:[0-9a-f:]+)/.exec(shown) ?? []
  if (address === undefined) throw new Error('this computer has no link-local address')
  return address
}

/**
 * All multicast DNS packets that are heard on a computer, as latin1 text.
 *
 * @param at - its interface: by an address of IPv4, or as `::%eth0` to hear IPv6.
 */
export async function listenTo(there: Pick<Computer, 'prefix'>, at: string): Promise<string[]> {
  const [type, any, group] = at.includes(':') ? ['udp6', '::', 'ff02::fb'] : ['udp4', '0.0.0.0', '224.0.0.251']
  const program = `
    const socket = require('node:dgram').createSocket({ type: '${type}', reuseAddr: true, ipv6Only: ${type === 'udp6'} })
    socket.on('message', (bytes) => console.log(bytes.toString('base64')))
    socket.bind(5353, '${any}', () => { socket.addMembership('${group}', '${at}'); console.log('') })`
  const [command, ...args] = [...there.prefix, process.execPath, '-e', program]
  const listener = spawn(command, args)
  onTestFinished(() => void listener.kill('SIGKILL'))
  const packets: string[] = []
  const lines = createInterface({ input: listener.stdout })
  await once(lines, 'line')
  lines.on('line', (line) => packets.push(Buffer.from(line, 'base64').toString('latin1')))
  return packets
}

/** Sends multicast DNS packets from a computer. */
export function sendFrom(there: Computer, address: string, packets: readonly Uint8Array[]): void {
  const program = `
    const socket = require('node:dgram').createSocket({ type: 'udp4', reuseAddr: true })
    const packets = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
    socket.bind(0, '${address}', () => {
      let left = packets.length
      for (const packet of packets)
        socket.send(Buffer.from(packet, 'base64'), 5353, '224.0.0.251', () => --left === 0 && socket.close())
    })`
  const [command, ...args] = [...there.prefix, process.execPath, '-e', program]
  const input = JSON.stringify(packets.map((packet) => Buffer.from(packet).toString('base64')))
  execFileSync(command, args, { input, stdio: 'pipe' })
}
