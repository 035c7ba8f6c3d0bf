import { describe, expect, it } from 'vitest'
import { findBrowser, type Machine } from './find-browser.ts'

/** A machine with some programs: path to what it prints, or to where it leads and what it prints. */
function machine(programs: Readonly<Record<string, string>>, environment: Record<string, string> = {}): Machine {
  return {
    platform: 'linux',
    environment: { PATH: '/usr/local/bin:/usr/bin', ...environment },
    locate: (path) => Promise.resolve(Object.hasOwn(programs, path) ? path : null),
    askVersion: (path) => Promise.resolve(programs[path] ?? ''),
  }
}

describe('the browser that is used', () => {
  it.each([
    [
      'Chromium of Debian',
      { '/usr/bin/chromium': 'Chromium 156.0.8078.79 built on Debian\n' },
      'Chromium 156.0.8078.79',
    ],
    ['Chrome', { '/usr/bin/google-chrome': 'Google Chrome 150.0.1.2 \n' }, 'Google Chrome 150.0.1.2'],
    ['Edge', { '/usr/bin/microsoft-edge': 'Microsoft Edge 151.0.1.2\n' }, 'Microsoft Edge 151.0.1.2'],
    [
      'the next one, when the first is too old',
      { '/usr/bin/chromium': 'Chromium 120.0.1.2', '/usr/bin/google-chrome': 'Google Chrome 140.0.0.0' },
      'Google Chrome 140.0.0.0',
    ],
    [
      'the next one, when the first is a snap',
      { '/usr/bin/chromium-browser': 'Chromium 156.0.1.2 snap', '/usr/bin/google-chrome': 'Google Chrome 150.0.1.2' },
      'Google Chrome 150.0.1.2',
    ],
  ])('is %s', async (_what, programs, version) => {
    expect((await findBrowser(machine(programs))).version).toBe(version)
  })

  it('is the one that LOCKBOX_BROWSER names, and no other', async () => {
    const programs = { '/opt/chrome': 'Google Chrome 150.0.1.2', '/usr/bin/chromium': 'Chromium 156.0.1.2' }
    expect((await findBrowser(machine(programs, { LOCKBOX_BROWSER: '/opt/chrome' }))).path).toBe('/opt/chrome')
    await expect(findBrowser(machine(programs, { LOCKBOX_BROWSER: '/opt/absent' }))).rejects.toMatchObject({
      code: 'no-browser',
      message: expect.stringContaining('LOCKBOX_BROWSER') as string,
    })
  })
})

it('says what to install when there is none', async () => {
  await expect(findBrowser(machine({}))).rejects.toMatchObject({
    code: 'no-browser',
    message: expect.stringContaining('apt install chromium') as string,
  })
})

it.each([
  ['is too old', 'Chromium 139.0.1.2', 'is version 139'],
  ['does not tell its version', 'hello', 'does not tell its version'],
  ['is a snap', 'Chromium 156.0.1.2 snap', 'is a snap'],
])('says so when all there is %s', async (_what, prints, words) => {
  await expect(findBrowser(machine({ '/usr/bin/chromium': prints }))).rejects.toMatchObject({
    code: 'browser-too-old',
    message: expect.stringContaining(words) as string,
  })
})
