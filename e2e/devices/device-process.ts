import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { WindowTransport } from '../../shared/wire.ts'
import type { Point } from '../in-process/mortal-fs.ts'
import { type Hands, mortalTransport, type RunningApp } from '../in-process/running.ts'
import { type Order, type Report, reportSchema } from './protocol.ts'

/** What a device's process is started with. */
export interface DeviceProgram {
  /** The device program, bundled. */
  readonly program: string
  /** The worker program, bundled. */
  readonly worker: string
  readonly port: number
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
  readonly #waiting = new Map<Report['is'], () => void>()
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
    { program, worker, port }: DeviceProgram,
    hands: Hands,
  ): Promise<DeviceProcess> {
    const child = spawn(process.execPath, ['--no-warnings', program], { stdio: 'pipe' })
    const device = new DeviceProcess(child, hands)
    await device.#ask({ order: 'start', profileDir, worker, port }, 'started')
    return device
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  dieAt(point: Point | null): Promise<void> {
    return this.#ask({ order: 'die-at', point }, 'will-die')
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

  async #ask(order: Order, until: Report['is']): Promise<void> {
    const heard = new Promise<void>((resolve) => this.#waiting.set(until, resolve))
    this.#tell(order)
    const first = await Promise.race([heard.then(() => 'heard'), this.exited.then(() => 'exited')])
    if (first === 'exited') throw new Error(`the device ended: ${this.errors}`)
  }

  #tell(order: Order): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`)
  }

  #hear(report: Report): void {
    if (report.is === 'text') this.#receive(report.text)
    if (report.is === 'copied') this.#hands.copied(report.text)
    if (report.is === 'changed') this.#hands.changed()
    this.#waiting.get(report.is)?.()
    this.#waiting.delete(report.is)
  }
}
