import { join } from 'node:path'
import type { BrowserWindowConstructorOptions, Session, WebContents } from 'electron'
import { ORIGIN } from '../../../shared/origin.ts'
import { answerTo, headersFor } from '../assets.ts'
import type { AssetTable } from '../shell.ts'
import type { ElectronApi } from './electron-api.ts'

// Everything that is closed, in one place. Electron's defaults are not relied on: they change with its versions.

/** Directories of Electron's own below the profile; they are there, and private, before the app starts. */
export interface ElectronDirs {
  readonly data: string
  /** Nothing is ever written there, since the crash reporter is never started; it is emptied at each start. */
  readonly dumps: string
}

/** Electron's directories of a profile. */
export function electronDirs(profile: string): ElectronDirs {
  return { data: join(profile, 'electron'), dumps: join(profile, 'electron-dumps') }
}

/**
 * No host has an address and no proxy is asked, so what gets past everything else leads nowhere. (Main's own
 * connections are Node's, not Chromium's.)
 */
const SWITCHES: readonly (readonly [name: string, value?: string])[] = [
  ['host-resolver-rules', 'MAP * ~NOTFOUND'],
  ['no-proxy-server'],
]

/** Call it before Electron is ready: a sandbox for every process of a page, no network, no way out of any page. */
export function hardenApp({ app, Menu }: Pick<ElectronApi, 'app' | 'Menu'>, dirs: ElectronDirs): void {
  app.enableSandbox()
  for (const given of SWITCHES) app.commandLine.appendSwitch(...given)
  app.setPath('userData', dirs.data)
  app.setPath('crashDumps', dirs.dumps)
  app.on('web-contents-created', (_event, contents) => hardenContents(contents))
  // Else Electron makes a menu that can reload and open developer tools; ours comes with the window.
  Menu.setApplicationMenu(null)
}

const prevent = (event: { preventDefault: () => void }): void => event.preventDefault()

/** Keeps a page where the shell put it: whatever it tries, only the shell's own `loadURL` leads anywhere. */
export function hardenContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', prevent)
  contents.on('will-frame-navigate', prevent)
  contents.on('will-redirect', prevent)
  contents.on('will-attach-webview', prevent)
  // "Leave this page?" must not keep the window from being locked or closed; preventing here lets it go.
  contents.on('will-prevent-unload', prevent)
  // WebRTC would otherwise send to addresses that need no resolving.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
}

/**
 * The window's session: it serves the bundle, refuses every other request, and grants nothing but, to our own page and while
 * codes are scanned, the camera without sound.
 *
 * @param isScanning - asked each time.
 */
export function hardenSession(session: Session, assets: AssetTable, isScanning: () => boolean): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const media = 'mediaTypes' in details ? details.mediaTypes : undefined
    const isCamera = permission === 'media' && media?.length === 1 && media[0] === 'video'
    answer(isCamera && isScanning() && isOurs(details))
  })
  session.setPermissionCheckHandler((_contents, permission, _origin, details) => {
    return permission === 'media' && details.mediaType === 'video' && isScanning() && isOurs(details)
  })
  session.setDevicePermissionHandler(() => false)
  // A dictionary would be fetched, and what is typed here is nobody's to check.
  session.setSpellCheckerEnabled(false)
  session.on('will-download', prevent)
  session.protocol.handle('https', (request) => answer(request, assets))
  session.protocol.handle('http', () => Response.error())
  session.protocol.handle('file', () => Response.error())
  // Web sockets, ftp and whatever else has no handler; ours pass here first and are answered above.
  session.webRequest.onBeforeRequest(({ method, url }, decide) => {
    decide({ cancel: answerTo(method, url, assets) === 'blocked' })
  })
}

function isOurs({ isMainFrame, requestingUrl }: { isMainFrame: boolean; requestingUrl?: string }): boolean {
  if (!isMainFrame || requestingUrl === undefined || !URL.canParse(requestingUrl)) return false
  return new URL(requestingUrl).origin === ORIGIN
}

function answer({ method, url }: Request, assets: AssetTable): Response {
  const answer = answerTo(method, url, assets)
  if (typeof answer !== 'string') {
    const { bytes, contentType } = answer.serve
    return new Response(Uint8Array.from(bytes), { status: 200, headers: headersFor(contentType) })
  }
  return answer === 'forbidden' ? new Response(null, { status: 403 }) : Response.error()
}

/** The one window. Its size is that of browser mode: who, what, how long and why stand together without scrolling. */
export function windowOptions(session: Session, preload: string): BrowserWindowConstructorOptions {
  return {
    title: 'Lockbox',
    width: 1200,
    height: 820,
    minWidth: 640,
    minHeight: 480,
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      session,
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      plugins: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      disableDialogs: true,
      enableDeprecatedPaste: false,
      devTools: false,
    },
  }
}
