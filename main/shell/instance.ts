import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { isAbsolute, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from '../../shared/zod.ts'
import { ShellError } from './errors.ts'
import { socketAddress } from './socket-address.ts'

/** The right to use a profile, held by one process at a time. */
export interface Instance {
  /** Gives the profile back; call it last. */
  release(): Promise<void>
}

const TRIES = 20
const BETWEEN_TRIES_MS = 100
const ASK_MS = 1_000
/** Longest line that one start says to another, UTF-16 units. */
const MAX_LINE = 8_192

/** What a second start says to the first, and is told by Electron. */
export const secondStart = z.object({
  /** The file it was to open, or null. */
  open: z.string().max(4_096).refine(isAbsolute).nullable(),
})
export type SecondStart = z.infer<typeof secondStart>

/**
 * Takes a profile for this process, before anything in it is opened. If another process has it, that one is asked to
 * show its window and to open the file, and the answer is null: end quietly.
 *
 * @param profile - A directory of mode 0700; it is what keeps other users from the socket.
 * @param onSecondStart - Called when another start wants our window.
 * @param file - What this start was to open, for whoever has the profile already.
 * @throws {ShellError} `profile-in-use` if its holder lives but does not answer; `path-too-long`.
 */
export async function takeProfile(
  profile: string,
  onSecondStart: (second: SecondStart) => void,
  file: string | null = null,
): Promise<Instance | null> {
  const paths = { lock: join(profile, 'lock'), socket: focusAddress(profile, process.platform) }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (await writeLock(paths.lock)) return hold(paths, onSecondStart)
    if (await tellFirst(paths.socket, { open: file })) return null
    const holder = await readFile(paths.lock, 'utf8').catch(() => '')
    if (holder !== '' && !isAlive(holder)) await breakLock(paths.lock, holder)
    // Else: its holder is between taking the lock and listening, or just gone.
    else await delay(BETWEEN_TRIES_MS)
  }
  throw new ShellError(
    'profile-in-use',
    `another Lockbox uses ${profile} and does not answer; end it, or choose another profile`,
  )
}

/** Where the holder of a profile listens. @throws {ShellError} `path-too-long`. */
export function focusAddress(profile: string, platform: string): string {
  return socketAddress(profile, 'focus', platform)
}

/** Whether the lock file could be made; it says who has it. */
async function writeLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(nameOf(process.pid))
    await file.close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function hold(
  paths: { lock: string; socket: string },
  onSecondStart: (second: SecondStart) => void,
): Promise<Instance> {
  // A pipe of Windows is gone with its process.
  if (process.platform !== 'win32') await rm(paths.socket, { force: true })
  const server = createServer((peer) => hear(peer, onSecondStart))
  await listen(server, paths.socket)
  return {
    release: async () => {
      await new Promise((resolve) => server.close(resolve))
      await rm(paths.lock, { force: true })
    },
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.unref()
      resolve()
    })
  })
}

/** One line, then an answer. Who says anything else, or nothing for a while, is not answered. */
function hear(peer: Socket, onSecondStart: (second: SecondStart) => void): void {
  let said = ''
  peer.setEncoding('utf8').setTimeout(ASK_MS, () => peer.destroy())
  peer.on('error', () => {})
  peer.on('data', (text: string) => {
    said += text
    const end = said.indexOf('\n')
    if (end < 0 && said.length <= MAX_LINE) return
    const second = secondStartIn(said.slice(0, Math.max(end, 0)))
    if (second === null) return void peer.destroy()
    peer.end('here')
    onSecondStart(second)
  })
}

function secondStartIn(line: string): SecondStart | null {
  try {
    return secondStart.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/** Whether the first start is there, and was told what this one wants. */
function tellFirst(socket: string, second: SecondStart): Promise<boolean> {
  return new Promise((resolve) => {
    const peer = connect(socket, () => peer.write(`${JSON.stringify(second)}\n`))
    peer.setTimeout(ASK_MS, () => peer.destroy())
    peer.once('data', () => {
      peer.destroy()
      resolve(true)
    })
    peer.once('error', () => resolve(false))
    peer.once('close', () => resolve(false))
  })
}

/** Removes the lock of a process that is gone, unless a new holder took it in between. */
async function breakLock(path: string, holder: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== holder) await link(aside, path)
  } catch {
    // Another start was faster; the next attempt sees what it made of it.
  } finally {
    await rm(aside, { force: true })
  }
}

/** A process by number and, where the system tells it, by when it started: numbers are used again. */
function nameOf(pid: number): string {
  return `${pid} ${startOf(pid)}`
}

function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Field 22, counted after the name, which may hold spaces and brackets.
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return ''
  }
}

function isAlive(holder: string): boolean {
  const [pid, start] = holder.split(' ')
  try {
    process.kill(Number(pid), 0)
  } catch {
    return false
  }
  return start === startOf(Number(pid))
}
