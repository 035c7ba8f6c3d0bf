import type { TLSSocket } from 'node:tls'
import { type Digest, fromBase64Url } from '../../shared/bytes.ts'
import { derOf, makeCredentials } from '../exchange/certificate.ts'
import { Connection, codeOf } from '../exchange/connection.ts'
import { Cooling } from '../exchange/cooling.ts'
import { Discovery } from '../exchange/discovery.ts'
import { Doorway } from '../exchange/doorway.ts'
import { ConnectionError, ExchangeError } from '../exchange/exchange.ts'
import { type ExchangeHost, SYSTEM } from '../exchange/lan-options.ts'
import { DEFAULT_LIMITS, type ExchangeLimits } from '../exchange/limits.ts'
import type { Message } from '../exchange/messages.ts'
import { Paces } from '../exchange/pace.ts'
import { admit } from '../exchange/tls.ts'
import type { Inbox } from './inbox.ts'
import type { MailFile } from './mail-file.ts'

/** What a locked app listens with. */
export interface MailDoorOptions {
  readonly file: MailFile
  readonly inbox: Inbox
  /** The address to listen on; nothing for all. */
  readonly host?: string
  /** Whether to announce this app by DNS-SD. */
  readonly discover: boolean
  /** Something came, be it kept or not; `urgent` if the owner should be called to it. */
  onMail(mail: { readonly id: Digest; readonly urgent: boolean }): void
  /** What came could not be kept. */
  onFailure(says: string): void
  /** One line of what went wrong inside; no secrets. */
  readonly log: (line: string) => void
}

/**
 * A locked app's ear (docs/formats/mailbox.md): takes sealed statements from the devices that it was told of when it was
 * locked, keeps them unread, and confirms each. It has no key of the vault, signs no statement, and tells nothing.
 */
export class MailDoor {
  readonly #options: MailDoorOptions
  readonly #limits: ExchangeLimits
  readonly #host: ExchangeHost
  readonly #open = new Map<Digest, Connection>()
  readonly #paces: Paces
  readonly #cooling: Cooling
  readonly #doorway: Doorway
  readonly #discovery: Discovery | null
  readonly #timer: NodeJS.Timeout
  readonly port: number

  private constructor(
    options: MailDoorOptions,
    limits: ExchangeLimits,
    host: ExchangeHost,
    doorway: Doorway,
    port: number,
  ) {
    this.#options = options
    this.#limits = limits
    this.#host = host
    this.#paces = new Paces(limits, host.monotonic)
    this.#cooling = new Cooling(limits.coolingMs, host.monotonic)
    this.#doorway = doorway
    this.port = port
    const silent = { onFound: () => undefined, onLost: () => undefined, onState: () => undefined }
    this.#discovery = options.discover ? new Discovery(options.file.organization, port, host.monotonic, silent) : null
    this.#timer = setInterval(() => this.#tick(), limits.tickMs)
    this.#tick()
  }

  /**
   * Begins to listen, where the app listened when it was open, or else on any port.
   *
   * @throws {ExchangeError} `bad-key` or `listen-failed`.
   */
  static async open(
    options: MailDoorOptions,
    limits: Partial<ExchangeLimits> = {},
    host: Partial<ExchangeHost> = {},
  ): Promise<MailDoor> {
    const { key, public: point, port: wanted } = options.file
    const [allLimits, clocks] = [
      { ...DEFAULT_LIMITS, ...limits },
      { ...SYSTEM, ...host },
    ]
    const credentials = await makeCredentials(fromBase64Url(key), point)
    let door: MailDoor | null = null
    const doorway = new Doorway(credentials, allLimits, clocks.monotonic, {
      onSocket: (socket) => {
        const isLetIn = door !== null && door.#admit(socket, derOf(credentials))
        if (!isLetIn) socket.destroy()
        return isLetIn
      },
      onRefused: () => undefined,
    })
    try {
      const port = await doorway
        .listen(wanted ?? 0, options.host ?? null)
        .catch((error: unknown) => elsewhere(error, doorway, options.host ?? null))
      door = new MailDoor(options, allLimits, clocks, doorway, port)
      return door
    } finally {
      credentials.key.fill(0)
    }
  }

  /** Stops listening and announcing; resolves when peers were told, or had their time. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#doorway.close()
    const ended = [...this.#open.values()].map((connection) => connection.ended)
    for (const connection of this.#open.values()) connection.close('stopped', 'this app stopped listening')
    await Promise.all([...ended, this.#discovery?.stop()])
  }

  /** Returns whether whoever is at the other end is let in. */
  #admit(socket: TLSSocket, certificate: Uint8Array): boolean {
    const { device, peers, public: tlsPublic } = this.#options.file
    const pins = peers.map((pin) => ({ ...pin, member: '', name: '' }))
    const identity = { tlsPublic, device, peers: () => pins, mailKeyOf: () => null }
    const { peer } = admit(socket, identity, certificate, { how: 'incoming' })
    if (peer === null || this.#cooling.isOut(peer.device)) return false
    const from = peer.device
    const connection = new Connection(socket, this.#limits, this.#host.monotonic, this.#paces.of(from), {
      onMessages: ([message]) => this.#onMessage(from, connection, message),
      onDrained: () => undefined,
      onClosed: (reason) => {
        this.#cooling.onEnded(from, reason)
        if (this.#open.get(from) === connection) this.#open.delete(from)
      },
    })
    const other = this.#open.get(from)
    this.#open.set(from, connection)
    other?.close('duplicate', 'a newer connection with this device is kept')
    connection.start()
    return true
  }

  async #onMessage(from: Digest, connection: Connection, message: Message): Promise<void> {
    switch (message.type) {
      case 'mail':
        return this.#keep(from, connection, message)
      case 'ping':
        if (!this.#paces.of(from).questions.take()) throw new ConnectionError('flood', 'the peer asks again and again')
        return connection.send({ type: 'pong', clock: this.#host.now(), sent: message.sent })
      case 'bye':
        throw new ConnectionError('closed-by-peer', `the peer closed the connection (${message.reason})`)
      default:
        throw new ConnectionError('malformed', 'a locked app takes mail and nothing else')
    }
  }

  async #keep(from: Digest, connection: Connection, mail: Message & { type: 'mail' }): Promise<void> {
    if (!this.#paces.of(from).uninvited.take())
      throw new ConnectionError('flood', 'the peer sends more than a locked app takes')
    const { id, urgent, box } = mail
    // To be called its owner needs no room on the disk.
    if (urgent) this.#options.onMail(mail)
    // Of what is not kept nothing is said, so that whoever sent it knows.
    const verdict = await this.#options.inbox
      .add({ from, at: this.#host.now(), id, urgent, box })
      .catch((error: unknown) => {
        this.#options.onFailure(`the disk does not keep what comes (${codeOf(error)})`)
        return 'full' as const
      })
    if (verdict === 'full') return
    connection.send({ type: 'mailed', id })
    this.#options.onMail(mail)
  }

  #tick(): void {
    try {
      this.#discovery?.tick()
      for (const connection of this.#open.values())
        if (connection.silentMs > this.#limits.silentMs) connection.close('silent', 'nothing was heard from the peer')
    } catch (error) {
      this.#options.log(`listening while locked failed (${codeOf(error)})`)
    }
  }
}

async function elsewhere(error: unknown, doorway: Doorway, host: string | null): Promise<number> {
  if (!(error instanceof ExchangeError) || error.code !== 'port-in-use') throw error
  return doorway.listen(0, host)
}
