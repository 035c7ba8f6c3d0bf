import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { type RunningApp, startApp, until } from '../driver.ts'
import {
  commandLine,
  holdsInMemory,
  isRunning,
  limitOf,
  openSockets,
  processesNaming,
  withDescendants,
} from '../processes.ts'
import { builtFixture } from './fixture.ts'
import { quietly } from './quiet.ts'

// What the browser shell promises (docs/security.md), against the small app in fixture/.

let program: string
let app: RunningApp

test.beforeAll(() => {
  program = builtFixture()
})
test.beforeEach(async () => {
  app = await startApp({ program })
})
test.afterEach(() => app.close())

/** What an expression in the page comes to, run as the page's own code: its value, or its error's code or name. */
function outcomeOf(page: Page, script: string): Promise<unknown> {
  const name = '(error) => (error instanceof DOMException ? error.name : (error.code ?? error.name))'
  // After a timer it is no longer the debugger's code, which the policy would let do anything.
  return page.evaluate(`new Promise((resolve) => setTimeout(resolve)).then(() => ${script}).catch(${name})`)
}

const isAtHome = () =>
  until(
    () => app.page.url() === 'https://lockbox.localhost/',
    () => `the window is at ${app.page.url()}`,
  )

test.describe('the contract', () => {
  test('carries calls with bytes, errors by code, and events', async () => {
    expect(
      await outcomeOf(app.page, 'client.echo.bytes({ bytes: Uint8Array.of(1, 255) }).then((r) => [...r.bytes])'),
    ).toEqual([1, 255])
    expect(await outcomeOf(app.page, "client.echo.fail('ours')")).toBe('not-yet')
    expect(await outcomeOf(app.page, "client.echo.fail('foreign')")).toBe('internal')
    await app.page.evaluate('client.echo.tick(7)')
    expect(await app.page.evaluate('ticks')).toEqual([7])
  })

  test('leaves the page nothing of the browser but a transport for texts', async () => {
    expect(await app.page.evaluate('[typeof __lockboxSend, Object.keys(lockbox), Object.isFrozen(lockbox)]')).toEqual([
      'undefined',
      ['send', 'listen'],
      true,
    ])
  })
})

test.describe('the window reaches nothing', () => {
  const failing = (event: string, act: string) =>
    `new Promise((resolve) => { ${act}.${event} = () => resolve('refused') })`
  const attempts: readonly (readonly [what: string, script: string, outcome: unknown])[] = [
    ['another site', "fetch('https://sts.amazonaws.com/')", 'TypeError'],
    ['a web socket', failing('onerror', "new WebSocket('wss://lockbox.localhost/')"), 'refused'],
    [
      'a picture from elsewhere',
      failing('onerror', "Object.assign(new Image(), { src: 'https://example.com/i.png' })"),
      'refused',
    ],
    ['a file of ours that is not in the bundle', "fetch('/main/index.js').then((r) => r.status)", 403],
    ['our origin by POST', "fetch('/', { method: 'POST' }).then((r) => r.status)", 403],
    ['a text as a script', "new Function('return 1')()", 'EvalError'],
    ['a text as markup', "document.body.insertAdjacentHTML('beforeend', '<img>')", 'TypeError'],
    ['a worker', "new Worker('/assets/absent.js')", 'TypeError'],
    ['a service worker', "navigator.serviceWorker.register('/absent.js')", 'TypeError'],
    ['a microphone', "navigator.permissions.query({ name: 'microphone' }).then((p) => p.state)", 'denied'],
    ['the clipboard, to read', 'navigator.clipboard.readText()', 'NotAllowedError'],
  ]
  test('not by any of the ways that a page has', async () => {
    for (const [what, script, outcome] of attempts) expect.soft(await outcomeOf(app.page, script), what).toBe(outcome)
  })

  test('not by a script or a frame that is put into the page', async () => {
    const put = (tag: string, fill: string) =>
      `((e) => { ${fill}; document.body.append(e); return typeof globalThis.ran })(document.createElement('${tag}'))`
    expect(await outcomeOf(app.page, put('script', "e.append('globalThis.ran = 1')"))).toBe('undefined')
    await outcomeOf(app.page, put('iframe', "e.src = 'https://lockbox.localhost/'"))
    const framed = app.page.frames().map((frame) => frame.url())
    expect(framed.filter((url) => url === 'https://lockbox.localhost/')).toHaveLength(1)
  })

  test('is isolated from other documents by its headers', async () => {
    expect(await app.page.evaluate('[isSecureContext, crossOriginIsolated]')).toEqual([true, true])
  })

  for (const url of ['https://example.com/', 'http://lockbox.localhost/', 'file:///etc/hostname']) {
    test(`comes home when it is led to ${url}`, async () => {
      await app.page.goto(url).catch(() => {})
      await isAtHome()
      expect(await app.page.textContent('#state')).toBe('ready')
    })
  }
})

