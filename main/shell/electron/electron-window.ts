import type { BrowserWindow, IpcMainInvokeEvent, WebContents } from 'electron'
import { ORIGIN } from '../../../shared/origin.ts'
import type { Outcome, Sender } from '../../dispatch.ts'
import { BLANK_ORIGIN } from '../assets.ts'
import { ShellError } from '../errors.ts'
import { PRINT } from '../print.ts'
import type { Presence } from '../shell.ts'
import { CHANNEL } from './door.ts'

/** What the window needs of the shell around it. */
export interface WindowHost {
  readonly receive: (sender: Sender, text: string) => Promise<Outcome>
  readonly onPresence: (presence: Presence) => void
  /** The document that was shown is gone: another one took its place, of whatever cause, or it crashed. */
  readonly onDocumentGone: () => void
}

const HOME = `${ORIGIN}/`
const BLANK = `${BLANK_ORIGIN}/`

/** What a person does, as Chromium names it. */
const ACTS: ReadonlySet<string> = new Set([
  'keyDown',
  'rawKeyDown',
  'mouseDown',
  'mouseMove',
  'mouseWheel',
  'touchStart',
])
const ACTIVE_EVERY_MS = 5_000

/** A load that another one took the place of. */
const ABORTED = -3

/** How often the window is brought home in a row before it is taken for broken. */
const HOMECOMINGS = 5

/** The one window of ours: what it loads, what it says, what we say to it. */
export class ElectronWindow {
  readonly #window: BrowserWindow
  readonly #contents: WebContents
  readonly #host: WindowHost
  /** Processes that the window had to leave: whatever they still say is refused. */
  readonly #left = new Set<number>()
  /** While we lead the window ourselves, it is nowhere by mistake. */
  #isLed = true
  #homecomings = 0
  #replacing: Promise<void> = Promise.resolve()
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(window: BrowserWindow, host: WindowHost) {
    this.#window = window
    this.#contents = window.webContents
    this.#host = host
    const contents = this.#contents
    // On this window alone: no other page that Electron may ever make has this door.
    contents.ipc.handle(CHANNEL, (event, text: unknown) => this.#heard(event, text))
    contents.on('input-event', (_event, { type }) => this.#acted(type))
    contents.on('did-navigate', (_event, url) => {
      host.onDocumentGone()
      this.#arrived(url)
    })
    contents.on('did-fail-load', (_event, code, _words, url, isMainFrame) => {
      if (isMainFrame && code !== ABORTED) this.#arrived(`${url} (not loaded)`)
    })
    contents.on('render-process-gone', () => this.#crashed())
    window.once('ready-to-show', () => window.show())
  }

  /** Loads the bundle. @throws {ShellError} `not-open`, or `closed` if the window was closed meanwhile. */
  async open(): Promise<void> {
    await this.#load(HOME)
    this.#isLed = false
  }

  /** Whether a sender's window is this one, with the process that it has now. */
  isKnown(windowId: string): boolean {
    if (this.#window.isDestroyed()) return false
    const processId = this.#contents.getProcessId()
    return windowId === nameOf(this.#contents, processId) && !this.#left.has(processId)
  }

  /** Carries a text to the present document, if it is ours. */
  say(text: string): void {
    if (this.#window.isDestroyed() || this.#contents.isCrashed()) return
    if (this.#left.has(this.#contents.getProcessId()) || this.#contents.mainFrame.origin !== ORIGIN) return
    this.#contents.send(CHANNEL, text)
  }

  /** The present document as a PDF. See `Shell.printPdf`. */
  async printPdf(): Promise<Uint8Array> {
    if (this.#window.isDestroyed()) throw closed()
    const processId = this.#contents.getProcessId()
    if (this.#isLed || this.#contents.isCrashed() || this.#contents.mainFrame.origin !== ORIGIN)
      throw new ShellError('not-open', 'the window shows no document yet')
    const printed = await this.#contents.printToPDF({ ...PRINT, pageSize: 'A4' }).catch((cause: unknown) => {
      throw new ShellError('refused', 'Electron could not make a PDF of the window', { cause })
    })
    if (this.#left.has(processId)) throw new ShellError('refused', 'the window was locked while it was printed')
    return Uint8Array.from(printed)
  }

  focus(): void {
    if (this.#window.isDestroyed()) throw closed()
    if (this.#window.isMinimized()) this.#window.restore()
    this.#window.show()
    this.#window.focus()
  }

  /** Replaces the process: to another site, and back to a document that knows nothing. One after the other. */
  replaceProcess(): Promise<void> {
    if (this.#window.isDestroyed()) return Promise.reject(closed())
    // From now on the old document is a stranger, whatever Chromium is busy with.
    this.#leave()
    this.#replacing = this.#replacing.catch(() => undefined).then(() => this.#leaveAndReturn())
    return this.#replacing
  }

  async #leaveAndReturn(): Promise<void> {
    if (this.#window.isDestroyed()) throw closed()
    this.#leave()
    try {
      await this.#load(BLANK)
      await this.#load(HOME)
      this.#contents.navigationHistory.clear()
    } finally {
      this.#isLed = false
    }
    if (this.#left.has(this.#contents.getProcessId()))
      throw new ShellError('refused', 'the window kept a process that it had to leave; start Lockbox again')
  }

  #leave(): void {
    this.#isLed = true
    this.#left.add(this.#contents.getProcessId())
  }

  async #load(url: string): Promise<void> {
    try {
      await this.#contents.loadURL(url)
    } catch (cause) {
      if (this.#window.isDestroyed()) throw closed()
      throw new ShellError('not-open', `the window could not load ${url}`, { cause })
    }
  }

  async #heard(event: IpcMainInvokeEvent, text: unknown): Promise<string | null> {
    const sender = senderOf(event)
    if (sender === null || typeof text !== 'string') return null
    return (await this.#host.receive(sender, text)).reply
  }

  #acted(type: string): void {
    if (!ACTS.has(type) || performance.now() - this.#toldAt < ACTIVE_EVERY_MS) return
    this.#toldAt = performance.now()
    this.#host.onPresence('active')
  }

  /** Whatever else than our bundle it shows, it was not led there by us. */
  #arrived(url: string): void {
    if (this.#isLed) return
    if (url === HOME) this.#homecomings = 0
    else this.#comeBack()
  }

  #crashed(): void {
    this.#host.onDocumentGone()
    // Main may answer by locking, and then the window is led home anyway.
    this.#host.onPresence('window-crashed')
    if (!this.#isLed) this.#comeBack()
  }

  #comeBack(): void {
    this.#homecomings += 1
    if (this.#homecomings <= HOMECOMINGS) void this.#load(HOME).catch(() => undefined)
  }
}

/** Read at once: after the frame went elsewhere Electron would say null. */
function senderOf({ sender, senderFrame, processId }: IpcMainInvokeEvent): Sender | null {
  if (senderFrame === null) return null
  return {
    origin: senderFrame.origin,
    isMainFrame: senderFrame.frameToken === sender.mainFrame.frameToken,
    windowId: nameOf(sender, processId),
  }
}

const nameOf = (contents: WebContents, processId: number): string => `${contents.id}/${processId}`
const closed = () => new ShellError('closed', 'the window is closed')
