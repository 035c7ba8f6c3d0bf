import { describe, expect, it } from 'vitest'
import { BLANK_ORIGIN, headersFor } from '../assets.ts'
import type { AssetTable } from '../shell.ts'
import { electronDirs, hardenApp, hardenContents, hardenSession, windowOptions } from './harden.ts'
import { FakeElectron } from './testing/fake-electron.ts'
import { preventable } from './testing/only.ts'

const assets: AssetTable = new Map([
  [
    '/index.html',
    { contentType: 'text/html; charset=utf-8', bytes: new TextEncoder().encode('<title>Lockbox</title>') },
  ],
])

it('closes what must be closed before Electron is ready, in this order, and does nothing else', () => {
  const fake = new FakeElectron()
  hardenApp(fake.electron, electronDirs('/home/ana/lockbox'))
  expect(fake.calls).toEqual([
    ['app.enableSandbox'],
    ['commandLine.appendSwitch', 'host-resolver-rules', 'MAP * ~NOTFOUND'],
    ['commandLine.appendSwitch', 'no-proxy-server'],
    ['app.setPath', 'userData', '/home/ana/lockbox/electron'],
    ['app.setPath', 'crashDumps', '/home/ana/lockbox/electron-dumps'],
    ['Menu.setApplicationMenu', null],
  ])
  expect(fake.app.heard()).toEqual(['web-contents-created'])
})

describe('a page', () => {
  const hardened = () => {
    const fake = new FakeElectron()
    hardenContents(fake.contentsObject)
    return fake
  }

  it('is hardened as it is made, whatever makes it', () => {
    const fake = new FakeElectron()
    hardenApp(fake.electron, electronDirs('/p'))
    expect(fake.contents.heard()).toEqual([])
    fake.app.emit('web-contents-created', {}, fake.contentsObject)
    expect(fake.contents.heard()).toEqual(hardened().contents.heard())
  })

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview', 'will-prevent-unload'])(
    'is kept from %s',
    (name) => {
      const event = preventable()
      hardened().contents.emit(name, event)
      expect(event.wasPrevented()).toBe(true)
    },
  )

  it('opens no window, and sends nothing by WebRTC', () => {
    const fake = hardened()
    expect(fake.windowOpen?.({ url: 'https://lockbox.localhost/' } as Electron.HandlerDetails)).toEqual({
      action: 'deny',
    })
    expect(fake.calls).toEqual([['webContents.setWebRTCIPHandlingPolicy', 'disable_non_proxied_udp']])
    expect(fake.contents.heard()).toHaveLength(5)
  })
})

