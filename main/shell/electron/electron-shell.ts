import type { BrowserWindow, Notification } from 'electron'
import type { Outcome, Sender } from '../../dispatch.ts'
import { ShellError } from '../errors.ts'
import type { AssetTable, Presence, Shell, ShellWorker } from '../shell.ts'
import type { Ticker } from '../suspend.ts'
import type { ElectronApi } from './electron-api.ts'
import { ElectronWindow } from './electron-window.ts'
import { hardenSession, windowOptions } from './harden.ts'
import { menuTemplate } from './menu.ts'
import { OwnClipboard } from './own-clipboard.ts'
import { watchPresence } from './presence.ts'
import { saveFile } from './save-file.ts'
import { startUtilityWorker } from './utility-worker.ts'

/** What the Electron shell is made of. */
export interface ElectronShellOptions {
  readonly electron: ElectronApi
  readonly assets: AssetTable
  /** The preload script's path. */
  readonly preload: string
  readonly platform: string
  /** The versions of Electron and its Chromium, for people. */
  readonly versions: { readonly electron: string; readonly chrome: string }
  readonly ticker?: Ticker
}

interface Opened {
  readonly window: BrowserWindow
  readonly page: ElectronWindow
}

/** On the disk, and apart from Electron's default session, which nothing uses. */
const PARTITION = 'persist:lockbox'

/** Lockbox in Electron (DESIGN §9). Make it when Electron is ready. */
export class ElectronShell implements Shell {
  readonly name = 'electron'
  readonly runsOn: string
  readonly closed: Promise<void>
  readonly #options: ElectronShellOptions
  readonly #clipboard: OwnClipboard
  readonly #presenceListeners = new Set<(presence: Presence) => void>()
  #open: Opened | null = null
  #notification: Notification | null = null
  #tellClosed: () => void = () => undefined
  #isScanning = false

  constructor(options: ElectronShellOptions) {
    this.#options = options
    this.#clipboard = new OwnClipboard(options.electron, options.platform)
    this.runsOn = `${options.versions.electron} (Chromium ${options.versions.chrome})`
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve
    })
  }

  async open(receive: (sender: Sender, text: string) => Promise<Outcome>): Promise<void> {
    const { electron, assets, preload, platform, ticker } = this.#options
    electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menuTemplate(platform)))
    const session = electron.session.fromPartition(PARTITION)
    hardenSession(session, assets, () => this.#isScanning)
    const window = new electron.BrowserWindow(windowOptions(session, preload))
    // Linux has no such thing.
    if (platform === 'darwin' || platform === 'win32') window.setContentProtection(true)
    const tell = (presence: Presence): void => {
      for (const listener of this.#presenceListeners) listener(presence)
    }
    const stopPresence = watchPresence(electron.powerMonitor, tell, () => void this.close(), ticker)
    window.once('closed', () => {
      stopPresence()
      this.#open = null
      this.#tellClosed()
    })
    const onDocumentGone = (): void => {
      this.#isScanning = false
    }
    const page = new ElectronWindow(window, { receive, onPresence: tell, onDocumentGone })
    this.#open = { window, page }
    try {
      await page.open()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  isKnownWindow(windowId: string): boolean {
    return this.#open?.page.isKnown(windowId) ?? false
  }

  async focus(): Promise<void> {
    this.#present().page.focus()
  }

  async close(): Promise<void> {
    if (this.#open) this.#open.window.destroy()
    else this.#tellClosed()
  }

  send(text: string): void {
    this.#open?.page.say(text)
  }

  async replaceWindowProcess(): Promise<void> {
    this.#isScanning = false
    try {
      await this.#present().page.replaceProcess()
    } catch (error) {
      // A window that cannot be renewed is dead to us, and may still hold what it showed: it goes altogether.
      await this.close()
      throw error
    }
  }

  startWorker(program: URL): ShellWorker {
    return startUtilityWorker(this.#options.electron, program)
  }

  onPresence(listener: (presence: Presence) => void): () => void {
    this.#presenceListeners.add(listener)
    return () => void this.#presenceListeners.delete(listener)
  }

  async notify(title: string, body: string): Promise<void> {
    const shown = new this.#options.electron.Notification({ title, body, urgency: 'critical', timeoutType: 'never' })
    shown.on('click', () => void this.focus().catch(() => undefined))
    // One at a time, as in browser mode; kept, because a collected one is deaf to its click.
    this.#notification?.close()
    this.#notification = shown
    shown.show()
  }

  async writeClipboard(text: string): Promise<void> {
    await this.#clipboard.write(text)
  }

  async clearClipboard(): Promise<boolean> {
    return this.#clipboard.clear()
  }

  async permitCamera(permitted: boolean): Promise<void> {
    this.#isScanning = permitted
  }

  async printPdf(): Promise<Uint8Array> {
    return this.#present().page.printPdf()
  }

  async saveFile(suggestedName: string, bytes: Uint8Array): Promise<boolean> {
    return saveFile(this.#options.electron, this.#present().window, suggestedName, bytes)
  }

  #present(): Opened {
    if (!this.#open) throw new ShellError('not-open', 'the window is not open')
    return this.#open
  }
}
