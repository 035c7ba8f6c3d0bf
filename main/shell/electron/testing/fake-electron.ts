import type * as Electron from 'electron'
import type { ElectronApi } from '../electron-api.ts'
import { type Call, Listeners, only } from './only.ts'

type Handler = (request: Request) => Response | Promise<Response>
type Invoked = (event: Electron.IpcMainInvokeEvent, ...given: unknown[]) => Promise<unknown>

/** The one frame of the fake's page. */
export interface FakeFrame {
  origin: string
  frameToken: string
}

/**
 * Electron as far as the shell uses it, typed by its own declarations. It notes each call in `calls`, answers as
 * Electron would, and throws at whatever else is touched.
 */
export class FakeElectron {
  readonly calls: Call[] = []
  readonly app = new Listeners()
  readonly window = new Listeners()
  readonly contents = new Listeners()
  readonly session = new Listeners()
  readonly power = new Listeners()
  readonly notification = new Listeners()
  readonly handlers = new Map<string, Handler>()
  readonly switches = new Set<string>()
  readonly frame: FakeFrame = { origin: 'null', frameToken: 'frame 1' }
  /** Every permission question, as the page would ask it. */
  mayRequest: Parameters<Electron.Session['setPermissionRequestHandler']>[0] = null
  mayCheck: Parameters<Electron.Session['setPermissionCheckHandler']>[0] = null
  beforeRequest: Parameters<Electron.WebRequest['onBeforeRequest']>[0] | null = null
  windowOpen: ((details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) | null = null
  invoked: Invoked | null = null
  /** Chromium's number of the page's process; a load from another site changes it. */
  processId = 1
  keepsProcess = false
  isCrashed = false
  isDestroyed = false
  isMinimized = false
  isFirst = true
  idle: ReturnType<Electron.PowerMonitor['getSystemIdleState']> = 'active'
  clipboardText = ''
  /** Null where the desktop lets nobody look at it. */
  selectionText: string | null = ''
  chosen: Electron.SaveDialogReturnValue = { canceled: true, filePath: '' }
  /** What the next load comes to. */
  load: (url: string) => Promise<void> = async () => undefined
  /** What the page comes to as a PDF. */
  print: () => Promise<Buffer> = async () => Buffer.from('%PDF-')
  fork: typeof Electron.utilityProcess.fork = () => {
    throw new TypeError('nothing was to start a worker')
  }

  readonly #isPackaged: boolean

  /** @param isPackaged - whether the app is an installed one. */
  constructor(isPackaged = false) {
    this.#isPackaged = isPackaged
    this.electron = this.#electron()
  }

  readonly electron: ElectronApi

  /** A function that only notes that it was called. */
  readonly note =
    (what: string) =>
    (...given: unknown[]): void => {
      this.calls.push([what, ...given])
    }

  /** The calls since the last time, and forgets them. */
  take(): Call[] {
    return this.calls.splice(0)
  }

  readonly sessionObject: Electron.Session = only<Electron.Session>('session', {
    on: this.session.on as unknown as Electron.Session['on'],
    setPermissionRequestHandler: (handler) => {
      this.mayRequest = handler
    },
    setPermissionCheckHandler: (handler) => {
      this.mayCheck = handler
    },
    setDevicePermissionHandler: (handler) => this.note('session.setDevicePermissionHandler')(handler?.({} as never)),
    setSpellCheckerEnabled: this.note('session.setSpellCheckerEnabled'),
    protocol: only<Electron.Protocol>('protocol', {
      handle: (scheme, handler) => {
        this.calls.push(['protocol.handle', scheme])
        this.handlers.set(scheme, handler)
      },
    }),
    webRequest: only<Electron.WebRequest>('webRequest', {
      onBeforeRequest: (listener: never) => {
        this.beforeRequest = listener
      },
    }),
  })

  readonly contentsObject: Electron.WebContents = only<Electron.WebContents>('webContents', {
    id: 7,
    on: this.contents.on as unknown as Electron.WebContents['on'],
    setWindowOpenHandler: (handler) => {
      this.windowOpen = handler
    },
    setWebRTCIPHandlingPolicy: this.note('webContents.setWebRTCIPHandlingPolicy'),
    getProcessId: () => this.processId,
    isCrashed: () => this.isCrashed,
    send: this.note('webContents.send'),
    loadURL: async (url) => {
      this.calls.push(['webContents.loadURL', url])
      await this.load(url)
      const { origin } = new URL(url)
      if (origin !== this.frame.origin && !this.keepsProcess) this.processId += 1
      this.frame.origin = origin
      this.frame.frameToken = `frame of process ${this.processId}`
      this.contents.emit('did-navigate', {}, url, 200, 'OK')
    },
    printToPDF: async (options) => {
      this.calls.push(['webContents.printToPDF', options])
      return this.print()
    },
    mainFrame: this.frame as Electron.WebFrameMain,
    navigationHistory: only<Electron.NavigationHistory>('navigationHistory', {
      clear: this.note('navigationHistory.clear'),
    }),
    ipc: only<Electron.IpcMain>('ipc', {
      handle: (channel, listener: Invoked) => {
        this.calls.push(['ipc.handle', channel])
        this.invoked = listener
      },
    }),
  })

  readonly windowObject: Electron.BrowserWindow = only<Electron.BrowserWindow>('window', {
    webContents: this.contentsObject,
    once: this.window.once as unknown as Electron.BrowserWindow['once'],
    isDestroyed: () => this.isDestroyed,
    isMinimized: () => this.isMinimized,
    show: this.note('window.show'),
    focus: this.note('window.focus'),
    restore: this.note('window.restore'),
    setContentProtection: this.note('window.setContentProtection'),
    destroy: () => {
      this.calls.push(['window.destroy'])
      this.isDestroyed = true
      this.window.emit('closed')
    },
  })

  #electron(): ElectronApi {
    return only<ElectronApi>('electron', {
      app: this.#app(),
      BrowserWindow: this.#made('BrowserWindow', () => this.windowObject) as typeof Electron.BrowserWindow,
      clipboard: only<Electron.Clipboard>('clipboard', {
        ...this.#clipboard('clipboard', 'clipboardText'),
        selection: only<Electron.Clipboard>('selection', this.#clipboard('selection', 'selectionText')),
      }),
      dialog: only<Electron.Dialog>('dialog', {
        showSaveDialog: async (_window: unknown, options?: unknown) => {
          this.calls.push(['dialog.showSaveDialog', options])
          return this.chosen
        },
        showErrorBox: this.note('dialog.showErrorBox'),
      }),
      Menu: only<typeof Electron.Menu>('Menu', {
        buildFromTemplate: (template) => template as unknown as Electron.Menu,
        setApplicationMenu: this.note('Menu.setApplicationMenu'),
      }),
      Notification: this.#made('Notification', () =>
        only<Electron.Notification>('notification', {
          on: this.notification.on as unknown as Electron.Notification['on'],
          show: this.note('notification.show'),
          close: this.note('notification.close'),
        }),
      ) as typeof Electron.Notification,
      powerMonitor: only<Electron.PowerMonitor>('powerMonitor', {
        on: this.power.on as unknown as Electron.PowerMonitor['on'],
        off: this.power.off as unknown as Electron.PowerMonitor['off'],
        getSystemIdleState: (seconds) => {
          this.calls.push(['powerMonitor.getSystemIdleState', seconds])
          return this.idle
        },
      }),
      session: only<typeof Electron.session>('session', {
        fromPartition: (partition) => {
          this.calls.push(['session.fromPartition', partition])
          return this.sessionObject
        },
      }),
      utilityProcess: only<typeof Electron.utilityProcess>('utilityProcess', {
        fork: (...given) => this.fork(...given),
      }),
    })
  }

