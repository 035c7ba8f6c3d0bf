import { ORIGIN } from '../../../shared/origin.ts'
import type { Outcome, Sender } from '../../dispatch.ts'
import { ShellError } from '../errors.ts'
import { OwnTexts } from '../own-texts.ts'
import type { AssetTable, Presence, Shell, ShellWorker } from '../shell.ts'
import { watchSuspend } from '../suspend.ts'
import type { CdpEvent } from './cdp.ts'
import { type ChromiumProcess, startChromium } from './chromium-process.ts'
import type { Browser } from './find-browser.ts'
import { PageWindow, type WindowHost } from './page-window.ts'
import * as protocol from './protocol.ts'

/** What browser mode is made of. */
export interface ChromiumShellOptions {
  readonly browser: Browser
  /** The app's own directory (0700); the browser gets a directory below it. */
  readonly profile: string
  readonly assets: AssetTable
  /** How a worker process is started; Node and Electron do it each in their own way. */
  readonly startWorker: (program: URL) => ShellWorker
  /** How the browser is started; as a process, if not given. */
  readonly start?: typeof startChromium
  /** Test machines only. */
  readonly allowRoot: boolean
}

/** What our origin may do without asking, as the DevTools protocol names it. */
const GRANTED = ['persistent-storage', 'idle-detection', 'clipboard-write', 'notifications']

/** What the browser itself makes for its own surfaces: closing it would break the window. */
const isOfTheBrowser = (url: string): boolean => /^chrome:\/\/[a-z-]+\.top-chrome\//.test(url)

/** Lockbox in the installed Chromium, Chrome or Edge (DESIGN §9). */
export class ChromiumShell implements Shell {
  readonly name = 'browser'
  readonly runsOn: string
  readonly closed: Promise<void>
  readonly #options: ChromiumShellOptions
  readonly #presenceListeners = new Set<(presence: Presence) => void>()
  #process: ChromiumProcess | null = null
  #window: { page: PageWindow; sessionId: string } | null = null
  /** The first page of the browser, once it has been told how it may behave. */
  #first: Promise<PageWindow> | null = null
  #receive: (sender: Sender, text: string) => Promise<Outcome> = () => Promise.resolve({ reply: null, refused: null })
  #tellClosed: () => void = () => {}
  readonly #copied = new OwnTexts()

