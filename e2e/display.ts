import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

/** A screen nobody sees, for windows that must really open. */
export interface Display {
  /** Value for `DISPLAY`. */
  readonly name: string
  /** What windows the screen shows, each as "title" WxH. */
  windows(): Promise<string[]>
  stop(): Promise<void>
}

/** Starts Xvfb on a free number, reachable by no network. */
export async function startDisplay(): Promise<Display> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const name = `:${await firstLine(server)}`
  return {
    name,
    windows: () => windowsOn(name),
    stop: async () => {
      server.kill()
      await once(server, 'exit')
    },
  }
}

async function firstLine(server: ChildProcess): Promise<string> {
  const pipe = server.stdio[3]
  if (!pipe) throw new Error('Xvfb did not start')
  const ended = once(server, 'exit').then(() => {
    throw new Error('Xvfb ended at once')
  })
  const [chunk] = (await Promise.race([once(pipe, 'data'), ended])) as [Buffer]
  ended.catch(() => {})
  return chunk.toString('utf8').trim()
}

/** Mapped windows of the screen's root, from `xwininfo -tree`: those with a size that a person can see. */
async function windowsOn(display: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('xwininfo', ['-display', display, '-root', '-tree'])
  const found: string[] = []
  for (const line of stdout.split('\n')) {
    const [, id, title, width, height] =
      /^\s+(0x[0-9a-f]+) (?:"(.*)"|\(has no name\)).*?\s(\d+)x(\d+)[+-]/.exec(line) ?? []
    if (id === undefined || Number(width) < 50 || Number(height) < 50) continue
    const { stdout: facts } = await promisify(execFile)('xwininfo', ['-display', display, '-id', id]).catch(() => ({
      stdout: '',
    }))
    if (facts.includes('Map State: IsViewable')) found.push(`"${title ?? ''}" ${width}x${height}`)
  }
  return found
}