  #app(): Electron.App {
    return only<Electron.App>('app', {
      isPackaged: this.#isPackaged,
      on: this.app.on as unknown as Electron.App['on'],
      enableSandbox: this.note('app.enableSandbox'),
      setAppUserModelId: this.note('app.setAppUserModelId'),
      setPath: this.note('app.setPath'),
      exit: this.note('app.exit'),
      whenReady: async () => this.note('app.whenReady')(),
      requestSingleInstanceLock: (data) => {
        this.calls.push(['app.requestSingleInstanceLock', data])
        return this.isFirst
      },
      commandLine: only<Electron.CommandLine>('commandLine', {
        appendSwitch: this.note('commandLine.appendSwitch'),
        hasSwitch: (name) => this.switches.has(name),
      }),
    })
  }

  #clipboard(name: string, text: 'clipboardText' | 'selectionText'): Partial<Electron.Clipboard> {
    return {
      readText: async () => {
        const held = this[text]
        if (held === null) throw new Error('not allowed')
        return held
      },
      writeText: async (written) => {
        this.calls.push([`${name}.writeText`, written])
        this[text] = written
      },
      clear: () => {
        this.calls.push([`${name}.clear`])
        this[text] = ''
      },
    }
  }

  #made(name: string, make: () => object): unknown {
    const calls = this.calls
    // A plain function may give another object to `new`.
    return function construct(...given: unknown[]): object {
      calls.push([`new ${name}`, ...given])
      return make()
    }
  }
}