  constructor(options: ChromiumShellOptions) {
    this.#options = options
    this.runsOn = `${options.browser.version} (${options.browser.path})`
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve
    })
  }

  /**
   * Starts the browser, which takes longer than all else at the start of the app: what is done meanwhile costs nothing.
   * The window stays blank until {@link open}.
   */
  async begin(): Promise<void> {
    const { browser, profile, allowRoot, assets, start = startChromium } = this.#options
    const process = await start(browser, profile, allowRoot)
    this.#process = process
    const { connection } = process
    const stopWatching = watchSuspend(() => this.#tell('suspended'))
    void process.exited.then(() => {
      stopWatching()
      this.#window = null
      this.#tellClosed()
    })
    const host: WindowHost = {
      connection,
      assets,
      receive: (sender, text) => this.#receive(sender, text),
      onPresence: (presence) => this.#tell(presence),
      // What a person permitted, they permitted the document that asked; the browser keeps it for the whole origin.
      onDocumentGone: () => void this.permitCamera(false).catch(() => {}),
    }
    const page = new Promise<PageWindow>((resolve) => {
      connection.onEvent((event) => {
        if (event.method === 'Target.attachedToTarget') this.#attached(event, host, resolve)
        else this.#handle(event)
      })
    })
    this.#first = this.#prepare(process).then(() => page)
    // Whoever opens the window hears of its failure.
    this.#first.catch(() => {})
  }

  async open(receive: (sender: Sender, text: string) => Promise<Outcome>): Promise<void> {
    if (this.#first === null) await this.begin()
    const process = this.#process
    if (process === null || this.#first === null) throw new TypeError('a browser that was begun is there')
    const gone = process.connection.closed.then(() => null)
    // Before the first answer to the window there is nothing in the browser that a crash dump could tell.
    this.#receive = (sender, text) => process.isReady.then(() => receive(sender, text))
    try {
      const page = await Promise.race([this.#first, gone])
      if (page === null) throw endedTooSoon()
      const opened = Promise.all([page.open(), process.isReady])
      if ((await Promise.race([opened, gone])) === null) throw endedTooSoon()
    } catch (error) {
      await process.end()
      // A call that was under way fails as well when the browser ends, and may be the first to tell.
      throw error instanceof ShellError && error.code === 'closed' ? endedTooSoon() : error
    }
  }

  isKnownWindow(windowId: string): boolean {
    return this.#window?.page.windowId === windowId
  }

  async focus(): Promise<void> {
    await this.#page().bringToFront()
  }

  async close(): Promise<void> {
    if (this.#process) await this.#process.end()
    else this.#tellClosed()
  }

  send(text: string): void {
    this.#window?.page.say(text)
  }

  async replaceWindowProcess(): Promise<void> {
    // First the document becomes a stranger, at once: nothing that it says from here on is heard, so the last word on the
    // camera is ours, and a browser that does not answer that keeps nobody's window.
    const page = this.#page()
    const replaced = page
      .replaceProcess()
      // A person who reloads at this moment breaks into it.
      .catch(() => page.replaceProcess())
      .catch(async (error: unknown) => {
        // A window that cannot be renewed is dead to us, and still shows what it showed: it goes altogether.
        await this.close()
        throw error
      })
    await Promise.all([replaced, this.permitCamera(false)])
  }

  startWorker(program: URL): ShellWorker {
    return this.#options.startWorker(program)
  }

  onPresence(listener: (presence: Presence) => void): () => void {
    this.#presenceListeners.add(listener)
    return () => void this.#presenceListeners.delete(listener)
  }

  async notify(title: string, body: string): Promise<void> {
    await this.#page().call('notify', { title, body })
  }

  writeClipboard(text: string): Promise<void> {
    return this.#copied.write(text, () => this.#page().call('writeClipboard', { text }))
  }

  clearClipboard(): Promise<boolean> {
    return this.#copied.clear(async (hashes) => {
      // The window may read the clipboard for this moment only.
      await this.#permit('clipboard-read', 'granted')
      try {
        return (await this.#page().call('clearClipboard', { hashes })) === true
      } finally {
        await this.#permit('clipboard-read', 'denied')
      }
    })
  }

  async permitCamera(permitted: boolean): Promise<void> {
    await this.#permit('camera', permitted ? 'granted' : 'denied')
  }

  async printPdf(): Promise<Uint8Array> {
    return this.#page().printPdf()
  }

  async saveFile(name: string, bytes: Uint8Array): Promise<boolean> {
    return (await this.#page().call('saveFile', { name, base64: Buffer.from(bytes).toString('base64') })) === true
  }

  /** All at once: the browser heeds them in this order, and each would wait for its start anew. */
  async #prepare({ connection }: ChromiumProcess): Promise<void> {
    await Promise.all([
      connection.send('Browser.setDownloadBehavior', { behavior: 'deny' }),
      ...GRANTED.map((name) => this.#permit(name, 'granted')),
      this.permitCamera(false),
      connection.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }),
    ])
  }

  async #permit(name: string, setting: 'granted' | 'denied'): Promise<void> {
    await this.#process?.connection.send('Browser.setPermission', { permission: { name }, setting, origin: ORIGIN })
  }

  /** The first page is ours; any other is not: Ctrl+N, a link, DevTools. */
  #attached(event: CdpEvent, host: WindowHost, onWindow: (page: PageWindow) => void): void {
    const { sessionId, targetInfo } = protocol.attachedToTarget.parse(event.params)
    const connection = this.#process?.connection
    if (!connection) return
    const quietly = (method: string, params: Readonly<Record<string, unknown>>, session: string | null) =>
      connection.send(method, params, session).catch(() => {})
    if (targetInfo.type === 'page' && !isOfTheBrowser(targetInfo.url)) {
      if (this.#window) {
        // First: the script that opened it waits in open() until it runs, and would wait for ever if it never did.
        void quietly('Runtime.runIfWaitingForDebugger', {}, sessionId)
        void quietly('Target.closeTarget', { targetId: targetInfo.targetId }, null)
      } else {
        this.#window = { page: new PageWindow(host, sessionId, targetInfo.targetId), sessionId }
        onWindow(this.#window.page)
      }
      return
    }
    void quietly('Runtime.runIfWaitingForDebugger', {}, sessionId)
  }

  #handle(event: CdpEvent): void {
    const { sessionId } = event
    if (sessionId !== null && sessionId === this.#window?.sessionId) this.#window.page.handle(event)
    if (event.method === 'Target.detachedFromTarget') this.#detached(event.params)
  }

  #detached(params: unknown): void {
    const { sessionId } = protocol.detachedFromTarget.parse(params)
    // The window was closed; a browser without one would stay and wait.
    if (sessionId === this.#window?.sessionId) void this.close()
  }

  #tell(presence: Presence): void {
    for (const listener of this.#presenceListeners) listener(presence)
  }

  #page(): PageWindow {
    if (!this.#window) throw new ShellError('not-open', 'the window is not open')
    return this.#window.page
  }
}

const endedTooSoon = () => new ShellError('closed', 'the browser ended before it showed a window; is there a display?')
