import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A screen nobody sees, for windows that must really open. */
export interface Display {
  /** Value for `DISPLAY`. */
  readonly name: string
  /** The windows a person could see, each as "title" WxH. */
  windows(): Promise<string[]>
  /** What the screen shows now. */
  picture(): Promise<Picture>
  stop(): Promise<void>
}

/** Pixels of 4 bytes (blue, green, red, unused), row by row. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** Starts Xvfb on a free number, reachable by no network. */
export async function startDisplay(): Promise<Display> {
  const directory = await mkdtemp(join(tmpdir(), 'lockbox-display-'))
  const words = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp', '-fbdir', directory]
  const server = spawn('Xvfb', words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const name = `:${await firstLine(server)}`
  return {
    name,
    windows: () => windowsOn(name),
    picture: async () => pictureFrom(await readFile(join(directory, 'Xvfb_screen0'))),
    stop: async () => {
      server.kill()
      await once(server, 'exit')
      await rm(directory, { recursive: true, force: true })
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

/** The screen's memory, which Xvfb keeps as an XWD file: 25 words of header, the screen's name, colours, pixels. */
function pictureFrom(file: Buffer): Picture {
  const word = (index: number): number => file.readUInt32BE(index * 4)
  const [headerSize, width, height, bitsPerPixel, bytesPerLine, colours] = [0, 4, 5, 11, 12, 19].map(word) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (bitsPerPixel !== 32 || bytesPerLine !== width * 4) throw new Error('the screen has another format than asked for')
  const from = headerSize + colours * 12
  return { width, height, pixels: Uint8Array.from(file.subarray(from, from + bytesPerLine * height)) }
}

/** What part of two pictures of one size differs, from 0 to 1. */
export function difference(a: Picture, b: Picture): number {
  let changed = 0
  for (let at = 0; at < a.pixels.length; at += 4) {
    const isSame = [0, 1, 2].every((channel) => a.pixels[at + channel] === b.pixels[at + channel])
    if (!isSame) changed += 1
  }
  return changed / (a.width * a.height)
}
