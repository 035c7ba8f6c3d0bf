import { pathToFileURL } from 'node:url'
import { App } from '../../main/app/app.ts'
import { hadVault, loadDisplay } from '../../main/app/display.ts'
import { handlersOf } from '../../main/app/handlers.ts'
import type { OpenMailDoor } from '../../main/app/mailroom.ts'
import type { Carrier, Host } from '../../main/app/ports.ts'
import { dispatcher } from '../../main/dispatch.ts'
import type { Time } from '../../main/sessions/session.ts'
import { systemTime } from '../../main/sessions/time.ts'
import { startNodeWorker } from '../../main/shell/node-worker.ts'
import { hashOf, OwnTexts } from '../../main/shell/own-texts.ts'
import type { ShellWorker } from '../../main/shell/shell.ts'
import { type Clock, systemClock } from '../../main/vault/clock.ts'
import { findVault } from '../../main/vault/vault.ts'
import { utf8 } from '../../shared/bytes.ts'
import { contract } from '../../shared/ipc.ts'
import { ORIGIN } from '../../shared/origin.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { eventsOf, type WindowTransport } from '../../shared/wire.ts'
import { MortalFs, type Point } from './mortal-fs.ts'
import { type Hands, mortalTransport, type RunningApp } from './running.ts'

/** A carrier that can be told that its app is gone. */
export type MortalCarrier = Carrier & { cut?: () => void }

/** What an app of this process may be given instead of the real thing. */
export interface LocalOptions {
  /** A carrier for one unlocked period, with the addresses that were typed. */
  readonly carrier: (typed: readonly string[]) => MortalCarrier
  /** How the app listens while it is locked; nothing if it does not. */
  readonly openMailDoor?: OpenMailDoor
  /** What is shown to the person beside the window. */
  readonly notified?: (body: string) => void
  /** What the shell is told of the camera. */
  readonly permitted?: (camera: boolean) => void
  /** The worker program, bundled. */
  readonly worker: string
  /** What happens at a durable step that was chosen for its death, instead of only being treated as dead. */
  readonly onFatal?: () => void
  /** What a dishonest owner does to the workers of their app. */
  readonly spoil?: (worker: ShellWorker) => ShellWorker
  readonly clock?: Clock
  readonly time?: Time
  /** Whether the app can tell a copied folder from the first. */
  readonly knowsCopies?: boolean
  /** From how many records on it shows a log before it was read. */
  readonly earlyFrom?: number
  /** What starts the program that hands sessions to the AWS CLI; none if left out. */
  readonly handoutCommand?: string | null
  /** A sign-in endpoint in the place of AWS's. */
  readonly signIn?: string
  /** CloudTrail in the place of AWS's, by region. */
  readonly trails?: Readonly<Record<string, string>>
  /** How a text gets on the clipboard; at once if left out. */
  readonly copying?: (write: () => void) => Promise<void>
}

const RESERVE_BYTES = 64 * 1024

/** An app in this process, without a window, that can be killed. */
export class LocalApp implements RunningApp {
  readonly fs: MortalFs
  readonly transport: WindowTransport
  readonly died: Promise<void>
  readonly #app: App
  readonly #life: Life

