import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Digest } from '../../shared/bytes.ts'
import type { WindowTransport } from '../../shared/wire.ts'
import type { Point } from '../in-process/mortal-fs.ts'
import { type Hands, mortalTransport, type RunningApp } from '../in-process/running.ts'
import type { Happening } from './moments.ts'
import { type Order, type Report, reportSchema } from './protocol.ts'

/** What a device's process is started with. */
export interface DeviceProgram extends Omit<Order & { order: 'start' }, 'order' | 'profileDir'> {
  /** The device program, bundled. */
  readonly program: string
  /** A command to run it with, such as one that runs it on another host. */
  readonly prefix?: readonly string[]
}

/** An app in a process of its own, as the person before it reaches it. */
export class DeviceProcess implements RunningApp {
  readonly transport: WindowTransport
  readonly died: Promise<void>
  readonly exited: Promise<void>
  /** What it wrote to its error output: nothing, unless something of ours is wrong. */
  errors = ''
  readonly #child: ChildProcessWithoutNullStreams
  readonly #hands: Hands
  readonly #waiting = new Map<Report['is'], (report: Report) => void>()
  #receive: (text: string) => void = () => undefined

  private constructor(child: ChildProcessWithoutNullStreams, hands: Hands) {
    this.#child = child
    this.#hands = hands
    let wasKilled: () => void = () => undefined
    this.died = new Promise((resolve) => {
      wasKilled = resolve
    })
    this.exited = new Promise((resolve) => {
      child.once('exit', (_, signal) => {
        if (signal === 'SIGKILL') wasKilled()
        resolve()
      })
    })
    // Orders to a process that was just killed go nowhere.
    child.stdin.on('error', () => undefined)
    child.stderr.on('data', (bytes: Buffer) => (this.errors += bytes.toString()))
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(reportSchema.parse(JSON.parse(line))))
    this.transport = mortalTransport(
      {
        send: (text) => this.#tell({ order: 'text', text }),
        listen: (listener) => {
          this.#receive = listener
        },
      },
      this.died,
    )
  }

  /** Starts a process on a profile. @throws if it ends before it has started. */
  static async start(
    profileDir: string,
    { program, prefix = [], ...how }: DeviceProgram,
    hands: Hands,
  ): Promise<DeviceProcess> {
    const words = [...prefix, process.execPath, '--no-warnings', program]
    const child = spawn(words[0] as string, words.slice(1), { stdio: 'pipe' })
    const device = new DeviceProcess(child, hands)
    await device.#ask({ order: 'start', profileDir, ...how }, 'started')
    return device
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Has its window be sent each picture as it comes, from now on: see `app.changed` of the contract. */
  watch(): void {
    this.#tell({ order: 'watch' })
  }

  /** The most that it ever had in memory, Node itself included, KiB. */
  get peakKib(): number {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1'))?.[1])
  }

  async dieAt(point: Point | null): Promise<void> {
    await this.#ask({ order: 'die-at', point }, 'will-die')
  }

  /** Lets so much time pass at once. */
  async pass(ms: number): Promise<void> {
    await this.#ask({ order: 'pass', ms }, 'passed')
  }

  /** How often each statement came in over the network since the start, had or not; by id. */
  async crossings(): Promise<ReadonlyMap<string, number>> {
    const report = await this.#ask({ order: 'crossings' }, 'crossings')
    return new Map(report.is === 'crossings' ? report.of : [])
  }

  /** When something came about in it, as soon as it has; by `machineMs`. Asked for one at a time. */
  async moment(what: Happening, id: Digest): Promise<number> {
    const report = await this.#ask({ order: 'moment', what, id }, 'moment')
    if (report.is !== 'moment') throw new TypeError(`expected a moment, not ${report.is}`)
    return report.at
  }

  async quit(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#tell({ order: 'quit' })
    await this.exited
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  async #ask(order: Order, until: Report['is']): Promise<Report> {
    const heard = new Promise<Report>((resolve) => this.#waiting.set(until, resolve))
    this.#tell(order)
    const first = await Promise.race([heard, this.exited])
    if (first === undefined) throw new Error(`the device ended: ${this.errors}`)
    return first
  }

  #tell(order: Order): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`)
  }

  #hear(report: Report): void {
    if (report.is === 'text') this.#receive(report.text)
    if (report.is === 'copied') this.#hands.copied(report.text)
    if (report.is === 'changed') this.#hands.changed()
    this.#waiting.get(report.is)?.(report)
    this.#waiting.delete(report.is)
  }
}
