import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import type { Peer } from '../exchange.ts'
import type { ExchangeLimits } from '../limits.ts'
import type { Order, Report } from './child.ts'
import type { Person } from './people.ts'

/** The child program, bundled once for a test file as the product is: whole, to run with no node_modules. */
export async function buildChild(): Promise<{ program: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'exchange-child-'))
  await build({
    entryPoints: { child: join(import.meta.dirname, 'child.ts') },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  return { program: join(folder, 'child.js'), remove: () => rm(folder, { recursive: true }) }
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

  /** The most that it ever had in memory, KiB. */
  get peakKib(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'latin1')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])
  }

  get received(): string[] {
    return this.reports.flatMap((report) => (report.report === 'received' ? [report.text] : []))
  }

  /** Names of peers for which this event was told. */
  namesOf(event: string): string[] {
    return this.reports.flatMap((report) => (report.report === 'event' && report.event === event ? [report.name] : []))
  }

  /** Names of peers that it is connected with now. Two that dial each other may meet and part more than once. */
  get connected(): string[] {
    const now = new Set<string>()
    for (const report of this.reports)
      if (report.report === 'event' && report.event === 'connected') now.add(report.name)
      else if (report.report === 'event' && report.event === 'disconnected') now.delete(report.name)
    return [...now]
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
