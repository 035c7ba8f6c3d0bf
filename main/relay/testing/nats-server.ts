import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'

/** Whether this machine has a broker to try the relay on. Where it has none those tests are left out, by their titles. */
export const hasNatsServer = spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status === 0

/** What is added to the title of a test that is left out. */
export const LEFT_OUT = hasNatsServer
  ? ''
  : ' (LEFT OUT: there is no nats-server; Debian’s package of that name brings it)'

/** What a server is started with. */
export interface NatsServerOptions {
  readonly jetStream?: boolean
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly user?: { readonly user: string; readonly password: string }
  /** A configuration as it is printed in the docs, in place of all others but the certificate: run as it is, but for where. */
  readonly printed?: string
}

/** A broker of the tests: Debian's nats-server on a port of its own, with what it keeps in a folder of its own. */
export class NatsServer {
  readonly #dir: string
  readonly #options: NatsServerOptions
  #port = -1
  #process: ChildProcess | null = null

  private constructor(dir: string, options: NatsServerOptions) {
    this.#dir = dir
    this.#options = options
  }

  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(await mkdtemp(join(tmpdir(), 'nats-')), options)
    await server.begin()
    return server
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'nats' : 'tls'}://127.0.0.1:${this.#port}`
  }

  /** Starts it, or starts it again on the same port and with all it kept. */
  async begin(): Promise<void> {
    const config = join(this.#dir, 'nats.conf')
    await writeFile(config, await this.#config())
    const ports = join(this.#dir, 'ports')
    await rm(ports, { recursive: true, force: true })
    await mkdir(ports)
    const child = spawn('nats-server', ['-c', config, '--ports_file_dir', ports], { stdio: 'ignore' })
    this.#process = child
    this.#port = await vi.waitFor(
      async () => {
        const [file] = await readdir(ports)
        if (file === undefined) throw new Error(`nats-server does not listen yet (${child.exitCode})`)
        const { nats } = JSON.parse(await readFile(join(ports, file), 'utf8')) as { nats: string[] }
        return Number(new URL(nats[0] ?? '').port)
      },
      { timeout: 10_000, interval: 20 },
    )
  }

  /** Ends it as SIGKILL does. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Ends it, and removes what it kept. */
  async close(): Promise<void> {
    await this.kill()
    await rm(this.#dir, { recursive: true, force: true })
  }

  /** Everything that lies in its folder: what somebody finds who takes its disk. */
  async disk(): Promise<Buffer> {
    const files = await readdir(join(this.#dir, 'store'), { recursive: true, withFileTypes: true })
    const found = files.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name)))
    return Buffer.concat(await Promise.all(found))
  }

  async #config(): Promise<string> {
    const { jetStream = true, tls, user, printed } = this.#options
    const [listen, store, key, cert] = [
      `127.0.0.1:${this.#port}`,
      ...['store', 'key.pem', 'cert.pem'].map((name) => join(this.#dir, name)),
    ].map((value) => JSON.stringify(value))
    if (tls !== undefined) {
      await writeFile(join(this.#dir, 'key.pem'), tls.key)
      await writeFile(join(this.#dir, 'cert.pem'), tls.cert)
    }
    if (printed !== undefined)
      return [
        [/(?<=listen: )"[^"]+"/, listen],
        [/(?<=store_dir: )"[^"]+"/, store],
        [/(?<=key_file: )"[^"]+"/, key],
        [/(?<=cert_file: )"[^"]+"/, cert],
      ].reduce((text, [place, value]) => text.replace(place as RegExp, String(value)), printed)
    const lines = [`listen: ${listen}`]
    if (jetStream) lines.push(`jetstream { store_dir: ${store} }`)
    if (user !== undefined) lines.push(`authorization { user: ${user.user}, password: ${user.password} }`)
    if (tls !== undefined) lines.push(`tls { key_file: ${key}, cert_file: ${cert} }`)
    return `${lines.join('\n')}\n`
  }
}
