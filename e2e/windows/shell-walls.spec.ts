import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { until } from '../driver.ts'
import { limitOf, openSockets, withDescendants } from '../processes.ts'
import type { ShellApp } from '../shell-driver.ts'
import { isAtHome, outcomeOf, test } from './fixture.ts'
import { quietly } from './quiet.ts'

// What a shell keeps out, and what it keeps others from seeing (docs/security.md), against the small app in fixture/: one
// for all tests but for the one that crashes it. Nothing that is tried here should leave anything in it.

let shared: ShellApp
test.beforeAll(async ({ shell, program }) => {
  shared = await shell.start({ program })
})
test.afterAll(() => shared.close())

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
    for (const [what, script, outcome] of attempts)
      expect.soft(await outcomeOf(shared.page, script), what).toBe(outcome)
  })

  test('not by a script or a frame that is put into the page', async () => {
    const put = (tag: string, fill: string) =>
      `((e) => { ${fill}; document.body.append(e); return typeof globalThis.ran })(document.createElement('${tag}'))`
    expect(await outcomeOf(shared.page, put('script', "e.append('globalThis.ran = 1')"))).toBe('undefined')
    await outcomeOf(shared.page, put('iframe', "e.src = 'https://lockbox.localhost/'"))
    const framed = shared.page.frames().map((frame) => frame.url())
    expect(framed.filter((url) => url === 'https://lockbox.localhost/')).toHaveLength(1)
  })

  test('is isolated from other documents by its headers', async () => {
    expect(await shared.page.evaluate('[isSecureContext, crossOriginIsolated]')).toEqual([true, true])
  })

  for (const url of ['https://example.com/', 'http://lockbox.localhost/', 'file:///etc/hostname']) {
    test(`comes home when it is led to ${url}`, async () => {
      await shared.page.goto(url).catch(() => {})
      await isAtHome(shared.page)
      expect(await shared.page.textContent('#state')).toBe('ready')
    })
  }
})

test.describe('stray windows', () => {
  test('that a script opens are closed', async () => {
    await shared.page.evaluate("void open('https://lockbox.localhost/', '_blank', 'popup')")
    await until(
      () => shared.page.context().pages().length === 1,
      () => 'the popup stays',
    )
    expect(await shared.page.textContent('#state')).toBe('ready')
  })
})

test.describe('what others on the machine can see', () => {
  test('no socket is open when the test adds no port', async ({ shell, program }) => {
    await quietly({ shell, program, profile: `${shared.profile}-quiet` }, async (quiet) => {
      await quiet.printed('open on')
      const all = quiet.processes()
      expect(all.length).toBeGreaterThan(3)
      expect(openSockets(all)).toEqual([])
      // The instrument works: the app that this test drives has its ports.
      expect(openSockets(withDescendants(shared.process.pid ?? 0))).toHaveLength(shell.ports)
    })
  })

  test('the profile and all directories of the browser are private', ({ shell }) => {
    for (const path of [shared.profile, ...shell.privateDirs.map((name) => join(shared.profile, name))]) {
      expect((lstatSync(path).mode & 0o777).toString(8), path).toBe('700')
    }
  })

  test('no process may write a core file', () => {
    const all = withDescendants(shared.process.pid ?? 0)
    expect(new Set(all.map((pid) => limitOf(pid, 'Max core file size')))).toEqual(new Set(['0']))
  })

  test('a crash of the window leaves no dump, and the window comes back', async ({ app }) => {
    await app.crash()
    await app.printed('presence window-crashed')
    const ofOthers = ['chromium', 'google-chrome', 'Electron'].map((name) => join(homedir(), '.config', name))
    const places = [app.profile, ...ofOthers]
    const dumps = places
      .filter((place) => existsSync(place))
      .flatMap((place) => readdirSync(place, { recursive: true, encoding: 'utf8' }))
      .filter((name) => name.endsWith('.dmp'))
    expect(dumps).toEqual([])
    await until(
      () => app.shows('https://lockbox.localhost/'),
      () => 'the window does not come back',
    )
  })
})
