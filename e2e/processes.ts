import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'

// What Linux tells about running processes; tests use it to see what an app leaves behind and lets out.

/** A process and all that it started, and what those started. */
export function withDescendants(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const child of allProcesses()) {
    const parent = Number(statOf(child)?.[1])
    children.set(parent, [...(children.get(parent) ?? []), child])
  }
  const found = [pid]
  for (const at of found) found.push(...(children.get(at) ?? []))
  return found
}

/** Processes whose command line holds a text. */
export function processesNaming(text: string): number[] {
  return allProcesses().filter((pid) => commandLine(pid).includes(text))
}

/** Whether a process runs (one that only waits to be counted by its parent does not). */
export function isRunning(pid: number): boolean {
  return !['Z', 'X', undefined].includes(statOf(pid)?.[0])
}

/** The words of a process's command line, each ended by a zero. */
export function commandLine(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`)
}

/** The limit of a process in the words of `/proc`, for example "Max core file size". */
export function limitOf(pid: number, name: string): string {
  const line = textOf(`/proc/${pid}/limits`)
    .split('\n')
    .find((text) => text.startsWith(name))
  return line?.slice(name.length).trim().split(/\s+/)[0] ?? 'unknown'
}

/** TCP sockets on which some processes listen, and UDP sockets that they have bound, as `protocol:hex address`. */
export function openSockets(pids: readonly number[]): string[] {
  const inodes = new Set(pids.flatMap(socketInodes))
  const found: string[] = []
  for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6']) {
    for (const line of textOf(`/proc/net/${protocol}`).split('\n').slice(1)) {
      const [, address, , state, , , , , , inode] = line.trim().split(/\s+/)
      const isOpen = protocol.startsWith('udp') || state === '0A'
      if (inode !== undefined && isOpen && inodes.has(inode)) found.push(`${protocol}:${address}`)
    }
  }
  return found
}

/**
 * Whether a process has some bytes in memory that it can write; one that has ended has none.
 *
 * @throws if this user may not read it, since what nobody looked at is not clean. Users may read processes that they
 * started, sandboxed or not, unless `kernel.yama.ptrace_scope` is 2 or 3.
 */
export function holdsInMemory(pid: number, bytes: Buffer): boolean {
  let memory: number
  try {
    memory = openSync(`/proc/${pid}/mem`, 'r')
  } catch (error) {
    if (!isRunning(pid)) return false
    const words = `the memory of process ${pid} (${commandLine(pid).split('\0')[0]}) cannot be read: is ptrace forbidden?`
    throw new Error(words, { cause: error })
  }
  try {
    return writableRegions(pid).some(([from, to]) => regionHolds(memory, from, to, bytes))
  } finally {
    closeSync(memory)
  }
}

const CHUNK = 4 * 1024 * 1024
const OVERLAP = 4096
/** One for all regions: filling it with zeros took longer than reading most of them. */
const buffer = Buffer.alloc(CHUNK + OVERLAP)

function regionHolds(memory: number, from: bigint, to: bigint, bytes: Buffer): boolean {
  if (bytes.length > OVERLAP) throw new RangeError(`expected at most ${OVERLAP} bytes to look for`)
  for (let at = from; at < to; at += BigInt(CHUNK)) {
    const length = Number(to - at < BigInt(buffer.length) ? to - at : BigInt(buffer.length))
    try {
      const read = readSync(memory, buffer, 0, length, at)
      if (buffer.subarray(0, read).includes(bytes)) return true
    } catch {
      // Reserved, but not there.
    }
  }
  return false
}

function writableRegions(pid: number): [bigint, bigint][] {
  return textOf(`/proc/${pid}/maps`)
    .split('\n')
    .flatMap((line) => {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      return from === undefined ? [] : [[BigInt(`0x${from}`), BigInt(`0x${to}`)] satisfies [bigint, bigint]]
    })
}

function allProcesses(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** State, parent and so on: what follows the name, which may hold spaces. */
function statOf(pid: number): string[] | undefined {
  const stat = textOf(`/proc/${pid}/stat`)
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]
      return inode === undefined ? [] : [inode]
    })
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
