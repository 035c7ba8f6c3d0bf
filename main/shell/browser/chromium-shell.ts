import { createHash } from 'node:crypto'
import * as z from 'zod'
import { ORIGIN, type Outcome, type Sender } from '../../dispatch.ts'
import { ShellError } from '../errors.ts'
import type { AssetTable, PickedFile, Presence, Shell, ShellWorker } from '../shell.ts'
import { watchSuspend } from '../suspend.ts'
import type { CdpEvent } from './cdp.ts'
import { type ChromiumProcess, startChromium } from './chromium-process.ts'
import type { Browser } from './find-browser.ts'
import { PageWindow } from './page-window.ts'
import * as protocol from './protocol.ts'

/** What browser mode is made of. */
export interface ChromiumShellOptions {
  readonly browser: Browser
  /** The app's own directory (0700); the browser gets a directory below it. */
  readonly profile: string
  readonly assets: AssetTable
  /** How a worker process is started; Node and Electron do it each in their own way. */
  readonly startWorker: (program: URL) => ShellWorker
  /** Test machines only. */
  readonly allowRoot: boolean
}

/** What our origin may do without asking, as the DevTools protocol names it. */
const GRANTED = ['camera', 'persistent-storage', 'idle-detection', 'clipboard-write', 'notifications']

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
  #onWindow: ((page: PageWindow) => void) | null = null
  #tellClosed: () => void = () => {}
  #clipboardHash: string | null = null

  constructor(options: ChromiumShellOptions) {
    this.#options = options
    this.runsOn = `${options.browser.version} (${options.browser.path})`
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve
    })
  }

  async open(receive: (sender: Sender, text: string) => Promise<Outcome>): Promise<void> {
    const { browser, profile, allowRoot, assets } = this.#options
    const process = await startChromium(browser, profile, allowRoot)
    this.#process = process
    const { connection } = process
    const stopWatching = watchSuspend(() => this.#tell('suspended'))
    void process.exited.then(() => {
      stopWatching()
      this.#window = null
      this.#tellClosed()
    })
    const host = { connection, assets, receive, onPresence: (presence: Presence) => this.#tell(presence) }
    const first = new Promise<PageWindow>((resolve) => {
      this.#onWindow = resolve
    })
    connection.onEvent((event) => {
      if (event.method === 'Target.attachedToTarget') {
        this.#attached(event, (sessionId, targetId) => new PageWindow(host, sessionId, targetId))
      } else this.#handle(event)
    })
    const gone = connection.closed.then(() => {
      throw new ShellError('closed', 'the browser ended before it showed a window; is there a display?')
    })
    gone.catch(() => {})
    try {
      await Promise.race([this.#prepare(process), gone])
      const page = await Promise.race([first, gone])
      await Promise.race([page.open(), gone])
    } catch (error) {
      await process.end()
      throw error
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
    await this.#page().replaceProcess()
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

  async writeClipboard(text: string): Promise<void> {
    await this.#page().call('writeClipboard', { text })
    this.#clipboardHash = createHash('sha256').update(text).digest('base64')
  }

  async clearClipboard(): Promise<boolean> {
    const sha256 = this.#clipboardHash
    if (sha256 === null) return false
    // The window may read the clipboard for this moment only.
    await this.#permit('clipboard-read', 'granted')
    try {
      const cleared = await this.#page().call('clearClipboard', { sha256 })
      this.#clipboardHash = null
      return cleared === true
    } finally {
      await this.#permit('clipboard-read', 'denied')
    }
  }

  async saveFile(name: string, bytes: Uint8Array): Promise<boolean> {
    return (await this.#page().call('saveFile', { name, base64: Buffer.from(bytes).toString('base64') })) === true
  }

  async openFile(extensions: readonly string[], maxBytes: number): Promise<PickedFile | null> {
    const picked = pickedFile.parse(await this.#page().call('openFile', { extensions, maxBytes }))
    if (picked === null) return null
    if ('tooLarge' in picked) {
      throw new ShellError('file-too-large', `${picked.name} is larger than the ${maxBytes} bytes that may be opened`)
    }
    return { name: picked.name, bytes: Uint8Array.from(Buffer.from(picked.base64, 'base64')) }
  }

  async #prepare({ connection, isReady }: ChromiumProcess): Promise<void> {
    await isReady
    await connection.send('Browser.setDownloadBehavior', { behavior: 'deny' })
    for (const name of GRANTED) await this.#permit(name, 'granted')
    await connection.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true })
  }

  async #permit(name: string, setting: 'granted' | 'denied'): Promise<void> {
    await this.#process?.connection.send('Browser.setPermission', { permission: { name }, setting, origin: ORIGIN })
  }

  /** The first page is ours; any other is not: Ctrl+N, a link, DevTools. */
  #attached(event: CdpEvent, makeWindow: (sessionId: string, targetId: string) => PageWindow): void {
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
        this.#window = { page: makeWindow(sessionId, targetInfo.targetId), sessionId }
        this.#onWindow?.(this.#window.page)
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

const pickedFile = z.union([
  z.null(),
  z.object({ name: z.string(), tooLarge: z.literal(true) }),
  z.object({ name: z.string(), base64: z.string() }),
])