describe('the session', () => {
  let isScanning = false
  const hardened = (scanning = false) => {
    isScanning = scanning
    const fake = new FakeElectron()
    hardenSession(fake.sessionObject, assets, () => isScanning)
    return fake
  }

  it('is closed by these calls and no other', () => {
    const fake = hardened()
    expect(fake.calls).toEqual([
      ['session.setDevicePermissionHandler', false],
      ['session.setSpellCheckerEnabled', false],
      ['protocol.handle', 'https'],
      ['protocol.handle', 'http'],
      ['protocol.handle', 'file'],
    ])
    expect(fake.session.heard()).toEqual(['will-download'])
  })

  it.each([
    'media',
    'clipboard-read',
    'clipboard-sanitized-write',
    'fileSystem',
    'geolocation',
    'hid',
    'idle-detection',
    'notifications',
    'openExternal',
    'persistent-storage',
    'serial',
    'usb',
    'unknown',
  ] as const)('grants nothing: %s', (permission) => {
    const fake = hardened()
    const answers: boolean[] = []
    const details = { isMainFrame: true, requestingUrl: 'https://lockbox.localhost/' }
    fake.mayRequest?.(fake.contentsObject, permission, (answer) => answers.push(answer), details)
    expect(answers).toEqual([false])
    expect(fake.mayCheck?.(fake.contentsObject, permission, 'https://lockbox.localhost', details)).toBe(false)
  })

  describe('of a camera', () => {
    const own = { isMainFrame: true, requestingUrl: 'https://lockbox.localhost/' }
    const asked = (scanning: boolean, details: object, permission: 'media' | 'display-capture' = 'media') => {
      const fake = hardened(scanning)
      const answers: boolean[] = []
      const request = { mediaTypes: ['video'], ...details } as Electron.MediaAccessPermissionRequest
      fake.mayRequest?.(fake.contentsObject, permission, (answer) => answers.push(answer), request)
      const check = { mediaType: 'video', ...details } as Electron.PermissionCheckHandlerHandlerDetails
      return [...answers, fake.mayCheck?.(fake.contentsObject, permission, 'https://lockbox.localhost', check)]
    }

    it('grants it to our own page while codes are scanned', () => {
      expect(asked(true, own)).toEqual([true, true])
    })

    it.each<[string, boolean, object]>([
      ['when nothing is scanned', false, own],
      ['in a frame of the page', true, { ...own, isMainFrame: false }],
      ['to another origin', true, { ...own, requestingUrl: 'https://example.com/' }],
      ['to an address that is none', true, { ...own, requestingUrl: '' }],
      ['to an address that is not told', true, { isMainFrame: true }],
      ['with a microphone', true, { ...own, mediaTypes: ['video', 'audio'], mediaType: 'audio' }],
      ['without saying what for', true, { ...own, mediaTypes: [], mediaType: 'unknown' }],
    ])('refuses it %s', (_when, scanning, details) => {
      expect(asked(scanning, details)).toEqual([false, false])
    })

    it('grants nothing else then', () => {
      expect(asked(true, own, 'display-capture')).toEqual([false, false])
    })
  })

  it('saves nothing by itself', () => {
    const event = preventable()
    hardened().session.emit('will-download', event)
    expect(event.wasPrevented()).toBe(true)
  })

  it.each([
    ['https', 'GET', 'https://lockbox.localhost/', 200],
    ['https', 'GET', `${BLANK_ORIGIN}/`, 200],
    ['https', 'GET', 'https://lockbox.localhost/absent.js', 403],
    ['https', 'POST', 'https://lockbox.localhost/', 403],
    ['https', 'GET', 'https://lockbox.localhost/?x=1', 403],
    ['https', 'GET', 'https://sts.amazonaws.com/', 'error'],
    ['https', 'GET', 'https://lockbox.localhost.example/', 'error'],
    ['http', 'GET', 'http://lockbox.localhost/', 'error'],
    ['file', 'GET', 'file:///etc/hostname', 'error'],
  ])('answers %s %s %s with %s', async (scheme, method, url, answer) => {
    const response = await hardened().handlers.get(scheme)?.({ method, url } as Request)
    expect(response?.type === 'error' ? 'error' : response?.status).toBe(answer)
  })

  it('serves the bundle with the headers of browser mode', async () => {
    const response = await hardened().handlers.get('https')?.({
      method: 'GET',
      url: 'https://lockbox.localhost/',
    } as Request)
    expect(Object.fromEntries(response?.headers ?? [])).toEqual(headersFor('text/html; charset=utf-8'))
    expect(await response?.text()).toBe('<title>Lockbox</title>')
  })

  it.each([
    ['https://lockbox.localhost/', false],
    ['https://lockbox.localhost/absent.js', false],
    ['blob:https://lockbox.localhost/0f1e', false],
    ['wss://lockbox.localhost/', true],
    ['ws://127.0.0.1:9222/', true],
    ['https://example.com/', true],
    ['http://169.254.169.254/latest/meta-data/', true],
    ['ftp://example.com/', true],
    ['data:text/html,x', true],
    ['chrome://gpu', true],
    ['devtools://devtools/bundled/inspector.html', true],
  ])('before any handler, of %s: cancelled is %s', (url, cancel) => {
    const decided: unknown[] = []
    const details = { method: 'GET', url } as Electron.OnBeforeRequestListenerDetails
    hardened().beforeRequest?.(details, (decision) => decided.push(decision))
    expect(decided).toEqual([{ cancel }])
  })
})

it('makes a window whose page has no Node, no developer tools and no way to anything but the preload script', () => {
  const { sessionObject: session } = new FakeElectron()
  const { webPreferences, ...window } = windowOptions(session, '/out/main/electron-preload.cjs')
  expect(window).toEqual({
    title: 'Lockbox',
    width: 1200,
    height: 820,
    minWidth: 640,
    minHeight: 480,
    show: false,
    autoHideMenuBar: true,
  })
  expect(webPreferences?.session).toBe(session)
  expect({ ...webPreferences, session: 'ours' }).toEqual({
    session: 'ours',
    preload: '/out/main/electron-preload.cjs',
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
  })
})
