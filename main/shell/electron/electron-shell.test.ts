import { describe, expect, it } from 'vitest'
import { windowOptions } from './harden.ts'
import type { FakeElectron } from './testing/fake-electron.ts'
import { HOME, made, opened } from './testing/open-shell.ts'

describe('opening', () => {
  it.each([
    ['linux', []],
    ['darwin', [['window.setContentProtection', true]]],
    ['win32', [['window.setContentProtection', true]]],
  ])('on %s does this, in this order, and nothing else', async (platform, protection) => {
    const { fake } = await opened(platform)
    const calls = fake.take()
    expect(calls.map(([what]) => what)).toEqual([
      'Menu.setApplicationMenu',
      'session.fromPartition',
      'session.setDevicePermissionHandler',
      'session.setSpellCheckerEnabled',
      'protocol.handle',
      'protocol.handle',
      'protocol.handle',
      'new BrowserWindow',
      ...protection.map(([what]) => what),
      'ipc.handle',
      'webContents.loadURL',
    ])
    for (const call of [['session.fromPartition', 'persist:lockbox'], ['ipc.handle', 'lockbox'], ...protection])
      expect(calls).toContainEqual(call)
    expect(calls.at(-1)).toEqual(['webContents.loadURL', HOME])
    const [, options] = calls.find(([what]) => what === 'new BrowserWindow') ?? []
    expect(options).toEqual(windowOptions(fake.sessionObject, '/out/main/electron-preload.cjs'))
    fake.window.emit('ready-to-show')
    expect(fake.take()).toEqual([['window.show']])
  })

  it('makes a menu without a way to reload, to developer tools or to another window', async () => {
    for (const platform of ['linux', 'darwin']) {
      const { fake } = await opened(platform)
      const [, template] = fake.calls.find(([what]) => what === 'Menu.setApplicationMenu') ?? []
      const roles = (template as Electron.MenuItemConstructorOptions[]).flatMap(({ submenu }) =>
        Array.isArray(submenu) ? submenu.map(({ role }) => role) : [],
      )
      expect(roles).toEqual(expect.arrayContaining(['copy', 'paste', 'quit', 'zoomIn', 'zoomOut', 'resetZoom']))
      expect(roles.filter((role) => /reload|devtools|new|viewMenu|fileMenu/i.test(role ?? 'none'))).toEqual([])
    }
  })

  it('that fails leaves no window behind', async () => {
    const { fake, shell } = made()
    fake.load = () => Promise.reject(new Error('ERR_FAILED (-2)'))
    await expect(shell.open(async () => ({ reply: null, refused: null }))).rejects.toMatchObject({ code: 'not-open' })
    expect(fake.isDestroyed).toBe(true)
    await shell.closed
  })

  it('says what it runs on', () => {
    expect(made().shell.runsOn).toBe('45.4.1 (Chromium 156.0.0.0)')
  })
})

it('ends with its window, however that was closed, and stops listening to the system', async () => {
  const { fake, shell } = await opened()
  expect(fake.power.heard()).toContain('suspend')
  await shell.close()
  await shell.close()
  await shell.closed
  expect(fake.calls.filter(([what]) => what === 'window.destroy')).toHaveLength(1)
  expect(fake.power.heard()).toEqual([])
  expect(shell.isKnownWindow(`7/${fake.processId}`)).toBe(false)
  await expect(shell.focus()).rejects.toMatchObject({ code: 'not-open' })
})

it('ends when the system shuts down', async () => {
  const { fake, shell } = await opened()
  fake.power.emit('shutdown')
  await shell.closed
  expect(fake.isDestroyed).toBe(true)
})

it.each([
  [false, [['window.show'], ['window.focus']]],
  [true, [['window.restore'], ['window.show'], ['window.focus']]],
])('comes to the front; minimized before: %s', async (isMinimized, calls) => {
  const { fake, shell } = await opened()
  fake.isMinimized = isMinimized
  fake.take()
  await shell.focus()
  expect(fake.take()).toEqual(calls)
})

function mayFilm(fake: FakeElectron): boolean {
  const answers: boolean[] = []
  const asked = {
    isMainFrame: true,
    requestingUrl: HOME,
    mediaTypes: ['video'],
  } as Electron.MediaAccessPermissionRequest
  fake.mayRequest?.(fake.contentsObject, 'media', (answer) => answers.push(answer), asked)
  return answers[0] === true
}

it.each<[string, unknown[]]>([
  ['was reloaded', ['did-navigate', {}, HOME, 200, 'OK']],
  ['was led astray', ['did-navigate', {}, 'https://example.com/', 200, 'OK']],
  ['crashed', ['render-process-gone', {}, { reason: 'crashed', exitCode: 11 }]],
])('takes the camera back from a window that %s', async (_what, [name, ...given]) => {
  const { fake, shell } = await opened()
  await shell.permitCamera(true)
  expect(mayFilm(fake)).toBe(true)
  fake.contents.emit(String(name), ...given)
  expect(mayFilm(fake)).toBe(false)
})

it('lets the window use a camera from when it is told so, and not any more in a new document', async () => {
  const { fake, shell } = await opened()
  const may = () => mayFilm(fake)
  const seen = [may()]
  for (const permitted of [true, false, true]) {
    await shell.permitCamera(permitted)
    seen.push(may())
  }
  expect(seen).toEqual([false, true, false, true])
  void shell.replaceWindowProcess().catch(() => undefined)
  expect(may()).toBe(false)
})

it('shows one notification at a time, and its click brings the window to the front', async () => {
  const { fake, shell } = await opened()
  fake.take()
  await shell.notify('Lockbox', 'A break-glass request is waiting')
  await shell.notify('Lockbox', 'Another one is waiting')
  const options = { title: 'Lockbox', urgency: 'critical', timeoutType: 'never' }
  expect(fake.take()).toEqual([
    ['new Notification', { ...options, body: 'A break-glass request is waiting' }],
    ['notification.show'],
    ['new Notification', { ...options, body: 'Another one is waiting' }],
    ['notification.close'],
    ['notification.show'],
  ])
  fake.notification.emit('click')
  expect(fake.take().map(([what]) => what)).toContain('window.focus')
})
