import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import type { Peer } from '../exchange.ts'
import type { ExchangeLimits } from '../limits.ts'
import type { Order, Report } from './child.ts'
import type { Person } from './people.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** The child program, bundled once for a test file: Node 20 reads no TypeScript. */
export async function buildChild(): Promise<{ program: string; remove(): Promise<void> }> {
  // Inside the project, so that packages are found, and where no build cleans up.
  const cache = join(ROOT, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'exchange-child-'))
  const program = join(folder, 'child.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  return { program, remove: () => rm(folder, { recursive: true }) }
}

/** One running child. */
export class Child {
  readonly person: Person
  readonly reports: Report[] = []
  readonly #process: ChildProcessWithoutNullStreams
  #errors = ''

  /** @param prefix - a command to run it with, such as `ip netns exec NAME`. */
  constructor(program: string, person: Person, prefix: readonly string[] = []) {
    this.person = person
    const [command, ...args] = [...prefix, process.execPath, program]
    this.#process = spawn(command, args)
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()))
    this.#process.stdin.on('error', () => undefined)
    const lines = createInterface({ input: this.#process.stdout })
    lines.on('line', (line) => this.reports.push(JSON.parse(line) as Report))
  }

  /** What it wrote to its error output: nothing, if all is well. */
  get errors(): string {
    return this.#errors
  }

  order(order: Order): void {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`)
  }

  start(
    roster: readonly Peer[],
    options: { host?: string; discover?: boolean; limits?: Partial<ExchangeLimits> } = {},
  ): void {
    const { peer, tlsPrivateKey } = this.person
    const { host = null, discover = false, limits = {} } = options
    const key = Buffer.from(tlsPrivateKey).toString('base64url')
    this.order({ order: 'start', peer, key, roster, host, discover, limits: { tickMs: 20, retryMs: 50, ...limits } })
  }

  /** Its port, once it listens. */
  get port(): number | null {
    const started = this.reports.find((report) => report.report === 'started')
    return started?.report === 'started' ? started.port : null
  }

  get received(): string[] {
    return this.reports.flatMap((report) => (report.report === 'received' ? [report.text] : []))
  }

  /** Names of peers for which this event was told. */
  namesOf(event: string): string[] {
    return this.reports.flatMap((report) => (report.report === 'event' && report.event === event ? [report.name] : []))
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill(signal)
    await exited
  }

  /** Ends it as a person does, and waits. */
  async quit(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.order({ order: 'stop' })
    await exited
  }
}