  private constructor(app: App, life: Life, transport: WindowTransport) {
    this.#app = app
    this.#life = life
    this.fs = life.fs
    this.died = life.over
    this.transport = mortalTransport(transport, life.over)
    void life.over.then(() => this.#fade())
  }

  static async start(profileDir: string, options: LocalOptions, hands: Hands): Promise<LocalApp> {
    const { clock = systemClock, time = systemTime } = options
    const life = new Life(options.onFatal, options.knowsCopies)
    const expected = hadVault(await loadDisplay(profileDir))
    const vault = await findVault({ profile: profileDir, clock, reserveLength: RESERVE_BYTES, fs: life.fs, expected })
    let receive: (text: string) => void = () => undefined
    const events = eventsOf(contract, (text) => life.unlessOver(() => receive(text)))
    const app = await App.start({
      profileDir,
      vault,
      clock,
      time,
      host: hostOf(life, options, hands),
      newCarrier: (typed) => life.keepCarrier(options.carrier(typed)),
      openMailDoor: options.openMailDoor ?? null,
      onShown: (id, text) => events.terminals.shown({ case: id, text }),
      onLookedUp: (request, read) => events.cases.lookedUp({ request, read }),
      push: (snapshot, change) =>
        life.unlessOver(() => {
          life.shown = snapshot
          life.shownAt = performance.now()
          if (life.isWatched && change !== null) events.app.changed(change)
          hands.changed()
        }),
      signIn: options.signIn ?? null,
      trails: options.trails ?? null,
      ...(options.earlyFrom === undefined ? {} : { earlyFrom: options.earlyFrom }),
    })
    const dispatch = dispatcher(
      contract,
      handlersOf(app, async () => ({ verdict: 'unreadable', text: '' })),
      { isKnownWindow: () => true, onFault: (channel, error) => console.error(channel, error) },
    )
    const send = async (text: string) => {
      const { reply } = await dispatch({ origin: ORIGIN, isMainFrame: true, windowId: 'window' }, text)
      if (reply !== null) receive(reply)
    }
    return new LocalApp(app, life, {
      send: (text) => void send(text),
      listen: (listener) => (receive = listener),
    })
  }

  /** The app itself, for what no window can reach. */
  get app(): App {
    return this.#app
  }

  /** What its window was shown last, without having asked; null before. */
  get shown(): Snapshot | null {
    return this.#life.shown
  }

  cameAfter(time: number): Snapshot | null {
    return this.#life.shownAt > time && !this.#life.isOver ? this.#life.shown : null
  }

  /** Pictures go to the window as they come from now on, as in the product; who only asks for them is spared that. */
  watch(): void {
    this.#life.isWatched = true
  }

  async quit(): Promise<void> {
    if (this.#life.isOver) return
    await this.#app.quit()
  }

  async dieAt(point: Point | null): Promise<void> {
    this.fs.count(point)
  }

  async kill(): Promise<void> {
    this.#life.end()
    await this.died
  }

  // What a killed process no longer has: its timers and its memory. Nothing of this reaches disk, network or AWS.
  #fade(): void {
    this.#app.beside.revokers.close()
    void this.#app.beside.sessions.close()
    void this.#app.vault.lock('quit')
  }
}

/** One run of an app: what ends with it when it is killed. */
class Life {
  readonly fs: MortalFs
  readonly over: Promise<void>
  shown: Snapshot | null = null
  shownAt = Number.NEGATIVE_INFINITY
  isWatched = false
  readonly #workers: ShellWorker[] = []
  #carrier: MortalCarrier | null = null
  #settle: () => void = () => undefined
  #isOver = false

  constructor(onFatal: () => void = () => undefined, knowsCopies = false) {
    const die = () => {
      onFatal()
      this.end()
    }
    this.fs = new MortalFs(die, knowsCopies)
    this.over = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  unlessOver(act: () => void): void {
    if (!this.#isOver) act()
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.fs.freeze()
    this.#carrier?.cut?.()
    // The pipes of a dead process close; whatever its worker was doing, it does to the end.
    for (const worker of this.#workers) worker.finish()
    this.#settle()
  }

  keepCarrier(carrier: MortalCarrier): Carrier {
    this.#carrier = carrier
    return carrier
  }

  keepWorker(worker: ShellWorker): ShellWorker {
    this.#workers.push(worker)
    return { ...worker, kill: () => this.unlessOver(() => worker.kill()) }
  }
}

function hostOf(
  life: Life,
  { worker, notified, permitted, handoutCommand = null, spoil = (one) => one, copying }: LocalOptions,
  hands: Hands,
): Host {
  const ours = new OwnTexts()
  return {
    shell: 'browser',
    browserModeCommand: null,
    handoutCommand,
    startWorker: () => {
      if (life.isOver) throw new TypeError('a dead app starts no worker')
      return life.keepWorker(spoil(startNodeWorker(pathToFileURL(worker))))
    },
    notify: async (_title, body) => notified?.(body),
    permitCamera: async (camera) => {
      permitted?.(camera)
    },
    printPdf: async () => utf8('%PDF-'),
    saveFile: async () => true,
    writeClipboard: (text) =>
      ours.write(text, async () => {
        const write = () => hands.copied(text)
        await (copying === undefined ? write() : copying(write))
      }),
    clearClipboard: () =>
      ours.clear(async (hashes) => {
        const isOurs = hashes.includes(hashOf(hands.clipboard()))
        if (isOurs) life.unlessOver(() => hands.copied(''))
        return isOurs
      }),
  }
}