test.describe('stray windows', () => {
  test('that a script opens are closed', async () => {
    await app.page.evaluate("void open('https://lockbox.localhost/', '_blank', 'popup')")
    await until(
      () => app.page.context().pages().length === 1,
      () => 'the popup stays',
    )
    expect(await app.page.textContent('#state')).toBe('ready')
  })

  // Another debugger would let the popup run for us.
  test('that a script opens do not hold the script up when nobody but the shell debugs them', async () => {
    await quietly({ program, profile: `${app.profile}-quiet`, words: ['--open-popup'] }, (quiet) =>
      quiet.printed('a popup opened, and its opener goes on'),
    )
  })

  test('that a person opens (Ctrl+N) are closed, and never get our calls', async () => {
    const stray = await app.page
      .context()
      .newPage()
      .catch(() => null)
    await until(
      () => stray === null || stray.isClosed(),
      () => 'the stray window stays',
    )
    expect(await outcomeOf(app.page, 'client.echo.tick(1)')).toBeUndefined()
  })
})

test.describe('locking', () => {
  test('gives the window a new process, and nothing the old one held is left', async () => {
    // Computed in the page, so that it exists nowhere else.
    await app.page.evaluate(
      'void (globalThis.kept = Uint8Array.from({ length: 512 }, (_, i) => (i * i * 31 + i * 167 + 13) & 255))',
    )
    const secret = Buffer.from(Uint8Array.from({ length: 512 }, (_, i) => (i * i * 31 + i * 167 + 13) & 255))
    const holders = () =>
      withDescendants(app.process.pid ?? 0).filter((pid) => pid !== app.process.pid && holdsInMemory(pid, secret))
    const before = holders()
    expect(before).toHaveLength(1)

    await app.page.evaluate('void client.shell.replaceProcess()').catch(() => {})
    await app.printed('replaced')
    await until(
      () => !before.some(isRunning),
      () => 'the old process stays',
    )
    expect(holders()).toEqual([])
    expect(await app.page.evaluate('typeof kept')).toBe('undefined')
    expect(await outcomeOf(app.page, 'client.echo.tick(2)')).toBeUndefined()
  })

  test('leaves no way back to the old document', async () => {
    await app.page.evaluate("history.pushState({}, '', '/index.html')")
    await app.page.evaluate('void client.shell.replaceProcess()').catch(() => {})
    await app.printed('replaced')
    await app.page.goBack({ timeout: 2_000 }).catch(() => {})
    await isAtHome()
  })
})

test.describe('the end', () => {
  test('closing the window ends the program and the browser', async () => {
    const all = withDescendants(app.process.pid ?? 0)
    expect(all.length).toBeGreaterThan(3)
    const ended = once(app.process, 'exit')
    await app.page.close()
    expect(await ended).toEqual([0, null])
    await until(
      () => !all.some(isRunning),
      () => 'processes stay',
    )
    expect(processesNaming(app.profile)).toEqual([])
  })

  test('killing the program ends the browser', async () => {
    const all = withDescendants(app.process.pid ?? 0)
    await app.kill()
    await until(
      () => !all.some(isRunning),
      () => `processes stay: ${all.filter(isRunning).map(commandLine).join('\n')}`,
    )
    await until(
      () => processesNaming(app.profile).length === 0,
      () => 'a crash handler stays',
    )
  })

  test('a program that was killed starts again in the same profile', async () => {
    await app.page.evaluate("localStorage.setItem('kept', 'yes')")
    await app.kill()
    const again = await startApp({ program, profile: app.profile })
    expect(await again.page.textContent('#state')).toBe('ready')
    await again.close()
  })

  test('a second start shows the window of the first, and ends', async () => {
    const environment = { ...process.env, LOCKBOX_ALLOW_ROOT: '1' }
    const second = spawn(process.execPath, [program, `--profile=${app.profile}`], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(second.stdout, 'data')) as [Buffer]
    expect(said.toString()).toContain('the other one was focused')
    expect(await once(second, 'exit')).toEqual([0, null])
    await app.printed('focused')
    expect(app.page.context().pages()).toHaveLength(1)
  })
})

test.describe('what others on the machine can see', () => {
  test('no socket is open when the test adds no port', async () => {
    await quietly({ program, profile: `${app.profile}-quiet` }, async (quiet) => {
      await quiet.printed('open on')
      const all = quiet.processes()
      expect(all.length).toBeGreaterThan(3)
      expect(openSockets(all)).toEqual([])
      // The instrument works: the app that this test drives has its port.
      expect(openSockets(withDescendants(app.process.pid ?? 0))).toHaveLength(1)
    })
  })

  test('the profile and all directories of the browser are private', () => {
    for (const path of [app.profile, join(app.profile, 'browser'), join(app.profile, 'browser-dumps')]) {
      expect((lstatSync(path).mode & 0o777).toString(8), path).toBe('700')
    }
  })

  test('no process may write a core file', () => {
    const all = withDescendants(app.process.pid ?? 0)
    expect(new Set(all.map((pid) => limitOf(pid, 'Max core file size')))).toEqual(new Set(['0']))
  })

  test('a crash of the window leaves no dump, and the window comes back', async () => {
    void app.page.goto('chrome://crash').catch(() => {})
    await app.printed('presence window-crashed')
    const places = [app.profile, join(homedir(), '.config/chromium'), join(homedir(), '.config/google-chrome')]
    const dumps = places
      .filter((place) => existsSync(place))
      .flatMap((place) => readdirSync(place, { recursive: true, encoding: 'utf8' }))
      .filter((name) => name.endsWith('.dmp'))
    expect(dumps).toEqual([])
    const session = await app.page.context().browser()?.newBrowserCDPSession()
    await until(
      async () =>
        (await session?.send('Target.getTargets'))?.targetInfos.some(
          ({ url }) => url === 'https://lockbox.localhost/',
        ) ?? false,
      () => 'the window does not come back',
    )
  })
})

test.describe('what the shell does for main', () => {
  test('puts a text on the clipboard, and takes only its own away', async () => {
    expect(await outcomeOf(app.page, "client.shell.copy('first')")).toBeUndefined()
    expect(await outcomeOf(app.page, 'client.shell.clearClipboard()')).toBe(true)
    expect(await outcomeOf(app.page, "client.shell.copy('second')")).toBeUndefined()
    await app.page.evaluate("navigator.clipboard.writeText('of somebody else')")
    expect(await outcomeOf(app.page, 'client.shell.clearClipboard()')).toBe(false)
    expect(
      await app.page.evaluate("navigator.permissions.query({ name: 'clipboard-read' }).then((p) => p.state)"),
    ).toBe('denied')
  })

  test('opens the file that a person picks, if it is not too large', async () => {
    const file = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('grüße') }
    for (const [maxBytes, outcome] of [
      [100, 'note.txt: grüße'],
      [3, 'file-too-large'],
    ] as const) {
      const chooser = app.page.waitForEvent('filechooser')
      const opened = outcomeOf(app.page, `client.shell.open({ maxBytes: ${maxBytes} })`)
      await (await chooser).setFiles(file)
      expect(await opened).toBe(outcome)
    }
  })

  test('saves where a person says, or not at all', async () => {
    // The dialog is the system's; what the page gives it and does after is ours.
    await app.page.evaluate(() => {
      const written: unknown[] = []
      const showSaveFilePicker = ({ suggestedName }: { suggestedName: string }) =>
        suggestedName === 'no.lbx'
          ? Promise.reject(new DOMException('', 'AbortError'))
          : Promise.resolve({
              createWritable: () => ({
                write: (bytes: Uint8Array) => written.push(suggestedName, ...bytes),
                close: () => written.push('closed'),
              }),
            })
      Object.assign(globalThis, { written, showSaveFilePicker })
    })
    expect(await outcomeOf(app.page, "client.shell.save({ name: 'case.lbx', bytes: Uint8Array.of(1, 2) })")).toBe(true)
    expect(await outcomeOf(app.page, "client.shell.save({ name: 'no.lbx', bytes: Uint8Array.of(3) })")).toBe(false)
    expect(await app.page.evaluate('written')).toEqual(['case.lbx', 1, 2, 'closed'])
  })

  test('may show a notification without asking', async () => {
    expect(await outcomeOf(app.page, 'client.shell.notify()')).toBeUndefined()
    expect(await outcomeOf(app.page, 'Notification.permission')).toBe('granted')
  })

  test('runs a worker that sees no arguments and no environment of ours', async () => {
    const seen: unknown = JSON.parse(
      await app.page.evaluate('client.shell.work(Uint8Array.of(1, 2, 3)).then((b) => new TextDecoder().decode(b))'),
    )
    expect(seen).toEqual({ arguments: 2, environment: ['PWD'], backwards: [3, 2, 1] })
  })

  test('tells when the screen is locked, and not that it always was', async () => {
    await app.setPresence({ isUserActive: true, isScreenUnlocked: true })
    await app.setPresence({ isUserActive: true, isScreenUnlocked: false })
    await app.printed('presence screen-locked')
    await app.setPresence({ isUserActive: true, isScreenUnlocked: true })
    await app.printed('presence screen-unlocked')
  })

  test('tells that somebody is there', async () => {
    await app.page.mouse.move(10, 10)
    await app.page.mouse.down()
    await app.printed('presence active')
  })
})
